"""A template is looked at when planning, when launching, before each wave, and when the platform speaks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.authoring.registry import RegisteredTemplate
from chalicelib.ports import Write
from chalicelib.sending.broadcast import BroadcastState
from chalicelib.steps.launch import dispatch
from tests.scenarios.test_template_news import (
    BOUTIQUE,
    FR,
    NAME,
    at_nine,
    says,
    waiting_campaign,
    waits_until_its_window_closes,
)
from tests.scenarios.world import World

pytestmark = pytest.mark.long

KEY = f"{NAME}.fr"
WAITS = ("PENDING", "IN_APPEAL", "PAUSED", "FLAGGED", "LOCKED", "LIMIT_EXCEEDED", "A_WORD_OF_NEXT_YEAR")
NEVER = ("REJECTED", "DISABLED", "PENDING_DELETION", "DELETED", "ARCHIVED")
OTHER_WORDS = {"bodies": {KEY: "Bonsoir {{prenom}} {{remise}} {{fin}}. STOP"}}


def sync(world: World, **changes: Any) -> None:
    """Change what the platform has, and ask it."""
    world.clock.advance(2_000)
    world.listing.becomes(**changes)
    world.api("POST", "/api/templates/sync", {"sender": "boutique"})
    assert world.status == 200


def planned(world: World, **body: Any) -> Any:
    world.people(3)
    world.upload()
    return world.plan(**body)


def codes(found: Any) -> list[str]:
    return [each["code"] for each in found]


def refused(world: World, hash_: str) -> list[str]:
    answer = world.launch(hash_)
    assert world.status == 409
    return codes(answer["problems"])


def state(world: World, broadcast: str) -> Any:
    return world.api("GET", f"/api/broadcasts/{broadcast}")


def words_of(world: World) -> str:
    """Return the text that the platform has."""
    components = world.listing.platform.state.catalogue.templates[(NAME, "fr")].raw["components"]
    return str(next(part["text"] for part in components if part["type"] == "BODY"))


def recategorised(world: World, category: str = "UTILITY") -> None:
    world.webhook(
        {**FR, "previous_category": "MARKETING", "new_category": category}, field="template_category_update"
    )
    world.run_for(seconds=1)


@pytest.mark.parametrize("status", WAITS)
def test_what_may_be_approved_again_is_planned_with_a_warning_and_not_launched(
    world: World, status: str
) -> None:
    sync(world)
    _said(world, status=status, status_at=world.clock.now())
    plan = planned(world)
    assert (plan["state"], codes(plan["warnings"])[:1]) == ("sealed", ["template_not_approved"])
    assert refused(world, plan["hash"]) == ["template_not_approved"]
    sync(world)
    world.launch(plan["hash"])
    assert world.status == 200


@pytest.mark.parametrize("status", NEVER)
def test_what_no_waiting_cures_is_not_planned_and_not_launched(world: World, status: str) -> None:
    plan = planned(world)
    says(world, status)
    assert refused(world, plan["hash"]) == ["template_unusable"]
    again = world.plan()
    assert (again["state"], codes(again["problems"])) == ("failed", ["template_unusable"])
    assert again["problems"][0]["params"] == {"template": NAME, "language": "fr", "status": status}


def test_a_template_that_its_account_does_not_list_is_not_planned(world: World) -> None:
    world.listing.forgets(NAME)
    sync(world)
    plan = planned(world)
    assert (plan["state"], codes(plan["problems"])) == ("failed", ["template_unusable"])
    assert plan["problems"][0]["params"]["status"] == "MISSING"


def test_without_any_sync_the_files_count_and_the_plan_says_so(world: World) -> None:
    plan = planned(world)
    assert (plan["state"], codes(plan["warnings"])) == ("sealed", ["templates_never_synced"])
    assert "carillon templates sync" in plan["warnings"][0]["text"]
    world.launch(plan["hash"])
    assert world.status == 200


def test_a_sync_of_yesterday_is_not_enough(world: World) -> None:
    sync(world)
    world.people(3)
    world.upload(send_at="2026-12-20 09:00")
    world.clock.advance(24 * 3_600_000)
    assert codes(world.plan()["warnings"]) == []
    world.clock.advance(1_000)
    plan = world.plan()
    assert [(w["code"], w["params"]) for w in plan["warnings"]] == [("templates_sync_old", {"hours": "24"})]


def test_quality_and_a_category_to_come_are_warned_of_and_launched(world: World) -> None:
    sync(world, qualities={KEY: "YELLOW"})
    world.clock.advance(2_000)
    world.webhook(
        {**FR, "new_category": "MARKETING", "correct_category": "UTILITY"}, field="template_category_update"
    )
    world.run_for(seconds=1)
    plan = planned(world)
    assert codes(plan["warnings"]) == ["template_quality", "template_category_coming"]
    world.launch(plan["hash"])
    assert world.status == 200


def test_an_approval_that_may_come_too_late_is_warned_of(world: World) -> None:
    sync(world, templates={KEY: "PENDING"})
    plan = planned(world)
    assert codes(plan["warnings"]) == ["template_not_approved", "template_approval_short"]
    assert plan["warnings"][1]["params"]["usual"] == "48"
    later = {"send_at": "2026-12-20 09:00"}
    world.upload(**later)
    assert codes(world.plan()["warnings"]) == ["template_not_approved"]


@pytest.mark.parametrize(
    ("changes", "planning", "launching"),
    [
        ({"categories": {KEY: "UTILITY"}}, "template_recategorised", "template_recategorised"),
        (OTHER_WORDS, "template_words_differ", "template_words_changed"),
    ],
)
def test_another_category_or_other_words_fail_the_plan_and_the_launch(
    world: World, changes: Any, planning: str, launching: str
) -> None:
    sync(world)
    before = planned(world)
    sync(world, **changes)
    assert refused(world, before["hash"]) == [launching]
    plan = world.plan()
    assert (plan["state"], codes(plan["problems"])) == ("failed", [planning])
    checked = world.upload(title="again")
    assert planning in codes(checked["warnings"])


@pytest.mark.parametrize("changes", [{"categories": {KEY: "UTILITY"}}, OTHER_WORDS])
def test_what_a_sync_finds_changed_pauses_the_broadcast_and_it_goes_on_once_it_is_right(
    world: World, changes: Any
) -> None:
    sync(world)
    broadcast = waiting_campaign(world)
    world.run_for(seconds=1)
    body = words_of(world)
    sync(world, **changes)
    found = state(world, broadcast)
    assert (found["state"], found["paused_because"].startswith("template.")) == ("paused", True)
    at_nine(world)
    assert world.platform.sent == []
    assert world.report(broadcast)["waiting"] == {"paused": 3}
    answer = world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    assert (world.status, len(answer["problems"])) == (409, 1)
    sync(world, categories={KEY: "MARKETING"}, bodies={KEY: body})
    assert state(world, broadcast)["state"] == "paused"  # a human says go on
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    assert world.status == 200
    world.run_until_idle()
    assert world.report(broadcast)["accepted"] == 3


def test_a_new_category_told_while_messages_leave_pauses_the_rest(world: World) -> None:
    broadcast = waiting_campaign(world, 120, throttle={"max_per_second": 5})
    world.at("2026-12-01T09:00:00Z")
    world.run_for(seconds=10)
    recategorised(world)
    found = state(world, broadcast)
    assert (found["state"], found["paused_because"]) == (
        "paused",
        f"template.category = utility, planned as marketing ({KEY})",
    )
    sent = len(world.platform.sent)
    assert 0 < sent < 120
    world.run_for(seconds=20)
    assert len(world.platform.sent) == sent
    assert world.report(broadcast)["waiting"] == {"paused": 120 - sent}


def test_a_change_while_a_human_had_it_paused_is_met_when_they_resume(world: World) -> None:
    broadcast = waiting_campaign(world)
    world.run_for(seconds=1)
    world.api("POST", f"/api/broadcasts/{broadcast}/pause")
    recategorised(world)
    answer = world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    assert (world.status, codes(answer["problems"])) == (409, ["template_recategorised"])
    world.api("POST", f"/api/broadcasts/{broadcast}/cancel")
    world.run_until_idle()
    assert world.report(broadcast)["excluded"] == {"cancelled": 3}


def test_a_wave_looks_at_the_template_itself(world: World) -> None:
    """Whatever was lost on the way: what is stored counts."""
    broadcast = waiting_campaign(world)
    world.run_for(seconds=1)
    _said(world, category="UTILITY", category_at=world.clock.now())
    at_nine(world)
    assert (state(world, broadcast)["state"], world.platform.sent) == ("paused", [])


def test_a_change_that_no_step_saw_is_found_within_a_minute_while_messages_leave(world: World) -> None:
    broadcast = waiting_campaign(world, 120, throttle={"max_per_second": 1})
    world.at("2026-12-01T09:00:00Z")
    world.run_for(seconds=5)
    _said(world, components="b", components_at=world.clock.now())
    world.run_for(seconds=61)
    found = state(world, broadcast)
    assert (found["state"], found["paused_because"]) == ("paused", f"template.components changed ({KEY})")
    assert 0 < len(world.platform.sent) < 120


def test_a_wave_that_is_due_before_its_broadcast_runs_waits_for_it_and_then_pauses_it(world: World) -> None:
    world.people(3)
    world.upload(send_at="now", past=None)
    broadcast = world.launch(world.plan()["hash"])["broadcast"]
    launching = world.ports.broadcasts.get(broadcast)
    assert launching is not None
    assert launching.state is BroadcastState.LAUNCHING
    _said(world, category="UTILITY", category_at=world.clock.now())
    for wave in launching.waves:
        dispatch(world.home, broadcast, wave)
    world.run_for(seconds=120, step=1)
    assert (state(world, broadcast)["state"], world.platform.sent) == ("paused", [])


def test_a_wave_sets_the_brake_that_is_missing(world: World) -> None:
    broadcast = waiting_campaign(world)
    world.run_for(seconds=1)
    _said(world, status="DISABLED", status_at=world.clock.now())
    at_nine(world)
    assert world.report(broadcast)["waiting"] == {"template_paused": 3}


def _said(world: World, **changes: Any) -> None:
    """Put something into the registry that no step has seen."""
    known = world.ports.registry.get(BOUTIQUE, NAME, "fr")
    blank = RegisteredTemplate(waba=BOUTIQUE, name=NAME, language="fr")
    write = Write(replace(known or blank, **changes), known.version if known else None)
    assert world.ports.registry.put_all([write]) == [True]


@pytest.mark.parametrize("status", NEVER)
def test_a_template_that_cannot_come_back_keeps_people_until_their_window_closes(
    world: World, status: str
) -> None:
    waits_until_its_window_closes(world, status)


def test_a_pause_for_the_template_keeps_people_no_longer_than_their_window(world: World) -> None:
    broadcast = waiting_campaign(world, window="15m")
    world.run_for(seconds=1)
    recategorised(world)
    world.at("2026-12-01T09:14:00Z")
    world.run_for(seconds=30, step=5)
    assert world.report(broadcast)["waiting"] == {"paused": 3}
    world.at("2026-12-01T09:16:00Z")
    world.run_for(seconds=150, step=5)
    report = world.report(broadcast)
    assert (report["excluded"], report["complete"]) == ({"template_stopped": 3}, True)
    found = state(world, broadcast)
    assert (found["state"], bool(found["paused_because"])) == ("completed", True)


def test_a_pause_by_hand_keeps_people_no_longer_than_their_window(world: World) -> None:
    broadcast = waiting_campaign(world, window="15m")
    world.run_for(seconds=1)
    world.api("POST", f"/api/broadcasts/{broadcast}/pause")
    world.at("2026-12-01T09:16:00Z")
    world.run_for(seconds=150, step=5)
    report = world.report(broadcast)
    assert (report["excluded"], report["complete"]) == ({"window_closed": 3}, True)


def test_another_language_or_account_pauses_nothing(world: World) -> None:
    broadcast = waiting_campaign(world)
    world.run_for(seconds=1)
    value = {**FR, "previous_category": "MARKETING", "new_category": "UTILITY"}
    world.webhook({**value, "message_template_language": "ar"}, field="template_category_update")
    world.webhook(value, field="template_category_update", waba="102290129340399")
    at_nine(world)
    assert world.report(broadcast)["accepted"] == 3
