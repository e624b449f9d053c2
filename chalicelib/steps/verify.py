"""Verify: prove a broadcast's sum, put its counters right, and look for anybody who was forgotten."""

from __future__ import annotations

from logging import ERROR, INFO

from chalicelib.log import log
from chalicelib.ports import MOST_ITEMS
from chalicelib.sending.broadcast import ENDED, Broadcast, BroadcastState
from chalicelib.sending.delivery import Outcome, outcome_of
from chalicelib.steps.control import find
from chalicelib.steps.home import Home
from chalicelib.steps.pages import every_behind
from chalicelib.steps.recounting import rewrite
from chalicelib.steps.report import chunks_of, fold_broadcast
from chalicelib.tracking.verification import Fault, Looked, Receipts, Verification, amounts, drift_of


def verify(home: Home, name: str) -> Verification:
    """Verify a broadcast, at work or ended. Only its counters are ever written."""
    broadcast = find(home, name)
    stored = home.ports.counters.get(broadcast.id)
    flew = bool(home.ports.chunks.in_flight(broadcast.id))
    report = fold_broadcast(home, broadcast)
    if broadcast.evidence_gone_at is not None:
        looked = Looked(broadcast=broadcast, now=home.ports.clock.now(), people=broadcast.planned)
        receipts = Receipts(accepted=report.accepted, confirmed=report.sent, billed=report.billed)
    else:
        looked = _look(home, broadcast)
        receipts = looked.receipts()
    looked.finish(report)
    drift = drift_of(stored, report.counters())
    is_rewritten = bool(drift) and not flew and rewrite(home, broadcast, stored, report)
    done = Verification(
        broadcast=broadcast,
        report=report,
        receipts=receipts,
        drift=drift,
        is_rewritten=is_rewritten,
        faults=tuple(looked.faults),
    )
    _log(done)
    return done


def _look(home: Home, broadcast: Broadcast) -> Looked:
    looked = Looked(broadcast=broadcast, now=home.ports.clock.now())
    for chunk in chunks_of(home, broadcast):
        rows = [] if chunk.members else home.ports.ledger.of_chunk(broadcast.id, chunk.id)
        looked.look(chunk, rows)
    if broadcast.state in (BroadcastState.RUNNING, BroadcastState.PAUSED):
        looked.faults += _off_timeline(home, broadcast, looked)
    if broadcast.state not in ENDED:
        looked.faults += _never_woken(home, broadcast, looked)
    return looked


def _off_timeline(home: Home, broadcast: Broadcast, looked: Looked) -> list[Fault]:
    """Return the due chunks that no pacer will ever see: their wave is not on the timeline."""
    entries = every_behind(home.ports.timelines.page, broadcast.sender)
    on = {entry.wave for entry in entries if entry.broadcast == broadcast.id}
    faults: list[Fault] = []
    for chunk in looked.ready:
        is_due = chunk.members or chunk.wave in broadcast.dispatched
        if not is_due or chunk.wave in on:
            continue
        if home.ports.chunks.get(broadcast.id, chunk.id) == chunk:  # nobody took it meanwhile
            faults.append(("verify.off_timeline", {"chunk": chunk.id, "people": str(chunk.remaining)}))
    return faults


def _never_woken(home: Home, broadcast: Broadcast, looked: Looked) -> list[Fault]:
    """Return whoever waits behind their own gate and has no wake-up: they would wait for ever."""
    deferrals = every_behind(home.ports.deferrals.of_broadcast, broadcast.id)
    woken = {deferral.person for deferral in deferrals} | looked.called_again
    missing = [row for key, row in looked.waiting.items() if key.person not in woken]
    faults: list[Fault] = []
    for start in range(0, len(missing), MOST_ITEMS):
        some = missing[start : start + MOST_ITEMS]
        rows = home.ports.ledger.get_all([row.key for row in some])
        # Who was woken since we looked has another row by now, or is on their way to it.
        same = [row for row in some if rows.get(row.key) == row and outcome_of(row) is Outcome.WAITING]
        on_their_way = _called_again(home, broadcast) if same else frozenset()
        for row in same:
            if row.key.person not in on_their_way:
                faults.append(("verify.never_woken", {"person": row.key.person, "reason": row.waiting}))
    return faults


def _called_again(home: Home, broadcast: Broadcast) -> frozenset[str]:
    chunks = (c for c in chunks_of(home, broadcast) if c.members and c.remaining)
    return frozenset(member.person for chunk in chunks for member in chunk.members)


def _log(done: Verification) -> None:
    extra = {
        "broadcast": done.broadcast.id,
        "audience": done.report.audience,
        "accounted": done.report.accounted,
        "faults": len(done.faults),
        "drift": amounts(done.drift),
        "rewritten": done.is_rewritten,
    }
    log.log(INFO if done.adds_up else ERROR, "broadcast_verified", extra=extra)
