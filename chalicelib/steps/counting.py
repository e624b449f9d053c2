"""Counters: caches of folds over the ledger, moved by what each write changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

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
            home.ports.counters.add(broadcast, moved)
