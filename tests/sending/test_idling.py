"""When something due counts as standing still."""

from dataclasses import replace

import pytest

from chalicelib.sending.idling import LATE_MS, Progress, stalled

NOW = 1_800_000_000_000
WAVE = NOW - LATE_MS
STILL = Progress(undispatched=(), on_timeline=(WAVE,), ready=3, flying=0, slots_until=0.0)


@pytest.mark.parametrize(
    ("progress", "waves"),
    [
        (STILL, (WAVE,)),
        (replace(STILL, flying=1), ()),
        (replace(STILL, ready=0), ()),
        (replace(STILL, slots_until=NOW - LATE_MS + 1), ()),
        (replace(STILL, on_timeline=(WAVE + 1,)), ()),
        (replace(STILL, on_timeline=(), undispatched=(WAVE,)), (WAVE,)),
        (replace(STILL, on_timeline=(), undispatched=(WAVE + 1,)), ()),
        (replace(STILL, undispatched=(WAVE - 1,), flying=1), (WAVE - 1,)),
    ],
)
def test_what_is_long_due_with_nothing_under_way_stands_still(
    progress: Progress, waves: tuple[int, ...]
) -> None:
    assert stalled(progress, NOW) == waves
