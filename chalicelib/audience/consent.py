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

    A revocation holds until a grant that is strictly newer.
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
    "user_preferences", "131050"); `detail` quotes it. `id` is unique and is the
    idempotency key.
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


Consents = Mapping[str, Consent]
"""By `key(channel, topic)`."""


def key(channel: str, topic: str) -> str:
    """Return the mapping key of a channel and topic: "whatsapp/promotions"."""
    return f"{channel}/{topic}"


_NONE = Consent()


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
    """Return what the record allows on `channel` for `topic` at `at`, and the grant's date.

    A message without a topic (utility only) needs no grant, only that nothing
    was revoked. Evidence given by writing to us first counts only where `basis`
    says so; a box ticked counts everywhere.
    """
    own = consents.get(key(channel, topic), _NONE) if topic else _NONE
    granted = own.granted_at
    scopes = [EVERYTHING, MARKETING] if marketing else [EVERYTHING]
    for scope in scopes:
        if _is_revoked(consents.get(key(channel, scope), _NONE), granted):
            return ConsentState.REVOKED, granted
    if topic is None:
        return ConsentState.GRANTED, None
    if _is_revoked(own, None):
        return ConsentState.REVOKED, granted
    if granted is None or (own.basis is Basis.INBOUND_MESSAGE and basis is Basis.EXPLICIT_OPTIN):
        elsewhere = any(
            name.endswith(f"/{topic}") and not name.startswith(f"{channel}/") and given.granted_at is not None
            for name, given in consents.items()
        )
        return (ConsentState.WRONG_CHANNEL if elsewhere else ConsentState.MISSING), None
    if max_age_ms is not None and granted + max_age_ms <= at:
        return ConsentState.EXPIRED, granted
    if max_age_months is not None and months_later(granted, max_age_months) <= at:
        return ConsentState.EXPIRED, granted
    return ConsentState.GRANTED, granted


def _is_revoked(consent: Consent, topic_granted_at: Instant | None) -> bool:
    """Say whether a revocation still holds against its own scope's grant and the topic's."""
    if consent.revoked_at is None:
        return False
    newest = max(consent.granted_at or -1, topic_granted_at or -1)
    return newest <= consent.revoked_at


def months_later(instant: Instant, months: int) -> Instant:
    """Return the same day and time `months` calendar months on, clamped to the month's end."""
    moment = to_datetime(instant)
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return from_datetime(moment.replace(year=year, month=month + 1, day=day))


def apply(consents: Consents, event: ConsentEvent, basis: Basis = Basis.EXPLICIT_OPTIN) -> Consents:
    """Return the record after an event; in any order and however often, the result is the same."""
    name = key(event.channel, event.topic)
    before = consents.get(name, _NONE)
    if event.change is ConsentChange.OPT_OUT:
        if before.revoked_at is not None and before.revoked_at >= event.at:
            return consents
        after = replace(before, revoked_at=event.at, evidence=_latest(before, event))
    else:
        if before.granted_at is not None and before.granted_at >= event.at:
            return consents
        after = replace(before, granted_at=event.at, basis=basis, evidence=_latest(before, event))
    return {**consents, name: after}


def _latest(before: Consent, event: ConsentEvent) -> str:
    newest = max(before.granted_at or -1, before.revoked_at or -1)
    return event.id if event.at >= newest else before.evidence
