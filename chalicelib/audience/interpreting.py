"""Interpreting: the cells of one row become a typed row, or the reason why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from chalicelib.audience.consent import ConsentChange, key
from chalicelib.audience.identity import InvalidPhone, is_country, normalise_phone
from chalicelib.audience.instant import Instant, from_datetime
from chalicelib.audience.phone_cells import LONGEST_CELL_SHOWN, PhoneCell, read_phone
from chalicelib.audience.suppression import CAUSES
from chalicelib.audience.table import (
    AGE,
    CONSENT_PREFIX,
    OPT_OUT_PREFIX,
    SUPPRESSED,
    Note,
    RawRow,
    consent_of,
    is_attribute,
    opt_out_of,
)

LONGEST_EXTERNAL_ID = 200
EARLIEST_CONSENT = from_datetime(datetime(1990, 1, 1, tzinfo=UTC))
"""An earlier date is a spreadsheet's zero, not a person's act."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedConsent:
    """A change of consent as another system tells it: when, from where, and its proof ("" for none)."""

    channel: str
    topic: str
    change: ConsentChange
    at: Instant
    source: str
    proof: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRow:
    """A row understood: None and empty where the file said nothing.

    `consents` and `opt_outs` are dates by `consent.key(channel, topic)`. `suppressed`
    are dates by cause, None for one that does not say since when. `as_of` is how
    old the row is, None when it does not say. What only a system can say, never a
    file: `stated`, changes of consent with their proof, and `erases`, the fields to
    forget ("first_name", "attributes.size"). `notes` are what the row's line has to
    say although it was taken.
    """

    line: int
    external_id: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    language: str | None = None
    country: str | None = None
    timezone: str | None = None
    tags: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    attributes: Mapping[str, str] = field(default_factory=dict)
    consents: Mapping[str, Instant] = field(default_factory=dict)
    opt_outs: Mapping[str, Instant] = field(default_factory=dict)
    suppressed: Mapping[str, Instant | None] = field(default_factory=dict)
    as_of: Instant | None = None
    stated: tuple[StatedConsent, ...] = ()
    erases: frozenset[str] = frozenset()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """A row that was left out, and the first reason; `code` is a key of the wording tables."""

    line: int
    code: str
    params: Mapping[str, str] = field(default_factory=dict)


