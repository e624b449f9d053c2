"""Verify: finds what was forgotten, whoever forgot it, and nothing while all is well."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.ports import Write
from chalicelib.sending.answer import Refused
from chalicelib.sending.broadcast import ChunkState
from chalicelib.sending.delivery import Delivery
from tests.scenarios.world import World


def verified(world: World, broadcast: str = "test-campaign.1") -> Any:
    return world.api("POST", f"/api/broadcasts/{broadcast}/verify")


def codes(found: Any) -> set[str]:
    return {fault["code"] for fault in found["faults"]}


def rows_of(world: World, broadcast: str) -> list[Delivery]:
    chunks = world.ports.chunks.page(broadcast).items
    return [row for chunk in chunks for row in world.ports.ledger.of_chunk(broadcast, chunk.id)]


@pytest.mark.long
def test_a_broadcast_adds_up_at_every_moment_of_its_life(world: World) -> None:
    world.people(40)
    world.launched(throttle={"max_per_second": 5})
    refused = [Refused(code=131016)]
    world.platform.script = lambda m: refused.pop() if refused else None
    assert verified(world)["adds_up"]
    world.at("2026-12-01T09:00:00Z")
    for _ in range(120):
        world.step(seconds=0.2)
        found = verified(world)
        assert (found["adds_up"], found["accounted"]) == (True, 40), found["faults"]
    world.run_for(seconds=400, step=1)
    found = verified(world)
    assert (found["adds_up"], found["complete"], found["counters"]["differ"]) == (True, True, {})
    assert (found["receipts"]["accepted"], found["receipts"]["unconfirmed"]) == (40, 40)


def test_counters_that_differ_are_put_right_and_it_says_by_how_much(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    world.ports.counters.add(broadcast, {"accepted": 4, "read": 1})
    counters = verified(world)["counters"]
    differ = {"accepted": {"stored": 7, "folded": 3}, "read": {"stored": 1, "folded": 0}}
    assert counters == {"differ": differ, "rewritten": True}
    assert verified(world)["counters"] == {"differ": {}, "rewritten": False}


def test_the_counters_of_a_chunk_under_way_are_left_to_its_end(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    world.step()
    chunk = next(c for c in world.ports.chunks.page(broadcast).items)
    flying = replace(chunk, state=ChunkState.RELEASED, expires_at=world.clock.now() + 60_000)
    world.ports.chunks.put(flying, expected_version=chunk.version)
    world.ports.counters.add(broadcast, {"accepted": 1})
    assert verified(world)["counters"]["rewritten"] is False


def deferred_world(world: World, people: int = 3) -> str:
    """Leave everybody of a broadcast waiting for another attempt."""
    world.people(people)
    broadcast = world.launched()
    world.platform.script = lambda m: Refused(code=131016)
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.report(broadcast)["waiting"] == {"retry": people}
    return broadcast


def lose_wake_ups(world: World, broadcast: str) -> None:
    world.ports.deferrals.remove_all(world.ports.deferrals.of_broadcast(broadcast))


@pytest.mark.long
def test_whoever_is_behind_the_first_hundred_is_looked_at_too(world: World) -> None:
    broadcast = deferred_world(world, people=103)
    assert verified(world)["adds_up"]
    first = world.ports.deferrals.of_broadcast(broadcast)
    (last,) = world.ports.deferrals.of_broadcast(broadcast, after=first[-2])[-1:]
    world.ports.deferrals.remove_all([first[0], last])
    lost = {f["params"]["person"] for f in verified(world)["faults"] if f["code"] == "verify.never_woken"}
    assert lost == {first[0].person, last.person}


@pytest.mark.long
def test_a_due_chunk_is_missed_on_a_timeline_of_more_than_a_page(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    world.webhook({"event": "ACCOUNT_DELETED"}, field="account_update")
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    (entry,) = [e for e in world.ports.timelines.page("boutique") if e.broadcast == broadcast]
    for n in range(100):
        world.ports.timelines.add(replace(entry, wave=entry.wave - n - 1, broadcast=f"other.{n}"))
    assert world.ports.timelines.page("boutique")[-1].broadcast != broadcast
    assert verified(world)["adds_up"]
    world.ports.timelines.remove(entry)
    assert codes(verified(world)) == {"verify.off_timeline"}


def lose_ends(world: World, broadcast: str) -> None:
    row = rows_of(world, broadcast)[0]
    world.ports.ledger.put_all([Write(replace(row, deadline_at=None), row.version)])


def wait_for_ever(world: World, broadcast: str) -> None:
    row = rows_of(world, broadcast)[0]
    world.ports.ledger.put_all([Write(replace(row, deadline_at=1, due_at=1), row.version)])


def lose_rows(world: World, broadcast: str) -> None:
    world.ports.ledger.remove_all([rows_of(world, broadcast)[0].key])


def lose_an_audience(world: World, broadcast: str) -> None:
    found = world.ports.broadcasts.get(broadcast)
    assert found is not None
    world.ports.broadcasts.put(replace(found, audience=4), expected_version=found.version)


def one_message_for_two(world: World, broadcast: str) -> None:
    for row in rows_of(world, broadcast):
        world.ports.ledger.put_all([Write(replace(row, wamid="wamid.x"), row.version)])


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lose_wake_ups, "verify.never_woken"),
        (lose_ends, "verify.waits_without_end"),
        (wait_for_ever, "verify.waits_too_long"),
        (lose_rows, "verify.done_without_rows"),
        (lose_an_audience, "verify.sum"),
        (one_message_for_two, "verify.message_twice"),
    ],
)
@pytest.mark.long
def test_whatever_is_lost_is_named(world: World, harm: Any, code: str) -> None:
    broadcast = deferred_world(world)
    assert verified(world)["faults"] == []
    harm(world, broadcast)
    found = verified(world)
    assert code in codes(found)
    assert found["adds_up"] is False


def test_a_due_chunk_that_no_timeline_has_is_named(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    world.webhook({"event": "ACCOUNT_DELETED"}, field="account_update")
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert verified(world)["adds_up"]
    for entry in world.ports.timelines.page("boutique"):
        world.ports.timelines.remove(entry)
    assert codes(verified(world)) == {"verify.off_timeline"}
    assert broadcast


def test_a_worker_that_never_came_back_is_named(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    world.step()
    chunk = next(c for c in world.ports.chunks.page(broadcast).items)
    stuck = replace(chunk, state=ChunkState.RUNNING, lease_until=world.clock.now() - 700_000)
    world.ports.chunks.put(stuck, expected_version=chunk.version)
    assert codes(verified(world)) == {"verify.chunk_stuck"}
