"""Taking over: interpreted rows become contacts, standings and evidence, a hundred items a call.

Identities first (each belongs to one person for ever), then standings, then
contacts, then the evidence. Before a thousand people are written, what will
change in them is written down, so that the import can be undone. A crash leaves
rows that the same file, imported again, completes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from chalicelib.audience.consent import ConsentEvent
from chalicelib.audience.contact import Contact
from chalicelib.audience.duplicates import SAME_PERSON, Namesakes, by_person, identities_of, owned
from chalicelib.audience.identity import EXTERNAL_ID, PHONE, Identity
from chalicelib.audience.importing import DUPLICATE, INVALID, TWO_PEOPLE, ImportedRow, Merged, merge_all
from chalicelib.audience.standing import Standing
from chalicelib.audience.table import Note
from chalicelib.audience.undoing import Change, change_of
from chalicelib.errors import Problem, Refused
from chalicelib.ports import MOST_ITEMS, Write
from chalicelib.steps.forgotten import forget_names, forgotten
from chalicelib.steps.home import Home
from chalicelib.steps.journal import note_down

TRIES = 50
"""Far more than any real contention over one person."""
PEOPLE_AT_ONCE = 1_000
"""Whose changes are written down before any of them is made."""

Line = dict[str, Any]
T = TypeVar("T")
Each = Callable[..., Iterable[Any]]
"""`map`, or one that works side by side."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A person as found, and as the rows make them."""

    group: Namesakes
    existing: Contact | None
    held: Standing | None
    merged: Merged

    def change(self) -> Change | None:
        """Return what an undo has to know, None where nothing changes."""
        merged = self.merged
        if not (merged.contact_changed or merged.standing_changed or self.group.claimed):
            return None
        return change_of(
            self.existing,
            self.held,
            merged.contact,
            merged.standing,
            line=self.group.rows[-1].line,
            claimed=tuple(self.group.claimed),
        )


def line_of(number: int, verdict: str, person: str | None, problems: Iterable[tuple[str, Any]]) -> Line:
    """Return what became of a row."""
    told = [(code, dict(params)) for code, params in problems]
    return {"line": number, "verdict": verdict, "person": person, "problems": told}


def take_over(home: Home, rows: Sequence[ImportedRow], batch: str, each: Each = map) -> list[Line]:
    """Make people what the rows say; returns a line for each row. A thousand are one part of the journal."""
    groups, in_conflict = by_person(rows)
    lines = [_of_two_people(row) for row in in_conflict]
    for part, start in enumerate(range(0, max(1, len(groups)), PEOPLE_AT_ONCE)):
        some = groups[start : start + PEOPLE_AT_ONCE]
        people: list[Namesakes] = []
        for known, refused in each(lambda hundred: _persons(home, hundred), by_hundreds(some)):
            people += known
            lines += map(_of_two_people, refused)
        lines += write(home, people, batch, each, part=part)
    return lines


def _of_two_people(row: ImportedRow) -> Line:
    return line_of(row.line, INVALID, None, [(TWO_PEOPLE, {})])


def by_hundreds(groups: Sequence[Namesakes]) -> Iterator[list[Namesakes]]:
    """Yield people a store call at a time: as many as have a hundred names, or one who has more."""
    some: list[Namesakes] = []
    names = 0
    for group in groups:
        count = len(group.identities)
        if some and names + count > MOST_ITEMS:
            yield some
            some, names = [], 0
        some.append(group)
        names += count
    if some:
        yield some


