"""Import: a contacts file becomes contacts, standings and consent evidence; one result per row.

Rows are written a hundred at a time: identities first (each belongs to one
person for ever), then standings, then contacts, then the evidence. A crash
leaves rows that the same file, imported again, completes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from chalicelib.audience.consent import ConsentEvent
from chalicelib.audience.contact import Contact
from chalicelib.audience.identity import EXTERNAL_ID, PHONE, Identity, country_guess, is_country
from chalicelib.audience.importing import (
    CREATED,
    DUPLICATE,
    INVALID,
    TWO_PEOPLE,
    UNCHANGED,
    UPDATED,
    ImportedRow,
    Merged,
    RowProblem,
    interpret,
    merge,
)
from chalicelib.audience.table import Note
from chalicelib.errors import InvalidRequest, NotFound, Problem, Refused
from chalicelib.log import log
from chalicelib.ports import MOST_ITEMS, Write
from chalicelib.steps.contacts_files import MOST_UNPACKED, read_contacts
from chalicelib.steps.home import Home
from chalicelib.steps.report import find_person

TRIES = 50
"""Far more than any real contention over one person."""
VERDICTS = (CREATED, UPDATED, UNCHANGED, DUPLICATE, INVALID)


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


Line = dict[str, Any]


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
    table = read_contacts(raw, most_unpacked=most_unpacked)
    interpreted = [interpret(row, line, country) for line, row in table.rows]
    lines: dict[int, Line] = {}
    rows: list[ImportedRow] = []
    for row in interpreted:
        if isinstance(row, RowProblem):
            lines[row.line] = {
                "line": row.line,
                "verdict": INVALID,
                "person": None,
                "problems": [(row.code, dict(row.params))],
            }
        else:
            rows.append(row)
    kept = without_duplicates(rows, lines)
    for some in by_hundreds(kept):
        for line in _import_some(home, some, batch):
            lines[line["line"]] = line
    stored = b"\n".join(orjson.dumps(lines[number]) for number in sorted(lines))
    home.ports.objects.put(f"imports/{batch}.jsonl", stored)
    counts = Counter(line["verdict"] for line in lines.values())
    log.info("contacts_imported", extra={"batch": batch, "rows_by_verdict": dict(counts)})
    by_verdict = {verdict: counts[verdict] for verdict in VERDICTS}
    return ImportResult(
        batch=batch, rows=len(lines), encoding=table.encoding, warnings=table.warnings, **by_verdict
    )


def known_country(code: str | None) -> str | None:
    """Return a default country in upper case, None for none. Raises InvalidRequest when it is no country."""
    if not code:
        return None
    if is_country(code.upper()):
        return code.upper()
    params = {"value": code[:40], "guess": country_guess(code[:40])}
    raise InvalidRequest(Problem(code="country_unknown", path="default_country", params=params))


def without_duplicates(rows: Sequence[ImportedRow], lines: dict[int, Line]) -> list[ImportedRow]:
    """Fold rows that name the same person into the newest one; the others become `duplicate` lines.

    Newest wins per field: an empty cell of a later row keeps the earlier row's value.
    """
    by_identity: dict[Identity, int] = {}
    kept: dict[int, ImportedRow] = {}
    for index, row in enumerate(rows):
        before = next((by_identity[i] for i in identities_of(row) if i in by_identity), None)
        if before is not None:
            older = kept.pop(before)
            lines[older.line] = {"line": older.line, "verdict": DUPLICATE, "person": None, "problems": []}
            row = over(older, row)
        kept[index] = row
        for identity in identities_of(row):
            by_identity[identity] = index
    return list(kept.values())


def identities_of(row: ImportedRow) -> list[Identity]:
    """Return a row's identities, the external id first: it is the owner's own key."""
    found = []
    if row.external_id:
        found.append(Identity(EXTERNAL_ID, row.external_id))
    if row.phone:
        found.append(Identity(PHONE, row.phone))
    return found


def by_hundreds(rows: Sequence[ImportedRow]) -> Iterator[Sequence[ImportedRow]]:
    """Yield rows a store call at a time (two identities each)."""
    size = MOST_ITEMS // 2
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _import_some(home: Home, rows: Sequence[ImportedRow], batch: str) -> Iterator[Line]:
    """Import rows that name different people; whoever changed meanwhile is merged anew."""
    person_by_line = _persons(home, rows)
    pending: list[ImportedRow] = []
    for row in rows:
        if row.line in person_by_line:
            pending.append(row)
        else:
            yield {"line": row.line, "verdict": INVALID, "person": None, "problems": [(TWO_PEOPLE, {})]}
    yield from write_rows(home, pending, person_by_line, batch)


def write_rows(
    home: Home, rows: Sequence[ImportedRow], person_by_line: dict[int, str], batch: str
) -> Iterator[Line]:
    """Write rows whose people are known, and yield a line for each; who changed meanwhile is merged anew."""
    pending = list(rows)
    for _ in range(TRIES):
        pending, lines = _write_some(home, pending, person_by_line, batch)
        yield from lines
        if not pending:
            return
    raise Refused(Problem(code="too_much_contention"))


def _persons(home: Home, rows: Sequence[ImportedRow]) -> dict[int, str]:
    """Return whose row each is, claiming identities for people we did not know.

    A row whose external id is one person's and whose number is another's is
    left out: which of the two it means, only its author can say.
    """
    book = home.ports.book
    known = book.owners([i for row in rows for i in identities_of(row)])
    person_by_line: dict[int, str] = {}
    for row in rows:
        owners = {known[i] for i in identities_of(row) if i in known}
        if len(owners) < 2:
            person_by_line[row.line] = owners.pop() if owners else new_person(home)
    for kind in (EXTERNAL_ID, PHONE):  # one after the other, or two imports might win one each
        claims = {
            identity: person_by_line[row.line]
            for row in rows
            for identity in identities_of(row)
            if identity.kind == kind and identity not in known and row.line in person_by_line
        }
        claimed = book.claim_identities(claims) if claims else {}
        for row in rows:
            winners = {claimed[i] for i in identities_of(row) if i in claimed}
            if not winners or winners == {person_by_line[row.line]}:
                continue
            named_already = kind == PHONE and row.external_id is not None
            if named_already or any(i in known for i in identities_of(row)):
                del person_by_line[row.line]  # the other of its names is somebody else's
            else:
                person_by_line[row.line] = winners.pop()
    return person_by_line


def new_person(home: Home) -> str:
    """Return the id of somebody we did not know."""
    return f"c{home.ports.randomness.token()[:20]}"


def _write_some(
    home: Home, rows: Sequence[ImportedRow], person_by_line: dict[int, str], batch: str
) -> tuple[list[ImportedRow], list[Line]]:
    """Write rows; returns those whose person changed meanwhile, and the lines of the others."""
    persons = [person_by_line[row.line] for row in rows]
    contacts = home.ports.book.get_all(persons)
    standings = home.ports.standings.get_all(persons)
    now = home.ports.clock.now()
    merged: list[Merged] = [
        merge(contacts.get(person), standings.get(person), row, person=person, now=now, batch=batch)
        for row, person in zip(rows, persons, strict=True)
    ]
    lost: set[int] = set()
    _put_changed(
        [
            (i, m.standing, standings.get(p))
            for i, (m, p) in enumerate(zip(merged, persons, strict=True))
            if m.standing_changed
        ],
        home.ports.standings.put_all,
        lost,
    )
    _put_changed(
        [
            (i, m.contact, contacts.get(p))
            for i, (m, p) in enumerate(zip(merged, persons, strict=True))
            if m.contact_changed and i not in lost
        ],
        home.ports.book.put_all,
        lost,
    )
    _append(home, [event for i, m in enumerate(merged) if i not in lost for event in m.events])
    for i, m in enumerate(merged):
        before = contacts.get(m.contact.id)
        if i not in lost and before is not None and before.phone and before.phone != m.contact.phone:
            home.ports.book.release_identity(Identity(PHONE, before.phone), m.contact.id)
    again = [row for i, row in enumerate(rows) if i in lost]
    lines = [
        {
            "line": row.line,
            "verdict": m.verdict,
            "person": m.contact.id,
            "problems": [*((code, dict(params)) for code, params in row.notes), *((n, {}) for n in m.notes)],
        }
        for i, (row, m) in enumerate(zip(rows, merged, strict=True))
        if i not in lost
    ]
    return again, lines


def _put_changed(changed: Iterable[tuple[int, Any, Any]], put_all: Any, lost: set[int]) -> None:
    some = list(changed)
    if not some:
        return
    writes = [Write(item, before.version if before else None) for _, item, before in some]
    for (index, _, _), stored in zip(some, put_all(writes), strict=True):
        if not stored:
            lost.add(index)


def _append(home: Home, events: Sequence[ConsentEvent]) -> None:
    for start in range(0, len(events), MOST_ITEMS):
        home.ports.consents.append(events[start : start + MOST_ITEMS])


def over(older: ImportedRow, newer: ImportedRow) -> ImportedRow:
    """Return the newer row with the older one's values where the newer says nothing."""
    changes: dict[str, Any] = {}
    for name in ("external_id", "phone", "first_name", "last_name", "language", "country", "timezone"):
        if getattr(newer, name) is None:
            changes[name] = getattr(older, name)
    changes["notes"] = newer.notes if newer.phone else older.notes
    changes["tags"] = older.tags | newer.tags
    changes["lists"] = older.lists | newer.lists
    changes["attributes"] = {**older.attributes, **newer.attributes}
    changes["consents"] = {**older.consents, **newer.consents}
    return replace(newer, **changes)


def result_lines(home: Home, batch: str) -> list[Line]:
    """Return an import's lines, in the file's order. Raises NotFound."""
    stored = home.ports.objects.get(f"imports/{batch}.jsonl") if batch.isalnum() else None
    if stored is None:
        raise NotFound(Problem(code="import_unknown", params={"batch": batch}))
    return [orjson.loads(line) for line in stored.splitlines()]


def show(home: Home, name: str) -> tuple[Contact, dict[str, Any]]:
    """Return a contact with consents, suppressions and consent events. Raises NotFound."""
    person = find_person(home, name)
    contact = home.ports.book.get(person)
    if contact is None:
        raise NotFound(Problem(code="contact_unknown", params={"contact": name}))
    standing = home.ports.standings.get(person)
    return contact, {
        "consents": standing.consents if standing else {},
        "suppressed": standing.suppressed if standing else {},
        "events": home.ports.consents.page(person).items,
    }
