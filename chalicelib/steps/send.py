"""Send: one coroutine per chunk; in each slot somebody is claimed, called, and settled.

What is durable before what: the claim (a conditional write of the standing)
before the call; the outcome (a row of the ledger) after it. A crash between the
two leaves a claim without an outcome, which `closing.recover` makes uncertain.
A deferral's wake-up is written before the row that says the person waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field, replace

from chalicelib.audience.instant import Instant
from chalicelib.audience.standing import Standing, withdrawn
from chalicelib.log import log
from chalicelib.sending.answer import Answer, Message
from chalicelib.sending.broadcast import BroadcastState, Chunk, ChunkState, Deferral
from chalicelib.sending.decision import Claim, Defer, Exclude, Wire, decide
from chalicelib.sending.delivery import Delivery, DeliveryKey
from chalicelib.sending.pacing import may_leave
from chalicelib.steps import effects
from chalicelib.steps.amending import amend
from chalicelib.steps.counting import count_changes
from chalicelib.steps.home import Home
from chalicelib.steps.people import Candidate, open_candidates, put_down
from chalicelib.steps.wire import Lane, lane_of, message_for, wire_for
from chalicelib.tracking.receipt import settled_by_call


@dataclass(slots=True)
class Progress:
    """What one taking of a chunk did; `left` are those it could not get to."""

    waiting: deque[Candidate]
    left: list[Candidate] = field(default_factory=list)
    changes: list[tuple[Delivery | None, Delivery]] = field(default_factory=list)
    sent: int = 0
    late: int = 0


async def send_chunk(home: Home, broadcast_id: str, chunk_id: str, release: int) -> None:
    """Send a released chunk in its slots, then put it down. An old release does nothing."""
    chunk = await home.offload(take, home, broadcast_id, chunk_id, release)
    if chunk is None:
        return
    lane = await home.offload(lane_of, home, chunk)
    candidates = await home.offload(open_candidates, home, chunk)
    progress = Progress(waiting=deque(candidates))
    try:
        slots = (chunk.slot0_ms + k * chunk.step_ms for k in range(chunk.slots))
        async with asyncio.TaskGroup() as group:
            for slot in slots:
                await home.ports.clock.sleep_until(slot - home.settings.claim_lead_ms)
                if not progress.waiting or not await lane.is_open(home):
                    break
                group.create_task(_use_slot(home, lane, slot, progress))
    finally:
        await home.offload(_finish, home, chunk, progress)


def take(home: Home, broadcast_id: str, chunk_id: str, release: int) -> Chunk | None:
    """Take a released chunk, or None when it is not this release's any more."""
    chunk = home.ports.chunks.get(broadcast_id, chunk_id)
    now = home.ports.clock.now()
    if chunk is None or chunk.state is not ChunkState.RELEASED or chunk.release != release:
        return None
    if now >= chunk.expires_at:
        put_down(home, chunk, chunk.remaining)
        return None
    taken = replace(
        chunk,
        state=ChunkState.RUNNING,
        epoch=home.epoch,
        lease_until=chunk.expires_at + home.settings.lease_ms,
    )
    if not home.ports.chunks.put(taken, expected_version=chunk.version):
        return None
    return replace(taken, version=chunk.version + 1)


async def _use_slot(home: Home, lane: Lane, slot: float, progress: Progress) -> None:
    """Fill one slot with the first person who may be messaged; whoever may not is settled on the way."""
    while progress.waiting:
        candidate = progress.waiting.popleft()
        wire = wire_for(lane, candidate)
        if not await home.offload(prepare, home, lane, wire, candidate, progress):
            continue
        await home.ports.clock.sleep_until(slot)
        if not may_leave(slot, home.ports.clock.now(), home.settings.lateness_ms) or not lane.open_now:
            progress.late += 1
            await home.offload(_withdraw, home, candidate)
            progress.left.append(candidate)
            return
        answer = await lane.channel.send(message_for(lane, candidate))
        progress.sent += 1
        await home.offload(settle, home, lane, candidate, answer, progress)
        return


