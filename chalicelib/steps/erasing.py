"""Erase: a person is forgotten wherever something of theirs is stored; what was proven stays proven.

In this order: it is listed as to be done; fingerprints of the names; the standing
says so, from which moment no claim succeeds; then the names, the contact and the
evidence of consents; then, plan by plan and import by import, what was frozen of
them (`copies.py`). Each write may be repeated, and a crash anywhere leaves the
listing, from which the sweep goes on. It looks again later, since what was under
way when they were erased is written after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.audience.contact import Contact
from chalicelib.audience.erasing import names_of, tombstone
from chalicelib.audience.identity import Identity
from chalicelib.audience.instant import DAY_MS, HOUR_MS, SECOND_MS, Instant
from chalicelib.audience.standing import Standing
from chalicelib.errors import NotFound, Problem
from chalicelib.log import log
from chalicelib.steps.amending import amend
from chalicelib.steps.copies import Work, forget_copies
from chalicelib.steps.forgotten import forget_names, leave_fingerprints
from chalicelib.steps.home import Home
from chalicelib.steps.report import find_person
from chalicelib.tracking.retention import Keeping, Kind

KINDS = ("contacts", "names", "consents", "plans", "messages", "imports", "uploads", "unread")
"""Of what an erasure finds."""
LONGEST_NAME = 256
MOST_MS = 20 * SECOND_MS
"""Of one request; the sweep does the rest."""
LOOKS_AFTER_MS = (HOUR_MS, 2 * DAY_MS)
"""When it is looked again: what was under way at the erasure has been written by the first of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What there was of a person, by kind, and whether it is gone: `done` is False while a sweep goes on.

    Not `erased`: it was only looked.
    """

    person: str
    erased: bool
    already: bool
    done: bool
    found: Mapping[str, int]


def erase(home: Home, name: str, *, confirmed: bool, most_ms: int = MOST_MS) -> Erasure:
    """Erase a person named by id, phone or external id, or without `confirmed` count what there is of them.

    Again, it changes nothing more. Raises NotFound.
    """
    if len(name) > LONGEST_NAME:
        raise NotFound(Problem(code="contact_unknown", params={"contact": name[:40]}))
    person = find_person(home, name)
    standing = home.ports.standings.get(person)
    already = standing is not None and standing.erased
    now = home.ports.clock.now
    work = Work(person=person, writes=confirmed, now=now, until=now() + most_ms)
    keeping = Keeping(kind=Kind.ERASURE, id=person, since=now(), look_at=now())
    if confirmed:
        home.ports.keepings.add(keeping)
    _forget_person(home, work)
    cursor = forget_copies(home, work, "")
    if confirmed:
        _put_off(home, keeping, cursor)
        log.info("person_erased", extra={"person": person, "found": dict(work.found), "done": not cursor})
    return Erasure(
        person=person, erased=confirmed or already, already=already, done=not cursor, found=dict(work.found)
    )


def go_on(home: Home, keeping: Keeping, until: Instant) -> int:
    """Look again at what is stored of somebody who is being erased, from where the last pass ended.

    Returns how many things were still there.
    """
    work = Work(person=keeping.id, writes=True, now=home.ports.clock.now, until=until)
    _forget_person(home, work)
    cursor = forget_copies(home, work, keeping.done)
    _put_off(home, keeping, cursor)
    return work.found.total()


def _put_off(home: Home, keeping: Keeping, cursor: str) -> None:
    """List it under its next look; with a cursor the pass goes on, and after the last look it is done."""
    if cursor:
        home.ports.keepings.add(replace(keeping, done=cursor))
        return
    now = home.ports.clock.now()
    later = next((at for ms in LOOKS_AFTER_MS if (at := keeping.since + ms) > now), None)
    if later is not None:
        home.ports.keepings.add(replace(keeping, look_at=later, done=""))
    home.ports.keepings.remove(keeping)


def _forget_person(home: Home, work: Work) -> None:
    """Forget the names, the standing, the contact and the evidence of consents."""
    contact = home.ports.book.get(work.person)
    standing = home.ports.standings.get(work.person)
    names = names_of(contact, standing)
    owners = home.ports.book.owners(names) if names else {}
    names = [name for name in names if owners.get(name) == work.person]
    work.found["contacts"] += contact is not None
    work.found["names"] += len(names)
    if work.writes:
        leave_fingerprints(home, work.person, names)
        names += _buried(home, work.person)
        forget_names(home, work.person, list(dict.fromkeys(names)))
        _remove_contact(home, contact)
    while events := home.ports.consents.page(work.person).items:
        work.found["consents"] += len(events)
        if not work.writes:
            break
        home.ports.consents.remove_all(events)


def _buried(home: Home, person: str) -> list[Identity]:
    """Leave the tombstone; returns the names that the standing told until then."""
    now = home.ports.clock.now()
    told: list[Identity] = []

    def buried(current: Standing | None) -> Standing | None:
        told[:] = names_of(None, current)
        return tombstone(current, person, now)

    amend(lambda: home.ports.standings.get(person), home.ports.standings.put, buried)
    return told


def _remove_contact(home: Home, contact: Contact | None) -> None:
    """Remove it in whichever version it is: whoever wrote it since did not know yet; a new name goes too."""
    while contact is not None and not home.ports.book.remove_all([contact])[0]:
        contact = home.ports.book.get(contact.id)
        if contact is not None:
            forget_names(home, contact.id, names_of(contact, None))
