"""Import: a contacts file becomes contacts, standings and consent evidence; one result per row."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson

from chalicelib.audience.contact import Contact
from chalicelib.audience.erasing import erased_at
from chalicelib.audience.identity import country_guess, is_country
from chalicelib.audience.importing import (
    CREATED,
    DUPLICATE,
    INVALID,
    UNCHANGED,
    UPDATED,
    ImportedRow,
    RowProblem,
    interpret,
)
from chalicelib.audience.instant import to_iso
from chalicelib.audience.profiling import Survey, profiled
from chalicelib.audience.table import Note, Table
from chalicelib.errors import InvalidRequest, NotFound, Problem
from chalicelib.log import unit
from chalicelib.steps.contacts_files import MOST_UNPACKED, read_contacts
from chalicelib.steps.home import Home
from chalicelib.steps.keeping import list_import
from chalicelib.steps.report import find_person
from chalicelib.steps.taking_over import Line, line_of, take_over

VERDICTS = (CREATED, UPDATED, UNCHANGED, DUPLICATE, INVALID)
SIDE_BY_SIDE = 8
"""Hundreds of rows that are written at once; what waits for the disk together waits once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What an import did. created + updated + unchanged + duplicate + invalid = rows, always."""

    batch: str
    rows: int
    created: int
    updated: int
    unchanged: int
    duplicate: int
    invalid: int
    encoding: str
    """As which the file was read."""
    warnings: tuple[Note, ...] = ()
    """About the file as a whole."""


def import_contacts(
    home: Home,
    raw: bytes,
    *,
    file: str,
    default_country: str | None,
    most_unpacked: int = MOST_UNPACKED,
) -> ImportResult:
    """Import a CSV or XLSX file. Raises InvalidImport, with nothing changed, when it is no contacts file.

    Raises InvalidRequest, before the file is read, when `default_country` is no country.
    """
    country = known_country(default_country)
    batch = f"b{home.ports.randomness.token()[:12]}"
    with unit("contacts_imported", home.ports.clock.now, batch=batch, bytes=len(raw)) as seen:
        table = read_contacts(raw, most_unpacked=most_unpacked)
        lines = _lines(home, batch, table, country)
        home.ports.objects.put(results_key(batch), b"\n".join(map(orjson.dumps, lines)))
        counts = Counter(line["verdict"] for line in lines)
        seen.add(rows=len(lines), rows_by_verdict=dict(counts))
    by_verdict = {verdict: counts[verdict] for verdict in VERDICTS}
    return ImportResult(
        batch=batch, rows=len(lines), encoding=table.encoding, warnings=table.warnings, **by_verdict
    )


def _lines(home: Home, batch: str, table: Table, country: str | None) -> list[Line]:
    """Take every row over; returns their lines, in the file's order."""
    rows: list[ImportedRow] = []
    lines: list[Line] = []
    for number, raw_row in table.rows:
        row = interpret(raw_row, number, country)
        if isinstance(row, RowProblem):
            lines.append(line_of(number, INVALID, None, [(row.code, row.params)]))
        else:
            rows.append(row)
    list_import(home, batch)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        lines += take_over(home, rows, batch, pool.map)
    return sorted(lines, key=itemgetter("line"))


def results_key(batch: str) -> str:
    """Return where an import's lines are stored."""
    return f"imports/{batch}.jsonl"


def undone_key(batch: str) -> str:
    """Return where the lines of its undoing are."""
    return f"imports/{batch}.undone.jsonl"


def profile(raw: bytes, default_country: str | None) -> Survey:
    """Return what a file holds and what an import would make of it. Raises as an import does."""
    country = known_country(default_country)
    return profiled(read_contacts(raw, may_be_nameless=True), country)


def known_country(code: str | None) -> str | None:
    """Return a default country in upper case, None for none. Raises InvalidRequest when it is no country."""
    if not code:
        return None
    if is_country(code.upper()):
        return code.upper()
    params = {"value": code[:40], "guess": country_guess(code[:40])}
    raise InvalidRequest(Problem(code="country_unknown", path="default_country", params=params))


def result_lines(home: Home, batch: str) -> list[Line]:
    """Return an import's lines, in the file's order. Raises NotFound."""
    stored = home.ports.objects.get(results_key(batch)) if batch.isalnum() else None
    if stored is None:
        raise NotFound(Problem(code="import_unknown", params={"batch": batch}))
    return [orjson.loads(line) for line in stored.splitlines()]


def show(home: Home, name: str) -> tuple[Contact, dict[str, Any]]:
    """Return a contact with consents, suppressions and consent events. Raises NotFound."""
    person = find_person(home, name)
    contact, standing = home.ports.book.get(person), home.ports.standings.get(person)
    erased = erased_at(standing)
    if erased is not None:
        raise NotFound(Problem(code="contact_erased", params={"at": to_iso(erased)}))
    if contact is None:
        raise NotFound(Problem(code="contact_unknown", params={"contact": name}))
    return contact, {
        "consents": standing.consents if standing else {},
        "suppressed": standing.suppressed if standing else {},
        "events": home.ports.consents.page(person).items,
    }
