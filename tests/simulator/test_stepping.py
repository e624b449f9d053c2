"""Rates, tokens, windows, faults and listings of the simulated platform."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from infra.local.simulator.catalogue import Catalogue
from infra.local.simulator.events import Accepted, CallRefused, PreferenceChange, Reply, StatusChange
from infra.local.simulator.limits import PairRate
from infra.local.simulator.state import Request
from infra.local.simulator.stepping import happen, step
from tests.simulator.worlds import (
    ACCOUNT,
    APP_NUMBER,
    NOW,
    NUMBER,
    body,
    code_of,
    request,
    send,
    state,
    text,
)


def test_an_accepted_send_is_answered_as_graph_answers() -> None:
    answer, events = step(state(), NOW, request(send()))
    assert isinstance(events[0], Accepted)
    assert orjson.loads(answer.body) == {
        "messaging_product": "whatsapp",
        "contacts": [{"input": "+33612345678", "wa_id": "33612345678"}],
        "messages": [{"id": events[0].wamid, "message_status": "accepted"}],
    }


def test_an_error_is_answered_as_graph_answers() -> None:
    answer, _ = step(state(), NOW, request(send("nope")))
    error = orjson.loads(answer.body)["error"]
    assert answer.status == 404
    assert error["message"] == "(#132001) Template does not exist"
    assert error["type"] == "OAuthException"
    assert error["error_data"]["messaging_product"] == "whatsapp"
    assert "nope" in error["error_data"]["details"]
    assert error["fbtrace_id"]


@pytest.mark.parametrize(
    ("what", "code", "asked"),
    [
        ("a wrong token", 190, request(send(), token="other")),
        ("no token", 0, Request(method="POST", path=f"/v25.0/{NUMBER}/messages", body=send())),
        ("an unknown number", 33, request(send(), number="1")),
        ("a dead version", 2635, request(send(), version="v20.0")),
        ("a version to come", 2635, request(send(), version="v99.0")),
        ("no version", 2500, Request(method="POST", path=f"/{NUMBER}/messages")),
    ],
)
def test_a_call_to_the_wrong_door_is_refused(what: str, code: int, asked: Request) -> None:
    answer, _ = step(state(), NOW, asked)
    assert (what, code_of(answer)) == (what, code)


def test_the_eighty_first_message_of_any_second_is_refused() -> None:
    world = state()
    for n in range(80):
        assert code_of(step(world, NOW + n, request(send(to=f"+336100000{n:02d}")))[0]) is None
    assert code_of(step(world, NOW + 999, request(send()))[0]) == 130429
    assert code_of(step(world, NOW + 1_000, request(send()))[0]) is None
    assert code_of(step(world, NOW + 1_000, request(send()))[0]) == 130429
    assert world.pace[NUMBER].throttled == 2
    assert world.pace[NUMBER].accepted.peak == 80


def test_a_number_in_coexistence_has_twenty_a_second_whatever_its_file_says() -> None:
    world = state()
    codes = [
        code_of(step(world, NOW, request(send(to=f"+336100000{n:02d}"), number=APP_NUMBER))[0])
        for n in range(21)
    ]
    assert codes == [None] * 20 + [130429]


@pytest.mark.parametrize(("counted", "code"), [(True, 130429), (False, None)])
def test_inbound_uses_the_same_second_when_the_scenario_counts_it(counted: bool, code: int | None) -> None:
    world = state(count_inbound=counted, per_second={NUMBER: 2})
    _, events = step(world, NOW, request(send()))
    assert isinstance(events[0], Accepted)
    happen(world, Reply(at_ms=NOW + 1, message=events[0], text="Merci"))
    assert code_of(step(world, NOW + 2, request(send()))[0]) == code


def test_people_who_write_to_a_full_second_are_not_the_senders_excess() -> None:
    world = state(per_second={NUMBER: 2})
    for _ in range(2):
        _, events = step(world, NOW, request(send()))
    assert isinstance(events[0], Accepted)
    happen(world, Reply(at_ms=NOW + 1, message=events[0], text="Merci"))
    assert world.pace[NUMBER].both.count(NOW + 1) == 3
    assert world.pace[NUMBER].both.peak == 2


def test_one_person_may_get_forty_five_at_once_then_one_each_six_seconds() -> None:
    world = state()
    assert [code_of(step(world, NOW, request(send()))[0]) for _ in range(46)] == [None] * 45 + [131056]
    assert code_of(step(world, NOW + 5_999, request(send()))[0]) == 131056
    assert code_of(step(world, NOW + 6_000, request(send()))[0]) is None


def test_a_reply_opens_the_window_for_text_for_a_day() -> None:
    world = state()
    _, events = step(world, NOW, request(send()))
    assert isinstance(events[0], Accepted)
    happen(world, Reply(at_ms=NOW, message=events[0], text="Merci"))
    words = request(send(type="text", text={"body": "Avec plaisir"}, template=None))
    assert code_of(step(world, NOW + 86_399_999, words)[0]) is None
    assert code_of(step(world, NOW + 86_400_000, words)[0]) == 131047


def test_whoever_stopped_marketing_in_the_menu_gets_no_more_of_it_but_still_utility() -> None:
    world = state()
    _, events = step(world, NOW, request(send()))
    assert isinstance(events[0], Accepted)
    happen(world, PreferenceChange(at_ms=NOW, message=events[0]))
    _, marketing = step(world, NOW + 1, request(send()))
    _, utility = step(world, NOW + 2, request(send("order", [body(text("A1"), text("lundi"))])))
    assert [e.code for e in marketing if isinstance(e, StatusChange)] == [131050]
    assert [e.status for e in utility if isinstance(e, StatusChange)] == ["sent", "delivered"]


@pytest.mark.parametrize(
    ("to", "code"), [("+12125550123", 131049), ("+14165550123", None), ("+33612345678", None)]
)
def test_marketing_to_united_states_area_codes_is_not_delivered(to: str, code: int | None) -> None:
    _, events = step(state(), NOW, request(send(to=to)))
    assert code in [e.code for e in events if isinstance(e, StatusChange)]


def test_an_answer_can_be_lost_after_the_message_was_accepted() -> None:
    answer, events = step(state(lost_answers=1.0), NOW, request(send()))
    assert answer.cut
    assert isinstance(events[0], Accepted)
    assert events[0].cut


def test_a_connection_can_be_reset_before_anything_was_accepted() -> None:
    answer, events = step(state(resets=1.0), NOW, request(send()))
    assert answer.cut
    assert events == [CallRefused(at_ms=NOW, phone_number_id=NUMBER, code=None)]


def test_a_garbled_answer_tells_nothing_of_the_message() -> None:
    answers = [step(state(garbled=1.0), NOW, request(send(to=f"+3361234567{n}"))) for n in range(10)]
    assert {answer.status for answer, _ in answers} == {502}
    assert {isinstance(events[0], Accepted) for _, events in answers} == {True, False}


def test_the_same_seed_gives_the_same_fates_in_whatever_order_calls_arrive() -> None:
    people = [f"+336123456{n:02d}" for n in range(40)]
    fates = []
    for order in (people, people[::-1]):
        world = state(failed={131049: 0.3}, read=0.5, delivered=0.8)
        told: dict[str, list[tuple[str, float]]] = {}
        for to in order:
            _, events = step(world, NOW, request(send(to=to)))
            told[to] = [(e.status, e.at_ms) for e in events if isinstance(e, StatusChange)]
        fates.append(told)
    assert fates[0] == fates[1]
    assert len({tuple(status for status, _ in told) for told in fates[0].values()}) > 2


def test_ids_of_messages_are_never_given_twice() -> None:
    world = state(per_second={NUMBER: 1_000})
    steps = [step(world, NOW, request(send(to=f"+33612345{n:03d}")))[1][0] for n in range(500)]
    assert len({event.wamid for event in steps if isinstance(event, Accepted)}) == 500


def test_templates_are_listed_in_pages_with_the_fields_asked_for() -> None:
    world = state(templates={"promo.fr": "PAUSED"})
    names: list[tuple[str, str]] = []
    query = {"fields": "name,status", "limit": "4"}
    while True:
        asked = Request(
            method="GET",
            path=f"/v25.0/{ACCOUNT}/message_templates",
            query=query,
            headers={"Authorization": "Bearer token"},
        )
        page = orjson.loads(step(world, NOW, asked)[0].body)
        names += [(row["name"], row["status"]) for row in page["data"]]
        assert all(row.keys() == {"id", "name", "status"} for row in page["data"])
        if "next" not in page["paging"]:
            break
        query = {**query, "after": page["paging"]["cursors"]["after"]}
    assert len(names) == len(set(names)) == 9
    assert ("promo", "PAUSED") in names


@pytest.mark.parametrize(
    ("query", "code", "count"),
    [
        ({"status": "APPROVED"}, None, 6),
        ({"name": "promo", "language": "fr"}, None, 1),
        ({"fields": "name,colour"}, 100, 0),
        ({"limit": "many"}, 100, 0),
    ],
)
def test_listings_are_filtered_and_unknown_fields_refused(
    query: dict[str, str], code: int | None, count: int
) -> None:
    asked = Request(
        method="GET",
        path=f"/v25.0/{ACCOUNT}/message_templates",
        query=query,
        headers={"Authorization": "Bearer token"},
    )
    answer, _ = step(state(), NOW, asked)
    assert code_of(answer) == code
    assert len(orjson.loads(answer.body).get("data", [])) == count


def test_a_number_tells_its_tier_and_display_number() -> None:
    asked = Request(method="GET", path=f"/v25.0/{NUMBER}", headers={"Authorization": "Bearer token"})
    shown = orjson.loads(step(state(), NOW, asked)[0].body)
    assert shown["whatsapp_business_manager_messaging_limit"] == "TIER_100K"
    assert shown["display_phone_number"] == "15552242922"


def test_a_held_message_says_so_and_is_told_of_much_later() -> None:
    answer, events = step(state(held=1.0, held_for={"median": 60_000, "spread": 0}), NOW, request(send()))
    assert orjson.loads(answer.body)["messages"][0]["message_status"] == "held_for_quality_assessment"
    assert min(event.at_ms for event in events if isinstance(event, StatusChange)) > NOW + 60_000


def test_pairs_that_owe_nothing_are_forgotten() -> None:
    pairs = PairRate()
    for n in range(60_000):
        assert pairs.takes(NUMBER, str(n), NOW + n)
    assert len(pairs) < 30_000


@pytest.mark.parametrize("path", ["/v25.0/1", "/v25.0/1/message_templates"])
def test_what_does_not_exist_cannot_be_read(path: str) -> None:
    asked = Request(method="GET", path=path, headers={"Authorization": "Bearer token"})
    assert code_of(step(state(), NOW, asked)[0]) == 33


def test_a_provider_in_between_may_have_a_header_of_its_own() -> None:
    world = state()
    number = replace(world.catalogue.numbers[NUMBER], auth_header="D360-API-KEY")
    world.catalogue = Catalogue(numbers={NUMBER: number}, templates=world.catalogue.templates)
    for key, code in (("token", None), ("other", 0)):
        asked = replace(request(send()), headers={"D360-API-KEY": key})
        assert code_of(step(world, NOW, asked)[0]) == code
