"""Importing: one row of a contacts file becomes a contact, a standing and evidence, or a reason.

An empty cell never erases. Of a field the newest value wins (`filling.py`), of
consents the most restrictive, and an opt-out always (`consenting.py`).
`csv_rows.py` and `sheet.py` read the file and `interpreting.py` its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.audience.consent import ConsentEvent
from chalicelib.audience.consenting import as_stated, consented, opted_out
from chalicelib.audience.contact import Contact
from chalicelib.audience.filling import ATTRIBUTES, ERASABLE, filled
from chalicelib.audience.instant import Instant
from chalicelib.audience.interpreting import ImportedRow, RowProblem, interpret
from chalicelib.audience.standing import Standing
from chalicelib.audience.suppression import suppress
from chalicelib.audience.table import RawRow

__all__ = [
    "ATTRIBUTES",
    "CREATED",
    "DUPLICATE",
    "ERASABLE",
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
    "merge_all",
]

CREATED = "created"
UPDATED = "updated"
UNCHANGED = "unchanged"
DUPLICATE = "duplicate"
INVALID = "invalid"
TWO_PEOPLE = "row.two_people"
"""The code of a row whose identities belong to two people; found by whoever knows the owners."""


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
    contact = filled(before, row, now)
    contact_changed = existing is None or contact != before
    if contact_changed:
        contact = replace(contact, updated_at=now)
    consents, no = opted_out(held.consents, row, person=person, now=now, batch=batch)
    consents, events, notes = consented(consents, row, person=person, now=now, batch=batch)
    consents, told, unheard = as_stated(consents, row, person=person, now=now)
    after = replace(held, phone=contact.phone, consents=consents)
    for cause, since in row.suppressed.items():
        after = suppress(after, cause, now if since is None else min(since, now))
    standing_changed = standing is None or after != held
    changed = UPDATED if contact_changed or standing_changed else UNCHANGED
    return Merged(
        contact=contact,
        standing=after,
        events=(*no, *events, *told),
        verdict=CREATED if existing is None else changed,
        contact_changed=contact_changed,
        standing_changed=standing_changed,
        notes=(*notes, *unheard),
    )


def merge_all(
    existing: Contact | None,
    standing: Standing | None,
    rows: Sequence[ImportedRow],
    *,
    person: str,
    now: Instant,
    batch: str,
) -> Merged:
    """Return what rows of one person make of them, as if each had come alone. `notes` are the last row's."""
    first, *others = rows
    merged = merge(existing, standing, first, person=person, now=now, batch=batch)
    for row in others:
        step = merge(merged.contact, merged.standing, row, person=person, now=now, batch=batch)
        merged = replace(
            step,
            events=(*merged.events, *step.events),
            contact_changed=merged.contact_changed or step.contact_changed,
            standing_changed=merged.standing_changed or step.standing_changed,
            verdict=step.verdict if merged.verdict == UNCHANGED else merged.verdict,
        )
    return merged
