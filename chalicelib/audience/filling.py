"""Filling: what a row tells of a contact's fields, newest first, field by field.

A row that says how old it is (`updated_at`) wins where it is newer than what we
hold, so rows and files may come in any order. A row that does not say is as new
as its import. Of two values of one age the larger text stays: some choice, and
always the same. docs/decisions/0021 has the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.audience.contact import Contact
from chalicelib.audience.instant import Instant
from chalicelib.audience.interpreting import ImportedRow

ERASABLE = ("first_name", "last_name", "language", "country", "timezone")
"""Fields of text that an explicit null erases; tags, lists and attributes are the others."""
TEXTS = ("external_id", "phone", *ERASABLE)
ATTRIBUTES = "attributes"


def filled(contact: Contact, row: ImportedRow, now: Instant) -> Contact:
    """Return the contact with what the row tells; tags and lists are added to those we know."""
    if row.as_of is None and not row.erases and not contact.as_of:
        return _added(contact, row)
    kept = _less(contact, row.erases) if row.erases else contact
    told = values_of(row)
    as_of: Mapping[str, Instant] = kept.as_of
    if row.as_of is not None:
        told, as_of = _newer(kept, told, min(row.as_of, now))
    texts: dict[str, Any] = {name: value for name, value in told.items() if name in TEXTS}
    attributes = {n[len(ATTRIBUTES) + 1 :]: v for n, v in told.items() if n.startswith(ATTRIBUTES)}
    after = replace(
        kept,
        **texts,
        tags=kept.tags | row.tags,
        lists=kept.lists | row.lists,
        attributes={**kept.attributes, **attributes},
    )
    if row.as_of is None:
        as_of = {**as_of, **dict.fromkeys(_changed(contact, after), now)}
    return after if as_of is after.as_of else replace(after, as_of=as_of)


def _added(contact: Contact, row: ImportedRow) -> Contact:
    """Return the contact with what an undated row tells, where no value has an age: the usual case."""
    return replace(
        contact,
        external_id=row.external_id or contact.external_id,
        phone=row.phone or contact.phone,
        first_name=row.first_name or contact.first_name,
        last_name=row.last_name or contact.last_name,
        language=row.language or contact.language,
        country=row.country or contact.country,
        timezone=row.timezone or contact.timezone,
        tags=contact.tags | row.tags,
        lists=contact.lists | row.lists,
        attributes={**contact.attributes, **row.attributes},
    )


def values_of(fields: ImportedRow | Contact) -> dict[str, str]:
    """Return the values of a row or a contact by the names of their fields ("phone", "attributes.city")."""
    found = {name: value for name in TEXTS if (value := getattr(fields, name))}
    return found | {f"{ATTRIBUTES}.{name}": value for name, value in fields.attributes.items()}


def _newer(
    contact: Contact, told: Mapping[str, str], at: Instant
) -> tuple[dict[str, str], dict[str, Instant]]:
    """Return what is newer than the contact's values, and how old each of its values then is."""
    held = values_of(contact)
    as_of = {**dict.fromkeys(held, contact.updated_at), **contact.as_of}
    taken = {}
    for name, value in told.items():
        if (at, value) >= (as_of.get(name, 0), held.get(name, "")):
            taken[name] = value
            as_of[name] = at
    return taken, as_of


def _changed(before: Contact, after: Contact) -> Iterator[str]:
    old, new = values_of(before), values_of(after)
    return (name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _less(contact: Contact, erases: frozenset[str]) -> Contact:
    """Return `contact` without the fields that were erased by name."""
    without: dict[str, Any] = {name: None for name in ERASABLE if name in erases}
    without |= {name: frozenset() for name in ("tags", "lists") if name in erases}
    left = {n: v for n, v in contact.attributes.items() if f"{ATTRIBUTES}.{n}" not in erases}
    return replace(contact, **without, attributes={} if ATTRIBUTES in erases else left)
