"""A table of sends: what the platform refuses, with which code, and what it takes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.simulator.events import Accepted, CallRefused, StatusChange
from infra.local.simulator.stepping import step
from tests.simulator.worlds import (
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

IMAGE = {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://x.example/a.jpg"}}]}
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
