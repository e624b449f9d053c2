"""What the platform refuses, and with which code; what it accepts, and with which answer."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.simulator.events import Accepted, CallRefused, PreferenceChange, Reply, StatusChange
from infra.local.simulator.state import Request
from infra.local.simulator.stepping import happen, step
from tests.simulator.worlds import (
    ACCOUNT,
    APP_NUMBER,
    GREETING,
    NOW,
    NUMBER,
    TO_SHOP,
    TO_STOP,
    WHOLE_PROMO,
    body,
    button,
    code_of,
    request,
    send,
    state,
    text,
)

IMAGE = {"type": "header", "parameters": [{"type": "image", "image": {"id": "1"}}]}
NO_IMAGE = {"type": "header", "parameters": [{"type": "image"}]}


def coupon(code: str) -> dict[str, Any]:
    return button("copy_code", "0", type="coupon_code", coupon_code=code)


REFUSED: list[tuple[str, int, bytes]] = [
    ("no JSON", 100, b"{"),
    ("no object", 100, b"[]"),
    ("no product", 100, send(messaging_product=None)),
    ("a group", 100, send(recipient_type="group")),
    ("nobody", 100, send(to=None)),  # type: ignore[arg-type]
    ("an unknown key", 100, send(callback="x")),
    ("an echo of 513 characters", 100, send(biz_opaque_callback_data="x" * 513)),
    ("an empty echo", 100, send(biz_opaque_callback_data="")),
    ("a number without +", 131009, send(to="33612345678")),
    ("a number with spaces", 131009, send(to="+33 612345678")),
    ("ourselves", 131021, send(to="+15552242922")),
    ("an unknown type", 131051, send(type="telepathy")),
    ("no template", 131008, send(template=None)),
    ("no template name", 131008, send(template={"language": {"code": "fr"}})),
    ("no language", 131008, send(template={"name": "promo"})),
    ("a misspelt template key", 100, send(template={"name": "promo", "lang": "fr"})),
    ("components that are no list", 100, send("plain", {"type": "body"})),
    ("an unknown template", 132001, send("nope")),
    (
        "an unknown language",
        132001,
        send(template={"name": "promo", "language": {"code": "de"}}),
    ),
    ("a paused template", 132015, send("paused")),
    ("a disabled template", 132016, send("disabled")),
    ("a template in review", 132001, send("pending")),
    ("too few parameters", 132000, send("promo", [body(text("Lina", "first_name")), TO_SHOP])),
    ("too many parameters", 132000, send("plain", [body(text("x"))])),
    ("no parameters", 132000, send("order", [])),
    ("a nameless parameter", 100, send("promo", [body(text("Lina"), text("20", "percent")), TO_SHOP])),
    ("a wrong name", 132012, send("promo", [body(text("L", "name"), text("20", "percent")), TO_SHOP])),
    ("a name twice", 132012, send("promo", [body(text("L", "percent"), text("2", "percent")), TO_SHOP])),
    ("names in a positional one", 132012, send("order", [body(text("1", "a"), text("2", "b"))])),
    ("an empty parameter", 131008, send("order", [body(text(""), text("2"))])),
    ("a blank parameter", 131008, send("order", [body(text("  "), text("2"))])),
    ("a number as text", 131008, send("order", [body(text(1), text("2"))])),
    ("a currency", 132012, send("order", [body({"type": "currency"}, text("2"))])),
    ("a new line", 132018, send("order", [body(text("a\nb"), text("2"))])),
    ("a tab", 132018, send("order", [body(text("a\tb"), text("2"))])),
    ("four spaces", 132018, send("order", [body(text("a    b"), text("2"))])),
    ("a filled text too long", 132005, send("order", [body(text("x" * 1_010), text("2"))])),
    ("a body twice", 131009, send("plain", [body(), body()])),
    ("a footer", 100, send("plain", [{"type": "footer"}])),
    ("parameters that are no list", 100, send("order", [{"type": "body", "parameters": "x"}])),
    ("no link", 131008, send("promo", [GREETING, TO_STOP])),
    ("the wrong kind of button", 132012, send("promo", [GREETING, button("quick_reply", 0, type="payload")])),
    ("a third button", 131009, send("promo", [*WHOLE_PROMO, button("url", 2, type="text", text="x")])),
    ("a button twice", 131009, send("promo", [GREETING, TO_SHOP, TO_SHOP])),
    ("an index that is none", 131009, send("promo", [GREETING, button("url", "x", type="text", text="x")])),
    ("two payloads", 132000, send("promo", [GREETING, {**TO_SHOP, "parameters": [text("a"), text("b")]}])),
    ("an empty payload", 132012, send("promo", [GREETING, TO_SHOP, {**TO_STOP, "parameters": [{}]}])),
    ("a link too long", 132005, send("promo", [GREETING, button("url", 0, type="text", text="x" * 1_990)])),
    ("no coupon", 131008, send("coupon")),
    (
        "a long coupon",
        132012,
        send("coupon", [coupon("x" * 16)]),
    ),
    ("no image", 132012, send("photo", [body(text("x"))])),
    (
        "an image of nothing",
        131008,
        send("photo", [NO_IMAGE, body(text("x"))]),
    ),
    ("no header text", 132000, send("titled")),
    ("a header too long", 132005, send("titled", [{"type": "header", "parameters": [text("x" * 60)]}])),
    ("text outside a window", 131047, send(type="text", text={"body": "Bonjour"}, template=None)),
    ("text without text", 131008, send(type="text", text={}, template=None)),
]
ACCEPTED: list[tuple[str, bytes]] = [
    ("named parameters and buttons", send()),
    ("names in any order", send("promo", [body(text("2", "percent"), text("L", "first_name")), TO_SHOP])),
    ("a quick reply without its payload", send("promo", [GREETING, TO_SHOP])),
    ("positional parameters", send("order", [body(text("A1"), text("lundi"))])),
    ("three spaces", send("order", [body(text("a   b"), text("lundi"))])),
    ("no parameters", send("plain", None)),
    ("an image", send("photo", [IMAGE, body(text("x"))])),
    ("a header text", send("titled", [{"type": "header", "parameters": [text("Lina")]}])),
    ("a coupon", send("coupon", [coupon("NOV25")])),
    ("no echo", send(biz_opaque_callback_data=None)),
    ("an echo of 512 characters", send(biz_opaque_callback_data="x" * 512)),
    ("a business-scoped user id", send(to=None, recipient="FR.1349abc")),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("what", "code", "raw"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_the_platform_refuses_is_refused_with_its_code(what: str, code: int, raw: bytes) -> None:
    answer, events = step(state(), NOW, request(raw))
    assert (what, code_of(answer)) == (what, code)
    assert events == [CallRefused(at_ms=NOW, phone_number_id=NUMBER, code=code)]


@pytest.mark.parametrize(("what", "raw"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_what_the_platform_takes_gets_an_id_and_a_fate(what: str, raw: bytes) -> None:
    answer, events = step(state(), NOW, request(raw))
    assert (what, answer.status) == (what, 200)
    assert isinstance(events[0], Accepted)
    assert [e.status for e in events if isinstance(e, StatusChange)] == ["sent", "delivered"]


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


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "parameters", "index", "sub_type", "text", "parameter_name", "payload"]
                ),
                st.sampled_from(["body", "button", "url", "0"]) | inner,
            )
        ),
        max_leaves=12,
    )
)
def test_components_of_any_shape_get_an_answer(components: Any) -> None:
    answer, events = step(state(), NOW, request(send("promo", [components])))
    assert code_of(answer) is not None
    assert len(events) == 1


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