def prepare(home: Home, lane: Lane, wire: Wire, candidate: Candidate, progress: Progress) -> bool:
    """Decide about one person and claim them; True when they are ours to call now.

    A lost condition means that something about the person changed since it was
    read: it is read and decided anew.
    """
    while True:
        standing = home.ports.standings.get(candidate.row.person)
        if standing is None:
            standing = Standing(person=candidate.row.person, erased=True)
        decision = decide(standing, wire, home.ports.clock.now())
        if isinstance(decision, Claim):
            if home.ports.standings.put(decision.standing, expected_version=standing.version):
                return True
            continue
        if isinstance(decision, Exclude):
            _write(home, candidate.key, progress, _excluded(decision))
        elif isinstance(decision, Defer):
            _defer(home, lane, candidate, decision, progress)
        return False


def _excluded(decision: Exclude):  # type: ignore[no-untyped-def]
    def change(delivery: Delivery) -> Delivery:
        return replace(
            delivery,
            excluded=decision.reason,
            saw=decision.saw,
            waiting="",
            due_at=None,
            deadline_at=None,
            failed_code=0,
        )

    return change


def _defer(home: Home, lane: Lane, candidate: Candidate, decision: Defer, progress: Progress) -> None:
    wake_up(home, lane, candidate.key, candidate.attempt, decision.reason, decision.due_at, decision.deadline_at)
    _write(
        home,
        candidate.key,
        progress,
        lambda delivery: replace(
            delivery,
            waiting=decision.reason,
            due_at=decision.due_at,
            deadline_at=decision.deadline_at,
            saw=decision.saw,
        ),
    )


def wake_up(
    home: Home, lane: Lane, key: DeliveryKey, attempt: int, reason: str, due: Instant, deadline: Instant
) -> None:
    """Write the wake-up of somebody who will wait; harmless if they then do not."""
    home.ports.deferrals.add_all(
        [
            Deferral(
                sender=lane.sender.key,
                due_at=due,
                broadcast=key.broadcast,
                chunk=key.chunk,
                person=key.person,
                attempt=attempt,
                reason=reason,
                deadline_at=deadline,
            )
        ]
    )


def _withdraw(home: Home, candidate: Candidate) -> None:
    """Undo a claim that ended in no call, so that the person waits again."""

    def without(standing: Standing | None) -> Standing | None:
        return standing and withdrawn(standing, candidate.key.broadcast, candidate.attempt)

    amend(lambda: home.ports.standings.get(candidate.row.person), home.ports.standings.put, without)


def settle(
    home: Home, lane: Lane, candidate: Candidate, answer: Answer, progress: Progress
) -> None:
    """Write what a call's answer means, and do what it asks beyond this person."""
    now = home.ports.clock.now()
    verdict = effects.judged(answer, candidate.attempt, now, lane.deadline(candidate))
    if verdict.waiting and verdict.due_at is not None:
        deadline = lane.deadline(candidate)
        wake_up(home, lane, candidate.key, candidate.attempt + 1, verdict.waiting, verdict.due_at, deadline)
    _write(
        home,
        candidate.key,
        progress,
        lambda delivery: settled_by_call(delivery, candidate.attempt, verdict, now),
    )
    effects.apply(home, lane, candidate.row.person, candidate.key, verdict)


def _write(home: Home, key: DeliveryKey, progress: Progress, change) -> None:  # type: ignore[no-untyped-def]
    before: list[Delivery | None] = [None]

    def read() -> Delivery | None:
        before[0] = home.ports.ledger.get_all([key]).get(key)
        return before[0]

    def put(delivery: Delivery, *, expected_version: int | None) -> bool:
        from chalicelib.ports import Write

        return home.ports.ledger.put_all([Write(delivery, expected_version)])[0]

    after = amend(read, put, lambda current: change(current or Delivery(key=key)))
    if after is not None:
        progress.changes.append((before[0], after))


def _finish(home: Home, chunk: Chunk, progress: Progress) -> None:
    """Put the chunk down with those who are left, and move the counters once."""
    count_changes(home, progress.changes)
    remaining = len(progress.waiting) + len(progress.left)
    if not put_down(home, chunk, remaining):
        log.warning("chunk_taken_away", extra={"broadcast": chunk.broadcast, "chunk": chunk.id})
    effects.give_back_quota(home, chunk, chunk.remaining - progress.sent - remaining)
    log.info(
        "chunk_sent",
        extra={
            "broadcast": chunk.broadcast,
            "chunk": chunk.id,
            "release": chunk.release,
            "sent": progress.sent,
            "late": progress.late,
            "remaining": remaining,
        },
    )


__all__ = ["BroadcastState", "Message", "prepare", "send_chunk", "settle", "take"]
