"""What a code or a webhook stops beyond one person, whom it leaves alone, and what lets it go on."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.sending.answer import Refused
from chalicelib.sending.pacing import limit_now
from tests.scenarios.world import World

pytestmark = pytest.mark.long

NAME = "soldes_hiver_2027"
BOUTIQUE = "102290129340398"


def at_nine(world: World) -> None:
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()


def refused_once(world: World, code: int, people: int = 3, **changes: Any) -> str:
    """Launch a campaign whose first call at nine is refused with `code`."""
    world.people(people)
    broadcast = world.launched(**changes)
    refused = [Refused(code=code)]
    world.platform.script = lambda message: refused.pop() if refused else None
    at_nine(world)
    return broadcast


def stops(world: World) -> dict[str, list[str]]:
    """Return the senders that each stop holds."""
    return {s["stop"]: s["senders"] for s in world.api("GET", "/api/stops")["stops"]}


def lift(world: World, stop: str) -> Any:
    return world.api("POST", "/api/stops/resume", {"stop": stop})


@pytest.mark.parametrize(
    ("code", "stop"),
    [
        (190, "sender:boutique:190"),
        (131048, "sender:boutique:131048"),
        (368, f"waba:{BOUTIQUE}:368"),
        (131042, f"waba:{BOUTIQUE}:131042"),
        (132001, f"template:{BOUTIQUE}:{NAME}:132001"),
    ],
)
def test_a_code_stops_its_scope_says_why_and_nobody_is_lost_when_a_human_resumes(
    world: World, code: int, stop: str
) -> None:
    broadcast = refused_once(world, code)
    assert list(stops(world)) == [stop]
    assert len(world.platform.sent) < 3
    found = world.api("GET", f"/api/broadcasts/{broadcast}")
    assert [s["stop"] for s in found["stops"]] == [stop]
    assert str(code) in found["idle_because"]
    assert f"carillon resume --stop {stop}" in found["idle_because"]
    world.run_for(seconds=600, step=10)
    assert len(world.platform.sent) < 3
    lift(world, stop)
    world.run_for(seconds=900, step=1)
    report = world.report(broadcast)
    assert (report["accepted"], report["failed"], report["complete"]) == (3, {}, True)
    assert stops(world) == {}


def test_a_stop_of_an_account_stops_each_of_its_senders_and_no_other(world: World) -> None:
    senders = world.home.rules().senders
    refused_once(world, 368)
    same = sorted(key for key, sender in senders.items() if sender.waba_id == senders["boutique"].waba_id)
    assert stops(world) == {f"waba:{BOUTIQUE}:368": same}
    assert len(same) < len(senders)


def test_status_says_why_in_the_language_that_is_asked_for(world: World) -> None:
    refused_once(world, 190)
    texts = {}
    for language in ("en", "fr", "ar"):
        _, _, answer = world_call(world, language)
        texts[language] = answer["stops"][0]["text"]
    assert "token" in texts["en"]
    assert "jeton" in texts["fr"]
    assert "الرمز" in texts["ar"]


def world_call(world: World, language: str) -> Any:
    """Ask for the broadcast in a language."""
    import json

    from chalicelib.web.local import call

    path = "/api/broadcasts/test-campaign.1"
    status, headers, answer = call("GET", path, "", {"accept-language": language}, b"")
    return status, headers, json.loads(answer)


def test_what_is_not_stopped_cannot_be_resumed_and_a_status_of_the_platform_not_by_hand(world: World) -> None:
    lift(world, "sender:boutique:190")
    assert world.status == 404
    world.webhook(
        {"event": "PAUSED", "message_template_name": NAME, "message_template_language": "fr"},
        field="message_template_status_update",
    )
    world.run_for(seconds=1)
    answer = lift(world, f"template:{BOUTIQUE}:{NAME}|fr")
    assert (world.status, answer["problems"][0]["code"]) == (409, "stop_of_platform")


def test_an_unknown_code_gives_up_on_the_person_and_stops_nothing(world: World) -> None:
    broadcast = refused_once(world, 999_999)
    assert stops(world) == {}
    report = world.report(broadcast)
    assert (report["accepted"], report["failed"]) == (2, {"999999": 1})


def test_a_call_quota_of_the_app_slows_every_sender_of_the_portfolio(world: World) -> None:
    refused_once(world, 4)
    senders = world.home.rules().senders
    same = {k for k, s in senders.items() if s.portfolio == senders["boutique"].portfolio}
    slowed = {k for k in senders if (control := world.ports.senders.get(k)) and control.factor < 1}
    assert slowed == same


FRENCH = "+33612345678"


def two_countries(world: World, **changes: Any) -> str:
    """Launch to three Moroccans and a Frenchman who live on one clock; Morocco is refused at nine."""
    world.people(3)
    world.import_csv(
        "phone,external_id,first_name,language,country,consent_whatsapp_promotions\n"
        f"{FRENCH},fr0,Luc,fr,MA,2026-06-01\n"
    )
    broadcast = world.launched(**changes)
    world.platform.script = lambda m: Refused(code=130497) if m.to.startswith("+212") else None
    at_nine(world)
    return broadcast


def test_a_country_that_is_refused_waits_and_the_others_go_on(world: World) -> None:
    broadcast = two_countries(world)
    assert world.platform.to()[FRENCH] == 1
    assert list(stops(world)) == [f"country:{BOUTIQUE}:MA|marketing:130497"]
    calls = len(world.platform.sent)
    world.run_for(seconds=1_800, step=10)
    assert len(world.platform.sent) == calls
    report = world.report(broadcast)
    assert (report["accepted"], report["waiting"], report["proven"]) == (1, {"country_paused": 3}, True)
    assert "MA" in world.api("GET", f"/api/broadcasts/{broadcast}")["stops"][0]["text"]
    assert world.explain(broadcast, "ma1")["reason"] == "country_paused"


def test_a_country_goes_on_when_a_human_resumes_it(world: World) -> None:
    broadcast = two_countries(world)
    world.platform.script = lambda message: None
    lift(world, f"country:{BOUTIQUE}:MA|marketing:130497")
    world.run_for(seconds=2_000, step=5)
    report = world.report(broadcast)
    assert (report["accepted"], report["failed"], report["complete"]) == (4, {}, True)


def test_a_country_that_stays_stopped_is_excluded_with_the_reason(world: World) -> None:
    broadcast = two_countries(world, window="1h")
    world.run_for(seconds=4_500, step=15)
    report = world.report(broadcast)
    assert (report["excluded"], report["complete"]) == ({"country_stopped": 3}, True)
    assert world.explain(broadcast, "ma1")["reason"] == "country_stopped"


def test_a_country_refused_by_webhook_is_stopped_for_the_next_campaign_too(world: World) -> None:
    world.people(1)
    world.launched()
    at_nine(world)
    world.receipt(world.status_of(0, "failed", code=130497))
    world.run_for(seconds=1)
    assert list(stops(world)) == [f"country:{BOUTIQUE}:MA|marketing:130497"]


def account(world: World, event: str, *, ago: int = 0, field: str = "account_update", **more: Any) -> None:
    """Deliver a webhook about the boutique's account whose entry is `ago` seconds old."""
    value = {"decision": event} if field == "account_review_update" else {"event": event, **more}
    assert world.webhook(value, field=field, time=world.clock.now() // 1_000 - ago) == 200
    world.run_for(seconds=1)


RESTRICTED = "RESTRICTED_BIZ_INITIATED_MESSAGING"


def restricted(until: int | None = None, kind: str = RESTRICTED) -> dict[str, Any]:
    info: dict[str, Any] = {"restriction_type": kind}
    return {"restriction_info": [info if until is None else {**info, "expiration": until}]}


@pytest.mark.parametrize(
    ("stopping", "freeing"),
    [
        (("ACCOUNT_RESTRICTION", restricted()), ("APPROVED", "account_review_update", {})),
        (
            ("DISABLED_UPDATE", {"ban_info": {"waba_ban_state": "DISABLE"}}),
            ("DISABLED_UPDATE", "account_update", {"ban_info": {"waba_ban_state": "REINSTATE"}}),
        ),
        (("PARTNER_REMOVED", {}), ("PARTNER_ADDED", "account_update", {})),
        (("ACCOUNT_OFFBOARDED", {}), ("ACCOUNT_RECONNECTED", "account_update", {})),
    ],
    ids=lambda value: value[0],
)
def test_what_the_platform_does_to_an_account_stops_it_and_its_next_word_lets_it_go_on(
    world: World, stopping: Any, freeing: Any
) -> None:
    world.people(3)
    broadcast = world.launched()
    world.clock.advance(60_000)
    account(world, stopping[0], **stopping[1])
    at_nine(world)
    assert world.platform.sent == []
    assert list(stops(world)) == [f"waba:{BOUTIQUE}:{stopping[0]}"]
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["idle_because"]
    account(world, freeing[0], field=freeing[1], **freeing[2])
    world.run_until_idle()
    assert (stops(world), world.report(broadcast)["accepted"]) == ({}, 3)


def test_a_restriction_with_an_end_goes_on_by_itself_when_it_is_over(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    account(world, "ACCOUNT_RESTRICTION", **restricted(1_796_115_600 + 1_800))  # half past nine
    at_nine(world)
    assert world.platform.sent == []
    world.run_for(seconds=1_860, step=5)
    world.run_until_idle()
    assert (stops(world), world.report(broadcast)["accepted"]) == ({}, 3)


def test_of_an_account_the_newest_word_wins_and_an_old_one_frees_and_stops_nothing(world: World) -> None:
    world.clock.advance(60_000)
    account(world, "ACCOUNT_RESTRICTION", ago=10, **restricted())
    account(world, "APPROVED", ago=30, field="account_review_update")
    assert list(stops(world)) == [f"waba:{BOUTIQUE}:ACCOUNT_RESTRICTION"]
    account(world, "APPROVED", ago=5, field="account_review_update")
    account(world, "ACCOUNT_RESTRICTION", ago=10, **restricted())
    assert stops(world) == {}


@pytest.mark.parametrize("kind", ["RESTRICTED_ADD_PHONE_NUMBER_ACTION"])
def test_a_restriction_that_leaves_messages_alone_stops_nothing(world: World, kind: str) -> None:
    account(world, "ACCOUNT_RESTRICTION", **restricted(kind=kind))
    account(world, "ACCOUNT_VIOLATION")
    assert stops(world) == {}


def test_the_news_of_another_account_stop_nothing_of_ours(world: World) -> None:
    world.webhook({"event": "ACCOUNT_DELETED"}, field="account_update", waba="1")
    world.run_for(seconds=1)
    assert stops(world) == {}
    assert world.ports.counters.get("webhooks")["unfamiliar"] == 1


def test_a_larger_tier_acts_at_once_and_a_smaller_one_too(world: World) -> None:
    world.people(5)
    capability = {"max_daily_conversations_per_business": 2}
    world.webhook(capability, field="business_capability_update", time=world.clock.now() // 1_000)
    broadcast = world.launched()
    at_nine(world)
    assert len(world.platform.sent) == 2
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["idle"] == "tier"
    grown = {"display_phone_number": "1", "event": "UPGRADE", "current_limit": "TIER_2K"}
    world.webhook(grown, field="phone_number_quality_update", time=world.clock.now() // 1_000)
    world.run_until_idle()
    assert world.report(broadcast)["accepted"] == 5


def test_what_was_sent_without_a_limit_counts_when_the_platform_sets_one_within_the_day(world: World) -> None:
    world.people(5)
    told_tier(world, "TIER_UNLIMITED")
    before = world.launched()
    at_nine(world)
    assert world.report(before)["accepted"] == 5
    told_tier(world, 5)
    world.people(6)  # the first five have had theirs for today
    world.upload(campaign="next", send_at="2026-12-01 12:00")
    after = world.launch(world.plan("next")["hash"])["broadcast"]
    world.at("2026-12-01T12:00:00Z")
    world.run_for(seconds=10)
    assert world.api("GET", f"/api/broadcasts/{after}")["idle"] == "tier"
    assert len(world.platform.sent) == 5


def test_a_throughput_upgrade_makes_an_ordinary_number_faster_and_a_slow_one_not(world: World) -> None:
    world.people(1)
    broadcast = world.launched()
    upgrade = {"display_phone_number": "1", "event": "THROUGHPUT_UPGRADE"}
    for waba in (BOUTIQUE, "102290129340399"):
        world.webhook(upgrade, field="phone_number_quality_update", waba=waba)
    world.run_for(seconds=1)
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["limit_per_second"] == 1_000
    control = world.ports.senders.get("clinique")
    assert limit_now(world.home.rules().senders["clinique"], control) == 5


def told_tier(world: World, tier: int | str) -> None:
    value = {"max_daily_conversations_per_business": tier}
    world.webhook(value, field="business_capability_update", time=world.clock.now() // 1_000)
    world.run_for(seconds=1)


def test_a_plan_warns_by_the_platforms_last_word_on_the_tier_not_by_the_files(world: World) -> None:
    world.people(5)
    world.upload()
    assert "tier_too_small" not in warnings(world)
    told_tier(world, 2)
    assert warnings(world)["tier_too_small"] == {"people": "5", "tier": "2"}
    told_tier(world, "TIER_UNLIMITED")
    assert "tier_too_small" not in warnings(world)


def warnings(world: World) -> dict[str, Any]:
    return {w["code"]: w["params"] for w in world.plan()["warnings"]}


def test_a_plan_forecasts_at_the_rate_that_the_platform_lets_the_number_have(world: World) -> None:
    world.people(150)
    world.upload()
    before = world.plan()
    upgrade = {"display_phone_number": "1", "event": "THROUGHPUT_UPGRADE"}
    world.webhook(upgrade, field="phone_number_quality_update")
    world.run_for(seconds=1)
    after = world.plan()
    assert after["first_send"] == before["first_send"]
    assert after["last_send"] < before["last_send"]


def test_one_persons_bad_data_is_tried_once_more_and_fails_that_person_alone(world: World) -> None:
    world.people(30)
    broadcast = world.launched()
    bad = "+212612000007"
    world.platform.script = lambda m: Refused(code=131009) if m.to == bad else None
    at_nine(world)
    world.run_for(seconds=400, step=2)
    report = world.report(broadcast)
    assert (report["accepted"], report["failed"], stops(world)) == (29, {"131009": 1}, {})
    assert world.platform.to()[bad] == 2


def test_what_is_refused_for_three_people_in_a_row_is_the_templates_fault_and_nobody_is_lost(
    world: World,
) -> None:
    world.people(30)
    broadcast = world.launched()
    world.platform.script = lambda m: Refused(code=100)
    at_nine(world)
    (stop,) = stops(world)
    assert stop == f"template:{BOUTIQUE}:{NAME}:100"
    assert len(world.platform.sent) < 10
    world.platform.script = lambda m: None
    lift(world, stop)
    world.run_for(seconds=900, step=2)
    report = world.report(broadcast)
    assert (report["accepted"], report["failed"]) == (30, {})
