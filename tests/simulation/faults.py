"""What goes wrong and when: every possible fault has a name, and a seed decides by the name alone.

So a run can be played again with some of its faults left out, and a failing one
be shrunk to the few that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

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


@dataclass(slots=True)
class _Site:
    """A kind of fault at a site: how often it could have struck, and the beginning of its faults' names."""

    name: str
    hashed: Any
    below: bytes
    """A fault happens when its digest is below this: `drawn` and the odds, without a division."""
    times: int = 0


class Fates:
    """Decides of every fault. `odds` by kind; with `only`, exactly the faults of those names happen."""

    def __init__(
        self,
        seed: int,
        odds: Mapping[str, float],
        only: Collection[str] | None = None,
        now: Callable[[], Instant] = lambda: 0,
    ) -> None:
        self.seed = seed
        self.struck: list[Struck] = []
        self.enabled = True
        self._odds = odds
        self._only = None if only is None else frozenset(only)
        self._now = now
        self._sites: dict[tuple[str, str], _Site] = {}

    @property
    def seen(self) -> dict[tuple[str, str], int]:
        """How often each kind of fault could have struck at each site."""
        return {key: site.times for key, site in self._sites.items()}

    def strikes(self, kind: str, place: str) -> bool:
        """Say whether the next fault of a kind at a place happens, and note it."""
        site = self._sites.get((kind, place)) or self._met(kind, place)
        site.times += 1
        if not self.enabled:
            return False
        if self._only is not None:
            happens = f"{site.name}{site.times}" in self._only
        else:
            digest = site.hashed.copy()
            digest.update(b"%d" % site.times)
            happens = digest.digest() < site.below
        if happens:
            self.struck.append(Struck(f"{site.name}{site.times}", self._now()))
        return happens

    def _met(self, kind: str, place: str) -> _Site:
        name = f"{kind}: {place} #"
        hashed = blake2b(f"{self.seed}|{name}".encode(), digest_size=8)
        below = int(self._odds.get(kind, 0.0) * 2**64).to_bytes(9, "big")
        site = self._sites[kind, place] = _Site(name, hashed, below[1:] if below[0] == 0 else b"\xff" * 9)
        return site

    def planned(self, name: str) -> bool:
        """Say whether something that the seed has planned happens."""
        happens = self.enabled and (self._only is None or name in self._only)
        if happens:
            self.struck.append(Struck(name, self._now()))
        return happens

    def among(self, name: str, choices: int) -> int:
        """Return the seed's choice for a name."""
        return int(drawn(self.seed, f"among {name}") * choices)
