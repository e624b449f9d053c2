"""Undo: an import is taken back, as far as nobody has built on it since.

People are decided anew whenever somebody else changed them meanwhile, so that
undoing never overwrites. A contact goes first, then the standing on condition
that nothing happened to it: a STOP or a send in between brings the contact back.
Names are freed last, and kept where the person came back. Again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import orjson

from chalicelib.audience.contact import Contact
from chalicelib.audience.identity import PHONE, Identity
from chalicelib.audience.standing import Standing
from chalicelib.audience.undoing import (
    KEPT,
    OUTCOMES,
    PHONE_TAKEN,
    REMOVED,
    Change,
    Undone,
    names_to_free,
    undone,
)
from chalicelib.errors import NotFound, Problem, Refused
from chalicelib.log import log
from chalicelib.ports import Write
from chalicelib.steps import journal
from chalicelib.steps.home import Home
from chalicelib.steps.imports import SIDE_BY_SIDE, result_lines, undone_key
from chalicelib.steps.taking_over import TRIES, Line, line_of, pages


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoResult:
    """What an undo did: how many people by outcome, and the lines of those who were not wholly undone."""

    batch: str
    people: int
    by_outcome: dict[str, int]
    by_reason: dict[str, int]
    kept: list[Line]


@dataclass(frozen=True, slots=True)
class _Case:
    """A person as found, what the import changed, and what is left when that is taken back."""

    change: Change
    contact: Contact | None
    standing: Standing | None
    undone: Undone


def undo(home: Home, batch: str) -> UndoResult:
    """Take an import back. Raises NotFound when there is no such import, or it left no journal."""
    parts = list(journal.parts(home, batch)) if batch.isalnum() else []
    if not parts:
        result_lines(home, batch)
        raise NotFound(Problem(code="import_without_journal", params={"batch": batch}))
    lines: list[Line] = []
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for changes in reversed(parts):
            for some in pool.map(lambda hundred: _undo_some(home, hundred, batch), pages(changes)):
                lines += some
    lines.sort(key=lambda line: line["line"])
    outcomes = Counter(line["verdict"] for line in lines)
    reasons = Counter(code for line in lines for code, _ in line["problems"])
    home.ports.objects.put(undone_key(batch), b"\n".join(map(orjson.dumps, lines)))
    log.info("import_undone", extra={"batch": batch, "people_by_outcome": dict(outcomes)})
    return UndoResult(
        batch=batch,
        people=len(lines),
        by_outcome={outcome: outcomes[outcome] for outcome in OUTCOMES},
        by_reason=dict(reasons),
        kept=[line for line in lines if line["verdict"] == KEPT],
    )


def _undo_some(home: Home, changes: Sequence[Change], batch: str) -> list[Line]:
    """Undo a hundred people; returns a line for each."""
    lines: list[Line] = []
    pending = list(changes)
    for _ in range(TRIES):
        cases = _cases(home, pending, batch)
        lost = _store(home, [case for case in cases if case.undone.contact is not None])
        lost |= _remove(home, [case for case in cases if case.undone.outcome == REMOVED])
        done = [case for case in cases if case.change.person not in lost]
        _free(home, done)
        lines += [_line(case) for case in done]
        pending = [change for change in pending if change.person in lost]
        if not pending:
            return lines
    raise Refused(Problem(code="too_much_contention"))


def _line(case: _Case) -> Line:
    return line_of(case.change.line, case.undone.outcome, case.change.person, case.undone.notes)


def _cases(home: Home, changes: Sequence[Change], batch: str) -> list[_Case]:
    persons = [change.person for change in changes]
    contacts = home.ports.book.get_all(persons)
    standings = home.ports.standings.get_all(persons)
    cases = []
    for change in changes:
        contact, standing = contacts.get(change.person), standings.get(change.person)
        cases.append(_Case(change, contact, standing, undone(contact, standing, change, batch)))
    return _with_numbers(home, cases)


def _with_numbers(home: Home, cases: Sequence[_Case]) -> list[_Case]:
    """Claim the numbers that people get back; who cannot, since it is another's now, keeps the newer one."""
    wanted = {
        Identity(PHONE, case.undone.contact.phone): case.change.person
        for case in cases
        if case.undone.contact is not None
        and case.undone.contact.phone
        and case.contact is not None
        and case.undone.contact.phone != case.contact.phone
    }
    owners = home.ports.book.claim_identities(wanted) if wanted else {}
    taken = {wanted[identity] for identity, owner in owners.items() if owner != wanted[identity]}
    return [_keeping_its_number(case) if case.change.person in taken else case for case in cases]


def _keeping_its_number(case: _Case) -> _Case:
    result, held = case.undone, case.contact
    assert result.contact is not None
    assert held is not None
    contact = replace(result.contact, phone=held.phone)
    standing = None if result.standing is None else replace(result.standing, phone=held.phone)
    notes = (*result.notes, (PHONE_TAKEN, {}))
    return replace(case, undone=Undone(outcome=KEPT, contact=contact, standing=standing, notes=notes))


def _store(home: Home, cases: Sequence[_Case]) -> set[str]:
    """Write what is left of people, standings first; returns those who changed meanwhile."""
    now = home.ports.clock.now()
    standings = [
        Write(case.undone.standing, case.standing.version)
        for case in cases
        if case.standing is not None and case.undone.standing not in (None, case.standing)
    ]
    lost = _lost([w.item.person for w in standings if w.item], home.ports.standings.put_all, standings)
    contacts = [
        Write(replace(case.undone.contact, updated_at=now), case.contact.version)
        for case in cases
        if case.contact is not None
        and case.undone.contact not in (None, case.contact)
        and case.change.person not in lost
    ]
    return lost | _lost([w.item.id for w in contacts], home.ports.book.put_all, contacts)


def _lost(persons: Sequence[str], put_all: object, writes: Sequence[object]) -> set[str]:
    if not writes:
        return set()
    stored: Iterable[bool] = put_all(writes)  # type: ignore[operator] # either port's put_all
    return {person for person, ok in zip(persons, stored, strict=True) if not ok}


def _remove(home: Home, cases: Sequence[_Case]) -> set[str]:
    """Remove people; returns those to whom something happened meanwhile, whose contacts are back."""
    contacts = [case.contact for case in cases if case.contact is not None]
    lost = _lost([contact.id for contact in contacts], home.ports.book.remove_all, contacts)
    standings = [
        case.standing for case in cases if case.standing is not None and case.change.person not in lost
    ]
    back = _lost([s.person for s in standings], home.ports.standings.remove_all, standings)
    _bring_back(home, [contact for contact in contacts if contact.id in back])
    return lost | back


def _bring_back(home: Home, contacts: Sequence[Contact]) -> None:
    if contacts:
        home.ports.book.put_all([Write(contact, None) for contact in contacts])


def _free(home: Home, cases: Sequence[_Case]) -> None:
    """Release the names that lead nowhere now, unless somebody wrote to a standing anew meanwhile."""
    names = {
        identity: case.change.person for case in cases for identity in names_to_free(case.change, case.undone)
    }
    for some in pages(list(names)):
        home.ports.book.release_identities({identity: names[identity] for identity in some})
    removed = {case.change.person: case for case in cases if case.undone.outcome == REMOVED}
    if not removed:
        return
    back = home.ports.standings.get_all(list(removed))
    if back:  # a STOP came between two of our writes: it must lead to its person again
        home.ports.book.claim_identities({i: p for i, p in names.items() if p in back})
        _bring_back(home, [c for p in back if (c := removed[p].contact) is not None])
