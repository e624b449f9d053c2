"""Headers, buttons and cards of one person: what is put into the plan, and who is left out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.authoring.definition import Button, Card, Header, Parameter, TemplateUse
from chalicelib.authoring.template import TemplateButton, TemplateCard
from chalicelib.planning.filling import Fillings, Refusal, Words
from tests.planning.building import DEFINITION, SENDER, person, template


def words(
    use: dict[str, Any], approved: dict[str, Any], language: str = "fr", **contact: Any
) -> Words | Refusal:
    """Return what somebody reads of a template that has no slots in its body."""
    definition = replace(DEFINITION, template=TemplateUse(name="soldes", **use))
    known = {("soldes", language): template(language, slots=(), **approved)}
    return Fillings(definition, known, SENDER.languages).words_for(person(**contact).contact, language)


def header(kind: str, value: str | dict[str, str], **more: Any) -> dict[str, Any]:
    values = value if isinstance(value, dict) else {"": value}
    return {"header": Header(kind=kind, values=values, **more)}


def header_of(*args: Any, **contact: Any) -> Any:
    found = words(*args, **contact)
    return found.header if isinstance(found, Words) else found


IMAGE = {"header_kind": "image"}
TITLE = {"header_kind": "text", "header": "Pour {{nom}}", "header_slots": ("nom",)}


def test_a_text_header_is_filled_with_its_slot_and_falls_back_like_a_parameter() -> None:
    use = header("text", "{{ contact.first_name | title }}", fallback={"fr": "vous", "": "you"})
    assert header_of(use, TITLE) == ("text", "Ana", "nom")
    assert header_of(use, TITLE, first_name="") == ("text", "vous", "nom")
    assert header_of(header("text", "{{ attr.x }}"), TITLE) == Refusal("parameter_missing", "header")


def test_media_are_the_file_of_the_persons_language() -> None:
    use = header("image", {"fr": "media:fr.jpg", "ar": "media:ar.jpg"})
    assert header_of(use, IMAGE) == ("image", "media:fr.jpg", "")
    assert header_of(use, IMAGE, "ar") == ("image", "media:ar.jpg", "")


def test_a_document_of_ones_own_has_its_address_and_its_name() -> None:
    use = header("document", "https://x.example/{{ attr.file }}.pdf", filename="{{ attr.file }}.pdf")
    kind = {"header_kind": "document"}
    assert header_of(use, kind, attributes={"file": "A1"}) == (
        "document",
        "https://x.example/A1.pdf",
        "A1.pdf",
    )
    spaced = header_of(use, kind, attributes={"file": "A 1"})
    assert spaced == Refusal("parameter_invalid", "header: no address: a space in it, or too long")
    long = header_of(use, kind, attributes={"file": "x" * 2_000})
    assert isinstance(long, Refusal)


BUTTONS = [
    (Button(kind="url", index=0, value="p/{{ attr.x }}"), ("url", 0, "p/7")),
    (Button(kind="quick_reply", index=1, value="STOP"), ("quick_reply", 1, "STOP")),
    (Button(kind="copy_code", index=0, value="N{{ attr.x }}"), ("copy_code", 0, "N7")),
    (Button(kind="phone_number", index=0), None),
    (Button(kind="catalog", index=0), None),
    (Button(kind="catalog", index=0, value="A"), ("catalog", 0, {"thumbnail_product_retailer_id": "A"})),
    (
        Button(kind="flow", index=0, value="t", data={"x": '{{ attr.x }}"'}),
        ("flow", 0, {"flow_token": "t", "flow_action_data": {"x": '7"'}}),
    ),
    (
        Button(kind="mpm", index=0, value="A", sections=(("T", ("A", "B")),)),
        (
            "mpm",
            0,
            {
                "thumbnail_product_retailer_id": "A",
                "sections": [
                    {
                        "title": "T",
                        "product_items": [{"product_retailer_id": "A"}, {"product_retailer_id": "B"}],
                    }
                ],
            },
        ),
    ),
]


@pytest.mark.parametrize(("button", "expected"), BUTTONS, ids=[f"{b.kind} {b.value}" for b, _ in BUTTONS])
def test_a_button_is_filled_as_its_kind_takes_it(button: Button, expected: Any) -> None:
    found = words({"buttons": (button,)}, {}, attributes={"x": "7"})
    assert isinstance(found, Words)
    if expected is None:
        assert found.buttons == ()
        return
    [(kind, index, value)] = found.buttons
    assert (kind, index) == expected[:2]
    assert (json.loads(value) if isinstance(expected[2], dict) else value) == expected[2]


LONG = [("copy_code", 15), ("quick_reply", 256), ("url", 10)]


@pytest.mark.parametrize(("kind", "most"), LONG)
def test_whose_value_is_longer_than_whatsapp_takes_is_left_out(kind: str, most: int) -> None:
    button = Button(kind=kind, index=2, value="{{ attr.x }}")
    url = "https://x.example/{{1}}".rjust(1_995, "h")
    approved = {"buttons": (TemplateButton(kind=kind, index=2, text="", url=url),)}
    assert isinstance(words({"buttons": (button,)}, approved, attributes={"x": "x" * most}), Words)
    refused = words({"buttons": (button,)}, approved, attributes={"x": "x" * (most + 1)})
    assert isinstance(refused, Refusal)
    assert refused.saw.startswith("button 2: longer than")
    assert words({"buttons": (button,)}, approved) == Refusal("parameter_missing", "button 2")


def test_each_card_is_filled_like_a_message_and_named_when_it_cannot_be() -> None:
    price = Parameter(name="price", value="{{ attr.price }}")
    one = Card(
        header=Header(kind="image", values={"": "media:a.jpg"}),
        parameters=(price,),
        buttons=(Button(kind="url", index=0, value="a"),),
    )
    two = replace(one, parameters=(replace(price, fallback={"": "990"}),))
    approved = TemplateCard(
        header_kind="image",
        body="{{price}}",
        slots=("price",),
        buttons=(TemplateButton(kind="url", index=0, text="", url="https://x/{{1}}"),),
    )
    use, has = {"carousel": (one, two)}, {"cards": (approved, approved)}
    found = words(use, has, attributes={"price": "490"})
    assert isinstance(found, Words)
    assert found.cards == (
        (("image", "media:a.jpg", ""), (("price", "490"),), (("url", 0, "a"),)),
        (("image", "media:a.jpg", ""), (("price", "490"),), (("url", 0, "a"),)),
    )
    assert words(use, has) == Refusal("parameter_missing", "card 1: price")
