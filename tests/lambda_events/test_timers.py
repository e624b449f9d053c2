"""Timers: EventBridge Scheduler's dict, its default envelope and a rule's event."""

from __future__ import annotations

import json

import pytest

import app
from chalicelib.audience.instant import DAY_MS
from tests.lambda_events.account import Account, invoke
from tests.lambda_events.shapes import Shape, rule_event, scheduler_default


@pytest.mark.parametrize("as_text", [False, True], ids=["as an object", "as text"])
def test_a_schedules_input_puts_its_wave_on_the_timeline(account: Account, as_text: bool) -> None:
    account.world.people(1)
    broadcast = account.running("test-campaign", send_at="2026-12-01 18:00")
    [payload] = account.schedules.payloads.values()
    assert invoke(app.dispatch, payload if as_text else json.loads(payload)) is None
    [entry] = account.world.ports.timelines.page("boutique")
    assert entry.broadcast == broadcast


def test_a_schedule_that_fires_twice_leaves_one_entry(account: Account) -> None:
    account.world.people(1)
    account.running("test-campaign", send_at="2026-12-01 18:00")
    [payload] = account.schedules.payloads.values()
    for _ in range(2):
        invoke(app.dispatch, json.loads(payload))
    assert len(account.world.ports.timelines.page("boutique")) == 1


def test_an_event_that_names_no_wave_fails_so_that_somebody_hears_of_it(account: Account) -> None:
    with pytest.raises(ValueError, match="format 1"):
        invoke(app.dispatch, scheduler_default())


@pytest.mark.parametrize("event", [scheduler_default(), rule_event(), {}], ids=["scheduler", "rule", "none"])
def test_any_timer_makes_the_pacer_release_what_is_due(account: Account, event: Shape) -> None:
    account.world.people(3)
    broadcast = account.running("test-campaign")
    for body in account.take("dispatch"):
        invoke(app.dispatch, json.loads(body))
    assert invoke(app.pace, event) is None
    assert {name for body in account.take("send") for name, _, _ in json.loads(body)["chunks"]} == {broadcast}


@pytest.mark.parametrize("event", [scheduler_default(), rule_event(), {}], ids=["scheduler", "rule", "none"])
def test_any_timer_makes_reconciliation_complete_what_has_ended(account: Account, event: Shape) -> None:
    account.world.people(3)
    broadcast = account.sent("test-campaign")
    invoke(app.pace, event)  # finds nothing more to release
    account.world.clock.advance(60_000)
    assert invoke(app.reconcile, event) is None
    assert account.world.api("GET", f"/api/broadcasts/{broadcast}")["state"] == "completed"


@pytest.mark.parametrize("event", [scheduler_default(), rule_event(), {}], ids=["scheduler", "rule", "none"])
def test_any_timer_makes_the_sweep_remove_what_was_kept_for_long_enough(
    account: Account, event: Shape
) -> None:
    account.world.people(3)
    account.world.clock.advance(401 * DAY_MS)
    assert list(account.world.ports.objects.keys("imports/")) != []
    assert invoke(app.sweep, event) is None
    assert list(account.world.ports.objects.keys("imports/")) == []
