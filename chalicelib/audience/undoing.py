"""Undoing: what an import changed in a person, and what of it can be taken back.

What was created and never touched since is removed. What was changed gets its
earlier value back where nobody changed it since. A no always stays, whoever
told it and when: an import that was wrong about everything else may have been
right about that. Whoever was messaged stays, or nobody could say to whom it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib.audience.consent import Consent, Consents, stands_revoked
from chalicelib.audience.contact import Contact
from chalicelib.audience.duplicates import identities_of
from chalicelib.audience.filling import ATTRIBUTES, TEXTS, values_of
from chalicelib.audience.identity import Identity
from chalicelib.audience.instant import Instant
from chalicelib.audience.standing import Standing
from chalicelib.audience.table import Note

REMOVED, RESTORED, KEPT, NOTHING = "removed", "restored", "kept", "nothing"
OUTCOMES = (REMOVED, RESTORED, KEPT, NOTHING)

MESSAGED = "undo.messaged"
WROTE = "undo.wrote"
OPTED_OUT = "undo.opted_out"
TOUCHED = "undo.touched"
CHANGED_SINCE = "undo.changed_since"
CONSENT_SINCE = "undo.consent_since"
OPT_OUT_STAYS = "undo.opt_out_stays"
PHONE_TAKEN = "undo.phone_taken"

Values = Mapping[str, str | None]
Ages = Mapping[str, Instant | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one import changed in one person; of somebody it created only when, `at`.

    `was` and `now_is` are the values of the fields that changed, by name, None for
    none, and `ages_were` how old they were. `tags` and `lists` are those added,
    `consents_were` and `consents_are` those that changed.
    """

    person: str
    line: int
    is_new: bool
    at: Instant
    claimed: tuple[Identity, ...] = ()
    was: Values = field(default_factory=dict)
    now_is: Values = field(default_factory=dict)
    ages_were: Ages = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    consents_were: Mapping[str, Consent] = field(default_factory=dict)
    consents_are: Mapping[str, Consent] = field(default_factory=dict)
    suppressed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What to store instead, None for nothing at all, and what could not be undone, and why."""

    outcome: str
    contact: Contact | None
    standing: Standing | None
    notes: tuple[Note, ...] = ()


def change_of(
    existing: Contact | None,
    held: Standing | None,
    contact: Contact,
    standing: Standing,
    *,
    line: int,
    claimed: tuple[Identity, ...],
) -> Change:
    """Return what became of a person."""
    change = Change(
        person=contact.id, line=line, is_new=existing is None, at=contact.updated_at, claimed=claimed
    )
    if existing is None:
        return change
    old, new = values_of(existing), values_of(contact)
    names = sorted(n for n in old.keys() | new.keys() if old.get(n) != new.get(n))
    before: Consents = held.consents if held else {}
    consents = [n for n, c in standing.consents.items() if before.get(n) != c]
    gone = [n for n in before if n not in standing.consents]
    return replace(
        change,
        was={n: old.get(n) for n in names},
        now_is={n: new.get(n) for n in names},
        ages_were={n: existing.as_of.get(n) for n in names},
        tags=contact.tags - existing.tags,
        lists=contact.lists - existing.lists,
        consents_were={n: before[n] for n in (*consents, *gone) if n in before},
        consents_are={n: standing.consents[n] for n in consents},
        suppressed=frozenset(standing.suppressed.keys() - (held.suppressed.keys() if held else ())),
    )


def undone(contact: Contact | None, standing: Standing | None, change: Change, batch: str) -> Undone:
    """Return what is left of a person when `change` is taken back. Again, it changes nothing more."""
    is_erased = standing is not None and standing.erased
    if contact is None and change.is_new and not is_erased and _reason_to_stay(None, standing) is None:
        return Undone(outcome=REMOVED if standing else NOTHING, contact=None, standing=None)
    if contact is None or is_erased:
        return Undone(outcome=NOTHING, contact=contact, standing=standing)
    if change.is_new:
        return _uncreated(contact, standing, change, batch)
    after, notes = _refilled(contact, change)
    stood = standing
    if standing is not None:
        consents, more = _reconsented(standing.consents, change)
        stood = replace(standing, phone=after.phone, consents=consents)
        notes = (*notes, *more)
    if change.suppressed:
        notes = (*notes, (OPT_OUT_STAYS, {"what": ", ".join(sorted(change.suppressed))}))
    if after == contact and stood == standing:
        return Undone(outcome=KEPT if notes else NOTHING, contact=contact, standing=standing, notes=notes)
    return Undone(outcome=KEPT if notes else RESTORED, contact=after, standing=stood, notes=notes)


def _uncreated(contact: Contact, standing: Standing | None, change: Change, batch: str) -> Undone:
    """Return nothing of somebody nobody touched since; of anybody else what the batch did not consent to."""
    if (
        contact.version == 1 and contact.updated_at != change.at
    ):  # another import's, after a crash of this one
        return Undone(outcome=NOTHING, contact=contact, standing=standing)
    reason = _reason_to_stay(contact, standing)
    if reason is None:
        return Undone(outcome=REMOVED, contact=None, standing=None)
    if standing is None:
        return Undone(outcome=KEPT, contact=contact, standing=None, notes=(reason,))
    given = f"import {batch} row "
    consents = {
        name: left
        for name, consent in standing.consents.items()
        if (left := _without_grant(consent) if consent.evidence.startswith(given) else consent) is not None
    }
    stood = replace(standing, consents=consents)
    return Undone(outcome=KEPT, contact=contact, standing=stood, notes=(reason,))


def _without_grant(consent: Consent) -> Consent | None:
    if stands_revoked(consent):
        return consent
    return None if consent.revoked_at is None else replace(consent, granted_at=None)


def _reason_to_stay(contact: Contact | None, standing: Standing | None) -> Note | None:
    if standing is not None:
        if standing.sends:
            return MESSAGED, {}
        if standing.suppressed or any(stands_revoked(c) for c in standing.consents.values()):
            return OPTED_OUT, {}
        if standing.last_inbound_at is not None or standing.last_echo_at is not None:
            return WROTE, {}
    is_touched = any(item is not None and item.version != 1 for item in (contact, standing))
    return (TOUCHED, {}) if is_touched else None


def _refilled(contact: Contact, change: Change) -> tuple[Contact, tuple[Note, ...]]:
    """Return the contact with its earlier values where nobody changed them since."""
    held: dict[str, str | None] = dict(values_of(contact))
    as_of = dict(contact.as_of)
    left = []
    for name, was in change.was.items():
        if held.get(name) == was:
            continue
        if held.get(name) != change.now_is.get(name):
            left.append(name)
            continue
        held[name] = was
        age = change.ages_were.get(name)
        as_of.pop(name, None)
        if age is not None:
            as_of[name] = age
    prefix = f"{ATTRIBUTES}."
    after = replace(
        contact,
        **{name: held.get(name) for name in TEXTS},  # type: ignore[arg-type] # each is a text or None
        attributes={n.removeprefix(prefix): v for n, v in held.items() if n.startswith(prefix) and v},
        tags=contact.tags - change.tags,
        lists=contact.lists - change.lists,
        as_of=as_of,
    )
    return after, ((CHANGED_SINCE, {"fields": ", ".join(left)}),) if left else ()


def _reconsented(consents: Consents, change: Change) -> tuple[Consents, tuple[Note, ...]]:
    """Return the consents with the grants they had before; every revocation stays."""
    left = dict(consents)
    notes: list[Note] = []
    for name in sorted(change.consents_were.keys() | change.consents_are.keys()):
        before = change.consents_were.get(name, Consent())
        after = change.consents_are.get(name, Consent())
        if after.revoked_at != before.revoked_at or name not in change.consents_are:
            notes.append((OPT_OUT_STAYS, {"what": name}))
            continue
        held = left.get(name)
        if held is None or (held.granted_at, held.basis) == (before.granted_at, before.basis):
            continue
        if (held.granted_at, held.basis) != (after.granted_at, after.basis):
            notes.append((CONSENT_SINCE, {"what": name}))
            continue
        evidence = held.evidence if stands_revoked(held) else before.evidence
        left[name] = replace(held, granted_at=before.granted_at, basis=before.basis, evidence=evidence)
        if left[name].granted_at is None and left[name].revoked_at is None:
            del left[name]
    return left, tuple(notes)


def names_to_free(change: Change, after: Undone) -> list[Identity]:
    """Return the names that the import claimed and that are not the person's any more.

    Whatever leads to a standing that stays alone still does, or its opt-out would be forgotten.
    """
    if after.standing is not None and (after.contact is None or after.standing.erased):
        return []
    kept = set()
    if after.contact is not None:
        kept = set(identities_of(after.contact))
    return [identity for identity in change.claimed if identity not in kept]
