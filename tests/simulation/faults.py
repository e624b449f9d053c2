"""What goes wrong and when: every possible fault has a name, and a seed decides by the name alone.

So a run can be played again with some of its faults left out, and a failing one
be shrunk to the few that matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from chalicelib.audience.instant import Instant


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that happened."""

    name: str
    at: Instant


def drawn(seed: int, name: str) -> float:
    """Return a number in [0, 1) that depends on nothing else."""
    digest = blake2b(f"{seed}|{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


class Fates:
    """Decides of every fault. `odds` by kind; with `only`, exactly the faults of those names happen."""

    def __init__(self, seed: int, odds: Mapping[str, float], only: Collection[str] | None = None) -> None:
        self.seed = seed
        self.struck: list[Struck] = []
        self.enabled = True
        self._odds = odds
        self._only = None if only is None else frozenset(only)
        self.seen: Counter[tuple[str, str]] = Counter()
        """How often each kind of fault could have struck at each site."""

    def strikes(self, kind: str, site: str, at: Instant) -> bool:
        """Say whether the next fault of a kind at a site happens, and note it."""
        self.seen[kind, site] += 1
        return self._happens(f"{kind}: {site} #{self.seen[kind, site]}", self._odds.get(kind, 0.0), at)

    def planned(self, name: str, at: Instant) -> bool:
        """Say whether something that the seed has planned happens."""
        return self._happens(name, 1.0, at)

    def _happens(self, name: str, odds: float, at: Instant) -> bool:
        if not self.enabled:
            return False
        happens = name in self._only if self._only is not None else drawn(self.seed, name) < odds
        if happens:
            self.struck.append(Struck(name, at))
        return happens

    def among(self, name: str, choices: int) -> int:
        """Return the seed's choice for a name."""
        return int(drawn(self.seed, f"among {name}") * choices)
