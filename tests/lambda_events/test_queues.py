"""Batches from SQS: the answer names the poisoned message alone, and its neighbours are done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

import app
from tests.lambda_events.account import Account, BrokenQueues, failures, invoke, rewired
from tests.lambda_events.shapes import sqs_event
from tests.scenarios.world import World

POISONS = ["", "not json", "[]", '"text"']


def batch(queue: str, bodies: Sequence[str], poison: str | None) -> dict[str, Any]:
    """Return the messages as one batch, with a poisoned one behind the first."""
    return sqs_event(queue, [*bodies[:1], *([] if poison is None else [poison]), *bodies[1:]])


def named(queue: str, poison: str | None) -> list[str]:
    """Return what the answer must name."""
    return [] if poison is None else [f"{queue}-1"]


poisoned_or_not = pytest.mark.parametrize("poison", [None, *POISONS])


@poisoned_or_not
def test_fan_out_plans_every_group_beside_a_poisoned_one(account: Account, poison: str | None) -> None:
    account.world.people(30)
    plan = account.planning("test-campaign")
    bodies = account.take("plan")
    assert len(bodies) == account.world.settings.fan_out_tasks
    assert failures(invoke(app.fan_out, batch("plan", bodies, poison))) == named("plan", poison)
    planned = account.world.api("GET", f"/api/plans/{plan}")
    assert (planned["state"], planned["planned"]) == ("sealed", 30)


@poisoned_or_not
def test_launch_opens_every_broadcast_beside_a_poisoned_one(account: Account, poison: str | None) -> None:
    account.world.people(2)
    broadcasts = [account.launching("first"), account.launching("second")]
    bodies = account.take("launch")
    assert len(bodies) == 2
    assert failures(invoke(app.launch, batch("launch", bodies, poison))) == named("launch", poison)
    for broadcast in broadcasts:
        assert account.world.api("GET", f"/api/broadcasts/{broadcast}")["state"] == "running"


@poisoned_or_not
def test_waves_that_were_due_reach_their_timeline_beside_a_poisoned_one(
    account: Account, poison: str | None
) -> None:
    account.world.people(2)
    broadcasts = [account.running("first"), account.running("second")]
    bodies = account.take("dispatch")
    assert len(bodies) == 2
    assert failures(invoke(app.dispatch_due, batch("dispatch", bodies, poison))) == named("dispatch", poison)
    entries = account.world.ports.timelines.page("boutique")
    assert sorted(entry.broadcast for entry in entries) == broadcasts


@poisoned_or_not
def test_send_calls_everybody_once_beside_a_poisoned_chunk(account: Account, poison: str | None) -> None:
    account.world.people(150)
    account.released("test-campaign")
    bodies = account.take("send")
    assert len(bodies) >= 2
    assert failures(invoke(app.send, batch("send", bodies, poison))) == named("send", poison)
    assert sorted(account.world.platform.to().values()) == [1] * 150


@poisoned_or_not
def test_receipts_are_recorded_beside_a_poisoned_message(account: Account, poison: str | None) -> None:
    account.world.people(2)
    broadcast = account.sent("test-campaign")
    for index in range(2):
        account.world.receipt(account.world.status_of(index, "delivered"))
    bodies = account.take("receipts")
    assert len(bodies) == 2
    answer = invoke(app.record_receipts, batch("receipts", bodies, poison))
    assert failures(answer) == named("receipts", poison)
    assert account.world.report(broadcast)["delivered"] == 2


@poisoned_or_not
def test_opt_outs_are_recorded_beside_a_poisoned_message(account: Account, poison: str | None) -> None:
    account.world.people(2)
    for number in range(2):
        account.world.says(f"+21261200000{number}", "STOP", wamid=f"wamid.in{number}")
    bodies = account.take("inbound")
    assert len(bodies) == 2
    answer = invoke(app.record_inbound, batch("inbound", bodies, poison))
    assert failures(answer) == named("inbound", poison)
    for number in range(2):
        contact = account.world.api("GET", f"/api/contacts/ma{number}")
        assert contact["consents"]["whatsapp/*"]["revoked_at"] is not None


@poisoned_or_not
def test_a_handoff_is_retried_later_beside_a_poisoned_message(account: Account, poison: str | None) -> None:
    body = json.dumps(
        {
            **{"v": 1, "to": "unknown", "person": "c1", "broadcast": "b.1", "wamid": "w", "at": 1},
            **{"kind": "text", "text": "", "payload": "", "attempt": 0},
        }
    )
    answer = failures(invoke(app.hand_off, batch("handoff", [body], poison)))
    assert answer == ["handoff-0", *named("handoff", poison)]


def test_a_batch_delivered_twice_calls_nobody_twice(account: Account) -> None:
    account.world.people(150)
    account.released("test-campaign")
    event = sqs_event("send", account.take("send"))
    assert failures(invoke(app.send, event)) == failures(invoke(app.send, event)) == []
    assert sorted(account.world.platform.to().values()) == [1] * 150


def test_a_message_comes_again_when_the_home_was_away_and_is_then_done(world: World) -> None:
    world.people(1)
    account = Account(world)
    broadcast = account.launching("test-campaign")
    event = sqs_event("launch", account.take("launch"))
    rewired(world, queues=BrokenQueues())
    assert failures(invoke(app.launch, event)) == ["launch-0"]
    Account(world)
    assert failures(invoke(app.launch, event)) == []
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["state"] == "running"
