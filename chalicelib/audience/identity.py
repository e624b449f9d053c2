"""Identities: the outside names of a person, each owned by exactly one contact."""

from __future__ import annotations

from dataclasses import dataclass

PHONE = "phone"
EXTERNAL_ID = "external_id"
BSUID = "bsuid"
"""WhatsApp's business-scoped user id, for people who hide their number."""


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """An outside name: `kind` is one of the constants above, `value` is normalised."""

    kind: str
    value: str
