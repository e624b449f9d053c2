"""Counters: caches of folds over the ledger, moved by what each write changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from chalicelib.errors import HomeUnavailable
from chalicelib.log import log
from chalicelib.sending.delivery import Delivery
from chalicelib.steps.home import Home
from chalicelib.tracking.receipt import deltas


def count_changes(home: Home, changes: Iterable[tuple[Delivery | None, Delivery]]) -> None:
    """Add what these ledger writes changed to their broadcasts' counters."""
    by_broadcast: dict[str, Counter[str]] = {}
    for before, after in changes:
        by_broadcast.setdefault(after.key.broadcast, Counter()).update(deltas(before, after))
    for broadcast, changed in by_broadcast.items():
        moved = {name: n for name, n in changed.items() if n}
        if moved:
            _move(home, broadcast, moved)


def _move(home: Home, broadcast: str, moved: dict[str, int]) -> None:
    """Move the cache; the ledger it is a cache of stands already, and the next rebuild is made from that."""
    try:
        home.ports.counters.add(broadcast, moved)
    except HomeUnavailable as error:
        log.warning("counters_not_moved", extra={"broadcast": broadcast, "detail": str(error)})
