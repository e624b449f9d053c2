"""A launch is compared with a fresh plan, where a campaign asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.world import World

pytestmark = pytest.mark.long
QUARTER = 15 * 60_000


def agreed(world: World, **tolerance: str) -> str:
    world.people(10)
    world.upload(approval={"tolerance": tolerance} if tolerance else None, send_at="2026-12-02 09:00")
    planned = world.plan()
    assert planned["state"] == "sealed", planned
    return str(planned["hash"])


def codes(answer: Any) -> list[str]:
    return [problem["code"] for problem in answer.get("problems", [])]


def test_a_fresh_plan_is_launched_and_an_old_one_only_after_planning_anew(world: World) -> None:
    plan = agreed(world, people="10%")
    world.clock.advance(QUARTER + 60_000)
    assert codes(world.launch(plan)) == ["tolerance_not_compared"]
    assert world.plan()["hash"] == plan  # nothing has changed: it is the same plan, and fresh
    assert world.launch(plan)["broadcast"] == "test-campaign.1"


def test_a_few_people_more_are_tolerated_and_what_was_agreed_to_is_launched(world: World) -> None:
    plan = agreed(world, people="10%")
    world.clock.advance(QUARTER + 60_000)
    world.people(11)
    fresh = world.plan()
    assert (fresh["hash"] != plan, fresh["planned"]) == (True, 11)
    launched = world.launch(plan)
    assert launched["broadcast"] == "test-campaign.1"
    assert world.report("test-campaign.1")["audience"] == 10


def test_too_many_people_more_are_not(world: World) -> None:
    plan = agreed(world, people="10%", finish="30m")
    world.clock.advance(QUARTER + 60_000)
    world.people(12)
    world.plan()
    answer = world.launch(plan)
    assert codes(answer) == ["tolerance_people"]
    assert answer["problems"][0]["params"] == {"agreed": "10", "now": "12", "moved": "2", "most": "10.0%"}


def test_a_plan_of_another_version_is_no_comparison(world: World) -> None:
    plan = agreed(world, people="10%")
    world.clock.advance(QUARTER + 60_000)
    world.upload(approval={"tolerance": {"people": "10%"}}, send_at="2026-12-02 10:00")
    world.plan()
    assert "tolerance_not_compared" in codes(world.launch(plan))


def test_without_a_tolerance_nothing_is_compared(world: World) -> None:
    plan = agreed(world)
    world.clock.advance(QUARTER + 60_000)
    world.people(30)
    assert world.launch(plan)["broadcast"] == "test-campaign.1"
