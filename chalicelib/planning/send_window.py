"""Quiet hours: when a message may not leave, by the recipient's own clock.

Intervals are half-open and a union. Where somebody's zone is one of several,
it is quiet while any of them is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache

from chalicelib.audience.instant import DAY_MS, MINUTE_MS, Instant
from chalicelib.authoring.definition import OnBlock, QuietInterval
from chalicelib.planning.local_time import local_parts, next_local_minute

FARTHEST_MS = 31 * DAY_MS
"""Nobody's deadline lies farther ahead; quiet hours that never end are given up on there."""


def is_quiet(day: date, minute: int, interval: QuietInterval) -> bool:
    """Say whether a local date and clock reading, in minutes since midnight, lie in the interval.

    What an interval has after midnight belongs to the day it started on. Equal
    ends mean 24 hours.
    """
    if interval.opens < interval.closes:
        return interval.opens <= minute < interval.closes and _starts_on(day, interval)
    if minute >= interval.opens and _starts_on(day, interval):
        return True
    return minute < interval.closes and _starts_on(day - timedelta(days=1), interval)


def _starts_on(day: date, interval: QuietInterval) -> bool:
    if day.weekday() not in interval.days:
        return False
    first, last = interval.first_day, interval.last_day
    return (first is None or first <= day) and (last is None or day <= last)


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


def is_skipped(instant: Instant, intervals: Sequence[QuietInterval], zones: Sequence[str]) -> bool:
    """Say whether an interval that covers `instant` means "not at all" instead of "later"."""
    return any(
        interval.on_block is OnBlock.SKIP for _, interval in _covering(instant, tuple(intervals), zones)
    )


@lru_cache(maxsize=16_384)
def _blocked_until(
    minute: int, intervals: tuple[QuietInterval, ...], zones: tuple[str, ...]
) -> Instant | None:
    start = minute * MINUTE_MS
    free = start
    while (covering := next(_covering(free, intervals, zones), None)) is not None:
        zone, interval = covering
        # A change of the clocks on the way ends the step there, and what is shown then decides.
        free = next_local_minute(free, zone, interval.closes)
        if free - start > FARTHEST_MS:
            break
    return free if free > start else None


def _covering(
    instant: Instant, intervals: tuple[QuietInterval, ...], zones: Sequence[str]
) -> Iterator[tuple[str, QuietInterval]]:
    """Yield each interval that covers `instant`, with the zone in which it does."""
    for zone in zones:
        day, shown = local_parts(instant, zone)
        for interval in intervals:
            if is_quiet(day, shown, interval):
                yield zone, interval