class InvalidCell(ValueError):
    """A cell that makes its row invalid."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def interpret(row: RawRow, line: int, default_country: str | None) -> ImportedRow | RowProblem:
    """Return the row's meaning, or its first problem.

    A number without plus is read as dialled in the row's own country, else in
    `default_country`. A time zone is kept as it is: whether it is one is judged,
    and counted, by the plan.
    """
    if row.fault:
        return RowProblem(line=line, code=row.fault, params=row.params)
    try:
        return _interpreted(row, line, default_country)
    except InvalidCell as invalid:
        return RowProblem(line=line, code=invalid.code, params=invalid.params)


def _interpreted(row: RawRow, line: int, default_country: str | None) -> ImportedRow:
    cells = row.cells
    country = _cell(cells, "country", country_of)
    phone_text = cells.get("phone")
    external_id = _cell(cells, "external_id", external_id_of)
    if phone_text is None and external_id is None:
        raise InvalidCell("row.no_identity")
    phone = _phone_cell(phone_text, country or default_country, row.phone_is_number) if phone_text else None
    return ImportedRow(
        line=line,
        external_id=external_id,
        phone=phone.phone if phone else None,
        first_name=_cell(cells, "first_name", one_line),
        last_name=_cell(cells, "last_name", one_line),
        language=_cell(cells, "language", language_of),
        country=country,
        timezone=cells.get("timezone"),
        tags=_labels(cells.get("tags")),
        lists=_labels(cells.get("lists")),
        attributes={name: text for name, text in cells.items() if is_attribute(name)},
        consents=_dates(cells, CONSENT_PREFIX, consent_of),
        opt_outs=_dates(cells, OPT_OUT_PREFIX, opt_out_of),
        suppressed=_suppressed(cells[SUPPRESSED]) if SUPPRESSED in cells else {},
        as_of=_age(cells[AGE]) if AGE in cells else None,
        notes=phone.notes if phone else (),
    )


def _dates(
    cells: Mapping[str, str], prefix: str, read: Callable[[str], tuple[str, str]]
) -> dict[str, Instant]:
    """Return the dates of consent columns by `consent.key`."""
    return {
        key(*read(name)): consent_date(name, text) for name, text in cells.items() if name.startswith(prefix)
    }


def _age(text: str) -> Instant:
    try:
        return consent_date(AGE, text)
    except InvalidCell as invalid:
        raise InvalidCell("row.bad_date", **invalid.params) from None


def _suppressed(text: str) -> dict[str, Instant | None]:
    """Return causes with their dates: "manual", "manual 2026-06-01" or several with ";" between."""
    found: dict[str, Instant | None] = {}
    for part in text.split(";"):
        cause, _, date = part.strip().partition(" ")
        if not cause:
            continue
        if cause.lower() not in CAUSES:
            known = ", ".join(CAUSES)
            raise InvalidCell("row.suppressed_cause", found=cause[:LONGEST_CELL_SHOWN], known=known)
        found[cause.lower()] = consent_date(SUPPRESSED, date.strip()) if date.strip() else None
    return found


def _cell(cells: Mapping[str, str], name: str, read: Callable[[str], str]) -> str | None:
    text = cells.get(name)
    return read(text) or None if text else None


def one_line(text: str) -> str:
    """Return text without line breaks and doubled spaces, which no template parameter may hold."""
    return " ".join(text.split())


def phone_of(text: str, country: str | None) -> str:
    """Return a written number as E.164. Raises InvalidCell."""
    try:
        return normalise_phone(text, country)
    except InvalidPhone as invalid:
        raise _invalid_phone(invalid, text, country) from None


def _phone_cell(text: str, country: str | None, is_number: bool) -> PhoneCell:
    try:
        return read_phone(text, country, is_number=is_number)
    except InvalidPhone as invalid:
        raise _invalid_phone(invalid, text, country) from None


def _invalid_phone(invalid: InvalidPhone, text: str, country: str | None) -> InvalidCell:
    return InvalidCell(invalid.code, found=text[:LONGEST_CELL_SHOWN], country=country or "")


def country_of(text: str) -> str:
    """Return a country's code. Raises InvalidCell."""
    code = text.upper()
    if not is_country(code):
        raise InvalidCell("country.unknown", found=text[:40])
    return code


def language_of(text: str) -> str:
    """Return a language's code as we keep it. Raises InvalidCell."""
    code = text.lower().replace("_", "-")
    if not _LANGUAGE.fullmatch(code):
        raise InvalidCell("language.unknown", found=text[:40])
    return code


def external_id_of(text: str) -> str:
    """Return another system's name for a person. Raises InvalidCell."""
    if len(text) > LONGEST_EXTERNAL_ID:
        raise InvalidCell("row.cell_too_long", column="external_id", most=str(LONGEST_EXTERNAL_ID))
    return text


def _labels(text: str | None) -> frozenset[str]:
    return frozenset(one_line(label) for label in (text or "").split(";") if label.strip())


def consent_date(column: str, text: str) -> Instant:
    """Return the instant of a date, its first moment in UTC, or of a full ISO 8601 time.

    The first moment, so that an opt-out of the same day is the newer one. Raises InvalidCell.
    """
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            at = from_datetime(datetime.combine(date.fromisoformat(text), time(), UTC))
        elif re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", text):
            moment = datetime.fromisoformat(text)
            at = from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        else:
            raise ValueError("no ISO date")
    except ValueError:
        raise InvalidCell("consent.bad_date", column=column, found=text[:40]) from None
    if at < EARLIEST_CONSENT:
        raise InvalidCell("consent.bad_date", column=column, found=text[:40])
    return at
