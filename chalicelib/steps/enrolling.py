"""Enrolling: people without consent go on a list, to be asked for it by other means than WhatsApp."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.log import log
from chalicelib.planning.manifest import decode_row
from chalicelib.planning.plan import ExcludedRow, Planning
from chalicelib.ports import MOST_ITEMS, Write
from chalicelib.steps.home import Home
from chalicelib.steps.parts import summary_of

RE_PERMISSION = "re-permission"
"""The list's name, as segments of the campaign that asks for consent know it."""
WITHOUT_CONSENT = "consent.missing"


def enrol(home: Home, planning: Planning) -> int:
    """Put whoever the plan leaves out for want of consent on the list. Returns how many were new to it."""
    added = 0
    some: list[str] = []
    for person in _without_consent(home, planning):
        some.append(person)
        if len(some) == MOST_ITEMS:
            added += _enrol_some(home, some)
            some = []
    added += _enrol_some(home, some) if some else 0
    log.info("enrolled", extra={"list": RE_PERMISSION, "people": added, "plan": planning.id})
    return added


def _without_consent(home: Home, planning: Planning) -> Iterator[str]:
    for key in planning.parts.values():
        summary = summary_of(home, key)
        if not summary.excluded.get(WITHOUT_CONSENT):
            continue
        for line in (home.ports.objects.get(summary.key) or b"").splitlines():
            row = decode_row(line)
            if isinstance(row, ExcludedRow) and row.reason == WITHOUT_CONSENT:
                yield row.person


def _enrol_some(home: Home, persons: list[str]) -> int:
    """Add a hundred at most; whoever is edited meanwhile is read again."""
    added, pending = 0, persons
    while pending:
        contacts = home.ports.book.get_all(pending)
        outside = [c for c in contacts.values() if RE_PERMISSION not in c.lists]
        writes = [Write(replace(c, lists=c.lists | {RE_PERMISSION}), c.version) for c in outside]
        stored = home.ports.book.put_all(writes) if writes else []
        added += sum(stored)
        pending = [c.id for c, ok in zip(outside, stored, strict=True) if not ok]
    return added
