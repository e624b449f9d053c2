"""Importing: one row of a contacts file becomes a contact, a standing and evidence, or a reason.

An empty cell never erases. Tags and lists are added to those we know. Consent
only grows by newer opt-ins: an older one changes nothing, and an opt-out that we
have recorded wins over any file, since files are copied and re-exported with
their dates. `csv_rows.py` reads the file and `interpreting.py` its rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from chalicelib.audience.consent import (
    EVERYTHING,
    MARKETING,
    Basis,
    Consent,
    ConsentChange,
    ConsentEvent,
    Consents,
    apply,
    key,
    stands_revoked,
)
from chalicelib.audience.contact import Contact
from chalicelib.audience.instant import DAY_MS, Instant
from chalicelib.audience.interpreting import ImportedRow, RowProblem, interpret
from chalicelib.audience.standing import Standing
from chalicelib.audience.table import RawRow

__all__ = [
    "CREATED",
    "DUPLICATE",
    "INVALID",
    "TWO_PEOPLE",
    "UNCHANGED",
    "UPDATED",
    "ImportedRow",
    "Merged",
    "RawRow",
    "RowProblem",
    "interpret",
    "merge",
]

CREATED = "created"
UPDATED = "updated"
UNCHANGED = "unchanged"
DUPLICATE = "duplicate"
INVALID = "invalid"
TWO_PEOPLE = "row.two_people"
"""The code of a row whose identities belong to two people; found by whoever knows the owners."""

ERASABLE = ("first_name", "last_name", "language", "country", "timezone")
"""Fields of text that an explicit null erases; tags, lists and attributes are the others."""
ATTRIBUTES = "attributes"

_IMPORT = "import"
_API = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What a row makes of a person: what to store, the evidence, and how to call it.

    `notes` are codes of what was understood but not taken over.
    """

    contact: Contact
    standing: Standing
    events: tuple[ConsentEvent, ...]
    verdict: str
    contact_changed: bool
    standing_changed: bool
    notes: tuple[str, ...] = ()


def merge(
    existing: Contact | None,
    standing: Standing | None,
    row: ImportedRow,
    *,
    person: str,
    now: Instant,
    batch: str,
) -> Merged:
    """Return what `row` makes of `person`, who may be known already or not.

    Merging the same row again changes nothing, but yields its evidence again,
    under the same ids: a crash may have lost it. An erased person stays erased.
    """
    before = existing or Contact(id=person)
    held = standing or Standing(person=person)
    if held.erased:
        return Merged(
            contact=before,
            standing=held,
            events=(),
            verdict=UNCHANGED,
            contact_changed=False,
            standing_changed=False,
            notes=("contact.erased",),
        )
    contact = _filled(before, row)
    contact_changed = existing is None or contact != before
    if contact_changed:
        contact = replace(contact, updated_at=now)
    consents, events, notes = _consented(held.consents, row, person=person, now=now, batch=batch)
    consents, told, unheard = _as_stated(consents, row, person=person, now=now)
    after = replace(held, phone=contact.phone, consents=consents)
    standing_changed = standing is None or after != held
    changed = UPDATED if contact_changed or standing_changed else UNCHANGED
    return Merged(
        contact=contact,
        standing=after,
        events=(*events, *told),
        verdict=CREATED if existing is None else changed,
        contact_changed=contact_changed,
        standing_changed=standing_changed,
        notes=(*notes, *unheard),
    )


def _filled(contact: Contact, row: ImportedRow) -> Contact:
    kept = _less(contact, row.erases) if row.erases else contact
    return replace(
        kept,
        external_id=row.external_id or kept.external_id,
        phone=row.phone or kept.phone,
        first_name=row.first_name or kept.first_name,
        last_name=row.last_name or kept.last_name,
        language=row.language or kept.language,
        country=row.country or kept.country,
        timezone=row.timezone or kept.timezone,
        tags=kept.tags | row.tags,
        lists=kept.lists | row.lists,
        attributes={**kept.attributes, **row.attributes},
    )


