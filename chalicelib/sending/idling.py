"""The watchdog's judgement: is something due that nobody has begun, and does anything say why?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.audience.instant import MINUTE_MS, Instant

LATE_MS = 2 * MINUTE_MS
"""How long a due wave may stand still before it needs a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a broadcast should have begun, and what is under way.

    `undispatched` are waves without a place on the timeline, `on_timeline` those with
    one; `ready` chunks have people and no slots, `flying` ones have both. `slots_until`
    is the end of what its sender has handed out, to whomever.
    """

    undispatched: Sequence[Instant]
    on_timeline: Sequence[Instant]
    ready: int
    flying: int
    slots_until: float


def stalled(progress: Progress, now: Instant) -> tuple[Instant, ...]:
    """Return the due waves that stand still: long due, nothing under way, and their sender at rest."""
    late = tuple(sorted(wave for wave in progress.undispatched if wave + LATE_MS <= now))
    if progress.flying or not progress.ready or progress.slots_until + LATE_MS > now:
        return late
    return tuple(sorted({*late, *(wave for wave in progress.on_timeline if wave + LATE_MS <= now)}))
