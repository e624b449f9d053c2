"""Headers, buttons and carousels in a definition: what is read, and what is wrong at which line."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.authoring.definition import Button, Header
from chalicelib.authoring.media import LARGEST_BYTES, MediaFile, fault_of
from chalicelib.authoring.policy import Policy
from chalicelib.authoring.reading import located, read, read_all
from chalicelib.authoring.senders import Sender
from chalicelib.authoring.template import Template, parse_template
from chalicelib.authoring.validation import check, warnings
from chalicelib.errors import InvalidSettings, Problem

POLICY = Policy()
SENDERS = {"boutique": Sender(key="boutique", phone_number_id="1", waba_id="2", portfolio="p")}
START = """campaign: spring-news
category: utility
sender: boutique
audience: {segment: country = "ES"}
send_at: "2027-04-03 10:00"
"""


def source(template: str) -> str:
    return f"{START}template: {{name: news, {template}}}\n"


BUTTONS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("{type: url, index: 0, value: 'p/{{ attr.sku or 1 }}'}", "url", "p/{{ attr.sku or 1 }}", {}),
    ("{type: quick_reply, index: 0, payload: YES}", "quick_reply", "YES", {}),
    ("{type: opt_out, index: 0}", "quick_reply", "STOP", {}),
    ("{type: opt_out, index: 0, payload: STOP_PROMOS}", "quick_reply", "STOP_PROMOS", {}),
    ("{type: phone_number, index: 0}", "phone_number", "", {}),
    ("{type: copy_code, index: 0, value: NOV25}", "copy_code", "NOV25", {}),
    ("{type: flow, index: 0}", "flow", "unused", {}),
    ("{type: flow, index: 0, token: t, data: {city: Fès}}", "flow", "t", {"data": {"city": "Fès"}}),
    ("{type: catalog, index: 0}", "catalog", "", {}),
    (
        "{type: mpm, index: 0, product: A1, sections: [{title: New, products: [A1, B2]}]}",
        "mpm",
        "A1",
        {"sections": (("New", ("A1", "B2")),)},
    ),
]


@pytest.mark.parametrize(("line", "kind", "value", "more"), BUTTONS, ids=[b[0] for b in BUTTONS])
def test_each_kind_of_button_is_read_with_its_keys(
    line: str, kind: str, value: str, more: dict[str, Any]
) -> None:
    found = read(source(f"buttons: [{line}]")).template.buttons
    assert found == (Button(kind=kind, index=0, value=value, **more),)


HEADERS = [
    ("{text: 'For {{ contact.first_name }}', fallback: you}", "text", {"": "For {{ contact.first_name }}"}),
    ("{image: 'media:a.jpg'}", "image", {"": "media:a.jpg"}),
    ("{video: 'media:a.mp4'}", "video", {"": "media:a.mp4"}),
    ("{document: 'media:Prix-2027.pdf'}", "document", {"": "media:Prix-2027.pdf"}),
    (
        "{image: {fr: 'media:fr.jpg', ar: 'media:ar.jpg'}}",
        "image",
        {"fr": "media:fr.jpg", "ar": "media:ar.jpg"},
    ),
    (
        "{document: 'https://files.example/{{ attr.invoice }}.pdf'}",
        "document",
        {"": "https://files.example/{{ attr.invoice }}.pdf"},
    ),
]


@pytest.mark.parametrize(("line", "kind", "values"), HEADERS, ids=[h[0] for h in HEADERS])
def test_a_header_is_read_for_every_language_or_for_each(
    line: str, kind: str, values: dict[str, str]
) -> None:
    header = read(source(f"header: {line}")).template.header
    assert header is not None
    assert (header.kind, header.values) == (kind, values)


def test_a_document_has_the_name_that_people_see_and_a_text_its_fallback() -> None:
    document = read(source("header: {document: 'media:a.pdf', filename: 'Prix.pdf'}")).template.header
    assert document == Header(kind="document", values={"": "media:a.pdf"}, filename="Prix.pdf")
    text = read(source("header: {text: '{{ attr.x }}', fallback: {fr: vous}}")).template.header
    assert text == Header(kind="text", values={"": "{{ attr.x }}"}, fallback={"fr": "vous"})


CARD = "{header: {image: 'media:a.jpg'}, buttons: [{type: url, index: 0, value: p}]}"


def test_a_carousel_has_cards_each_filled_like_a_message() -> None:
    cards = read(source(f"carousel: [{CARD}, {CARD}]")).template.carousel
    assert len(cards) == 2
    assert cards[1].header == Header(kind="image", values={"": "media:a.jpg"})
    assert cards[1].buttons == (Button(kind="url", index=0, value="p"),)


FAULTS = [
    ("header: {}", ["header_one_kind"]),
    ("header: {image: 'media:a.jpg', text: x}", ["header_one_kind"]),
    ("header: {picture: 'media:a.jpg'}", ["header_one_kind", "key_unknown"]),
    ("header: {image: 'media:../a.jpg'}", ["media_name_invalid"]),
    ("header: {image: 'media:a.gif'}", ["media_name_invalid"]),
    ("header: {image: 'media:a.pdf'}", ["media_name_invalid"]),
    ("header: {image: 'http://shop.example/a.jpg'}", ["header_value_invalid"]),
    ("header: {image: 'https://{{ attr.host }}/a.jpg'}", ["header_value_invalid"]),
    ("header: {image: 'https://shop.example/a b.jpg'}", ["header_value_invalid"]),
    ("header: {image: '{{ attr.image }}'}", ["header_value_invalid"]),
    ("header: {image: 'media:a.jpg', filename: a.jpg}", ["key_unknown"]),
    ("header: {text: '{{ foo.bar }}'}", ["expression_name_unknown"]),
    ("buttons: [{type: url, index: 0}]", ["key_required"]),
    ("buttons: [{type: quick_reply, index: 0, value: x}]", ["key_required", "key_unknown"]),
    ("buttons: [{type: phone_number, index: 0, value: x}]", ["key_unknown"]),
    ("buttons: [{type: copy_code, index: 0, value: ABCDEFGHIJKLMNOP}]", ["button_value_long"]),
    ("buttons: [{type: call, index: 0}]", ["button_kind_unknown"]),
    ("buttons: [{type: opt_out, index: 1}, {type: phone_number, index: 1}]", ["button_twice"]),
    ("buttons: [{type: url, index: 10, value: x}]", ["out_of_bounds"]),
    ("buttons: [{type: mpm, index: 0, product: A1}]", ["key_required"]),
    (
        "buttons: [{type: mpm, index: 0, product: A1, sections: [{title: News, products: []}]}]",
        ["sections_too_many"],
    ),
    (f"carousel: [{CARD}]", ["carousel_cards"]),
    (f"carousel: [{', '.join([CARD] * 11)}]", ["carousel_cards"]),
    (f"carousel: [{CARD}, {{}}]", ["card_header"]),
    (f"carousel: [{CARD}, {{header: {{document: 'media:a.pdf'}}}}]", ["card_header"]),
    ("header: {image: x}, buttons: [{type: x, index: 0}]", ["header_value_invalid", "button_kind_unknown"]),
]


@pytest.mark.parametrize(("template", "codes"), FAULTS, ids=[f[0][:60] for f in FAULTS])
def test_every_fault_is_told_at_once_with_its_line(template: str, codes: list[str]) -> None:
    found = read_all(source(template)).problems
    assert sorted(p.code for p in found) == sorted(codes)
    assert {p.line for p in found} == {6}


def approved(*parts: dict[str, Any], language: str = "fr") -> Template:
    body = {"type": "BODY", "text": "Bonjour."}
    fields = {"name": "news", "language": language, "category": "UTILITY", "status": "APPROVED"}
    return parse_template({**fields, "components": [body, *parts]}, "")


IMAGE = {"type": "HEADER", "format": "IMAGE"}
TITLE = {"type": "HEADER", "format": "TEXT", "text": "Pour {{1}}"}
LINK = {"type": "URL", "text": "Voir", "url": "https://x.example/{{1}}"}
PLAIN_LINK = {"type": "URL", "text": "Voir", "url": "https://x.example/"}
CALL = {"type": "PHONE_NUMBER", "text": "Appeler", "phone_number": "+212500000000"}
CODE = {"type": "COPY_CODE", "example": "X"}
FLOW = {"type": "FLOW", "text": "Ouvrir"}


def buttons(*listed: dict[str, Any]) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(listed)}


def carousel(cards: int, *parts: dict[str, Any]) -> dict[str, Any]:
    body = {"type": "BODY", "text": "Carte."}
    return {"type": "CAROUSEL", "cards": [{"components": [IMAGE, body, *parts]}] * cards}


def file(name: str, size: int = 100, beginning: bytes = b"\xff\xd8\xff") -> MediaFile:
    return MediaFile(name=name, size=size, sha256="a" * 64, beginning=beginning)


MEDIA = {"a.jpg": file("a.jpg")}
A_JPG = "header: {image: 'media:a.jpg'}"
FITS = [
    ([IMAGE], A_JPG),
    ([TITLE], "header: {text: vous}"),
    ([{"type": "HEADER", "format": "TEXT", "text": "Nouveautés"}], "buttons: []"),
    ([buttons(LINK, CALL)], "buttons: [{type: url, index: 0, value: p}, {type: phone_number, index: 1}]"),
    ([buttons(CALL, PLAIN_LINK)], "buttons: []"),
    ([buttons(CODE)], "buttons: [{type: copy_code, index: 0, value: NOV25}]"),
    ([carousel(2, buttons(LINK))], f"carousel: [{CARD}, {CARD}]"),
]


@pytest.mark.parametrize(("parts", "template"), FITS, ids=[f[1][:60] for f in FITS])
def test_what_fits_the_approved_template_has_no_problem(parts: list[dict[str, Any]], template: str) -> None:
    assert codes_of(parts, template) == []


MISFITS = [
    ([], A_JPG, ["header_differs"]),
    ([IMAGE], "buttons: []", ["header_required"]),
    ([TITLE], "buttons: []", ["header_required"]),
    ([TITLE], A_JPG, ["header_differs"]),
    ([{"type": "HEADER", "format": "TEXT", "text": "Fixe"}], "header: {text: x}", ["header_differs"]),
    ([TITLE], "header: {text: '{{ attr.x }}'}", ["fallback_required"]),
    ([IMAGE], "header: {image: {ar: 'media:a.jpg'}}", ["header_language"]),
    ([IMAGE], "header: {image: 'media:b.jpg'}", ["media_missing"]),
    ([buttons(LINK)], "buttons: []", ["button_required"]),
    ([buttons(CODE)], "buttons: []", ["button_required"]),
    ([buttons(FLOW)], "buttons: []", ["button_required"]),
    ([buttons(PLAIN_LINK)], "buttons: [{type: url, index: 0, value: p}]", ["button_differs"]),
    ([buttons(CALL)], "buttons: [{type: opt_out, index: 0}]", ["button_differs"]),
    ([], "buttons: [{type: phone_number, index: 0}]", ["button_differs"]),
    ([], f"carousel: [{CARD}, {CARD}]", ["cards_count"]),
    ([carousel(2, buttons(LINK))], "buttons: []", ["cards_count"]),
    ([carousel(3, buttons(LINK))], f"carousel: [{CARD}, {CARD}]", ["cards_count"]),
    ([carousel(2)], f"carousel: [{CARD}, {CARD}]", ["button_differs", "button_differs"]),
]


def codes_of(parts: list[dict[str, Any]], template: str) -> list[str]:
    known = approved(*parts)
    found = check(read(source(template)), SENDERS, POLICY, {("news", "fr"): known}, (), MEDIA)
    return [p.code for p in found]


@pytest.mark.parametrize(("parts", "template", "codes"), MISFITS, ids=[f[1][:60] for f in MISFITS])
def test_what_does_not_fit_the_approved_template_is_told(
    parts: list[dict[str, Any]], template: str, codes: list[str]
) -> None:
    assert codes_of(parts, template) == codes


FILES = [
    (file("a.jpg"), "image", None),
    (file("a.JPG"), "image", None),
    (file("a.png", beginning=b"\x89PNG\r\n\x1a\n1234"), "image", None),
    (file("a.mp4", beginning=b"\x00\x00\x00\x18ftypmp42"), "video", None),
    (file("a.pdf", beginning=b"%PDF-1.7"), "document", None),
    (file("a.txt", beginning=b"anything"), "document", None),
    (file("a.docx", beginning=b"PK\x03\x04"), "document", None),
    (file("a.jpg", LARGEST_BYTES["image"]), "image", None),
    (file("a.jpg", LARGEST_BYTES["image"] + 1), "image", "media_size"),
    (file("a.jpg", 0), "image", "media_size"),
    (file("a.jpg", beginning=b"\x89PNG\r\n\x1a\n"), "image", "media_not_what_it_says"),
    (file("a.mp4", beginning=b"ftyp"), "video", "media_not_what_it_says"),
    (file("a.pdf", beginning=b"%PDF-1.7"), "image", "media_wrong_kind"),
]


@pytest.mark.parametrize(("one", "kind", "code"), FILES, ids=[f"{f[0].name} {f[1]} {f[2]}" for f in FILES])
def test_a_file_is_what_the_platform_takes_or_the_fault_is_named(
    one: MediaFile, kind: str, code: str | None
) -> None:
    fault = fault_of(one, kind)
    assert (fault and fault[0]) == code


def test_a_header_that_no_campaign_can_fill_is_refused_in_the_templates_file() -> None:
    with pytest.raises(InvalidSettings) as refused:
        approved({"type": "HEADER", "format": "LOCATION"})
    assert [p.code for p in refused.value.problems] == ["template_header_not_available"]


def test_an_address_that_is_the_same_for_everybody_is_warned_of() -> None:
    for address, found in (("a", ["media_by_address"]), ("{{ attr.x }}", [])):
        definition = read(source(f"header: {{image: 'https://x.example/{address}.jpg'}}"))
        known = {("news", "en"): approved(IMAGE, language="en")}
        assert [p.code for p in warnings(definition, {}, POLICY, known)] == found


def test_a_problem_in_a_card_stands_at_the_card() -> None:
    text = f"{START}template:\n  name: news\n  carousel:\n    - {CARD}\n    - {CARD}\n"
    reading = read_all(text)
    place = located(Problem(code="x", path="template.carousel[1].header"), reading.tree, "")
    assert (place.line, place.column) == (10, 8)
