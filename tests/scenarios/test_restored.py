"""A home restored from a backup: held, and nobody is messaged again whom the lost one may have messaged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.embedded import backup, restore
from chalicelib.audience.instant import to_iso
from chalicelib.sending.answer import Answer, Message, Refused
from chalicelib.steps.closing import cancel_waiting
from tests.scenarios.test_single_sends import SHIPPED, ask
from tests.scenarios.world import CAMPAIGNS, World

PEOPLE = 250
IN_BUENOS_AIRES = "phone,external_id,first_name,language,country,consent_whatsapp_promotions\n" + "".join(
    f"+54911234567{n:02},ar{n},Name{n},fr,AR,2026-06-01\n" for n in range(30)
)


class Two:
    """A home, its backup, and the home that is made of it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.lost = World(path=str(place / "lost"))
        self.worlds = [self.lost]
        self.open = [self.lost]
        self.backed_up_at = self.restored_at = 0

    def save(self) -> None:
        """Take the backup now."""
        self.backed_up_at = self.lost.clock.now()
        backup.save(self.place / "lost", self.place / "b.zip", campaigns=CAMPAIGNS, now=self.lost.clock.now)

    def save_at_call(self, number: int, *, stop: bool = False) -> None:
        """Take the backup while the call with this number is open; `stop`: the lost home's last one."""

        def script(message: Message) -> Answer | None:
            if len(self.lost.platform.sent) == number:
                self.save()
                if stop:
                    raise SystemExit
            return None

        self.lost.platform.script = script

    def saved_in_the_middle(self, *, stop: bool = False) -> str:
        """Launch to PEOPLE, save while somebody's call is open, go on to the end."""
        self.lost.people(PEOPLE)
        broadcast = self.lost.launched()
        self.save_at_call(120, stop=stop)
        self.lost.at("2026-12-01T08:59:58Z")
        try:
            self.lost.run_until_idle()
        except SystemExit:
            return broadcast
        assert self.lost.report(broadcast)["complete"]
        return broadcast

    def restored(self, *, after_seconds: float = 60, since_backup: bool = False) -> World:
        """Lose the home, and make another of its backup."""
        origin = self.backed_up_at if since_backup else self.lost.clock.now()
        self.restored_at = int(origin + after_seconds * 1_000)
        self.lost.close()
        self.open.clear()
        restore.restore(self.place / "b.zip", self.place / "new", now=self.restored_at)
        world = World(to_iso(self.restored_at), path=str(self.place / "new"))
        self.worlds.append(world)
        self.open.append(world)
        return world


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    for world in made.open:
        world.close()


def total(report: Any) -> int:
    """Return how many people a report places, each once."""
    several = sum(sum(report[name].values()) for name in ("excluded", "waiting", "failed"))
    return int(several + report["claimed"] + report["accepted"] + report["uncertain"])


def called_twice(two: Two) -> set[str]:
    """Return who was called more than once, by whichever home: the platform's log knows only people."""
    calls: Counter[str] = Counter()
    for world in two.worlds:
        calls.update(world.platform.to())
    return {number for number, n in calls.items() if n > 1}


