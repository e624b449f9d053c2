"""Quiet hours: when a message may not leave, by the recipient's own clock.

Intervals are half-open and a union. Where somebody's zone is one of several,
it is quiet while any of them is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from chalicelib.audience.instant import DAY_MS, MINUTE_MS, Instant
from chalicelib.authoring.definition import QuietInterval
from chalicelib.planning.local_time import local_parts, next_local_minute

FARTHEST_MS = 31 * DAY_MS
"""Nobody's deadline lies farther ahead; quiet hours that never end are given up on there."""


def is_quiet(minute: int, interval: QuietInterval) -> bool:
    """Say whether a local clock reading, in minutes since midnight, lies in the interval.

    Equal ends mean the whole day.
    """
    if interval.opens < interval.closes:
        return interval.opens <= minute < interval.closes
    return minute >= interval.opens or minute < interval.closes


def blocked_until(
    instant: Instant, intervals: Sequence[QuietInterval], zones: Sequence[str]
) -> Instant | None:
    """Return when the quiet hours that cover `instant` end everywhere, None outside them.

    The end is the first later instant that no interval covers in any of the
    candidate `zones`. Without a zone nothing is known to be quiet.
    """
    if not intervals or not zones:
        return None
    # Offsets are whole minutes, so a whole minute has one answer: a wave costs one look.
    return _blocked_until(instant // MINUTE_MS, tuple(intervals), tuple(zones))


@lru_cache(maxsize=16_384)
def _blocked_until(
    minute: int, intervals: tuple[QuietInterval, ...], zones: tuple[str, ...]
) -> Instant | None:
    start = minute * MINUTE_MS
    free = start
    while (later := _covered_until(free, intervals, zones)) is not None:
        free = later
        if free - start > FARTHEST_MS:
            break
    return free if free > start else None


def _covered_until(
    instant: Instant, intervals: tuple[QuietInterval, ...], zones: tuple[str, ...]
) -> Instant | None:
    """Return when one interval that covers `instant` closes or the clocks change; None if none does."""
    for zone in zones:
        _, shown = local_parts(instant, zone)
        for interval in intervals:
            if is_quiet(shown, interval):
                return next_local_minute(instant, zone, interval.closes)
    return None
