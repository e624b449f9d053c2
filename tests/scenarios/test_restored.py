"""A home restored from a backup: held, and nobody whose claim stands in the backup is messaged again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.embedded import backup, restore
from chalicelib.audience.instant import to_iso
from chalicelib.sending.answer import Answer, Message
from tests.scenarios.world import CAMPAIGNS, World

PEOPLE = 250


class Two:
    """A home, its backup, and the home that is made of it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.lost = World(path=str(place / "lost"))
        self.opened = [self.lost]
        self.backed_up_at = 0

    def save(self) -> None:
        """Take the backup now."""
        self.backed_up_at = self.lost.clock.now()
        backup.save(self.place / "lost", self.place / "b.zip", campaigns=CAMPAIGNS, now=self.lost.clock.now)

    def restored(self, *, after_seconds: float = 60) -> World:
        """Lose the home, and make another of its backup."""
        at = int(self.lost.clock.now() + after_seconds * 1_000)
        self.lost.close()
        self.opened.clear()
        restore.restore(self.place / "b.zip", self.place / "new", now=at)
        world = World(to_iso(at), path=str(self.place / "new"))
        self.opened.append(world)
        return world


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    for world in made.opened:
        world.close()


def saved_in_the_middle(two: Two) -> tuple[str, set[str]]:
    """Launch, save while somebody's call is open, go on to the end; returns who was called by then, too."""
    lost, called = two.lost, set[str]()
    lost.people(PEOPLE)
    broadcast = lost.launched()

    def save_once(message: Message) -> Answer | None:
        if len(lost.platform.sent) == 120:
            called.update(lost.platform.to(), [message.to])
            two.save()
        return None

    lost.platform.script = save_once
    lost.at("2026-12-01T08:59:58Z")
    lost.run_until_idle()
    assert lost.report(broadcast)["complete"]
    assert 120 < len(called) <= 122
    return broadcast, called


def total(report: Any) -> int:
    """Return how many people a report places, each once."""
    several = sum(sum(report[name].values()) for name in ("excluded", "waiting", "failed"))
    return int(several + report["claimed"] + report["accepted"] + report["uncertain"])


def test_a_restored_home_sends_nothing_until_resumed_and_then_nobody_again_whose_claim_it_knows(
    two: Two,
) -> None:
    broadcast, called = saved_in_the_middle(two)
    world = two.restored(after_seconds=60)
    restored_at = world.clock.now()
    world.run_for(seconds=60)
    assert world.platform.sent == []
    held = world.api("GET", f"/api/broadcasts/{broadcast}")
    assert held["state"] == "paused"
    assert held["paused_because"] == f"restored from a backup of {to_iso(two.backed_up_at)}"
    report = world.report(broadcast)
    assert (total(report), report["claimed"]) == (PEOPLE, 0)
    assert 1 <= report["uncertain"] <= 12  # whoever was claimed and not settled when the backup was taken
    waiting = sum(report["waiting"].values())

    resumed = world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    since, until = to_iso(two.backed_up_at), to_iso(restored_at)
    assert resumed["restored"] == {"backed_up_at": since, "restored_at": until, "waiting": waiting}
    [warning] = resumed["warnings"]
    assert all(fact in warning["text"] for fact in (since, until, str(waiting)))

    world.run_until_idle()
    assert not called & set(world.platform.to())
    assert set(world.platform.to().values()) == {1}
    assert len(world.platform.sent) == waiting
    report = world.report(broadcast)
    assert report["complete"]
    assert (total(report), report["accepted"] + report["uncertain"]) == (PEOPLE, PEOPLE)


def test_the_gap_is_named_only_when_it_is_left(two: Two) -> None:
    broadcast, _ = saved_in_the_middle(two)
    world = two.restored()
    assert world.api("POST", f"/api/broadcasts/{broadcast}/pause")["warnings"] == []
    assert len(world.api("POST", f"/api/broadcasts/{broadcast}/resume")["warnings"]) == 1
    world.api("POST", f"/api/broadcasts/{broadcast}/pause")
    assert world.api("POST", f"/api/broadcasts/{broadcast}/resume")["warnings"] == []


def test_whoever_is_resumed_after_their_window_gets_nothing_and_is_excluded_by_name(two: Two) -> None:
    broadcast, called = saved_in_the_middle(two)
    world = two.restored(after_seconds=2 * 86_400)
    world.run_for(seconds=30)
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_until_idle()
    report = world.report(broadcast)
    assert world.platform.sent == []
    assert report["complete"]
    assert report["excluded"] == {"window_closed": PEOPLE - report["accepted"] - report["uncertain"]}
    assert report["accepted"] + report["uncertain"] >= len(called)


def test_a_receipt_that_comes_to_the_restored_home_settles_who_was_uncertain(two: Two) -> None:
    broadcast, _ = saved_in_the_middle(two)
    receipts = [two.lost.status_of(k, "delivered") for k in range(PEOPLE)]
    world = two.restored()
    world.run_for(seconds=10)
    assert world.report(broadcast)["uncertain"] >= 1
    world.receipt(*receipts)
    world.run_for(seconds=10)
    report = world.report(broadcast)
    assert report["uncertain"] == 0
    assert total(report) == PEOPLE


def test_a_broadcast_saved_while_it_was_launched_is_launched_and_held(two: Two) -> None:
    two.lost.people(20)
    broadcast = two.lost.launched()
    two.save()  # its message waits in the queue
    world = two.restored()
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["state"] == "launching"
    world.at("2026-12-01T09:05:00Z")
    world.run_for(seconds=30)
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["state"] == "paused"
    assert world.platform.sent == []
    assert world.api("POST", f"/api/broadcasts/{broadcast}/resume")["restored"]["waiting"] == 20
    world.run_until_idle()
    assert len(world.platform.sent) == 20
    assert world.report(broadcast)["complete"]


def test_a_held_broadcast_can_be_cancelled_without_a_message(two: Two) -> None:
    broadcast, _ = saved_in_the_middle(two)
    world = two.restored()
    world.api("POST", f"/api/broadcasts/{broadcast}/cancel")
    world.run_until_idle()
    report = world.report(broadcast)
    assert (world.platform.sent, report["complete"], total(report)) == ([], True, PEOPLE)


def test_a_plan_that_the_lost_home_may_have_launched_is_not_launched_again(two: Two) -> None:
    two.lost.people(20)
    two.lost.upload()
    plan = two.lost.plan()["hash"]
    two.save()
    two.lost.launch(plan)
    world = two.restored()
    refused = world.launch(plan)
    assert (world.status, refused["problems"][0]["code"]) == (409, "plan_stale_restored")
    again = world.plan()["hash"]
    assert world.launch(again)["already"] is False


def test_a_plan_that_was_being_made_is_not_sealed_after_the_restoring(two: Two) -> None:
    two.lost.people(20)
    two.lost.upload()
    plan = two.lost.api("POST", "/api/campaigns/test-campaign/plans")["plan"]
    two.save()
    world = two.restored()
    world.run_for(seconds=10)
    assert world.api("GET", f"/api/plans/{plan}")["state"] == "planning"
    assert world.plan()["state"] == "sealed"


def test_an_older_run_is_the_same_broadcast_in_the_restored_home(two: Two) -> None:
    broadcast, _ = saved_in_the_middle(two)
    world = two.restored()
    plan = world.api("GET", f"/api/broadcasts/{broadcast}")["plan_hash"]
    told = world.launch(plan)
    assert (told["broadcast"], told["already"]) == (broadcast, True)
    world.run_for(seconds=20)
    assert world.platform.sent == []