def test_a_campaign_whose_home_is_lost_in_the_middle_goes_on_with_whoever_was_surely_not_called(
    two: Two,
) -> None:
    two.lost.people(PEOPLE)
    two.lost.import_csv(IN_BUENOS_AIRES)
    broadcast = two.lost.launched(audience={"segment": 'country in ["MA", "AR"]'})
    two.save_at_call(120)
    two.lost.at("2026-12-01T08:59:58Z")
    two.lost.run_until_idle()
    assert len(two.lost.platform.sent) == PEOPLE  # the gap: 130 calls that the backup does not know of

    world = two.restored(after_seconds=60)
    world.run_for(seconds=60)
    assert world.platform.sent == []
    report = world.report(broadcast)
    assert (total(report), report["waiting"]) == (PEOPLE + 30, {"paused": 30})
    assert report["accepted"] + report["uncertain"] == PEOPLE
    assert 118 <= report["accepted"] <= 120
    uncertain = set(report["uncertain_people"])

    resumed = world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    gap = {"backed_up_at": to_iso(two.backed_up_at), "unknown_until": to_iso(two.restored_at)}
    assert resumed["restored"] == {**gap, "waiting": 30, "uncertain": len(uncertain)}
    [warning] = resumed["warnings"]
    assert all(fact in warning["text"] for fact in (*gap.values(), "30", str(len(uncertain))))

    world.run_until_idle()
    assert world.platform.sent == []
    assert set(world.report(broadcast)["uncertain_people"]) == uncertain
    world.at("2026-12-01T11:59:58Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 30
    assert called_twice(two) == set()
    report = world.report(broadcast)
    assert report["complete"]
    assert (total(report), report["accepted"] + report["uncertain"]) == (PEOPLE + 30, PEOPLE + 30)
    assert set(report["uncertain_people"]) == uncertain


def test_a_held_broadcast_says_why_in_words_of_a_marketer(two: Two) -> None:
    broadcast = two.saved_in_the_middle()
    world = two.restored()
    held = world.api("GET", f"/api/broadcasts/{broadcast}")
    assert held["state"] == "paused"
    assert held["paused_because"].startswith("this home was restored from a backup of ")
    assert held["held"] == {
        "backed_up_at": to_iso(two.backed_up_at),
        "unknown_until": to_iso(two.restored_at),
    }
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["held"] is None


def test_whoever_is_in_doubt_is_explained_before_and_after_the_resuming(two: Two) -> None:
    broadcast = two.saved_in_the_middle()
    world = two.restored()
    world.run_for(seconds=5)
    people = world.report(broadcast)["uncertain_people"]
    told = {person: world.explain(broadcast, person) for person in people}
    assert {before["outcome"] for before in told.values()} == {"uncertain"}
    person, before = next((p, t) for p, t in told.items() if to_iso(two.restored_at) in t["reason"])
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_until_idle()
    after = world.explain(broadcast, person)
    assert (after["outcome"], after["reason"]) == (before["outcome"], before["reason"])


def test_whoever_vouches_for_when_the_lost_home_stopped_has_the_rest_sent(two: Two) -> None:
    broadcast = two.saved_in_the_middle(stop=True)
    two.lost.run_for(seconds=0)
    world = two.restored()
    world.api("POST", f"/api/broadcasts/{broadcast}/resume", {"lost_at": to_iso(two.backed_up_at)})
    world.run_until_idle()
    report = world.report(broadcast)
    assert len(world.platform.sent) > 120
    assert called_twice(two) == set()
    assert report["complete"]
    assert total(report) == PEOPLE


def test_a_word_on_when_the_home_was_lost_is_refused_where_none_was(two: Two) -> None:
    two.lost.people(20)
    broadcast = two.lost.launched()
    two.lost.step()
    refused = two.lost.api("POST", f"/api/broadcasts/{broadcast}/resume", {"lost_at": "2026-12-01T00:00:00Z"})
    assert (two.lost.status, refused["problems"][0]["code"]) == (409, "broadcast_not_held")


def test_the_gap_is_named_only_when_it_is_left(two: Two) -> None:
    broadcast = two.saved_in_the_middle()
    world = two.restored()
    assert world.api("POST", f"/api/broadcasts/{broadcast}/pause")["warnings"] == []
    assert len(world.api("POST", f"/api/broadcasts/{broadcast}/resume")["warnings"]) == 1
    world.api("POST", f"/api/broadcasts/{broadcast}/pause")
    assert world.api("POST", f"/api/broadcasts/{broadcast}/resume")["warnings"] == []


def test_whoever_was_in_doubt_stays_so_when_their_window_has_closed(two: Two) -> None:
    broadcast = two.saved_in_the_middle()
    world = two.restored(after_seconds=2 * 86_400)
    before = world.report(broadcast)
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_until_idle()
    report = world.report(broadcast)
    assert world.platform.sent == []
    assert report["complete"]
    assert (report["excluded"], report["uncertain"]) == ({}, before["uncertain"])


def test_a_receipt_that_comes_to_the_restored_home_settles_who_was_uncertain(two: Two) -> None:
    broadcast = two.saved_in_the_middle()
    receipts = [two.lost.status_of(k, "delivered") for k in range(PEOPLE)]
    world = two.restored()
    world.receipt(*receipts[: PEOPLE // 2])
    world.run_for(seconds=10)
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_until_idle()
    assert world.report(broadcast)["uncertain"] > 0
    world.receipt(*receipts[PEOPLE // 2 :])
    world.run_for(seconds=10)
    report = world.report(broadcast)
    assert (report["uncertain"], report["delivered"], world.platform.sent) == (0, PEOPLE, [])


def test_a_failure_told_of_a_call_of_the_lost_home_makes_no_other_attempt(two: Two) -> None:
    broadcast = two.saved_in_the_middle()
    receipts = [two.lost.status_of(k, "failed", code=131_016) for k in range(PEOPLE)]
    world = two.restored()
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.receipt(*receipts)
    world.run_for(seconds=600, step=5)
    report = world.report(broadcast)
    assert world.platform.sent == []
    assert (report["failed"], report["waiting"]) == ({"131016": PEOPLE}, {})


@pytest.mark.parametrize(("lost_after_seconds", "calls"), [(5, 40), (3_600, 0)])
def test_whoever_waits_for_another_attempt_is_called_if_it_was_due_after_the_restoring_and_in_doubt_else(
    lost_after_seconds: float, calls: int, two: Two
) -> None:
    two.lost.people(40)
    broadcast = two.lost.launched(delivery={"retry": {"transient": {"max": 3, "backoff": "10m"}}})
    two.lost.platform.script = lambda message: Refused(code=131_016)
    two.lost.at("2026-12-01T08:59:58Z")
    two.lost.run_for(seconds=5)
    assert two.lost.report(broadcast)["waiting"] == {"retry": 40}
    two.save()
    world = two.restored(after_seconds=lost_after_seconds)
    report = world.report(broadcast)
    assert (sum(report["waiting"].values()), report["uncertain"], total(report)) == (calls, 40 - calls, 40)
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_for(seconds=1_200, step=1)
    report = world.report(broadcast)
    assert len(world.platform.sent) == calls
    assert (report["accepted"], report["uncertain"], report["complete"]) == (calls, 40 - calls, True)


def test_people_of_one_deferral_chunk_are_told_apart_by_their_own_minute(two: Two) -> None:
    two.lost.people(PEOPLE)
    broadcast = two.lost.launched(delivery={"retry": {"transient": {"max": 3, "backoff": "10m"}}})
    two.lost.platform.script = lambda message: Refused(code=131_016)
    two.lost.at("2026-12-01T08:59:58Z")
    two.lost.run_for(seconds=10)
    two.save()
    first = min(at for at, _ in two.lost.platform.sent)
    world = two.restored(after_seconds=(first + 601_500 - two.backed_up_at) / 1_000)
    world.clock.advance(10_000)  # whoever was due before and after the restoring wakes up together
    before = world.report(broadcast)
    waiting = sum(before["waiting"].values())
    assert waiting > 20
    assert before["uncertain"] > 20
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_for(seconds=300, step=0.5)
    report = world.report(broadcast)
    assert (len(world.platform.sent), len(world.platform.to())) == (waiting, waiting)
    assert (report["uncertain"], report["complete"]) == (before["uncertain"], True)


def test_whoever_is_in_doubt_counts_for_caps_and_for_the_tier(two: Two) -> None:
    broadcast = two.saved_in_the_middle()
    world = two.restored()
    before = world.ports.senders.quota("boutique-group")
    doubtful = world.report(broadcast)["uncertain"]
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_until_idle()
    after = world.ports.senders.quota("boutique-group")
    assert before is not None
    assert after is not None
    claims = [
        (send.broadcast, send.attempt)
        for person in world.report(broadcast)["uncertain_people"]
        if (standing := world.ports.standings.get(person)) is not None
        for send in standing.sends
        if send.at == two.restored_at
    ]
    assert doubtful - 12 <= len(claims) <= doubtful  # the others were claimed before the backup
    assert sum(after.buckets.values()) - sum(before.buckets.values()) == len(claims)
    assert set(claims) == {(broadcast, 1)}


@pytest.mark.parametrize("told", ["TIER_2K", "TIER_UNLIMITED"])
def test_the_doubtful_count_in_every_tier_because_the_next_may_be_lower(two: Two, told: str) -> None:
    two.lost.people(3)
    value = {"max_daily_conversations_per_business": told}
    two.lost.webhook(value, field="business_capability_update", time=two.lost.clock.now() // 1_000)
    broadcast = two.lost.launched()
    two.lost.run_for(seconds=2)
    two.save()
    world = two.restored(after_seconds=7_200)
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_until_idle()
    quota = world.ports.senders.quota("boutique-group")
    assert quota is not None
    assert (world.report(broadcast)["uncertain"], sum(quota.buckets.values())) == (3, 3)


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


def test_whoever_waited_in_the_gap_is_in_doubt_also_when_it_is_cancelled(two: Two) -> None:
    two.lost.people(20)
    broadcast = two.lost.launched(delivery={"retry": {"transient": {"max": 3, "backoff": "10m"}}})
    two.lost.platform.script = lambda message: Refused(code=131_016)
    two.lost.at("2026-12-01T08:59:58Z")
    two.lost.run_for(seconds=5)
    two.save()
    world = two.restored(after_seconds=3_600)
    world.api("POST", f"/api/broadcasts/{broadcast}/cancel")
    for chunk in world.ports.chunks.page(broadcast).items:
        cancel_waiting(world.home, chunk)  # before anybody's wait is seen to be over
    world.run_until_idle()
    report = world.report(broadcast)
    assert (report["uncertain"], report["excluded"], report["complete"]) == (20, {}, True)


@pytest.mark.parametrize("after_seconds", [60, 30 * 3_600])
def test_a_campaign_that_resends_what_was_not_answered_does_not_after_a_restoring(
    after_seconds: float, two: Two
) -> None:
    two.lost.people(PEOPLE)
    broadcast = two.lost.launched(
        window="10h", delivery={"expires": "72h", "on_uncertain": "resend_after 24h"}
    )
    two.save_at_call(120)
    two.lost.at("2026-12-01T08:59:58Z")
    two.lost.run_until_idle()
    world = two.restored(after_seconds=after_seconds)
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_for(seconds=60 * 3_600, step=120)
    assert world.platform.sent == []
    assert world.report(broadcast)["complete"]


def test_a_held_broadcast_can_be_cancelled_without_a_message_and_without_hiding_who_is_in_doubt(
    two: Two,
) -> None:
    broadcast = two.saved_in_the_middle()
    world = two.restored()
    before = world.report(broadcast)
    world.api("POST", f"/api/broadcasts/{broadcast}/cancel")
    world.run_until_idle()
    report = world.report(broadcast)
    assert (world.platform.sent, report["complete"], total(report)) == ([], True, PEOPLE)
    assert (report["excluded"], report["uncertain"]) == ({}, before["uncertain"])


def test_a_chunk_on_its_way_to_a_worker_when_the_backup_was_taken_is_not_sent_from_it(two: Two) -> None:
    broadcast = two.saved_in_the_middle()
    world = two.restored(after_seconds=0.5, since_backup=True)
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_until_idle()
    assert world.platform.sent == []
    assert world.report(broadcast)["complete"]


def test_nothing_is_launched_until_somebody_releases_the_home(two: Two) -> None:
    two.lost.people(20)
    two.lost.upload()
    two.save()
    two.lost.launch(two.lost.plan()["hash"])  # the backup does not know of it
    two.lost.at("2026-12-01T08:59:58Z")
    two.lost.run_until_idle()
    world = two.restored(after_seconds=-900)
    planned = world.plan()["hash"]
    refused = world.launch(planned)
    assert (world.status, refused["problems"][0]["code"]) == (409, "home_held")
    assert world.api("GET", "/api/home")["held"] is True
    assert world.api("POST", "/api/home/release")["held"] is False
    released = world.api("GET", "/api/home")["restored"]["released_at"]
    world.clock.advance(1_000)
    assert world.api("POST", "/api/home/release")["restored"]["released_at"] == released
    assert world.launch(planned)["already"] is False


def test_a_home_that_was_never_restored_is_neither_held_nor_released(two: Two) -> None:
    assert two.lost.api("GET", "/api/home") == {"held": False, "restored": None}
    refused = two.lost.api("POST", "/api/home/release")
    assert (two.lost.status, refused["problems"][0]["code"]) == (409, "home_not_restored")


def test_a_plan_that_the_lost_home_may_have_launched_is_not_launched_again(two: Two) -> None:
    two.lost.people(20)
    two.lost.upload()
    plan = two.lost.plan()["hash"]
    two.save()
    two.lost.launch(plan)
    world = two.restored()
    world.api("POST", "/api/home/release")
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
    broadcast = two.saved_in_the_middle()
    world = two.restored()
    plan = world.api("GET", f"/api/broadcasts/{broadcast}")["plan_hash"]
    told = world.launch(plan)
    assert (told["broadcast"], told["already"]) == (broadcast, True)
    world.run_for(seconds=20)
    assert world.platform.sent == []


def test_a_restored_home_whose_campaign_had_ended_makes_nobody_another_call(two: Two) -> None:
    two.lost.people(20)
    broadcast = two.lost.launched()
    two.lost.at("2026-12-01T08:59:58Z")
    two.lost.run_until_idle()
    assert two.lost.report(broadcast)["complete"]
    two.save()
    failures = [two.lost.status_of(k, "failed", code=131_016) for k in range(20)]
    world = two.restored()
    world.receipt(*failures)
    world.run_for(seconds=600, step=5)
    assert world.platform.sent == []
    assert world.report(broadcast)["failed"] == {"131016": 20}


def test_a_system_that_asks_again_for_one_message_is_refused_until_the_home_is_released(two: Two) -> None:
    two.lost.people(3)
    two.lost.upload(**SHIPPED)
    two.save()
    ask(two.lost)
    two.lost.run_for(seconds=5)
    assert len(two.lost.platform.sent) == 1
    world = two.restored()
    refused = ask(world)
    assert (world.status, refused["problems"][0]["code"]) == (409, "home_held")
    world.run_for(seconds=5)
    assert world.platform.sent == []
    world.api("POST", "/api/home/release")
    ask(world, order="4712")
    assert world.status == 202
    world.run_for(seconds=5)
    [(_, message)] = world.platform.sent
    assert "4712" in dict(message.parameters).values()  # the refused request left nothing behind


def test_one_message_on_its_way_at_the_backup_is_not_sent_again(two: Two) -> None:
    two.lost.people(3)
    two.lost.upload(**SHIPPED)
    answer = ask(two.lost)
    two.save()
    two.lost.run_for(seconds=5)
    assert len(two.lost.platform.sent) == 1
    world = two.restored()
    world.api("POST", "/api/home/release")
    assert ask(world) == answer
    world.api("POST", f"/api/broadcasts/{answer['send']}/resume")
    world.run_for(seconds=30)
    report = world.report(answer["send"])
    assert world.platform.sent == []
    assert (report["uncertain"], report["complete"]) == (1, True)
