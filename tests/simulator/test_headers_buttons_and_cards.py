"""The platform's strictness about what a template holds: media, every kind of button, each card."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from chalicelib.adapters.channels.whatsapp_cloud import body_of, understood
from chalicelib.sending.answer import Accepted, Message
from infra.local.simulator.catalogue import parse_template
from infra.local.simulator.files import KEPT_MS
from infra.local.simulator.platform import Platform
from infra.local.simulator.state import Request
from tests.scenarios.uploading import form
from tests.simulator.worlds import APP_NUMBER, NOW, NUMBER, code_of, platform, request, send, template

FORM = {"Content-Type": "multipart/form-data; boundary=carillon"}
IMAGE_HEADER = {"type": "HEADER", "format": "IMAGE"}
CARD = {
    "components": [
        IMAGE_HEADER,
        {"type": "BODY", "text": "Dès {{1}}."},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Voir", "url": "https://x.example/{{1}}"}]},
    ]
}
CAROUSEL = template("cards", "Bonjour {{1}}.")
CAROUSEL["components"].append({"type": "CAROUSEL", "cards": [CARD, CARD]})
TEMPLATES = [
    CAROUSEL,
    template("flow", "Bonjour.", buttons=[{"type": "FLOW", "text": "Ouvrir"}]),
    template("catalog", "Bonjour.", buttons=[{"type": "CATALOG", "text": "Voir"}]),
    template("mpm", "Bonjour.", buttons=[{"type": "MPM", "text": "Voir"}]),
    template("call", "Bonjour.", buttons=[{"type": "PHONE_NUMBER", "text": "Appeler"}]),
    template("film", "Bonjour.", header={"format": "VIDEO"}),
    template("paper", "Bonjour.", header={"format": "DOCUMENT"}),
]


def world() -> Platform:
    made = platform()
    known = [parse_template(orjson.dumps(each), each["name"]) for each in TEMPLATES]
    catalogue = made.state.catalogue
    made.state.catalogue = replace(
        catalogue, templates={**catalogue.templates, **{(t.name, t.language): t for t in known}}
    )
    return made


def upload(made: Platform, type_: str = "image/jpeg", *, number: str = NUMBER, **more: Any) -> Any:
    asked = Request(
        method="POST",
        path=f"/v25.0/{number}/media",
        headers={"Authorization": "Bearer token", **FORM, **more.pop("headers", {})},
        body=more.pop("body", form("a", type_, b"content")),
    )
    return made.receive(NOW, asked)


def id_of(made: Platform, type_: str = "image/jpeg", **more: Any) -> str:
    return str(orjson.loads(upload(made, type_, **more).body)["id"])


MESSAGE = Message(
    sender="boutique",
    phone_number_id=NUMBER,
    to="+33612345678",
    template="cards",
    language="fr",
    named=False,
    parameters=(("1", "Lina"),),
    buttons=(),
    echo="1|b|c|p|1",
)


def told(made: Platform, at: float = NOW, **fields: Any) -> int | None:
    """Send as the product writes it; return the platform's code, None when it takes the message."""
    raw = orjson.dumps(body_of(replace(MESSAGE, **fields)))
    answer = made.receive(at, request(raw))
    assert isinstance(understood(answer.status, answer.body), Accepted) == (code_of(answer) is None)
    return code_of(answer)


def card(media: str, price: str = "990") -> Any:
    return ("image", f"id:{media}", ""), (("1", price),), (("url", 0, "p"),)


SECTIONS = '[{"title":"T","product_items":[{"product_retailer_id":"A"}]}]'
MPM = f'{{"thumbnail_product_retailer_id":"A","sections":{SECTIONS}}}'
TAKEN = [
    ("a flow", "flow", (("flow", 0, '{"flow_token":"unused","flow_action_data":{"city":"Fès"}}'),)),
    ("a catalogue", "catalog", (("catalog", 0, '{"thumbnail_product_retailer_id":"A1"}'),)),
    ("a catalogue without a picture", "catalog", ()),
    ("products", "mpm", (("mpm", 0, MPM),)),
    ("a number to call", "call", ()),
]


@pytest.mark.parametrize(("name", "buttons"), [t[1:] for t in TAKEN], ids=[t[0] for t in TAKEN])
def test_what_the_product_writes_of_each_button_is_what_the_platform_takes(name: str, buttons: Any) -> None:
    assert told(world(), template=name, parameters=(), buttons=buttons) is None


