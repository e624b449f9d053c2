"""When counters are taken to have lost something, and when they are compared once more.

A counter moves after its row: a crash between the two loses it. But a receipt may be
between the two just now, and whoever sets what was folded then counts it twice. So at the
end of a broadcast only a difference that is the same in two looks is a loss, and is added;
an hour and a day later, when receipts are quiet, the counters are compared again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.audience.instant import DAY_MS, HOUR_MS, MINUTE_MS, Instant
from chalicelib.sending.broadcast import Drift

APART_MS = 5_000
"""Between two looks: longer than a worker takes from its rows to their counts."""
PATIENCE_MS = 3 * MINUTE_MS
"""An end does not wait for its counters longer than this; the look an hour later remains."""

LOOKS_MS = (HOUR_MS, DAY_MS)
"""After the end: when most receipts have come, and when next to all have."""
LAST_MS = 3 * DAY_MS
"""Counters that move under every look are left alone after this; `carillon verify` remains."""


def next_look(ended_at: Instant, now: Instant, *, is_settled: bool) -> Instant | None:
    """Return when to look again, None when that was the last time.

    Not `is_settled`: the counters moved meanwhile, so nothing could be said of them.
    """
    if is_settled:
        return next((ended_at + look for look in LOOKS_MS if ended_at + look > now), None)
    return now + HOUR_MS if now + HOUR_MS <= ended_at + LAST_MS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Of a look at the end: what to note for the next, what was lost, and whether the broadcast may end."""

    drift: Drift | None = None
    lost: Mapping[str, int] = field(default_factory=dict)
    may_end: bool = True


def judged(noted: Drift | None, by: Mapping[str, int], now: Instant) -> Judged:
    """Judge what the counters are off `by`, beside what was noted in the look before."""
    if not by:
        return Judged()
    is_same = noted is not None and noted.by == by
    if noted is not None and is_same and now - noted.seen_at >= APART_MS:
        return Judged(lost=by)
    if noted is not None and now - noted.since >= PATIENCE_MS:
        return Judged()
    if is_same:
        return Judged(drift=noted, may_end=False)
    since = now if noted is None else noted.since
    return Judged(drift=Drift(by=by, seen_at=now, since=since), may_end=False)
