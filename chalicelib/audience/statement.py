"""A statement: what another system says of one person, as JSON, becomes a row like a file's.

Every fault is found at once and named by its place in the JSON. As in a file an
empty value says nothing and never erases; an explicit null erases, which no file
can say. A phone and the consents are never erased that way: the one is who the
person is, the others are taken back by an opt-out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson

from chalicelib.audience.consent import EVERYTHING, ConsentChange
from chalicelib.audience.importing import ATTRIBUTES, ERASABLE
from chalicelib.audience.instant import DAY_MS, Instant
from chalicelib.audience.interpreting import (
    ImportedRow,
    InvalidCell,
    StatedConsent,
    consent_date,
    country_of,
    external_id_of,
    language_of,
    one_line,
    phone_of,
)
from chalicelib.audience.table import COLUMNS, LONGEST_CELL, MOST_COLUMNS
from chalicelib.errors import Problem

LONGEST_NAME = 128
"""Characters of an attribute's name, a tag or a list."""
LONGEST_SOURCE = 100
"""Characters: the standing, which is small, quotes the source."""
LONGEST_PROOF = 2_000
MOST_LABELS = 100
MOST_CONSENTS = 20
ALL = "all"
"""In an opt-out: every topic of the channel, as STOP does."""

_FIELDS = (*COLUMNS, ATTRIBUTES, "consents", "default_country")
_CONSENT_FIELDS = ("channel", "topic", "change", "at", "source", "proof")
_CHANNEL = re.compile(r"[a-z0-9]{1,20}")
_TOPIC = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_EXACT_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*(?:[Zz]|[+-]\d{2}:?\d{2})")

T = TypeVar("T")
Fields = Mapping[str, Any]


@dataclass(slots=True)
class _Faults:
    """The problems found so far; a reader that meets one goes on with nothing in its place."""

    found: list[Problem] = field(default_factory=list)

    def add(self, path: str, code: str, **params: str) -> None:
        """Note one fault."""
        self.found.append(Problem(code=code, params=params, path=path))

    def text(self, path: str, value: Any, most: int = LONGEST_CELL) -> str:
        """Return a text without the space around it, "" where there is none; numbers are no text."""
        if value is None:
            return ""
        if not isinstance(value, str):
            self.add(path, "statement.not_text", field=path)
        elif len(value) > most:
            self.add(path, "row.cell_too_long", column=path, most=str(most))
        else:
            return value.strip()
        return ""

    def read(self, path: str, value: Any, reader: Callable[[str], T]) -> T | None:
        """Return what `reader` makes of a text; None for no text, or a fault."""
        text = self.text(path, value)
        try:
            return reader(text) or None if text else None
        except InvalidCell as invalid:
            self.add(path, invalid.code, **invalid.params)
            return None


def read_statement(external_id: str, fields: Fields, now: Instant) -> tuple[ImportedRow, Sequence[Problem]]:
    """Return what a system says of the person it calls `external_id`, and everything wrong with it.

    A row that comes with problems is not to be used.
    """
    faults = _Faults()
    for name in fields.keys() - set(_FIELDS):
        faults.add(name[:LONGEST_NAME], "statement.unknown_field", field=name[:80], known=", ".join(_FIELDS))
    named = faults.read("external_id", external_id, external_id_of)
    if named is None and not faults.found:
        faults.add("external_id", "statement.no_external_id")
    if fields.get("external_id", external_id) != external_id:
        faults.add("external_id", "statement.other_external_id")
    country = faults.read("country", fields.get("country"), country_of)
    row = ImportedRow(
        line=1,
        external_id=named,
        phone=_phone(fields, country, faults),
        first_name=faults.read("first_name", fields.get("first_name"), one_line),
        last_name=faults.read("last_name", fields.get("last_name"), one_line),
        language=faults.read("language", fields.get("language"), language_of),
        country=country,
        timezone=faults.text("timezone", fields.get("timezone")) or None,
        tags=_labels("tags", fields.get("tags"), faults),
        lists=_labels("lists", fields.get("lists"), faults),
        attributes=_attributes(fields.get(ATTRIBUTES), faults),
        stated=tuple(_consents(fields, now, faults)),
        erases=_erased(fields),
    )
    return row, faults.found


def _erased(fields: Fields) -> frozenset[str]:
    """Return the names of what an explicit null erases."""
    whole = {name for name in (*ERASABLE, "tags", "lists", ATTRIBUTES) if fields.get(name, "") is None}
    attributes = fields.get(ATTRIBUTES)
    each = attributes.items() if isinstance(attributes, Mapping) else ()
    return frozenset(whole | {f"{ATTRIBUTES}.{name}" for name, value in each if value is None})


def _phone(fields: Fields, country: str | None, faults: _Faults) -> str | None:
    default = faults.read("default_country", fields.get("default_country"), country_of)
    if fields.get("phone", "") is None:
        faults.add("phone", "statement.not_erasable", field="phone")
    return faults.read("phone", fields.get("phone"), lambda text: phone_of(text, country or default))


