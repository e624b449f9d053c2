"""One campaign from a file to a report, through the real `app.py`, on virtual time."""

from __future__ import annotations

import pytest

from chalicelib.sending.answer import Refused, Unknown
from tests.scenarios.world import World


@pytest.fixture
def world() -> World:
    return World()


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
    del world.secrets.values["WHATSAPP_TOKEN"]
    assert world.launch(plan_hash)["problems"][0]["code"] == "sender_without_token"