def _less(contact: Contact, erases: frozenset[str]) -> Contact:
    """Return `contact` without the fields that were erased by name."""
    without: dict[str, Any] = {name: None for name in ERASABLE if name in erases}
    without |= {name: frozenset() for name in ("tags", "lists") if name in erases}
    left = {n: v for n, v in contact.attributes.items() if f"{ATTRIBUTES}.{n}" not in erases}
    return replace(contact, **without, attributes={} if ATTRIBUTES in erases else left)


def _consented(
    consents: Consents, row: ImportedRow, *, person: str, now: Instant, batch: str
) -> tuple[Consents, tuple[ConsentEvent, ...], tuple[str, ...]]:
    """Return the consents with the row's folded in, their evidence, and what was not taken over."""
    events: list[ConsentEvent] = []
    notes: list[str] = []
    for name, dated in sorted(row.consents.items()):
        channel, _, topic = name.partition("/")
        if dated > now + DAY_MS:  # a day, since it is already tomorrow somewhere
            notes.append("consent.in_future")
            continue
        at = min(dated, now)
        if _would_lift(consents, channel, topic, at):
            notes.append("consent.opted_out")
            continue
        event = ConsentEvent(
            id=f"{person}:{name}:opt_in:{at}:{_IMPORT}",
            person=person,
            channel=channel,
            topic=topic,
            change=ConsentChange.OPT_IN,
            at=at,
            recorded_at=now,
            source=f"{_IMPORT} {batch} row {row.line}",
        )
        held = consents.get(name, Consent())
        if held.granted_at == at and held.basis is Basis.EXPLICIT_OPTIN:
            # Known. Its evidence is yielded again if it was a file's, in case a crash lost it.
            events += [event] if held.evidence.startswith(_IMPORT) else []
            continue
        after = apply(consents, event)
        events += [event] if after is not consents else []
        consents = after
    return consents, tuple(events), tuple(notes)


def _as_stated(
    consents: Consents, row: ImportedRow, *, person: str, now: Instant
) -> tuple[Consents, tuple[ConsentEvent, ...], tuple[str, ...]]:
    """Return the consents with what a system stated folded in, the evidence, and what was not taken over.

    A no comes first, whatever the order it was told in. A yes that is newer than a
    no lifts it only with proof: a system that mirrors a box has dates, as files do.
    """
    events: list[ConsentEvent] = []
    notes: list[str] = []
    for stated in sorted(row.stated, key=lambda s: s.change is not ConsentChange.OPT_OUT):
        at = min(stated.at, now)
        grants = stated.change is ConsentChange.OPT_IN
        if grants and not stated.proof and _would_lift(consents, stated.channel, stated.topic, at):
            notes.append("consent.opted_out")
            continue
        words = blake2b(f"{stated.source}|{stated.proof}".encode(), digest_size=8).hexdigest()
        name = key(stated.channel, stated.topic)
        event = ConsentEvent(
            id=f"{person}:{name}:{stated.change.value}:{at}:{_API}:{words}",
            person=person,
            channel=stated.channel,
            topic=stated.topic,
            change=stated.change,
            at=at,
            recorded_at=now,
            source=f"{_API} {stated.source}",
            detail=stated.proof,
        )
        consents = apply(consents, event)
        events.append(event)  # also when it is known: a crash may have lost it, and its id is the same
    return consents, tuple(events), tuple(notes)


def _would_lift(consents: Consents, channel: str, topic: str, at: Instant) -> bool:
    """Say whether a grant at `at` would undo an opt-out of the topic or of a scope above it."""
    scopes = (consents.get(key(channel, scope)) for scope in (topic, EVERYTHING, MARKETING))
    return any(
        scope is not None and stands_revoked(scope) and at > (scope.revoked_at or 0) for scope in scopes
    )
