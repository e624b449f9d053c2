"""Reconcile: what should have happened and did not, found from the stores and put right.

Nothing here depends on a message or a schedule having arrived: lost ones are
found by what they should have left behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.audience.instant import Instant
from chalicelib.log import log, unit
from chalicelib.sending.broadcast import Broadcast, BroadcastState, Chunk, ChunkState, entry_of
from chalicelib.steps import messages
from chalicelib.steps.announcing import amend_broadcast, remind
from chalicelib.steps.closing import cancel_waiting, close, closing_reason, recover
from chalicelib.steps.guarding import guard
from chalicelib.steps.home import Home
from chalicelib.steps.launch import dispatch
from chalicelib.steps.pages import open_broadcasts
from chalicelib.steps.people import is_deferral, put_down
from chalicelib.steps.recounting import list_recount, settle
from chalicelib.steps.report import chunks_of, fold_broadcast
from chalicelib.steps.stops import look_after
from chalicelib.steps.template_check import breaches_of, hold_back
from chalicelib.steps.watchdog import watch
from chalicelib.tracking.report import Report

GRACE_MS = 5_000
"""How late a schedule or a queue message may be before we act in its place."""


@dataclass(slots=True)
class Reconciled:
    """What one round put right."""

    dispatched: int = 0
    returned: int = 0
    uncertain: int = 0
    completed: int = 0
    paused: int = 0


def reconcile(home: Home) -> Reconciled:
    """Look at every open broadcast once. Safe to run at any time, twice at once too."""
    done = Reconciled()
    with unit("reconciled", home.ports.clock.now) as line:
        look_after(home)
        for broadcast in open_broadcasts(home):
            _reconcile_one(home, broadcast, done)
        line.add(dispatched=done.dispatched, returned=done.returned, uncertain=done.uncertain)
        line.add(completed=done.completed, paused=done.paused)
        if done == Reconciled():
            line.silence()
    return done


def _reconcile_one(home: Home, broadcast: Broadcast, done: Reconciled) -> None:
    now = home.ports.clock.now()
    remind(home, broadcast)
    if broadcast.state is BroadcastState.LAUNCHING and now - broadcast.launched_at > GRACE_MS:
        home.ports.queues.send(messages.LAUNCH, [messages.encode(broadcast=broadcast.id)])
        return
    for chunk in home.ports.chunks.in_flight(broadcast.id):
        _take_back(home, chunk, now, done)
    if broadcast.state is BroadcastState.CANCELLING:
        _cancel(home, broadcast, done)
        return
    for wave in sorted(broadcast.waves):
        if wave + GRACE_MS <= now and wave not in broadcast.dispatched:
            dispatch(home, broadcast.id, wave)
            done.dispatched += 1
    if broadcast.state is BroadcastState.RUNNING and (guard(home, broadcast) or hold_back(home, broadcast)):
        done.paused += 1
        return
    watch(home, broadcast)
    if broadcast.state is BroadcastState.PAUSED and broadcast.held_from is None:
        close_overdue(home, broadcast)
    if frozenset(broadcast.waves) <= broadcast.dispatched:
        _complete(home, broadcast, done)


def _take_back(home: Home, chunk: Chunk, now: int, done: Reconciled) -> None:
    """Return a chunk whose message or worker is surely gone."""
    if chunk.state is ChunkState.RELEASED and now > chunk.expires_at + GRACE_MS:
        put_down(home, chunk, chunk.remaining)
        done.returned += 1
    if chunk.state is not ChunkState.RUNNING:
        return
    if now > chunk.lease_until or (home.epoch and chunk.epoch < home.epoch):
        done.uncertain += recover(home, chunk)
        done.returned += 1


def _has_work(home: Home, broadcast: Broadcast) -> bool:
    """Say whether anything of the broadcast is on a timeline, in flight or deferred."""
    entries = home.ports.timelines.page(broadcast.sender)
    return (
        any(entry.broadcast == broadcast.id for entry in entries)
        or bool(home.ports.chunks.in_flight(broadcast.id))
        or bool(home.ports.deferrals.of_broadcast(broadcast.id))
    )


def _complete(home: Home, broadcast: Broadcast, done: Reconciled) -> None:
    """End a broadcast when the sum over the ledger proves that nobody waits."""
    if _has_work(home, broadcast):
        return
    stored = home.ports.counters.get(broadcast.id)
    report = fold_broadcast(home, broadcast)
    if not report.complete:
        log.warning("completion_not_proven", extra={"broadcast": broadcast.id})
        _line_up(home, broadcast)
        return
    if settle(home, broadcast, stored, report):
        _end(home, broadcast, broadcast.state, BroadcastState.COMPLETED, report)
        done.completed += 1


def _line_up(home: Home, broadcast: Broadcast) -> None:
    """Put waves with ready chunks back on the timeline, which lost them to a second pacer or a crash."""
    for wave in sorted({chunk.wave for chunk in _ready(home, broadcast)}):
        home.ports.timelines.add(entry_of(broadcast, wave))
        log.warning("wave_lined_up", extra={"broadcast": broadcast.id, "wave": wave})


def _ready(home: Home, broadcast: Broadcast) -> Iterator[Chunk]:
    return (chunk for chunk in chunks_of(home, broadcast) if chunk.state is ChunkState.READY)


def close_overdue(home: Home, broadcast: Broadcast) -> None:
    """Exclude whoever of a paused broadcast has no window left: a pause keeps nobody longer than that."""
    now = home.ports.clock.now()
    entries = {e.wave: e for e in home.ports.timelines.page(broadcast.sender) if e.broadcast == broadcast.id}
    stopped = None
    for wave in sorted({*broadcast.dispatched, *entries}):
        while overdue := [c for c in home.ports.chunks.ready(broadcast.id, wave) if now >= c.window_until]:
            stopped = bool(breaches_of(home, broadcast)) if stopped is None else stopped
            for chunk in overdue:
                close(home, chunk, "template_stopped" if stopped else closing_reason(chunk))
        if wave in entries and not _has_chunks(home, broadcast, wave):
            home.ports.timelines.remove(entries[wave])


def _has_chunks(home: Home, broadcast: Broadcast, wave: Instant) -> bool:
    flying = any(chunk.wave == wave for chunk in home.ports.chunks.in_flight(broadcast.id))
    return flying or bool(home.ports.chunks.ready(broadcast.id, wave))


def _end(
    home: Home, broadcast: Broadcast, source: BroadcastState, target: BroadcastState, report: Report
) -> None:
    now = home.ports.clock.now()
    list_recount(home, broadcast, now)

    def ended(current: Broadcast | None) -> Broadcast | None:
        if current is None or current.state is not source:
            return None
        return replace(current, state=target, ended_at=now, drift=None)

    amend_broadcast(home, broadcast.id, ended, counts=report.outcomes())
    log.info("broadcast_ended", extra={"broadcast": broadcast.id, "state": target.value})


def _cancel(home: Home, broadcast: Broadcast, done: Reconciled) -> None:
    """Exclude everybody who still waits as `cancelled`; in-flight chunks are put down first."""
    for chunk in _ready(home, broadcast):
        close(home, chunk, "cancelled")
    cancel_deferrals(home, broadcast)
    for entry in home.ports.timelines.page(broadcast.sender):
        if entry.broadcast == broadcast.id:
            home.ports.timelines.remove(entry)
    if not _has_work(home, broadcast):
        stored = home.ports.counters.get(broadcast.id)
        report = fold_broadcast(home, broadcast)
        if not report.complete or settle(home, broadcast, stored, report):
            _end(home, broadcast, BroadcastState.CANCELLING, BroadcastState.CANCELLED, report)
            done.completed += 1


def cancel_deferrals(home: Home, broadcast: Broadcast) -> None:
    """Exclude as `cancelled` whoever waits behind their own gate: their rows say so, chunk by chunk."""
    for chunk in chunks_of(home, broadcast):
        if not is_deferral(chunk.id):
            cancel_waiting(home, chunk)
    while waiting := home.ports.deferrals.of_broadcast(broadcast.id):
        home.ports.deferrals.remove_all(waiting)
