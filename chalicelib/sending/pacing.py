"""Pacing: one timeline per sender, handed out as disjoint slots that expire.

Why no sliding second passes the limit. (1) The end of a lane's timeline only
grows, by fenced conditional writes, so its slots are at least a step apart.
(2) A message leaves no later than its share of the tolerance after its slot and
arrives within the rest of it. (3) So a second at the platform holds slots from
at most 1 s + tolerance of each lane, which is (1 + tolerance) / step + 1 of
them; and steps are such that this adds up, over the lanes, to the limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from chalicelib.audience.instant import MINUTE_MS, SECOND_MS, Instant
from chalicelib.authoring.senders import CLOUD_PER_SECOND, Mode, Sender
from chalicelib.sending.broadcast import SenderControl, TimelineEntry

LEAST_FACTOR = 0.3
SLOWING = 0.8
RECOVERY_PER_MINUTE = 0.05
UPGRADED_PER_SECOND = 1_000.0
"""What WhatsApp raises a number's throughput to (developers.facebook.com, throughput; read 2026-05)."""
LATE_SHARE = 0.5
"""How much of the tolerance a message may be late; the rest is for the clock and for the way there."""


def effective_rate(
    limit: float, reserve: float, factor: float, lateness_seconds: float, lanes: int = 1
) -> float:
    """Return the messages a second at which no sliding second passes `limit - reserve`.

    `lateness_seconds` is the whole tolerance. `factor` (0..1] is the brake after a
    rate answer. Each lane costs one message of head-room: lanes move on by
    themselves, so their slots may coincide. Never less than one message in ten seconds.
    """
    room = max(limit - reserve - lanes, 0.1)
    return max(room / (1.0 + lateness_seconds) * factor, 0.1)


def limit_now(sender: Sender, control: SenderControl | None) -> float:
    """Return the platform's limit of a number: as written, or raised where that is the ordinary one.

    Who writes less than the ordinary limit shares the number with others, and keeps their part.
    """
    ordinary = sender.mode == Mode.CLOUD and sender.max_per_second == CLOUD_PER_SECOND
    upgraded = control is not None and control.is_upgraded
    return UPGRADED_PER_SECOND if ordinary and upgraded else float(sender.max_per_second)


def rate_and_lanes(
    limit: float, reserve: float, factor: float, lateness_seconds: float, worker_rate: float
) -> tuple[float, int]:
    """Return the sender's rate, and over how many lanes, so that none is above `worker_rate`."""
    most = effective_rate(limit, reserve, factor, lateness_seconds)
    lanes = max(1, math.ceil(most / worker_rate))
    return effective_rate(limit, reserve, factor, lateness_seconds, lanes), lanes


def slots_for(people: int, step_ms: float, longest_ms: int) -> int:
    """Return how many of a chunk's people get a slot: as many as its worker has time for, at least one."""
    return max(1, min(people, int(longest_ms / step_ms)))


def throttled_clocks(
    most_per_second: float, rate: float, lanes: int, lateness_seconds: float
) -> tuple[float, int]:
    """Return how a campaign keeps to its own `most_per_second`: (milliseconds between its turns, clocks).

    Each clock runs on one lane at a time and none is faster than a lane. A turn
    takes the next free slot, at most a lane's step later. So a sliding second
    holds turns from at most 1 s + tolerance + step of each clock, and turns are
    just so far apart that it cannot hold one more than the clock's part.
    """
    step = lanes / rate
    clocks = min(lanes, max(1, math.ceil(most_per_second * step)))
    room = max(most_per_second - (clocks - 1), 0.1)
    return 1_000.0 * clocks * (1.0 + lateness_seconds + step) / room / 0.999, clocks


def factor_now(control: SenderControl, now: Instant) -> float:
    """Return the brake as it has recovered since it was last pulled."""
    minutes = max(0, now - control.factor_at) / MINUTE_MS
    return min(1.0, control.factor + RECOVERY_PER_MINUTE * minutes)


def slowed(control: SenderControl, now: Instant) -> SenderControl:
    """Return the control after the platform said "too fast" (130429).

    Answers that come within one second of each other are one event: they were
    all under way before anybody could slow down.
    """
    if control.factor < 1.0 and now - control.factor_at < SECOND_MS:
        return control
    factor = max(LEAST_FACTOR, factor_now(control, now) * SLOWING)
    return replace(control, factor=factor, factor_at=now)


def may_leave(slot_ms: float, now: Instant, lateness_ms: int) -> bool:
    """Say whether a slot still stands: begun to the millisecond, and not past its share of the tolerance."""
    return math.floor(slot_ms) <= now <= slot_ms + lateness_ms * LATE_SHARE


def is_missed(slot_ms: float, now: Instant, lateness_ms: int) -> bool:
    """Say whether nothing may leave in a slot any more."""
    return now >= slot_ms and not may_leave(slot_ms, now, lateness_ms)


def leased(
    control: SenderControl, me: str, now: Instant, ttl_ms: int, *, is_alone: bool = False
) -> SenderControl | None:
    """Return the control with the pacer's lease in our name, or None while another holds it.

    A new holder raises the fence and goes on behind everything already handed out.
    Whoever `is_alone` knows that the holder before is gone, and does not wait for its lease to end.
    """
    if control.owner not in ("", me) and now < control.lease_until and not is_alone:
        return None
    fence = control.fence if control.owner == me else control.fence + 1
    return replace(control, owner=me, fence=fence, lease_until=now + ttl_ms)


def order(entries: Iterable[TimelineEntry], turn: int = 0) -> list[TimelineEntry]:
    """Return due waves in the order they are served: utility first, each broadcast's oldest wave first.

    Within one priority whoever is throttled comes first: they leave gaps for the
    others, who would leave them none. Otherwise broadcasts of one priority take
    turns at being first: `turn` is any number that grows with each round, such
    as the control's version.
    """
    waves_by_place: dict[tuple[int, bool], dict[str, list[TimelineEntry]]] = {}
    for entry in sorted(entries, key=lambda e: (e.priority, e.wave, e.broadcast)):
        place = (entry.priority, entry.max_per_second is None)
        waves_by_place.setdefault(place, {}).setdefault(entry.broadcast, []).append(entry)
    served: list[TimelineEntry] = []
    for place in sorted(waves_by_place):
        broadcasts = list(waves_by_place[place].values())
        first = turn % len(broadcasts)
        for waves in broadcasts[first:] + broadcasts[:first]:
            served.extend(waves)
    return served


def is_shared_out(entries: Iterable[TimelineEntry]) -> bool:
    """Say whether one of the broadcasts may not have all of its sender, so that slots go frame by frame."""
    return any(e.share < 1 or e.max_per_second is not None for e in entries)


def lanes_for(wanted: int, known: Sequence[float], now: Instant) -> tuple[float, ...]:
    """Return the end of each lane's timeline; a changed number of lanes starts behind all of them."""
    if len(known) == wanted:
        return tuple(known)
    latest = max(known, default=float(now))
    return tuple(latest for _ in range(wanted))
