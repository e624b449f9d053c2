"""A contact: a person in our book. Its key is ours, never a phone number."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib.audience.instant import Instant

SHARDS = 64
"""Key ranges the book is spread over; fixed for ever, since rows are stored under it."""


MOST_HAPPENINGS = 50
"""Of one event that a contact keeps, the newest: what a segment can count to."""
MOST_EVENTS = 20
"""Different events that a contact keeps."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Happening:
    """One event of a person, as another system told us: when, and that system's key for it."""

    at: Instant
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What we know of a person, apart from what decides whether they may be messaged.

    `phone` is E.164 with its plus. `timezone` is kept as it was given and may be
    invalid; `country` is ISO 3166 alpha-2, upper case; `language` is lower case
    BCP 47 ("fr", "ary", "pt-br"). Attributes are text. `events` by name, oldest first.
    `as_of` says how old the values of fields are ("phone", "attributes.city") that a
    dated row told; any other is as old as the contact's last change. `bsuid` is
    WhatsApp's own id of somebody who wrote to us before any file named them.
    """

    id: str
    version: int = 1
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
    updated_at: Instant = 0
    events: Mapping[str, tuple[Happening, ...]] = field(default_factory=dict)
    as_of: Mapping[str, Instant] = field(default_factory=dict)
    bsuid: str | None = None


def happened(contact: Contact, event: str, happening: Happening) -> Contact | None:
    """Return `contact` with an event added, oldest first; None when it is known by its key already.

    Of one event the newest MOST_HAPPENINGS are kept; a key older than those is known no more.
    """
    known = contact.events.get(event, ())
    if any(h.key == happening.key for h in known):
        return None
    kept = tuple(sorted([*known, happening])[-MOST_HAPPENINGS:])
    return None if kept == known else replace(contact, events={**contact.events, event: kept})


def shard_of(person: str) -> int:
    """Return the shard, 0 to SHARDS - 1, under which everything of `person` is stored."""
    return zlib.crc32(person.encode()) % SHARDS
