"""What the platform says of a template while a broadcast runs: late, twice, and in the wrong order."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.sending.answer import Refused
from tests.scenarios.world import World

pytestmark = pytest.mark.long

NAME, BOUTIQUE, CLINIQUE = "soldes_hiver_2027", "102290129340398", "102290129340399"
FR = {"message_template_name": NAME, "message_template_language": "fr"}


def says(world: World, event: str, *, ago: int = 0, waba: str = BOUTIQUE, **more: Any) -> None:
    """Deliver a status webhook whose entry is `ago` seconds old."""
    time = world.clock.now() // 1_000 - ago
    field = "message_template_status_update"
    assert world.webhook({**FR, "event": event, **more}, field=field, waba=waba, time=time) == 200
    world.run_for(seconds=1)


def waiting_campaign(world: World, people: int = 3, **changes: Any) -> str:
    """Launch a campaign whose wave is at nine; its people read French."""
    world.people(people)
    return world.launched(**changes)


def at_nine(world: World) -> None:
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()


@pytest.mark.parametrize("event", ["PAUSED", "FLAGGED", "PENDING", "IN_APPEAL", "LOCKED"])
def test_people_wait_while_their_template_is_not_approved(world: World, event: str) -> None:
    broadcast = waiting_campaign(world)
    says(world, event)
    at_nine(world)
    assert world.platform.sent == []
    assert world.report(broadcast)["waiting"] == {"template_paused": 3}


def test_a_paused_template_lets_people_wait_and_goes_on_by_itself_when_approved(world: World) -> None:
    broadcast = waiting_campaign(world)
    says(world, "PAUSED")
    at_nine(world)
    assert world.platform.sent == []
    assert world.report(broadcast)["waiting"] == {"template_paused": 3}
    found = world.api("GET", f"/api/broadcasts/{broadcast}")
    assert (found["idle"], found["idle_because"]) == (
        "template_paused",
        "template.status = PAUSED (soldes_hiver_2027.fr)",
    )
    says(world, "APPROVED")
    world.run_until_idle()
    assert world.report(broadcast)["accepted"] == 3


def test_the_newest_word_wins_whatever_arrives_last(world: World) -> None:
    broadcast = waiting_campaign(world)
    world.clock.advance(60_000)
    says(world, "APPROVED", ago=10)
    says(world, "PAUSED", ago=30)
    at_nine(world)
    assert world.report(broadcast)["accepted"] == 3


def test_an_old_approval_that_comes_again_frees_nothing(world: World) -> None:
    broadcast = waiting_campaign(world)
    world.clock.advance(60_000)
    for event, ago in (("APPROVED", 30), ("PAUSED", 10), ("APPROVED", 30), ("PAUSED", 10)):
        says(world, event, ago=ago)
    at_nine(world)
    assert world.report(broadcast)["waiting"] == {"template_paused": 3}


def test_a_window_that_closes_over_a_paused_template_excludes_as_template_stopped(world: World) -> None:
    waits_until_its_window_closes(world, "PAUSED")


def waits_until_its_window_closes(world: World, status: str) -> None:
    """Play a campaign whose template has this status all the time that its window is open."""
    broadcast = waiting_campaign(world, window="15m")
    says(world, status)
    world.at("2026-12-01T09:14:00Z")
    world.run_until_idle(most_seconds=30)
    assert world.report(broadcast)["waiting"] == {"template_paused": 3}
    world.at("2026-12-01T09:16:00Z")
    world.run_until_idle()
    report = world.report(broadcast)
    assert (report["excluded"], report["complete"]) == ({"template_stopped": 3}, True)


def test_another_accounts_template_of_the_same_name_is_another_template(world: World) -> None:
    broadcast = waiting_campaign(world)
    says(world, "PAUSED", waba=CLINIQUE)
    says(world, "PAUSED", waba="1")
    at_nine(world)
    assert world.report(broadcast)["accepted"] == 3


def test_another_language_holds_only_the_broadcasts_that_have_people_in_it(world: World) -> None:
    broadcast = waiting_campaign(world)
    says(world, "PAUSED", message_template_language="ar")
    says(world, "REJECTED", message_template_language="de")
    at_nine(world)
    assert world.report(broadcast)["accepted"] == 3


def test_a_language_approved_does_not_free_the_one_that_is_paused(world: World) -> None:
    broadcast = waiting_campaign(world)
    says(world, "PAUSED")
    says(world, "APPROVED", message_template_language="ar")
    at_nine(world)
    assert world.report(broadcast)["waiting"] == {"template_paused": 3}


def test_a_sync_frees_what_a_lost_webhook_would_have_freed(world: World) -> None:
    broadcast = waiting_campaign(world)
    says(world, "PAUSED")
    at_nine(world)
    assert world.platform.sent == []
    world.api("POST", "/api/templates/sync")
    world.run_until_idle()
    assert world.report(broadcast)["accepted"] == 3


def test_a_sync_stops_what_a_lost_webhook_would_have_stopped(world: World) -> None:
    broadcast = waiting_campaign(world)
    world.listing.becomes(templates={f"{NAME}.fr": "PAUSED"})
    world.api("POST", "/api/templates/sync")
    at_nine(world)
    assert world.report(broadcast)["waiting"] == {"template_paused": 3}


def test_a_webhook_from_before_the_last_sync_is_in_it_already(world: World) -> None:
    broadcast = waiting_campaign(world)
    world.clock.advance(60_000)
    world.api("POST", "/api/templates/sync")
    world.clock.advance(60_000)
    says(world, "PAUSED", ago=100)
    at_nine(world)
    assert world.report(broadcast)["accepted"] == 3


def test_a_send_refused_for_a_paused_template_waits_and_goes_on_with_the_approval(world: World) -> None:
    broadcast = waiting_campaign(world)
    refused = [Refused(code=132015, details="paused")]
    world.platform.script = lambda message: refused.pop() if refused else None
    at_nine(world)
    report = world.report(broadcast)
    assert (report["failed"], report["excluded"]) == ({}, {})
    assert sum(report["waiting"].values()) + report["accepted"] == 3
    world.clock.advance(2_000)
    says(world, "APPROVED")
    world.run_until_idle(most_seconds=900)
    world.run_for(seconds=600, step=5)
    assert world.report(broadcast)["accepted"] == 3


def test_a_failure_told_after_the_approval_stops_nothing(world: World) -> None:
    broadcast = waiting_campaign(world)
    at_nine(world)
    failed = world.status_of(0, "failed", code=132015)
    world.clock.advance(60_000)
    says(world, "APPROVED")
    world.receipt(failed)
    world.run_for(seconds=1)
    control = world.ports.senders.get("boutique")
    assert control is not None
    assert dict(control.stopped_templates) == {}
    assert world.report(broadcast)["waiting"] == {"retry": 1}


def test_quality_category_and_components_are_kept_with_the_template(world: World) -> None:
    world.webhook(
        {**FR, "previous_quality_score": "GREEN", "new_quality_score": "RED"},
        field="message_template_quality_update",
    )
    world.webhook(
        {**FR, "previous_category": "MARKETING", "new_category": "UTILITY"}, field="template_category_update"
    )
    world.webhook({**FR, "message_template_element": "Bonsoir"}, field="message_template_components_update")
    world.run_for(seconds=1)
    kept = world.ports.registry.get(BOUTIQUE, NAME, "fr")
    assert kept is not None
    assert (kept.quality, kept.category, kept.previous_category, kept.components) == (
        "RED",
        "UTILITY",
        "MARKETING",
        "changed",
    )
