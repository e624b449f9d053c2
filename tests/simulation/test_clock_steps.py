"""Somebody sets the clock in the middle of a broadcast: nobody twice, never too fast, at worst late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from chalicelib.audience.instant import HOUR_MS, MINUTE_MS, SECOND_MS
from tests.simulation.invariants import always
from tests.simulation.scene import PEOPLE, TAGS, Campaign, Scene
from tests.simulation.universe import WAVE_AT, Universe

PER_SECOND = 5
Step = tuple[int, int]
"""So many milliseconds after the wave the clock is so many ahead."""

STEPS: dict[str, Sequence[Step]] = {
    "never": (),
    "an hour forward": ((4_000, HOUR_MS),),
    "an hour back": ((4_000, -HOUR_MS),),
    "an hour forward, and right again": ((4_000, HOUR_MS), (10_000, 0)),
    "an hour back, and right again": ((4_000, -HOUR_MS), (10_000, 0)),
    "forward before the wave, and right again": ((-20_000, 10 * SECOND_MS), (-2_000, 0)),
    "to and fro by less than a second": tuple((n * 1_000, 400 * (-1) ** n) for n in range(20)),
    "in steps of three seconds back": tuple((n * 2_000, -3_000 * n) for n in range(1, 6)),
}
LATE_MS = {"an hour back": HOUR_MS, "an hour forward, and right again": HOUR_MS}
"""How much later than else the last message may leave, where that is more than a minute."""


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS.keys())
def test_a_clock_that_is_set_makes_nobody_twice_and_no_second_too_fast(
    steps: Sequence[Step], request: pytest.FixtureRequest
) -> None:
    changes = {"send_at": "2026-12-01 09:00", "window": "4h", "timezone": "Europe/Paris", "pause_if": []}
    campaigns = tuple(Campaign(f"campaign-{n + 1}", tag, changes) for n, tag in enumerate(TAGS))
    scene = Scene(
        seed=11,
        leases_only=False,
        weather="calm",
        posts="in order",
        per_second=PER_SECOND,
        tier=None,
        campaigns=campaigns,
    )
    universe = Universe(scene, only=())
    left = list(steps)

    def check(universe: Universe) -> None:
        while left and universe.clock.now() >= WAVE_AT + left[0][0]:
            universe.machine.ahead_ms = left.pop(0)[1]
        always(universe)

    try:
        universe.clock.run(universe.play(check))
        messages = universe.log_of_platform()
        assert not left
        assert max(Counter(message["to"] for message in messages).values()) == 1
        [pace] = universe.platform.summary()["numbers"].values()
        assert pace["peak_with_inbound"] <= PER_SECOND
        assert pace["throttled"] == 0
        reports = [universe.observer.pipeline.report(b) for b in universe.broadcasts.values()]
        assert [report.complete for report in reports] == [True] * len(TAGS)
        assert sum(report.accepted for report in reports) == len(TAGS) * PEOPLE == len(messages)
        late = LATE_MS.get(request.node.callspec.id, 0)
        assert max(message["t_ms"] for message in messages) <= WAVE_AT + late + MINUTE_MS
    finally:
        universe.home.close()
