"""Statements: what another system says of one person becomes that person, through the rules of an import.

Whose statement it is is settled before anything is written: first the external
id, which is that system's own key, then the number. Two systems that speak at
once of somebody new therefore make one person: whoever claims a name later
finds the first one's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.audience.contact import Contact
from chalicelib.audience.duplicates import Namesakes
from chalicelib.audience.identity import EXTERNAL_ID, PHONE, Identity
from chalicelib.audience.importing import UNCHANGED, UPDATED, ImportedRow
from chalicelib.audience.statement import read_statement
from chalicelib.errors import InvalidRequest, Problem, Refused
from chalicelib.log import log
from chalicelib.ports import Write
from chalicelib.steps.amending import amend
from chalicelib.steps.forgotten import forgotten
from chalicelib.steps.home import Home
from chalicelib.steps.taking_over import new_person, write

SOURCE = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """Who it was, what came of them as an import calls it, and codes of what was not taken over."""

    person: str
    verdict: str
    notes: tuple[str, ...]


def state(home: Home, external_id: str, fields: Mapping[str, Any]) -> Stated:
    """Make the person called `external_id` what `fields` say. Saying it again changes nothing.

    Raises InvalidRequest with every problem and nothing changed, or Refused when
    the number is another person's.
    """
    row, problems = read_statement(external_id, fields, home.ports.clock.now())
    if problems:
        raise InvalidRequest(*problems)
    person, is_claimed = _person(home, row)
    is_named_now = _name(home, person, row, is_claimed)
    (line,) = write(home, [Namesakes([row], person)], SOURCE)
    verdict = UPDATED if is_named_now and line["verdict"] == UNCHANGED else line["verdict"]
    log.info("contact_stated", extra={"person": person, "verdict": verdict})
    return Stated(person=person, verdict=verdict, notes=tuple(code for code, _ in line["problems"]))


def _person(home: Home, row: ImportedRow) -> tuple[str, bool]:
    """Return whose statement it is, with both names claimed for them, and whether the external id is new.

    Raises Refused.
    """
    book = home.ports.book
    name, phone = Identity(EXTERNAL_ID, row.external_id or ""), Identity(PHONE, row.phone or "")
    known = book.owners([name, phone] if row.phone else [name])
    person, answering = known.get(name), known.get(phone)
    gone = forgotten(home, [i for i in (name, phone) if i.value and i not in known])
    if gone and person is None:
        return next(iter(gone.values())), False
    if gone:
        raise _taken()  # the number of somebody who was erased
    if person is None:
        if answering is not None and not _may_be_called(book.get(answering), row):
            raise _taken()
        person = book.claim_identities({name: answering or new_person(home)})[name]
    if not row.phone:
        return person, name not in known
    if answering is None:
        answering = book.claim_identities({phone: person})[phone]
    if answering != person and book.get(person) is None and _may_be_called(book.get(answering), row):
        # The name leads to nobody yet: a file with the number alone was a moment faster.
        book.release_identity(name, person)
        person = book.claim_identities({name: answering})[name]
    if answering != person:
        raise _taken()
    return person, name not in known


def _may_be_called(contact: Contact | None, row: ImportedRow) -> bool:
    """Say whether somebody we know by number has no other external id."""
    return contact is not None and contact.external_id in (None, row.external_id)


def _name(home: Home, person: str, row: ImportedRow, is_claimed: bool) -> bool:
    """Give somebody known by number alone the external id; True when they had none.

    Before anything else of the statement, so that of two systems that call one
    number by two names the slower is refused as a whole.
    """
    book, named = home.ports.book, False
    standing = home.ports.standings.get(person)
    if standing is not None and standing.erased:
        return False

    def called(contact: Contact | None) -> Contact | None:
        nonlocal named
        named = contact is not None and contact.external_id is None
        if contact is None or contact.external_id == row.external_id:
            return None
        if contact.external_id is not None:
            raise Refused(Problem(code="statement.renamed", path="external_id"))
        return replace(contact, external_id=row.external_id)

    def put(contact: Contact, *, expected_version: int | None) -> bool:
        return book.put_all([Write(contact, expected_version)])[0]

    try:
        amend(lambda: book.get(person), put, called)
    except Refused:
        if is_claimed:
            book.release_identity(Identity(EXTERNAL_ID, row.external_id or ""), person)
        raise
    return named


def _taken() -> Refused:
    return Refused(Problem(code="statement.phone_taken", path="phone"))