WRONG = [
    ("a flow without its parameter", "flow", (), 131008),
    ("a flow with an unknown key", "flow", (("flow", 0, '{"token":"x"}'),), 100),
    ("a flow with an empty token", "flow", (("flow", 0, '{"flow_token":""}'),), 131008),
    ("a flow without data in its data", "flow", (("flow", 0, '{"flow_action_data":{}}'),), 131009),
    ("products without sections", "mpm", (("mpm", 0, '{"thumbnail_product_retailer_id":"A"}'),), 131008),
    ("products of no section", "mpm", (("mpm", 0, MPM.replace('"T"', '""')),), 131009),
    ("a catalogue where a flow stands", "flow", (("catalog", 0, "{}"),), 132012),
    ("a number to call with a value", "call", (("quick_reply", 0, "x"),), 132012),
]


@pytest.mark.parametrize(("name", "buttons", "code"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_button_of_another_shape_is_refused(name: str, buttons: Any, code: int) -> None:
    assert told(world(), template=name, parameters=(), buttons=buttons) == code


def test_a_carousel_is_taken_with_exactly_its_cards_each_filled() -> None:
    made = world()
    media = id_of(made)
    assert told(made, cards=(card(media), card(media))) is None
    assert told(made, cards=(card(media),)) == 132000
    assert told(made, cards=(card(media),) * 3) == 132000
    assert told(made) == 132012
    header, values, buttons = card(media)
    assert told(made, cards=(card(media), (header, (), buttons))) == 132000
    assert told(made, cards=(card(media), (header, values, ()))) == 131008
    assert told(made, cards=(card(media), ((), values, buttons))) == 132012
    assert told(made, cards=(card(media), (("video", f"id:{media}", ""), values, buttons))) == 132012
    assert told(made, template="plain", parameters=(), cards=(card(media),)) == 132012


@pytest.mark.parametrize("index", [1, "0", None])
def test_cards_stand_in_the_order_of_their_index(index: Any) -> None:
    made = world()
    media = id_of(made)
    raw = body_of(replace(MESSAGE, cards=(card(media), card(media))))
    raw["template"]["components"][-1]["cards"][0]["card_index"] = index
    assert code_of(made.receive(NOW, request(orjson.dumps(raw)))) == 131009


def image(media: str) -> dict[str, Any]:
    return {"template": "photo", "parameters": (("1", "x"),), "header": ("image", f"id:{media}", "")}


def test_a_file_is_known_to_its_number_of_its_kind_and_for_thirty_days() -> None:
    made = world()
    media, film = id_of(made), id_of(made, "video/mp4")
    assert told(made, **image(media)) is None
    assert told(made, **image(film)) == 131009
    assert told(made, **image("1")) == 131009
    assert told(made, **image(id_of(made, number=APP_NUMBER))) == 131009
    assert told(made, NOW + KEPT_MS - 1, **image(media)) is None
    assert told(made, NOW + KEPT_MS, **image(media)) == 131009


def test_a_document_may_have_a_name_and_an_image_not() -> None:
    made = world()
    paper = id_of(made, "application/pdf")
    assert told(made, template="paper", parameters=(), header=("document", f"id:{paper}", "Prix.pdf")) is None
    raw = body_of(replace(MESSAGE, **image(id_of(made))))
    raw["template"]["components"][0]["parameters"][0]["image"]["filename"] = "a.jpg"
    assert code_of(made.receive(NOW, request(orjson.dumps(raw)))) == 100


@pytest.mark.parametrize(
    ("link", "code"), [("https://x.example/a.jpg", None), ("http://x.example/a.jpg", 131009), ("", 131009)]
)
def test_an_address_must_be_https(link: str, code: int | None) -> None:
    assert told(world(), **{**image("1"), "header": ("image", link, "")}) == code


UPLOADS = [
    ("another type", {"type_": "image/gif"}, 100),
    ("no form", {"headers": {"Content-Type": "application/json"}}, 100),
    ("nothing in it", {"body": form("a", "image/jpeg", b"")}, 131053),
    ("too large", {"body": form("a", "image/jpeg", bytes(5 * 1024 * 1024 + 1))}, 131053),
    ("no product", {"body": form("a", "image/jpeg", b"x").replace(b"whatsapp", b"telegram")}, 100),
    ("half a form", {"body": form("a", "image/jpeg", b"x")[:60]}, 100),
    ("another number", {"number": "1"}, 33),
    ("another token", {"headers": {"Authorization": "Bearer x"}}, 190),
]


@pytest.mark.parametrize(("more", "code"), [u[1:] for u in UPLOADS], ids=[u[0] for u in UPLOADS])
def test_an_upload_that_the_platform_would_not_take_is_refused(more: dict[str, Any], code: int) -> None:
    assert code_of(upload(world(), **more)) == code


def test_a_send_without_any_of_this_is_as_it_was() -> None:
    assert code_of(world().receive(NOW, request(send("plain", [])))) is None
