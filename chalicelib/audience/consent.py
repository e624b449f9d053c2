"""Consent: per channel and topic, with the evidence of each change.

Two scopes stand above the topics. `EVERYTHING` is what STOP without a topic
revokes: nothing at all is sent. `MARKETING` is what WhatsApp's own "stop
marketing" revokes: utility messages may go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.audience.instant import Instant

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
