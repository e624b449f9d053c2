"""Events of other systems: what a person did (order_paid, cart_abandoned), for segments to count."""

from __future__ import annotations

import re

from chalicelib.audience.contact import MOST_EVENTS, Contact, Happening, happened
from chalicelib.audience.instant import DAY_MS, Instant
from chalicelib.errors import Problem, Refused
from chalicelib.ports import Write
from chalicelib.steps.amending import amend
from chalicelib.steps.home import Home
from chalicelib.steps.report import find_person

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
LONGEST_KEY = 128


def record(home: Home, person: str, event: str, key: str, at: Instant | None) -> tuple[str, bool]:
    """Keep one event of a person named by id, phone or external id; return the person, and whether it is new.

    The key makes it idempotent: the same event with the same key is kept once.
    Raises NotFound for a person there is not, Refused for what is no event.
    """
    now = home.ports.clock.now()
    happening = Happening(at=now if at is None else at, key=key)
    _check(event, happening, now)
    found = find_person(home, person)
    known = True

    def with_it(contact: Contact | None) -> Contact | None:
        nonlocal known
        after = happened(contact, event, happening) if contact is not None else None
        known = after is None
        if after is not None and len(after.events) > MOST_EVENTS:
            raise Refused(Problem(code="too_many_events", params={"most": str(MOST_EVENTS)}))
        return after

    def put(contact: Contact, *, expected_version: int | None) -> bool:
        return home.ports.book.put_all([Write(contact, expected_version)])[0]

    amend(lambda: home.ports.book.get(found), put, with_it)
    return found, not known


def _check(event: str, happening: Happening, now: Instant) -> None:
    """Raise Refused with everything that is wrong with an event."""
    problems = []
    if not NAME.fullmatch(event):
        problems.append(Problem(code="event_name", params={"event": event[:80]}))
    if not 0 < len(happening.key) <= LONGEST_KEY:
        problems.append(Problem(code="event_key", params={"most": str(LONGEST_KEY)}))
    if happening.at > now + DAY_MS:
        problems.append(Problem(code="event_in_future", params={"event": event[:80]}))
    if problems:
        raise Refused(*problems)
