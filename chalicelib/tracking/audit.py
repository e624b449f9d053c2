"""The audit trail: who did what, on what and when, and how it ended. It says nothing of anybody's number."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from chalicelib.audience.instant import Instant

DONE = "done"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:|#-]{0,127}")
_NUMBER = re.compile(r"[\d.:#-]{6,}")
"""What could be a telephone number. None of our names is digits alone and so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One act. `who` asked, known as `kind` with `role`, by the API token named `token`, "" without one.

    `on` is our name of what it was done to, "" where there is none. `outcome` is
    "done", what was decided, or the code of what stood against it.
    """

    id: str
    at: Instant
    who: str
    kind: str
    role: str
    token: str
    act: str
    on: str
    outcome: str


def facts_of(entry: AuditEntry) -> dict[str, str]:
    """Return what an entry tells, beside when it was and which it is."""
    return {
        "who": entry.who,
        "kind": entry.kind,
        "role": entry.role,
        "token": entry.token,
        "act": entry.act,
        "on": entry.on,
        "outcome": entry.outcome,
    }


def named(value: str) -> str:
    """Return a name as the trail may have it: "" for what is no name of ours, or could be a number."""
    return value if _NAME.fullmatch(value) and not _NUMBER.fullmatch(value) else ""


def entry_id(*told: str) -> str:
    """Return an id made of what an entry tells: two entries that tell the same need different ordinals."""
    return hashlib.sha256("\x00".join(told).encode()).hexdigest()[:16]
