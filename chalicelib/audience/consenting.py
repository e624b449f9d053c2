"""Consenting: what a row says of consent, folded into what we hold, with the evidence of each change.

The most restrictive of what files say wins, in whatever order they come: no file
lifts an opt-out, since files are copied and re-exported with their dates. A
file's opt-out counts as being as new as the newest yes of any file about what it
covers. Only a person's own newer yes, or a system's with proof, lifts it.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

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
from chalicelib.audience.instant import DAY_MS, Instant
from chalicelib.audience.interpreting import ImportedRow

IMPORT = "import"
_API = "api"


def opted_out(
    consents: Consents, row: ImportedRow, *, person: str, now: Instant, batch: str
) -> tuple[Consents, tuple[ConsentEvent, ...]]:
    """Return the consents without what the row's opt-outs take back, and their evidence.

    One that is dated in the future counts from now.
    """
    events = []
    for name, dated in sorted(row.opt_outs.items()):
        event = _told_by(row, batch, ConsentChange.OPT_OUT, name, person=person, at=min(dated, now), now=now)
        since = max(event.at, _newest_yes_of_a_file(consents, event.channel, event.topic))
        before = consents.get(name)
        if before is None or before.revoked_at is None or before.revoked_at < since:
            consents = apply(consents, replace(event, at=since))
        events.append(event)  # also when it is known: a crash may have lost it, and its id is the same
    return consents, tuple(events)


def _told_by(
    row: ImportedRow, batch: str, change: ConsentChange, name: str, *, person: str, at: Instant, now: Instant
) -> ConsentEvent:
    """Return the evidence of what a row of a file says about one consent, by its key."""
    channel, _, topic = name.partition("/")
    return ConsentEvent(
        id=f"{person}:{name}:{change.value}:{at}:{IMPORT}",
        person=person,
        channel=channel,
        topic=topic,
        change=change,
        at=at,
        recorded_at=now,
        source=f"{IMPORT} {batch} row {row.line}",
    )


def _newest_yes_of_a_file(consents: Consents, channel: str, topic: str) -> Instant:
    """Return when a file last granted what an opt-out of `topic` covers, 0 for never."""
    is_scope = topic in (EVERYTHING, MARKETING)
    covered = (
        consent
        for name, consent in consents.items()
        if name == key(channel, topic) or (is_scope and name.startswith(f"{channel}/"))
    )
    return max((c.granted_at or 0 for c in covered if _is_a_files(c)), default=0)


def _is_a_files(consent: Consent) -> bool:
    """Say whether what stands of a consent was told by a file."""
    return consent.evidence.startswith(f"{IMPORT} ") and consent.basis is Basis.EXPLICIT_OPTIN


def consented(
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
        lifted = _lifted(consents, channel, topic, at)
        if lifted:
            notes.append("consent.opted_out")
        if not all(_is_a_files(consents[scope]) for scope in lifted):
            continue
        for scope in lifted:
            consents = {**consents, scope: replace(consents[scope], revoked_at=at)}
        event = _told_by(row, batch, ConsentChange.OPT_IN, name, person=person, at=at, now=now)
        held = consents.get(name, Consent())
        if held.granted_at == at and held.basis is Basis.EXPLICIT_OPTIN:
            # Known. Its evidence is yielded again if it was a file's, in case a crash lost it.
            events += [event] if held.evidence.startswith(IMPORT) else []
            continue
        after = apply(consents, event)
        events += [event] if after is not consents else []
        consents = after
    return consents, tuple(events), tuple(notes)


def as_stated(
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
        if grants and not stated.proof and _lifted(consents, stated.channel, stated.topic, at):
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


def _lifted(consents: Consents, channel: str, topic: str, at: Instant) -> list[str]:
    """Return the opt-outs, of the topic or of a scope above it, that a grant at `at` would undo."""
    names = [key(channel, scope) for scope in (topic, EVERYTHING, MARKETING)]
    held = [(name, consents[name]) for name in names if name in consents]
    return [name for name, scope in held if stands_revoked(scope) and at > (scope.revoked_at or 0)]
