"""Forecast: when the waves will leave at the sender's rate, and who will not make it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.audience.instant import DAY_MS, SECOND_MS, Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """First and last send as instants, and the people whose turn comes after their window."""

    first_send: Instant | None
    last_send: Instant | None
    too_late: int


def rate_per_second(
    limit: float, inbound_reserve: float, lateness_ms: int, campaign_limit: float | None
) -> float:
    """Return the messages a second that the pacer will hand out: the proof's rate.

    A place is kept for inbound messages and one for the edge of the sliding
    second, which is longer by the lateness allowed.
    """
    rate = max(0.0, limit - inbound_reserve - 1) / (1 + lateness_ms / SECOND_MS)
    return rate if campaign_limit is None else min(rate, campaign_limit)


def forecast(waves: Mapping[Instant, int], rate: float, window_ms: int, launch: Instant) -> Forecast:
    """Return how the waves leave one behind the other, from `launch` on, at `rate` a second.

    Instant 0 is the launch. Whoever's turn has not come when the window ends is
    counted and takes no time. Other broadcasts of the sender are not considered.
    """
    starts = sorted((instant or launch, people) for instant, people in waves.items())
    first: Instant | None = None
    last: Instant | None = None
    free_at = float(launch)
    too_late = 0
    for instant, people in starts:
        start = max(float(instant), free_at)
        room = (instant + window_ms - start) / SECOND_MS * rate
        sent = min(people, max(0, int(room)))
        too_late += people - sent
        if sent == 0:
            continue
        first = int(start) if first is None else first
        last = int(start + (sent - 1) * SECOND_MS / rate)
        free_at = start + sent * SECOND_MS / rate
    return Forecast(first_send=first, last_send=last, too_late=too_late)


def most_in_a_day(waves: Mapping[Instant, int], launch: Instant) -> int:
    """Return the most people whose waves lie within 24 hours of each other."""
    starts = sorted((instant or launch, people) for instant, people in waves.items())
    most = within = oldest = 0
    for instant, people in starts:
        within += people
        while starts[oldest][0] <= instant - DAY_MS:
            within -= starts[oldest][1]
            oldest += 1
        most = max(most, within)
    return most


def safe_launch_until(waves: Mapping[Instant, int], window_ms: int) -> Instant | None:
    """Return when the first window closes: to launch before it is safe. None without a fixed instant."""
    fixed = [instant for instant in waves if instant]
    return min(fixed) + window_ms if fixed else None
