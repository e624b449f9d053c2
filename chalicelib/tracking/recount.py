"""When the counters of an ended broadcast are compared with its ledger once more.

A counter moves after its row, so a crash between the two loses it, and setting what was
folded between the two counts it twice. The end of a broadcast puts the counters right
while receipts come fastest; an hour later they are quiet.
"""

from __future__ import annotations

from chalicelib.audience.instant import DAY_MS, HOUR_MS, Instant

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
