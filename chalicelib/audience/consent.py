"""Consent: per channel and topic, with the evidence of each change.

Two scopes stand above the topics. `EVERYTHING` is what STOP without a topic
revokes: nothing at all is sent. `MARKETING` is what WhatsApp's own "stop
marketing" revokes: utility messages may go on.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from chalicelib.audience.instant import Instant, from_datetime, to_datetime

WHATSAPP = "whatsapp"
EVERYTHING = "*"
MARKETING = "*marketing"


class Basis(StrEnum):
    """Why we may write: a box ticked, or the person wrote first."""

    EXPLICIT_OPTIN = "explicit_optin"
    INBOUND_MESSAGE = "inbound_message"


class ConsentState(StrEnum):
    """What the record says about one channel and topic at one instant."""

    GRANTED = "granted"
    MISSING = "missing"
    REVOKED = "revoked"
    EXPIRED = "expired"
    WRONG_CHANNEL = "wrong_channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The latest grant and the latest revocation of one (channel, topic), and the last evidence.

    A revocation holds until an explicit grant that is strictly newer: writing to
    us does not undo a STOP. `granted_at` and `basis` are those of the newest
    explicit grant, or of the newest inbound message if there is none. `evidence`
    is the source of whichever of grant and revocation stands; its words are in
    the consent log.
    """

    granted_at: Instant | None = None
    revoked_at: Instant | None = None
    basis: Basis = Basis.EXPLICIT_OPTIN
    evidence: str = ""


class ConsentChange(StrEnum):
    """What a consent event did."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """One change of consent and its proof: who, what, when, by which words or row.

    `at` is when the person acted, `recorded_at` when we wrote it down. `source`
    says where from ("import b1 row 17", "keyword", "quick_reply",
    "user_preferences", "131050"); `detail` quotes it. `basis` only matters for an
    opt-in. `id` is unique and is the idempotency key.
    """

    id: str
    person: str
    channel: str
    topic: str
    change: ConsentChange
    at: Instant
    recorded_at: Instant
    source: str
    detail: str = ""
    basis: Basis = Basis.EXPLICIT_OPTIN


Consents = Mapping[str, Consent]
"""By `key(channel, topic)`."""


def key(channel: str, topic: str) -> str:
    """Return the mapping key of a channel and topic: "whatsapp/promotions"."""
    return f"{channel}/{topic}"


def stands_revoked(consent: Consent) -> bool:
    """Say whether a revocation holds: only an explicit, strictly newer grant lifts it."""
    if consent.revoked_at is None:
        return False
    explicit = consent.granted_at is not None and consent.basis is Basis.EXPLICIT_OPTIN
    return not (explicit and (consent.granted_at or 0) > consent.revoked_at)


def apply(consents: Consents, event: ConsentEvent) -> Consents:
    """Return `consents` with one event folded in.

    Events may come in any order and any number of times: the result is the same.
    """
    name = key(event.channel, event.topic)
    before = consents.get(name, Consent())
    fold = _revoked if event.change is ConsentChange.OPT_OUT else _granted
    after = fold(before, event)
    return consents if after == before and name in consents else {**consents, name: after}


def _granted(before: Consent, event: ConsentEvent) -> Consent:
    evidence = event.source  # its detail stays in the log: a standing is under 1 KB
    if before.granted_at is not None:
        new = (event.basis is Basis.EXPLICIT_OPTIN, event.at)
        old = (before.basis is Basis.EXPLICIT_OPTIN, before.granted_at)
        if new < old:
            return before
        if new == old:  # two proofs of one moment: keep one, the same whatever came first
            evidence = max(evidence, before.evidence)
    after = replace(before, granted_at=event.at, basis=event.basis)
    return after if stands_revoked(after) else replace(after, evidence=evidence)


def _revoked(before: Consent, event: ConsentEvent) -> Consent:
    evidence = event.source  # its detail stays in the log: a standing is under 1 KB
    if before.revoked_at is not None:
        if event.at < before.revoked_at:
            return before
        if event.at == before.revoked_at:
            evidence = max(evidence, before.evidence)
    after = replace(before, revoked_at=event.at)
    return replace(after, evidence=evidence) if stands_revoked(after) else after


def state_at(
    consents: Consents,
    channel: str,
    topic: str | None,
    at: Instant,
    *,
    basis: Basis,
    max_age_months: int | None = None,
    max_age_ms: int | None = None,
    marketing: bool,
) -> tuple[ConsentState, Instant | None]:
    """Return the consent of one person at `at`, and the date of the grant it rests on.

    What is revoked is REVOKED, however old the grant was: nobody is asked to
    renew what they took back. A recorded revocation counts whatever its date; a
    grant dated after `at` does not. Without a topic (utility) everybody is
    GRANTED who has not revoked. WRONG_CHANNEL: only another channel has a grant.
    """
    record = consents.get(f"{channel}/{topic}") if topic is not None else None
    granted_at = record.granted_at if record is not None else None
    if granted_at is not None and granted_at > at:
        granted_at = None
    explicit = record is not None and record.basis is Basis.EXPLICIT_OPTIN
    if _is_revoked(consents, channel, record, granted_at if explicit else None, marketing):
        return ConsentState.REVOKED, granted_at
    if topic is None:
        return ConsentState.GRANTED, None
    if granted_at is None or not (explicit or basis is Basis.INBOUND_MESSAGE):
        if record is None and _granted_elsewhere(consents, channel, topic):
            return ConsentState.WRONG_CHANNEL, None
        return ConsentState.MISSING, None
    too_old = (max_age_ms is not None and at - granted_at > max_age_ms) or (
        max_age_months is not None and at > months_later(granted_at, max_age_months)
    )
    return (ConsentState.EXPIRED if too_old else ConsentState.GRANTED), granted_at


def _is_revoked(
    consents: Consents, channel: str, topic: Consent | None, granted_at: Instant | None, marketing: bool
) -> bool:
    """Say whether the topic or a scope above it is revoked and not granted again since.

    A newer grant of the topic itself, `granted_at`, lifts a scope for that topic.
    """
    scopes = [topic, consents.get(f"{channel}/{EVERYTHING}")]
    if marketing:
        scopes.append(consents.get(f"{channel}/{MARKETING}"))
    for scope in scopes:
        if scope is None or scope.revoked_at is None or not stands_revoked(scope):
            continue
        if granted_at is None or granted_at <= scope.revoked_at:
            return True
    return False


def _granted_elsewhere(consents: Consents, channel: str, topic: str) -> bool:
    return any(
        name.endswith(f"/{topic}")
        and name != f"{channel}/{topic}"
        and consent.granted_at is not None
        and not stands_revoked(consent)
        for name, consent in consents.items()
    )


@lru_cache(maxsize=4096)
def months_later(instant: Instant, months: int) -> Instant:
    """Return `instant` moved by calendar months in UTC; the 31st becomes a month's last day."""
    moment = to_datetime(instant)
    years, month0 = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month0 + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return from_datetime(moment.replace(year=year, month=month, day=day))
