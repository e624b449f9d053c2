"""Counters that a crash left behind their rows are mended after the end, by the clock alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.audience.instant import DAY_MS, HOUR_MS
from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.steps.recounting import recount, settle
from chalicelib.steps.report import fold_broadcast
from chalicelib.tracking.recount import APART_MS
from chalicelib.tracking.retention import Keeping, Kind
from tests.scenarios.test_single_sends import SHIPPED, ask
from tests.scenarios.world import World


def ended(world: World) -> str:
    """Let a broadcast of three come to its end."""
    world.people(3)
    broadcast = world.launched()
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["state"] == "completed"
    return broadcast


def counted(world: World, broadcast: str) -> dict[str, int]:
    """Return the counters that are not zero."""
    return {name: n for name, n in world.ports.counters.get(broadcast).items() if n}


def listed(world: World) -> list[Keeping]:
    """Return the broadcasts that will be looked at again."""
    due = world.ports.keepings.due(world.clock.now() + 9 * DAY_MS)
    return [keeping for keeping in due if keeping.kind is Kind.COUNTERS]


def sweep_in(world: World, *, hours: float) -> None:
    world.clock.advance(hours * HOUR_MS)
    world.pipeline.sweep()


class Losing:
    """Counters that cannot be reached while the rows can."""

    def __init__(self, port: Any) -> None:
        self.port = port

    def __getattr__(self, name: str) -> Any:
        return getattr(self.port, name)

    def add(self, subject: str, deltas: Mapping[str, int]) -> None:
        raise HomeUnavailable(Problem(code="home_unwritable"))


class Moving(Losing):
    """Counters that move whenever they are looked at."""

    def get(self, subject: str) -> Mapping[str, int]:
        self.port.add(subject, {"read": 1})
        return dict(self.port.get(subject))


def test_a_receipt_whose_count_was_lost_is_counted_an_hour_after_the_end(world: World) -> None:
    broadcast = ended(world)
    sound = world.home
    world.pipeline.home = replace(sound, ports=replace(sound.ports, counters=Losing(sound.ports.counters)))
    world.receipt(world.status_of(0, "delivered"))
    world.run_for(seconds=2)
    world.pipeline.home = sound
    assert "delivered" not in counted(world, broadcast)
    assert world.report(broadcast)["delivered"] == 1
    sweep_in(world, hours=1)
    assert counted(world, broadcast)["delivered"] == 1


def test_what_is_lost_after_that_is_found_a_day_after_the_end_and_then_nobody_looks_again(
    world: World,
) -> None:
    broadcast = ended(world)
    before = counted(world, broadcast)
    sweep_in(world, hours=1)
    world.ports.counters.add(broadcast, {"accepted": -2, "read": 5})
    sweep_in(world, hours=20)
    assert counted(world, broadcast) != before
    sweep_in(world, hours=3)
    assert counted(world, broadcast) == before
    assert listed(world) == []


@pytest.mark.long
def test_a_cancelled_broadcast_is_recounted_too(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    world.run_for(seconds=1)
    world.api("POST", f"/api/broadcasts/{broadcast}/cancel")
    world.run_until_idle()
    before = counted(world, broadcast)
    world.ports.counters.add(broadcast, {"accepted": 7})
    sweep_in(world, hours=1)
    assert counted(world, broadcast) == before


@pytest.mark.long
@pytest.mark.parametrize("order", ["", "cancel"])
def test_what_a_crash_lost_before_the_end_is_put_right_at_the_end_however_it_ends(
    world: World, order: str
) -> None:
    world.people(3)
    broadcast = world.launched()
    world.run_for(seconds=1)
    world.ports.counters.add(broadcast, {"accepted": 7})
    if order:
        world.api("POST", f"/api/broadcasts/{broadcast}/{order}")
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.report(broadcast)["accepted"] == (0 if order else 3)
    assert counted(world, broadcast).get("accepted", 0) == (0 if order else 3)


def test_of_two_who_find_the_same_loss_one_adds_it(world: World) -> None:
    broadcast = ended(world)
    world.ports.counters.add(broadcast, {"accepted": -2})
    seen = world.ports.broadcasts.get(broadcast)
    assert seen is not None
    report = fold_broadcast(world.home, seen)
    stored = world.ports.counters.get(broadcast)
    assert not settle(world.home, seen, stored, report)
    noted = world.ports.broadcasts.get(broadcast)
    assert noted is not None
    assert noted.drift is not None
    assert noted.drift.by == {"accepted": 2}
    world.clock.advance(APART_MS)
    assert [settle(world.home, noted, stored, report) for _ in range(2)] == [True, False]
    assert counted(world, broadcast)["accepted"] == 3


@pytest.mark.long
def test_counters_that_move_meanwhile_are_not_overwritten_but_looked_at_an_hour_later(world: World) -> None:
    broadcast = ended(world)
    world.ports.counters.add(broadcast, {"accepted": 7})
    home = replace(world.home, ports=replace(world.ports, counters=Moving(world.ports.counters)))
    world.clock.advance(HOUR_MS)
    (keeping,) = listed(world)
    assert recount(home, keeping) == world.clock.now() + HOUR_MS
    assert counted(world, broadcast)["accepted"] == 10


@pytest.mark.long
def test_one_that_runs_again_is_left_to_its_next_end(world: World) -> None:
    broadcast = ended(world)
    (keeping,) = listed(world)
    world.receipt(world.status_of(0, "failed", code=130429))  # reopens it
    world.run_until_idle()
    first, second = sorted(listed(world), key=lambda found: found.since)
    assert first == keeping
    world.clock.advance(2 * HOUR_MS)
    assert recount(world.home, first) is None
    assert recount(world.home, second) is not None
    assert world.report(broadcast)["accepted"] == 3


@pytest.mark.long
def test_single_sends_are_not_recounted(world: World) -> None:
    world.people(1)
    world.upload(**SHIPPED)
    send = ask(world)["send"]
    world.run_for(seconds=12)
    assert world.report(send)["state"] == "completed"
    assert listed(world) == []