def pages(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield what one call of a port takes."""
    for start in range(0, len(items), MOST_ITEMS):
        yield items[start : start + MOST_ITEMS]


def new_person(home: Home) -> str:
    """Return the id of somebody we did not know: by time, so that who comes together lies together."""
    return f"c{home.ports.clock.now():011x}{home.ports.randomness.token()[:14]}"


def _persons(home: Home, groups: Sequence[Namesakes]) -> tuple[list[Namesakes], list[ImportedRow]]:
    """Return whose rows they are, claiming identities for people we did not know, and rows left out.

    A row whose external id is one person's and whose number is another's is
    left out: which of the two it means, only its author can say.
    """
    book = home.ports.book
    names = [i for group in groups for i in group.identities]
    known: dict[Identity, str] = {}
    for some in pages(names):
        known |= book.owners(some)
    erased = forgotten(home, [name for name in names if name not in known])
    known |= erased
    gone = frozenset(erased.values())
    found: list[Namesakes] = []
    left_out: list[ImportedRow] = []
    for group in groups:
        ours, others = owned(group, known)
        found += [one for one in ours if one.rows]
        left_out += others
    for group in found:
        group.is_new = not group.person
        group.person = group.person or new_person(home)
    for kind in (EXTERNAL_ID, PHONE):  # one after the other, or two imports might win one each
        claimed = _claim(home, [group for group in found if group.person not in gone], kind, known)
        for group in found:
            left_out += _settle(group, kind, claimed)
    return [group for group in found if group.rows], left_out


def _claim(
    home: Home, groups: Sequence[Namesakes], kind: str, known: Mapping[Identity, str]
) -> dict[Identity, str]:
    claims = {i: g.person for g in groups for i in g.identities if i.kind == kind and i not in known}
    claimed: dict[Identity, str] = {}
    for some in pages(list(claims)):
        claimed |= home.ports.book.claim_identities({i: claims[i] for i in some})
    return claimed


def _settle(group: Namesakes, kind: str, claimed: Mapping[Identity, str]) -> list[ImportedRow]:
    """Give the group the person who won its names of this kind; returns rows that are another's after all."""
    ours = [i for i in group.identities if i.kind == kind and i in claimed]
    lost = [i for i in ours if claimed[i] != group.person]
    group.claimed += [i for i in ours if i not in lost]
    if not lost:
        return []
    is_named = kind == PHONE and any(row.external_id for row in group.rows)
    if group.is_new and not is_named and len({claimed[i] for i in ours}) == 1:
        group.person, group.is_new = claimed[lost[0]], False
        return []
    others = [row for row in group.rows if any(i in lost for i in identities_of(row))]
    group.rows = [row for row in group.rows if row not in others]
    return others


def write(
    home: Home, groups: Sequence[Namesakes], batch: str, each: Each = map, part: int | None = None
) -> list[Line]:
    """Write people whose names are settled; returns their lines. Who changed meanwhile is merged anew.

    What will change is noted down first as that part of the journal, if there is one.
    """
    lines: list[Line] = []
    pending = list(groups)
    for attempt in range(TRIES):
        hundreds = list(each(lambda some: _merged(home, some, batch), pages(pending)))
        if part is not None:
            changes = [change for taken in chain(*hundreds) if (change := taken.change()) is not None]
            note_down(home, batch, part, attempt, changes)
        pending = []
        for written, lost in each(lambda some: _written(home, some), hundreds):
            lines += written
            pending += lost
        if not pending:
            return lines
    raise Refused(Problem(code="too_much_contention"))


def _merged(home: Home, groups: Sequence[Namesakes], batch: str) -> list[Taken]:
    persons = [group.person for group in groups if not group.is_new]
    contacts = home.ports.book.get_all(persons) if persons else {}
    standings = home.ports.standings.get_all(persons) if persons else {}
    now = home.ports.clock.now()
    found = []
    for group in groups:
        existing, held = contacts.get(group.person), standings.get(group.person)
        merged = merge_all(existing, held, group.rows, person=group.person, now=now, batch=batch)
        found.append(Taken(group, existing, held, merged))
    return found


def _written(home: Home, people: Sequence[Taken]) -> tuple[list[Line], list[Namesakes]]:
    """Write people; returns the lines of those who were, and those who changed meanwhile."""
    standings = [t for t in people if t.merged.standing_changed]
    lost = _refused(
        standings, home.ports.standings.put_all, lambda t: Write(t.merged.standing, version(t.held))
    )
    contacts = [t for t in people if t.merged.contact_changed and id(t) not in lost]
    lost |= _refused(
        contacts, home.ports.book.put_all, lambda t: Write(t.merged.contact, version(t.existing))
    )
    done = [taken for taken in people if id(taken) not in lost]
    _append(home, [event for taken in done for event in taken.merged.events])
    for taken in done:
        if taken.merged.standing.erased:  # perhaps while this was on its way: it claimed the names anew
            forget_names(home, taken.group.person, taken.group.identities[:MOST_ITEMS])
            continue
        for number in _numbers_left(taken):
            home.ports.book.release_identity(Identity(PHONE, number), taken.group.person)
    lines = [line for taken in done for line in _lines(taken)]
    for taken in people:
        taken.group.is_new = False  # whoever lost was written by somebody else
    return lines, [taken.group for taken in people if id(taken) in lost]


def version(item: Contact | Standing | None) -> int | None:
    """Return the version that a write expects."""
    return None if item is None else item.version


def _refused(people: Sequence[Taken], put_all: Any, written: Callable[[Taken], Any]) -> set[int]:
    if not people:
        return set()
    stored = put_all([written(taken) for taken in people])
    return {id(taken) for taken, ok in zip(people, stored, strict=True) if not ok}


def _append(home: Home, events: Sequence[ConsentEvent]) -> None:
    for some in pages(events):
        home.ports.consents.append(some)


def _numbers_left(taken: Taken) -> set[str]:
    """Return the numbers that were the person's or that a row told, and are not: others may have them."""
    numbers = {row.phone for row in taken.group.rows if row.phone}
    if taken.existing is not None and taken.existing.phone:
        numbers.add(taken.existing.phone)
    return numbers - {taken.merged.contact.phone or ""}


def _lines(taken: Taken) -> Iterator[Line]:
    *others, last = taken.group.rows
    for row in others:
        merged_into = (SAME_PERSON, {"other": str(last.line)})
        yield line_of(row.line, DUPLICATE, taken.group.person, [merged_into, *row.notes])
    notes: list[Note] = [(code, {}) for code in taken.merged.notes]
    yield line_of(last.line, taken.merged.verdict, taken.group.person, [*last.notes, *notes])
