"""Counters: caches of folds over the ledger, moved by what each write changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from chalicelib.errors import HomeUnavailable
from chalicelib.log import log
from chalicelib.sending.delivery import Delivery, Outcome, outcome_of
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


def outcomes(changes: Iterable[tuple[Delivery | None, Delivery]]) -> dict[str, Any]:
    """Return what these writes came to, for a log line: people by outcome, and by gate or code."""
    rows = {after.key: after for _, after in changes}
    counted: dict[str, Counter[str]] = {}
    for row in rows.values():
        outcome = outcome_of(row)
        reason = {Outcome.EXCLUDED: row.excluded, Outcome.FAILED: str(row.failed_code)}.get(outcome, "")
        if outcome is Outcome.WAITING:
            reason = f"{row.waiting}.{row.failed_code}" if row.failed_code else row.waiting
        counted.setdefault(outcome.value, Counter())[reason] += 1
    return {name: found[""] if "" in found else dict(found) for name, found in counted.items()}


def _move(home: Home, broadcast: str, moved: dict[str, int]) -> None:
    """Move the cache; the ledger it is a cache of stands already, and the next rebuild is made from that."""
    try:
        home.ports.counters.add(broadcast, moved)
    except HomeUnavailable as error:
        log.warning("counters_not_moved", extra={"broadcast": broadcast, "detail": str(error)})
