"""When counters are compared again: an hour and a day after the end, and hourly while they move, for days."""

from __future__ import annotations

import pytest

from chalicelib.audience.instant import DAY_MS, HOUR_MS
from chalicelib.tracking.recount import next_look

END = 1_796_115_600_000


@pytest.mark.parametrize(
    ("hours", "is_settled", "next_hours"),
    [
        (0, True, 1),
        (1, True, 24),
        (5, True, 24),  # a sweep that was late
        (24, True, None),
        (30, True, None),
        (1, False, 2),
        (23.5, False, 24.5),
        (71, False, 72),
        (71.5, False, None),
    ],
)
def test_looks_end(hours: float, is_settled: bool, next_hours: float | None) -> None:
    found = next_look(END, int(END + hours * HOUR_MS), is_settled=is_settled)
    assert found == (None if next_hours is None else END + next_hours * HOUR_MS)


def test_settled_at_every_look_there_are_two_and_never_settled_at_most_one_an_hour() -> None:
    for is_settled, most in ((True, 2), (False, 72)):
        at: int | None = next_look(END, END, is_settled=True)
        looks = 0
        while at is not None:
            looks += 1
            at = next_look(END, at, is_settled=is_settled)
        assert looks <= most
    assert next_look(END, END + DAY_MS, is_settled=True) is None
