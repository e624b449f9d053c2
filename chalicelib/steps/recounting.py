"""Recount: a broadcast's counters are compared with its ledger at its end, an hour and a day later.

Listed where what has to go is listed, before the end is stored, so nobody looks
for broadcasts that may need it. A single send has one person, whose row is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.audience.instant import Instant
from chalicelib.log import log
from chalicelib.sending.broadcast import ENDED, Broadcast
from chalicelib.steps.announcing import remind
from chalicelib.steps.home import Home
from chalicelib.steps.report import fold_broadcast
from chalicelib.tracking.recount import judged, next_look
from chalicelib.tracking.report import Report
from chalicelib.tracking.retention import Keeping, Kind
from chalicelib.tracking.verification import amounts, drift_of


def list_recount(home: Home, broadcast: Broadcast, ended_at: Instant) -> None:
    """List a broadcast that is about to end."""
    look_at = next_look(ended_at, ended_at, is_settled=True)
    if look_at is not None and not broadcast.recipient:
        found = Keeping(kind=Kind.COUNTERS, id=broadcast.id, since=ended_at, look_at=look_at)
        home.ports.keepings.add(found)


def settle(home: Home, broadcast: Broadcast, stored: Mapping[str, int], report: Report) -> bool:
    """Add what the counters of a broadcast surely lost. Returns whether it may end; else look again soon.

    `stored` was read before the rows of `report`. The note of a look is taken on
    condition, so that of two who look at once only one adds.
    """
    by = amounts(drift_of(stored, report.counters()))
    found = judged(broadcast.drift, by, home.ports.clock.now())
    if found.drift == broadcast.drift:
        return found.may_end
    noted = replace(broadcast, drift=found.drift)
    if not home.ports.broadcasts.put(noted, expected_version=broadcast.version):
        return False
    if found.lost:
        home.ports.counters.add(broadcast.id, found.lost)
        log.warning("counters_mended", extra={"broadcast": broadcast.id, "drift": dict(found.lost)})
    return found.may_end


def recount(home: Home, keeping: Keeping) -> Instant | None:
    """Put right what one broadcast's counters lost. Returns when to look again, None when that is all."""
    broadcast = home.ports.broadcasts.get(keeping.id)
    if broadcast is not None:
        remind(home, broadcast)
    if broadcast is None or broadcast.state not in ENDED or broadcast.ended_at != keeping.since:
        return None  # it runs again, and is listed again by its next end
    if broadcast.evidence_gone_at is not None:
        return None
    stored = home.ports.counters.get(broadcast.id)
    report = fold_broadcast(home, broadcast)
    drift = drift_of(stored, report.counters())
    is_settled = not drift or rewrite(home, broadcast, stored, report)
    if drift and is_settled:
        log.warning("counters_mended", extra={"broadcast": broadcast.id, "drift": amounts(drift)})
    return next_look(keeping.since, home.ports.clock.now(), is_settled=is_settled)


def rewrite(home: Home, broadcast: Broadcast, stored: Mapping[str, int], report: Report) -> bool:
    """Put the counters right, if nothing moved them since they were read and no chunk is under way."""
    if home.ports.counters.get(broadcast.id) != stored or home.ports.chunks.in_flight(broadcast.id):
        return False
    home.ports.counters.set(broadcast.id, report.counters())
    return True