def _labels(path: str, value: Any, faults: _Faults) -> frozenset[str]:
    """Return tags or lists, which are added to those we know."""
    if value is None:
        return frozenset()
    if not isinstance(value, list):
        faults.add(path, "statement.not_list", field=path)
        return frozenset()
    if len(value) > MOST_LABELS:
        faults.add(path, "statement.too_many", field=path, most=str(MOST_LABELS))
        return frozenset()
    read = (faults.text(f"{path}.{n}", label, LONGEST_NAME) for n, label in enumerate(value))
    return frozenset(one_line(label) for label in read if label)


def _attributes(value: Any, faults: _Faults) -> dict[str, str]:
    """Return attributes as texts; a number, true or false is kept as JSON writes it."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        faults.add(ATTRIBUTES, "statement.not_object", field=ATTRIBUTES)
        return {}
    if len(value) > MOST_COLUMNS:
        faults.add(ATTRIBUTES, "statement.too_many", field=ATTRIBUTES, most=str(MOST_COLUMNS))
        return {}
    return texts_of(ATTRIBUTES, value, faults.found)


def texts_of(path: str, values: Mapping[str, Any], found: list[Problem]) -> dict[str, str]:
    """Return values as texts by name, without the empty ones; faults are added to `found`."""
    faults = _Faults(found)
    texts: dict[str, str] = {}
    for name, value in values.items():
        place = f"{path}.{name[:LONGEST_NAME]}"
        if not name.strip() or len(name) > LONGEST_NAME or re.search(r"\s", name):
            faults.add(place, "statement.attribute_name", field=place, most=str(LONGEST_NAME))
            continue
        plain = orjson.dumps(value).decode() if isinstance(value, bool | int | float) else value
        text = faults.text(place, plain)
        if text:
            texts[name] = text
    return texts


def _consents(fields: Fields, now: Instant, faults: _Faults) -> Iterator[StatedConsent]:
    value = fields.get("consents", [])
    if value is None:
        faults.add("consents", "statement.not_erasable", field="consents")
    elif not isinstance(value, list):
        faults.add("consents", "statement.not_list", field="consents")
    elif len(value) > MOST_CONSENTS:
        faults.add("consents", "statement.too_many", field="consents", most=str(MOST_CONSENTS))
    else:
        for number, one in enumerate(value):
            path = f"consents.{number}"
            if not isinstance(one, dict):
                faults.add(path, "statement.not_object", field=path)
                continue
            before = len(faults.found)
            stated = _consent(one, path, now, faults)
            if len(faults.found) == before:
                yield stated


def _consent(fields: Fields, path: str, now: Instant, faults: _Faults) -> StatedConsent:
    for name in fields.keys() - set(_CONSENT_FIELDS):
        place = f"{path}.{name[:LONGEST_NAME]}"
        faults.add(place, "statement.unknown_field", field=place, known=", ".join(_CONSENT_FIELDS))
    channel = faults.text(f"{path}.channel", fields.get("channel"))
    if not _CHANNEL.fullmatch(channel):
        faults.add(f"{path}.channel", "statement.channel", found=channel[:40])
    change = faults.text(f"{path}.change", fields.get("change"))
    if change not in tuple(ConsentChange):
        faults.add(f"{path}.change", "statement.change", found=change[:40])
    opts_out = change == ConsentChange.OPT_OUT
    source = one_line(faults.text(f"{path}.source", fields.get("source"), LONGEST_SOURCE))
    if not source:
        faults.add(f"{path}.source", "statement.source")
    return StatedConsent(
        channel=channel,
        topic=_topic(fields, path, opts_out, faults),
        change=ConsentChange.OPT_OUT if opts_out else ConsentChange.OPT_IN,
        at=_at(fields, path, opts_out, now, faults),
        source=source,
        proof=_proof(fields.get("proof"), f"{path}.proof", faults),
    )


def _topic(fields: Fields, path: str, opts_out: bool, faults: _Faults) -> str:
    topic = faults.text(f"{path}.topic", fields.get("topic"))
    if topic == ALL and opts_out:
        return EVERYTHING
    if topic == ALL or not _TOPIC.fullmatch(topic):
        faults.add(f"{path}.topic", "statement.topic", found=topic[:40])
    return topic


def _at(fields: Fields, path: str, opts_out: bool, now: Instant, faults: _Faults) -> Instant:
    """Return when the person acted. A no needs the exact time: a day does not say what it is newer than.

    A yes dated after tomorrow is refused; a no, whose clock may be wrong, counts from now at the latest.
    """
    place = f"{path}.at"
    text = faults.text(place, fields.get("at"))
    if not text or (opts_out and not _EXACT_TIME.fullmatch(text)):
        faults.add(
            place, "statement.exact_time" if opts_out else "consent.bad_date", column=place, found=text[:40]
        )
        return 0
    at = faults.read(place, text, lambda date: consent_date(place, date)) or 0
    if at > now + DAY_MS and not opts_out:
        faults.add(place, "consent.in_future")
    return at


def _proof(value: Any, path: str, faults: _Faults) -> str:
    """Return the proof as one text: as it is, or an object of ip, form and the like as JSON."""
    if isinstance(value, dict):
        return faults.text(path, orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode(), LONGEST_PROOF)
    return faults.text(path, value, LONGEST_PROOF)
