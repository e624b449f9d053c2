"""An announcement is what other systems are told of: a broadcast that changed, or an opt-out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from chalicelib.audience.instant import Instant


class About(StrEnum):
    """What is told, in the words of an event bus: its detail-type."""

    STARTED = "Broadcast Started"
    WAVE = "Wave Started"
    PAUSED = "Broadcast Paused"
    RESUMED = "Broadcast Resumed"
    REOPENED = "Broadcast Reopened"
    COMPLETED = "Broadcast Completed"
    CANCELLED = "Broadcast Cancelled"
    OPT_OUT = "Opt-Out Recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One thing to tell. `id` is the same however often it is told; `at` is when it was so.

    `facts` are text and whole numbers; never a number that somebody can be called under.
    """

    id: str
    about: About
    at: Instant
    facts: Mapping[str, Any] = field(default_factory=dict)


def id_of(about: About, *parts: object) -> str:
    """Return 32 hex characters that name one announcement, from what makes it the only one of its kind."""
    return hashlib.sha256("|".join((about, *map(str, parts))).encode()).hexdigest()[:32]
