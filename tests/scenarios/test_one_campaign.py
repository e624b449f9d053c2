"""One campaign from a file to a report, through the real `app.py`, on virtual time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from chalicelib import bootstrap
from chalicelib.pipeline import Pipeline
from chalicelib.ports import Write
from chalicelib.sending.answer import Message, Refused, Unknown
from chalicelib.sending.delivery import Delivery, Rank
from chalicelib.steps import pace, send
from chalicelib.steps.people import open_candidates
from chalicelib.steps.wire import lane_of, wire_for
from tests.scenarios.world import SECRETS, World

T = TypeVar("T")


def test_a_campaign_goes_from_a_file_to_a_complete_report(world: World) -> None:
    world.people(250)
    broadcast = world.launched()
    world.at("2026-12-01T08:59:58Z")
    assert world.platform.sent == []
    world.run_until_idle()
    assert set(world.platform.to().values()) == {1}
    report = world.report(broadcast)
    assert (report["audience"], report["accepted"], report["waiting"]) == (250, 250, {})
    assert report["complete"]


def test_every_person_gets_their_own_words(world: World) -> None:
    world.people(120)
    world.launched()
    world.at("2026-12-01T08:59:58Z")
    world.run_until_idle()
    names = {dict(message.parameters)["prenom"] for _, message in world.platform.sent}
    assert names == {f"Name{n}" for n in range(120)}


def test_launching_a_hash_twice_starts_one_broadcast_and_sends_once(world: World) -> None:
    world.people(30)
    world.upload()
    plan_hash = world.plan()["hash"]
    first, second = world.launch(plan_hash), world.launch(plan_hash)
    assert (first["already"], second["already"]) == (False, True)
    assert first["broadcast"] == second["broadcast"] == "test-campaign.1"
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 30


def test_no_sliding_second_passes_the_limit_minus_what_is_kept_for_inbound(world: World) -> None:
    world.people(400)
    world.launched()
    world.at("2026-12-01T08:59:58Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 400
    assert world.platform.busiest_second() <= 80 - 2


def test_nobody_is_messaged_before_their_instant(world: World) -> None:
    world.people(5)
    world.launched()
    world.at("2026-12-01T08:59:58Z")
    world.run_until_idle()
    assert min(at for at, _ in world.platform.sent) >= 1_796_115_600_000


def test_a_stop_that_comes_before_the_claim_prevents_the_send(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    world.says("+212612000001", "ARRÊT !")
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert "+212612000001" not in world.platform.to()
    report = world.report(broadcast)
    assert report["excluded"] == {"consent.revoked": 1}
    assert report["complete"]


def test_an_unanswered_call_is_uncertain_and_is_never_made_again(world: World) -> None:
    world.people(20)
    broadcast = world.launched()
    world.platform.script = lambda m: Unknown(why="reset") if m.to == "+212612000007" else None
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.platform.to()["+212612000007"] == 1
    report = world.report(broadcast)
    assert (report["accepted"], report["uncertain"]) == (19, 1)
    assert len(report["uncertain_people"]) == 1
    assert report["complete"]


def test_the_receipt_that_echoes_our_key_settles_an_uncertain_person(world: World) -> None:
    world.people(1)
    broadcast = world.launched()
    world.platform.script = lambda m: Unknown(why="reset")
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.report(broadcast)["uncertain"] == 1
    world.receipt(world.status_of(0, "delivered"))
    world.run_until_idle()
    report = world.report(broadcast)
    assert (report["uncertain"], report["accepted"], report["delivered"]) == (0, 1, 1)


def test_a_rate_answer_slows_the_sender_and_the_person_is_called_again(world: World) -> None:
    world.people(10)
    broadcast = world.launched()
    refused = []

    def too_fast_once(message: object) -> Refused | None:
        refused.append(message)
        return Refused(code=130429) if len(refused) == 4 else None

    world.platform.script = too_fast_once
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    report = world.report(broadcast)
    assert (report["accepted"], report["failed"]) == (10, {})
    control = world.ports.senders.get("boutique")
    assert control is not None
    assert control.factor < 1


def test_receipts_may_come_twice_in_any_order_and_before_each_other(world: World) -> None:
    world.people(2)
    broadcast = world.launched()
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    for status in ("read", "sent", "delivered", "read", "sent"):
        world.receipt(world.status_of(0, status))
    world.receipt(world.status_of(1, "failed", code=131026))
    world.receipt(world.status_of(1, "failed", code=131026))
    world.run_until_idle()
    report = world.report(broadcast)
    assert (report["accepted"], report["sent"], report["delivered"], report["read"]) == (1, 1, 1, 1)
    assert report["failed"] == {"131026": 1}


def test_a_receipt_without_our_echo_is_matched_by_its_message_id(world: World) -> None:
    world.people(1)
    broadcast = world.launched()
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    world.receipt(world.status_of(0, "read", echo=False))
    world.run_until_idle()
    assert world.report(broadcast)["read"] == 1


def test_people_whose_window_closed_waiting_for_capacity_are_excluded_by_name(world: World) -> None:
    world.people(30)
    broadcast = world.launched(window="15m")
    world.step()
    world.api("POST", f"/api/broadcasts/{broadcast}/pause")
    world.at("2026-12-01T09:20:00Z")
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_until_idle()
    report = world.report(broadcast)
    assert world.platform.sent == []
    assert report["excluded"] == {"window_closed": 30}
    assert report["complete"]


def test_pausing_stops_sending_and_resuming_sends_only_to_those_without_an_outcome(world: World) -> None:
    world.people(300)
    broadcast = world.launched()
    world.at("2026-12-01T09:00:00Z")
    while len(world.platform.sent) < 120:
        world.step()
    world.api("POST", f"/api/broadcasts/{broadcast}/pause")
    world.run_for(seconds=10)
    paused_at = len(world.platform.sent)
    assert paused_at < 300
    assert world.report(broadcast)["waiting"] == {"paused": 300 - paused_at}
    world.run_for(seconds=30)
    assert len(world.platform.sent) == paused_at
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_until_idle()
    assert set(world.platform.to().values()) == {1}
    assert world.report(broadcast)["accepted"] == 300


@pytest.mark.parametrize("order", ["pause", "cancel"])
def test_an_order_names_everybody_who_may_still_be_called(world: World, order: str) -> None:
    world.people(250)
    broadcast = world.launched()
    world.at("2026-12-01T08:59:59Z")
    while not world.ports.chunks.in_flight(broadcast):
        world.runtime.fire_schedules()
        pace.pace(world.home, "boutique")
        world.clock.advance(200)
    held = world.ports.chunks.in_flight(broadcast)
    called, *others = (candidate for chunk in held for candidate in open_candidates(world.home, chunk))
    sent = Delivery(key=called.key, attempt=1, rank=Rank.ACCEPTED, wamid="wamid.1")
    world.ports.ledger.put_all([Write(sent, None)])
    answer = world.api("POST", f"/api/broadcasts/{broadcast}/{order}")
    assert answer["already_handed_over"] == [candidate.row.person for candidate in others]
    assert 0 < len(others) < 249


def test_resuming_names_nobody_for_nothing_is_in_hand(world: World) -> None:
    world.people(30)
    broadcast = world.launched()
    world.run_for(seconds=2)
    world.api("POST", f"/api/broadcasts/{broadcast}/pause")
    assert world.api("POST", f"/api/broadcasts/{broadcast}/resume")["already_handed_over"] == []


def test_cancelling_excludes_whoever_has_no_outcome_yet(world: World) -> None:
    world.people(40)
    broadcast = world.launched()
    world.run_for(seconds=5)
    world.api("POST", f"/api/broadcasts/{broadcast}/cancel")
    world.run_for(seconds=5)
    report = world.report(broadcast)
    assert report["excluded"] == {"cancelled": 40}
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["state"] == "cancelled"
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.platform.sent == []


def test_the_report_adds_up_to_the_audience_at_every_moment(world: World) -> None:
    world.people(150)
    broadcast = world.launched()
    world.at("2026-12-01T08:59:59Z")
    for _ in range(30):
        report = world.report(broadcast)
        assert report["proven"], report
        world.step(seconds=0.1)


def test_a_completed_broadcast_says_so_only_after_the_sum_proves_it(world: World) -> None:
    world.people(12)
    broadcast = world.launched()
    world.run_for(seconds=3)
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["state"] == "running"
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    found = world.api("GET", f"/api/broadcasts/{broadcast}")
    assert found["state"] == "completed"
    assert found["counts"]["accepted"] == 12


def test_a_webhook_with_a_bad_signature_is_refused_counted_and_not_processed(world: World) -> None:
    world.people(1)
    assert world.webhook({"statuses": []}, secret="wrong") == 401
    assert world.ports.counters.get("webhooks") == {"bad_signature": 1}


def test_valid_json_of_unknown_shape_is_answered_200_and_kept_aside(world: World) -> None:
    assert world.webhook({"anything": 1}, field="a_field_of_tomorrow") == 200
    world.run_until_idle()
    assert world.ports.counters.get("webhooks") == {"unfamiliar": 1}


@pytest.mark.parametrize("person", ["ma0", "+212612000000"])
def test_explain_names_every_gate_for_somebody_who_got_it(world: World, person: str) -> None:
    world.people(2)
    broadcast = world.launched()
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    explained = world.explain(broadcast, person)
    assert explained["outcome"] == "accepted"
    assert all(gate["passed"] for gate in explained["gates"])
    assert [e["what"] for e in explained["events"]][-2:] == ["claimed", "accepted"]


def test_explain_answers_for_somebody_who_was_never_selected(world: World) -> None:
    world.people(1)
    world.import_csv("phone,external_id,country\n+33612345678,fr1,FR\n")
    broadcast = world.launched()
    explained = world.explain(broadcast, "fr1")
    assert (explained["outcome"], explained["reason"]) == ("not_in_audience", "not_in_segment")
    assert explained["gates"][0] == {"gate": 'segment: country = "MA"', "passed": False, "saw": "FR"}


def test_launch_refuses_a_hash_it_does_not_know_and_a_plan_that_is_stale(world: World) -> None:
    world.people(1)
    world.upload()
    plan_hash = world.plan()["hash"]
    assert world.launch("0" * 64)["problems"][0]["code"] == "plan_unknown"
    world.upload(title="another title")
    assert world.launch(plan_hash)["problems"][0]["code"] == "plan_stale_definition"
    assert world.status == 409


def test_launch_refuses_without_a_token(world: World) -> None:
    world.people(1)
    world.upload()
    plan_hash = world.plan()["hash"]
    world.runtime.set_secrets({k: v for k, v in SECRETS.items() if k != "WHATSAPP_TOKEN"})
    assert world.launch(plan_hash)["problems"][0]["code"] == "sender_without_token"


def test_a_plan_made_anew_with_the_same_hash_is_as_young_as_it_is(world: World) -> None:
    world.people(3)
    world.upload(send_at="2026-12-20 09:00")
    first = world.plan()
    world.clock.advance(80 * 3_600_000)
    assert world.launch(first["hash"])["problems"][0]["code"] == "plan_stale_age"
    second = world.plan()
    assert second["hash"] == first["hash"]
    assert world.launch(second["hash"])["already"] is False


def test_a_broadcast_cannot_be_cancelled_before_its_people_are_written_down(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    refused = world.api("POST", f"/api/broadcasts/{broadcast}/cancel")
    assert (world.status, refused["problems"][0]["code"]) == (409, "broadcast_wrong_state")
    world.run_for(seconds=2)
    assert world.api("POST", f"/api/broadcasts/{broadcast}/cancel")["state"] == "cancelling"


def test_somebody_messaged_by_another_campaign_today_waits_or_is_left_out(world: World) -> None:
    world.people(2)
    world.launched()
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    world.upload(campaign="second", send_at="2026-12-01 12:00")
    second = world.launch(world.plan("second")["hash"])["broadcast"]
    world.at("2026-12-01T12:00:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 2
    assert world.report(second)["excluded"] == {"frequency": 2}


def test_of_two_campaigns_the_one_of_higher_priority_is_sent_first(world: World) -> None:
    world.people(150)
    for campaign, priority in (("a-patient", 10), ("b-urgent", 90)):
        world.upload(campaign=campaign, frequency=[], throttle={"priority": priority})
        world.launch(world.plan(campaign)["hash"])
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    order = [message.echo.split("|")[1] for _, message in sorted(world.platform.sent, key=lambda s: s[0])]
    assert len(order) == 300
    assert order[:150] == ["b-urgent.1"] * 150


def test_a_campaigns_own_cap_counts_its_earlier_runs_alone(world: World) -> None:
    caps = [{"scope": "this_campaign", "max": 1, "per": "7d", "on_block": "skip"}]
    world.people(2)
    world.upload(campaign="other", frequency=[])
    world.launch(world.plan("other")["hash"])
    world.launched(frequency=caps)
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 4  # the other campaign does not count
    world.upload(frequency=caps, send_at="2026-12-01 12:00")
    again = world.launch(world.plan(again=True)["hash"])["broadcast"]
    world.at("2026-12-01T12:00:00Z")
    world.run_until_idle()
    assert world.report(again)["excluded"] == {"frequency": 2}
    assert len(world.platform.sent) == 4


def test_a_cap_of_a_label_counts_the_campaigns_that_were_sent_with_it(world: World) -> None:
    caps = [{"scope": "team=retail", "max": 1, "per": "7d", "on_block": "skip"}]
    world.people(2)
    for campaign, team, hour in (("first", "care", 9), ("second", "retail", 10), ("third", "retail", 12)):
        own = {"labels": {"team": team}, "frequency": caps if team == "retail" else []}
        world.upload(campaign=campaign, send_at=f"2026-12-01 {hour:02}:00", **own)
        world.launch(world.plan(campaign)["hash"])
        world.at(f"2026-12-01T{hour:02}:00:00Z")
        world.run_until_idle()
    assert [world.report(f"{name}.1")["excluded"] for name in ("first", "second", "third")] == [
        {},
        {},
        {"frequency": 2},
    ]


def test_a_person_deferred_by_quiet_hours_is_messaged_when_they_end(world: World) -> None:
    world.people(2)
    broadcast = world.launched(
        quiet_hours=[{"from": "08:45", "to": "10:00"}], window="30m", delivery={"expires": "3h"}
    )
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.platform.sent == []
    assert world.report(broadcast)["waiting"] == {"quiet_hours": 2}
    assert world.explain(broadcast, "ma1")["reason"] == "quiet_hours"
    world.at("2026-12-01T10:00:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 2
    assert world.report(broadcast)["complete"]


def test_a_stopped_template_holds_its_people_and_they_are_excluded_when_their_window_closes(
    world: World,
) -> None:
    world.people(5)
    broadcast = world.launched(window="15m")
    world.platform.script = lambda m: Refused(code=132016)
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    called = len(world.platform.sent)
    assert called < 5
    world.at("2026-12-01T09:20:00Z")
    world.run_until_idle()
    report = world.report(broadcast)
    assert report["complete"]
    assert len(world.platform.sent) == called
    assert sum(report["excluded"].values()) + sum(report["failed"].values()) == 5


def test_a_fault_inside_one_call_leaves_that_person_uncertain_and_its_neighbours_sent(world: World) -> None:
    world.people(60)
    broadcast = world.launched()

    def break_once(message: Message) -> None:
        if message.to == "+212612000025":
            raise RuntimeError("a fault of the adapter, after the first byte left")

    world.platform.script = break_once
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    report = world.report(broadcast)
    assert (report["accepted"], report["uncertain"]) == (59, 1)
    assert set(world.platform.to().values()) == {1}
    assert report["complete"]


def test_a_chunk_whose_worker_died_after_a_claim_is_recovered_when_that_is_sure(world: World) -> None:
    world.people(40)
    broadcast = world.launched()
    world.at("2026-12-01T08:59:59Z")
    while not (flying := world.ports.chunks.in_flight(broadcast)):
        pace.pace(world.home, "boutique")
        world.runtime.fire_schedules()
        world.clock.advance(200)
    chunk = send.take(world.home, broadcast, flying[0].id, flying[0].release)
    assert chunk is not None
    lane, candidates = lane_of(world.home, chunk), open_candidates(world.home, chunk)
    progress = send.Progress(waiting=deque(candidates), people=len(candidates))
    world.clock.advance_to(chunk.slot0_ms)
    assert send.prepare(world.home, lane, wire_for(lane, candidates[0]), candidates[0], progress)
    world.open_worker()  # the first one is gone: its claim is without an outcome
    if not world.home.epoch:  # nobody knows that it is gone before its lease is over
        world.clock.advance_to(chunk.lease_until)
    world.run_until_idle()
    report = world.report(broadcast)
    assert (report["accepted"], report["uncertain"]) == (39, 1)
    assert candidates[0].row.to not in world.platform.to()
    assert report["complete"]


def test_nobody_is_claimed_for_a_slot_that_passed_while_their_claim_waited_its_turn(world: World) -> None:
    """A claim in vain and its withdrawal are two writes more for a worker that is short of time."""
    world.people(3)
    broadcast = world.launched()
    claims = iter([world.settings.claim_lead_ms + world.settings.lateness_ms])

    async def busy(call: Callable[..., T], /, *args: Any) -> T:
        world.clock.advance(next(claims, 0))
        return call(*args)

    world.pipeline = Pipeline(replace(world.home, committed=busy), world.run)
    bootstrap.install(world.pipeline)
    world.at("2026-12-01T08:59:58Z")
    world.run_until_idle()
    assert set(world.platform.to().values()) == {1}
    assert world.report(broadcast)["accepted"] == 3
    chunks = [f"{task:03d}-000000" for task in range(world.settings.fan_out_tasks)]
    people = [row.key.person for chunk in chunks for row in world.ports.ledger.of_chunk(broadcast, chunk)]
    versions = [standing.version for standing in world.ports.standings.get_all(people).values()]
    assert versions == [2, 2, 2]  # as imported, and the claim
