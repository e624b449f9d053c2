"""How calls in the platform's log are counted."""

from __future__ import annotations

import random

import pytest

from bench._stage import Seconds, seconds_of, zone_at_noon


@pytest.mark.parametrize(
    ("instants", "limit", "busiest", "above"),
    [
        ([], 1, 0, 0),
        ([0.0], 1, 1, 0),
        ([0.0, 1_000.0], 1, 1, 0),
        ([0.0, 999.9], 1, 2, 1),
        ([0.0, 999.9], 2, 2, 0),
        ([0.0, 10.0, 20.0, 1_005.0, 5_000.0], 2, 3, 2),
    ],
)
def test_a_sliding_second_leaves_out_its_beginning(
    instants: list[float], limit: int, busiest: int, above: int
) -> None:
    assert seconds_of(instants, limit) == Seconds(busiest=busiest, above=above)


def test_sliding_seconds_are_counted_as_by_looking_at_each() -> None:
    chance = random.Random(7)
    for _ in range(50):
        instants = sorted(chance.uniform(0, 5_000) for _ in range(60))
        held = [sum(at - 1_000 < other <= at for other in instants) for at in instants]
        limit = chance.randrange(1, 25)
        assert seconds_of(instants, limit) == Seconds(
            busiest=max(held), above=sum(count > limit for count in held)
        )


def test_the_crowd_is_never_asleep() -> None:
    assert "/" in zone_at_noon()
