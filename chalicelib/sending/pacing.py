"""Pacing: one timeline per sender, handed out as disjoint slots that expire.

The proof (facts: three lines). (1) The end of a timeline only grows, by fenced
conditional writes, so slots are disjoint and at least a step apart. (2) A
message leaves only within [slot, slot + lateness]. (3) Any window of w seconds
therefore sees at most (w + lateness) / step + 1 sends, which with
step = (1 + lateness) / (limit - reserve - 1) is at most limit - reserve in one second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chalicelib.audience.instant import MINUTE_MS, Instant
from chalicelib.sending.broadcast import SenderControl, TimelineEntry

LEAST_FACTOR = 0.3
SLOWING = 0.8
RECOVERY_PER_MINUTE = 0.05


@dataclass(frozen=True, slots=True)
class Slots:
    """The send instants of one chunk: first + k * step for k < count (milliseconds)."""

    first_ms: float
    step_ms: float
    count: int

    @property
    def end_ms(self) -> float:
        """The end of the timeline these slots take up."""
        return self.first_ms + self.step_ms * self.count


def effective_rate(limit: float, reserve: float, factor: float, lateness_seconds: float) -> float:
    """Return the messages a second at which no sliding second passes `limit - reserve`.

    `factor` (0..1] is the brake after a rate answer. Never less than one message in ten seconds.
    """
    room = max(limit - reserve - 1.0, 0.1)
    return max(room / (1.0 + lateness_seconds) * factor, 0.1)


def factor_now(control: SenderControl, now: Instant) -> float:
    """Return the brake as it has recovered since it was last pulled."""
    minutes = max(0, now - control.factor_at) / MINUTE_MS
    return min(1.0, control.factor + RECOVERY_PER_MINUTE * minutes)


def slowed(control: SenderControl, now: Instant) -> SenderControl:
    """Return the control after the platform said "too fast" (130429).

    Answers that come within one second of each other are one event: they were
    all under way before anybody could slow down.
    """
    if control.factor_at and now - control.factor_at < 1_000 and control.factor < 1.0:
        return control
    factor = max(LEAST_FACTOR, factor_now(control, now) * SLOWING)
    return replace(control, factor=factor, factor_at=now)


def may_leave(slot_ms: float, now: Instant, lateness_ms: int) -> bool:
    """Say whether a slot still stands: not before it (to the millisecond), not after its lateness."""
    return math.floor(slot_ms) <= now <= slot_ms + lateness_ms


def leased(control: SenderControl, me: str, now: Instant, ttl_ms: int) -> SenderControl | None:
    """Return the control with the pacer's lease in our name, or None while another holds it.

    A new holder raises the fence and starts behind everything already handed out.
    """
    if control.owner not in ("", me) and now < control.lease_until:
        return None
    fence = control.fence if control.owner == me else control.fence + 1
    return replace(control, owner=me, fence=fence, lease_until=now + ttl_ms)


def order(entries: Iterable[TimelineEntry]) -> list[TimelineEntry]:
    """Return due waves in the order they are served: utility first, then the oldest wave."""
    return sorted(entries, key=lambda e: (e.priority, e.wave, e.broadcast))


def lanes_for(rate: float, worker_rate: float, known: Sequence[float], now: Instant) -> tuple[float, ...]:
    """Return the end of each lane's timeline; a changed number of lanes starts behind all of them."""
    wanted = max(1, math.ceil(rate / worker_rate))
    if len(known) == wanted:
        return tuple(known)
    latest = max(known, default=float(now))
    return tuple(latest for _ in range(wanted))


def allocate(
    lanes_ms: Sequence[float], *, not_before: float, rate: float, count: int
) -> tuple[Slots, tuple[float, ...]]:
    """Give `count` slots to a chunk on the lane that is free first; returns them and the new lanes.

    With L lanes each lane's step is L / rate, and lanes are kept a step of the
    whole apart, so that together they never pass the rate.
    """
    step = 1_000.0 / rate
    lane_step = step * len(lanes_ms)
    lane = min(range(len(lanes_ms)), key=lambda i: lanes_ms[i])
    first = max(lanes_ms[lane], not_before)
    if len(lanes_ms) > 1:  # onto the lane's own grid, so that no two lanes share an instant
        first = (math.ceil(first / lane_step - lane / len(lanes_ms)) + lane / len(lanes_ms)) * lane_step
    slots = Slots(first, lane_step, count)
    return slots, tuple(slots.end_ms if i == lane else end for i, end in enumerate(lanes_ms))
