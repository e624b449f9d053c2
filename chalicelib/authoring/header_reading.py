"""Reading headers, and the cards of a carousel."""

from __future__ import annotations

import re

from chalicelib.authoring.button_reading import read_buttons
from chalicelib.authoring.definition import Card, Header
from chalicelib.authoring.fields import Reader
from chalicelib.authoring.media import ADDRESS, MEDIA_KINDS, NAME, PREFIX, TYPE_BY_ENDING, ending_of
from chalicelib.authoring.nodes import Text
from chalicelib.authoring.parameter_reading import check_expression, read_fallback, read_parameters

KINDS = ("text", *MEDIA_KINDS)
LEAST_CARDS, MOST_CARDS = 2, 10

MOST_LANGUAGES = 100


def read_header(one: Reader) -> Header | None:
    """Return what stands above the text, None for nothing."""
    inner = one.mapping("header")
    if inner is None:
        return None
    given = [kind for kind in KINDS if inner.node(kind) is not None]
    if len(given) != 1:
        one.note("header_one_kind", "header")
        inner.finish()
        return None
    kind = given[0]
    values = _values(inner, kind)
    filename = ""
    fallback: dict[str, str] = {}
    if kind == "text":
        fallback = read_fallback(inner)
    if kind == "document":
        filename = inner.text("filename") or ""
        check_expression(inner, "filename", filename)
    inner.finish()
    return Header(kind=kind, values=values, fallback=fallback, filename=filename)


def _values(inner: Reader, kind: str) -> dict[str, str]:
    """Return the expressions by language; one alone is for every language."""
    found = inner.node(kind)
    if isinstance(found, Text):
        value = found.value.strip()
        _check_value(inner, kind, kind, value)
        return {"": value}
    table = inner.mapping(kind)
    values = {language: table.text(language) or "" for language in table.fields.by_key} if table else {}
    if len(values) > MOST_LANGUAGES:
        inner.note("too_many", kind, most=str(MOST_LANGUAGES))
        return {}
    for language, value in values.items():
        if table is not None:
            _check_value(table, language, kind, value)
    return values


def _check_value(inner: Reader, key: str, kind: str, value: str) -> None:
    if kind == "text":
        check_expression(inner, key, value)
    elif value.startswith(PREFIX):
        name = value.removeprefix(PREFIX)
        if not NAME.fullmatch(name) or ending_of(name) not in TYPE_BY_ENDING[kind]:
            inner.note(
                "media_name_invalid", key, value=value, kind=kind, endings=", ".join(TYPE_BY_ENDING[kind])
            )
    elif ADDRESS.fullmatch(re.sub(r"\{\{.*?\}\}", "*", value)):  # the host stands fast, whoever it is for
        check_expression(inner, key, value)
    else:
        inner.note("header_value_invalid", key, value=value)


def read_carousel(one: Reader) -> tuple[Card, ...]:
    """Return the cards, in the order in which people see them."""
    readers = one.readers("carousel")
    if one.node("carousel") is not None and not LEAST_CARDS <= len(readers) <= MOST_CARDS:
        one.note(
            "carousel_cards",
            "carousel",
            given=str(len(readers)),
            least=str(LEAST_CARDS),
            most=str(MOST_CARDS),
        )
    cards = []
    for inner in readers[:MOST_CARDS]:
        header = read_header(inner)
        if header is None or header.kind not in ("image", "video"):
            inner.note("card_header", "header")
        cards.append(Card(header=header, parameters=read_parameters(inner), buttons=read_buttons(inner)))
        inner.finish()
    return tuple(cards)
