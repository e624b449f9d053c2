"""How crowded the worst sliding second is: what every limit of the platform is judged by."""

from __future__ import annotations

from collections.abc import Iterable


def most_in_a_second(instants: Iterable[float]) -> int:
    """Return the most `instants` (milliseconds, in any order) in any sliding second; 0 of none."""
    arrivals = sorted(instants)
    most = first = 0
    for last, at in enumerate(arrivals):
        while at - arrivals[first] >= 1_000:
            first += 1
        most = max(most, last - first + 1)
    return most
