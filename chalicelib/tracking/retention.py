"""Retention: what has been kept for long enough, and when what has not is looked at again.

Two ends, counted from the end of a broadcast: first the words, the numbers and
the ids that contain them go, later the rows that say what became of each
person. What stays for ever holds nobody's data: the plan with its hash and
roots, the broadcast and its numbers. Consent is not touched by any of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.audience.instant import DAY_MS, Instant
from chalicelib.authoring.definition import Retention
from chalicelib.sending.broadcast import ENDED, Broadcast

UNLAUNCHED_MS = 30 * DAY_MS
"""After this a plan that nobody launched goes, or when its personal data would, if that is sooner."""
LAUNCHABLE_MS = 4 * DAY_MS
"""A plan may be launched for three days."""
LOOK_EVERY_MS = 7 * DAY_MS
"""How late a policy that was tightened may be noticed."""
LATE_MS = DAY_MS
"""After a person's last deadline: nothing wakes anybody up any more."""


class Kind(StrEnum):
    """What is kept."""

    PLAN = "plan"  # a plan's objects, and what its broadcast left
    IMPORT = "import"  # the results of an import
    COUNTERS = "counters"  # of a broadcast that ended: compared with its ledger, then listed no more
    UPLOAD = "upload"  # a contacts file that was put under incoming/
    ERASURE = "erasure"  # what is stored elsewhere of somebody who was erased


class Due(StrEnum):
    """What is to be done with it now."""

    NOTHING = "nothing"
    UNLAUNCHED = "unlaunched"
    PERSONAL_DATA = "personal_data"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Something that will have to go, and when it is looked at next.

    `id` is a plan's, a broadcast's, an import's batch or an object's key; `since`
    when it was made, or ended. `without_personal_data`: the first end is behind it. `done` is how far
    the present one is, or the SHA-256 of an uploaded file.
    """

    kind: Kind
    id: str
    since: Instant
    look_at: Instant
    without_personal_data: bool = False
    done: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is due; for NOTHING, when to look again."""

    due: Due
    look_at: Instant = 0


def of_plan(keeping: Keeping, launched: Broadcast | None, retention: Retention, now: Instant) -> Decision:
    """Return what is due of a plan; `launched` is the broadcast that it started, if it did.

    `retention` is complete: the policy's and the campaign's together.
    """
    if launched is None:
        kept = min(UNLAUNCHED_MS, max(LAUNCHABLE_MS, retention.personal_data_ms or 0))
        return _at(keeping.since + kept, Due.UNLAUNCHED, now)
    if launched.state not in ENDED or launched.ended_at is None:
        return Decision(due=Due.NOTHING, look_at=now + LOOK_EVERY_MS)
    last_deadline = max(launched.waves, default=0) + max(launched.window_ms, launched.expires_ms)
    personal_data = max(launched.ended_at + (retention.personal_data_ms or 0), last_deadline + LATE_MS)
    # There may be a million single sends: they are looked at when they are twice as old.
    every = max(LOOK_EVERY_MS, now - keeping.since) if launched.recipient else LOOK_EVERY_MS
    if not keeping.without_personal_data:
        return _at(personal_data, Due.PERSONAL_DATA, now, every)
    evidence = max(personal_data, launched.ended_at + (retention.evidence_ms or 0))
    return _at(evidence, Due.EVIDENCE, now, every)


def of_file(keeping: Keeping, retention: Retention, now: Instant) -> Decision:
    """Return what is due of an import's results or of an uploaded file."""
    return _at(keeping.since + (retention.personal_data_ms or 0), Due.PERSONAL_DATA, now)


def _at(instant: Instant, due: Due, now: Instant, every: int = LOOK_EVERY_MS) -> Decision:
    if now >= instant:
        return Decision(due=due)
    return Decision(due=Due.NOTHING, look_at=min(instant, now + every))
