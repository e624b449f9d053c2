"""Broadcasts that pause themselves, with the evidence, until a human says go on."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.sending.answer import Answer, Message, Refused
from tests.scenarios.world import World

STRICT: dict[str, Any] = {"pause_if": ["rate(failed, 10m) > 10%"]}


def failing(message: Message) -> Answer | None:
    """Refuse every second number as not on WhatsApp."""
    return Refused(code=131026) if int(message.to[-1]) % 2 else None


def started(world: World, people: int = 120, **changes: Any) -> str:
    world.people(people)
    broadcast = world.launched(throttle={"max_per_second": 1}, **changes)
    world.at("2026-12-01T09:00:00Z")
    return broadcast


def state(world: World, broadcast: str) -> Any:
    return world.api("GET", f"/api/broadcasts/{broadcast}")


@pytest.mark.long
def test_too_many_failures_pause_a_broadcast_with_the_evidence(world: World) -> None:
    world.platform.script = failing
    broadcast = started(world, **STRICT)
    world.run_for(seconds=100, step=0.5)
    found = state(world, broadcast)
    assert found["state"] == "paused"
    assert found["paused_because"].startswith("rate(failed, 10m) > 10%: ")
    assert found["paused_at"]
    sent = len(world.platform.sent)
    assert 50 <= sent < 120
    world.run_for(seconds=30, step=0.5)
    assert len(world.platform.sent) == sent
    assert world.report(broadcast)["waiting"] == {"paused": 120 - sent}


@pytest.mark.long
def test_a_human_lets_it_go_on_and_what_was_before_does_not_stop_it_again(world: World) -> None:
    world.platform.script = failing
    broadcast = started(world, **STRICT)
    world.run_for(seconds=100, step=0.5)
    world.platform.script = lambda message: None
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    assert state(world, broadcast)["paused_because"] == ""
    world.run_for(seconds=150, step=0.5)
    world.run_until_idle()
    assert world.report(broadcast)["complete"]
    assert state(world, broadcast)["state"] == "completed"


@pytest.mark.long
def test_a_broadcast_that_watches_nothing_goes_on(world: World) -> None:
    world.platform.script = failing
    broadcast = started(world, 60, pause_if=[])
    world.run_for(seconds=70, step=0.5)
    world.run_until_idle()
    assert world.report(broadcast)["failed"] == {"131026": 30}


def test_a_number_that_the_platform_flags_stops_its_broadcasts(world: World) -> None:
    broadcast = started(world)
    world.run_for(seconds=5)
    value = {"display_phone_number": "+33 7 00 00 00 00", "event": "FLAGGED", "current_limit": "TIER_2K"}
    world.webhook(value, field="phone_number_quality_update")
    world.run_for(seconds=10)
    found = state(world, broadcast)
    assert (found["state"], found["paused_because"]) == (
        "paused",
        "sender.quality == RED: the sender's quality is RED",
    )
    world.webhook({**value, "event": "UNFLAGGED"}, field="phone_number_quality_update")
    world.run_for(seconds=10)
    assert state(world, broadcast)["state"] == "paused"  # only a human says go on
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_for(seconds=5)
    assert state(world, broadcast)["state"] == "running"


@pytest.mark.long
def test_a_message_billed_as_another_category_pauses_the_rest(world: World) -> None:
    broadcast = started(world, pause_if=["billed_category != category"])
    world.run_for(seconds=5)
    item = world.status_of(0, "sent")
    world.receipt({**item, "pricing": {"billable": True, "category": "utility"}})
    world.run_for(seconds=10)
    found = state(world, broadcast)
    assert found["paused_because"] == "billed_category != category: 1 billed as utility"


def test_a_pause_by_hand_has_no_evidence(world: World) -> None:
    broadcast = started(world)
    world.run_for(seconds=5)
    world.api("POST", f"/api/broadcasts/{broadcast}/pause")
    found = state(world, broadcast)
    assert (found["state"], found["paused_because"], bool(found["paused_at"])) == ("paused", "", True)
