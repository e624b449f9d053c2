"""Replies, opt-outs and news from the platform, through the real webhook."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.world import World

AMINA = "+212612000000"


def sent_campaign(world: World, people: int = 1) -> str:
    world.people(people)
    broadcast = world.launched()
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == people
    return broadcast


def second_campaign(world: World, **changes: Any) -> str:
    """Launch another campaign two days later, when no cap is in the way."""
    world.at("2026-12-03T08:00:00Z")
    world.upload(campaign="second", send_at="2026-12-03 09:00", **changes)
    broadcast = str(world.launch(world.plan("second")["hash"])["broadcast"])
    return broadcast


def button(world: World, payload: str) -> None:
    world.clock.advance(5_000)
    world.webhook(
        {
            "messages": [
                {
                    "from": AMINA[1:],
                    "id": "wamid.button",
                    "timestamp": str(world.clock.now() // 1_000),
                    "type": "button",
                    "button": {"payload": payload, "text": "STOP"},
                    "context": {"id": "wamid.1"},
                }
            ]
        }
    )
    world.run_for(seconds=1)


def preference(world: World, value: str) -> None:
    world.clock.advance(5_000)
    item = {
        "wa_id": AMINA[1:],
        "category": "marketing_messages",
        "value": value,
        "timestamp": world.clock.now() // 1_000,
    }
    world.webhook({"user_preferences": [item]}, field="user_preferences")
    world.run_for(seconds=1)


def test_a_reply_counts_for_the_message_it_quotes_with_the_time_it_took(world: World) -> None:
    broadcast = sent_campaign(world, 2)
    world.clock.advance(60_000)
    world.says(world.platform.sent[0][1].to, "merci !", quoted="wamid.1")
    world.run_for(seconds=1)
    report = world.report(broadcast)
    assert report["replied"] == 1
    assert 50 < report["median_reply_seconds"] < 80


def test_a_stop_is_counted_for_the_broadcast_that_caused_it(world: World) -> None:
    broadcast = sent_campaign(world)
    world.clock.advance(5_000)
    world.says(AMINA, "Stop")
    world.run_for(seconds=1)
    report = world.report(broadcast)
    assert (report["opt_outs"], report["replied"]) == (1, 1)
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["counts"]["opt_outs"] == 1


@pytest.mark.parametrize("payload", ["STOP", "STOP_MKT", "STOP_PROMOS"])
@pytest.mark.long
def test_a_quick_reply_that_stops_keeps_the_next_campaign_away(world: World, payload: str) -> None:
    sent_campaign(world)
    button(world, payload)
    world.at("2026-12-03T08:00:00Z")
    world.upload(campaign="second", send_at="2026-12-03 09:00")
    plan = world.plan("second")
    assert (plan["state"], plan["problems"][0]["code"]) == ("failed", "nobody_planned")


@pytest.mark.long
def test_the_platforms_own_stop_of_marketing_keeps_marketing_away_and_resume_lets_it_back(
    world: World,
) -> None:
    sent_campaign(world)
    preference(world, "stop")
    contact = world.api("GET", f"/api/contacts/{AMINA}")
    assert contact["consents"]["whatsapp/*marketing"]["revoked_at"] is not None
    assert contact["consent_events"][-1]["source"] == "user_preferences"
    preference(world, "resume")
    second_campaign(world)
    world.at("2026-12-03T09:00:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 2


def test_code_131050_by_webhook_is_an_opt_out_from_marketing(world: World) -> None:
    broadcast = sent_campaign(world)
    world.receipt(world.status_of(0, "failed", code=131050))
    world.run_for(seconds=1)
    report = world.report(broadcast)
    assert (report["failed"], report["opt_outs"]) == ({"131050": 1}, 1)
    contact = world.api("GET", f"/api/contacts/{AMINA}")
    assert contact["consents"]["whatsapp/*marketing"]["revoked_at"] is not None


def test_whoever_blocked_the_business_is_suppressed(world: World) -> None:
    sent_campaign(world)
    world.receipt(world.status_of(0, "failed", code=130403))
    world.run_for(seconds=1)
    assert "blocked" in world.api("GET", f"/api/contacts/{AMINA}")["suppressed"]


def test_start_after_stop_lets_messages_back(world: World) -> None:
    sent_campaign(world)
    world.clock.advance(5_000)
    world.says(AMINA, "STOP", wamid="in.1")
    world.run_for(seconds=1)
    world.clock.advance(5_000)
    world.says(AMINA, "START", wamid="in.2")
    world.run_for(seconds=1)
    second_campaign(world)
    world.at("2026-12-03T09:00:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 2


def test_the_no_of_somebody_we_do_not_know_is_kept_for_the_day_a_file_brings_them(world: World) -> None:
    world.says(AMINA, "إيقاف")
    world.run_for(seconds=1)
    world.people(1)
    world.upload()
    plan = world.plan()
    assert plan["problems"][0]["code"] == "nobody_planned"
    assert "revoked_at" in str(world.api("GET", f"/api/contacts/{AMINA}")["consents"])


def test_a_paused_template_holds_its_people_until_it_is_approved_again(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    news = {"message_template_name": "soldes_hiver_2027", "message_template_language": "fr"}
    world.webhook({**news, "event": "PAUSED"}, field="message_template_status_update")
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.platform.sent == []
    assert world.report(broadcast)["waiting"] == {"template_paused": 3}
    world.webhook({**news, "event": "APPROVED"}, field="message_template_status_update")
    world.run_until_idle()
    assert world.report(broadcast)["accepted"] == 3


def test_an_account_restriction_stops_every_sender_and_status_says_why(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    world.webhook({"event": "ACCOUNT_RESTRICTION"}, field="account_update")
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.platform.sent == []
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["idle"] == "sender_stopped"
    assert world.report(broadcast)["waiting"] == {"sender_paused": 3}


def test_marketing_waits_while_a_human_talks_to_the_person_on_a_coexistence_number(world: World) -> None:
    world.people(2)
    echo = {"to": AMINA[1:], "timestamp": str(world.clock.now() // 1_000), "id": "e", "type": "text"}
    world.webhook({"message_echoes": [echo]}, field="smb_message_echoes")
    world.run_for(seconds=1)
    broadcast = world.launched(sender="clinique")
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert AMINA not in world.platform.to()
    assert len(world.platform.sent) == 1
    assert world.report(broadcast)["excluded"] == {"live_conversation": 1}


def test_old_history_and_address_books_are_neither_replies_nor_consent(world: World) -> None:
    broadcast = sent_campaign(world)
    message = {
        "from": AMINA[1:],
        "id": "h",
        "timestamp": "1790000000",
        "type": "text",
        "text": {"body": "STOP"},
    }
    world.webhook({"history": [{"threads": [{"messages": [message]}]}]}, field="history")
    world.run_for(seconds=1)
    report = world.report(broadcast)
    assert (report["replied"], report["opt_outs"]) == (0, 0)


def test_a_receipt_of_another_softwares_message_is_counted_and_changes_nothing(world: World) -> None:
    broadcast = sent_campaign(world)
    foreign = {"id": "wamid.other", "status": "read", "timestamp": "1796115700"}
    world.receipt(foreign, {**foreign, "biz_opaque_callback_data": "1|no.1|000-000000|c1|1"})
    world.run_for(seconds=1)
    assert world.report(broadcast)["read"] == 0
    assert world.ports.counters.get("webhooks")["unmatched"] == 2


def test_a_rate_failure_by_webhook_is_tried_again_and_never_counted_as_failed(world: World) -> None:
    broadcast = sent_campaign(world)
    world.receipt(world.status_of(0, "failed", code=130429))
    world.receipt(world.status_of(0, "failed", code=130429))
    world.run_until_idle()
    assert len(world.platform.sent) == 2
    report = world.report(broadcast)
    assert (report["accepted"], report["failed"]) == (1, {})


def test_a_poisoned_message_is_a_dead_letter_that_can_be_seen_and_replayed(world: World) -> None:
    broadcast = sent_campaign(world, people=2)
    world.ports.queues.send("inbound", ["no JSON at all"])
    world.says(AMINA, "STOP")
    for _ in range(12):
        world.step(seconds=70)
    assert world.report(broadcast)["opt_outs"] == 1
    (letter,) = world.api("GET", "/api/dead-letters", query="queue=inbound")["letters"]
    assert (letter["queue"], letter["body"]) == ("inbound", "no JSON at all")
    world.clock.advance(61_000)
    assert world.api("POST", "/api/dead-letters/replay") == {"replayed": 1}
    assert world.api("GET", "/api/dead-letters")["letters"] == []
    world.api("GET", "/api/dead-letters", query="queue=nonsense")
    assert world.status == 404
