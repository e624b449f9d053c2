"""Chance that can be repeated: every draw is a function of the seed and of what it is drawn for.

No stream is shared, so the order in which concurrent requests arrive changes
nothing, and a new kind of draw leaves the others as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from math import exp
from statistics import NormalDist

_NORMAL = NormalDist()
_SCALE = float(2**64)


class Draws:
    """The draws of one subject (a message, a webhook), by name."""

    __slots__ = ("_prefix",)

    def __init__(self, seed: int, subject: str) -> None:
        self._prefix = f"{seed}|{subject}|"

    def uniform(self, name: str) -> float:
        """Return a number in [0, 1)."""
        digest = blake2b((self._prefix + name).encode(), digest_size=8).digest()
        return min(int.from_bytes(digest) / _SCALE, 1 - 2**-53)

    def happens(self, name: str, odds: float) -> bool:
        """Return whether something of these odds happens."""
        return odds > 0 and self.uniform(name) < odds

    def delay_ms(self, name: str, median_ms: float, spread: float) -> float:
        """Return a log-normal delay: half are below the median, `spread` is the sigma of its logarithm."""
        if spread <= 0 or median_ms <= 0:
            return median_ms
        return median_ms * exp(spread * _NORMAL.inv_cdf(min(max(self.uniform(name), 1e-6), 1 - 1e-6)))

    def code(self, name: str, odds_by_code: Mapping[int, float]) -> int | None:
        """Return at most one of the codes, each with its own odds."""
        if not odds_by_code:
            return None
        left = self.uniform(name)
        for code, odds in odds_by_code.items():
            if left < odds:
                return code
            left -= odds
        return None
