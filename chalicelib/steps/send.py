"""Send: one coroutine per chunk; in each slot somebody is claimed, called, and settled.

What is durable before what: the claim (a conditional write of the standing)
before the call; the outcome (a row of the ledger) after it. A crash between the
two leaves a claim without an outcome, which `closing.recover` makes uncertain.
A deferral's wake-up is written before the row that says the person waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.audience.instant import Instant
from chalicelib.audience.standing import Standing, withdrawn
from chalicelib.log import log
from chalicelib.ports import Write
from chalicelib.sending.answer import Answer, Refused
from chalicelib.sending.broadcast import Chunk, ChunkState, Deferral
from chalicelib.sending.decision import Claim, Defer, Exclude, Wire, decide
from chalicelib.sending.delivery import Delivery, DeliveryKey, Outcome, outcome_of
from chalicelib.sending.outcome import MEDIA_GONE, judge, lacks_media
from chalicelib.sending.pacing import is_missed, may_leave
from chalicelib.sending.settling import left_out, left_uncertain, settled
from chalicelib.steps import effects
from chalicelib.steps.amending import amend
from chalicelib.steps.counting import count_changes, outcomes
from chalicelib.steps.gap import settle_gap
from chalicelib.steps.guarding import pause
from chalicelib.steps.home import Home
from chalicelib.steps.media import MediaNotReady, ids_in, make_ready, renew
from chalicelib.steps.people import Candidate, is_deferral, open_candidates, put_down
from chalicelib.steps.resending import resend_later
from chalicelib.steps.wire import Lane, lane_of, message_for, wire_for
from chalicelib.tracking.receipt import echo_of


@dataclass(slots=True)
class Progress:
    """What one taking of a chunk did; `waiting` are those of its `people` whom it has not come to yet.

    `left_out` are those who may not be messaged: who is uncertain stays so, and is not tried again.
    """

    waiting: deque[Candidate]
    people: int
    left_out: set[str] = field(default_factory=set)
    changes: list[tuple[Delivery | None, Delivery]] = field(default_factory=list)
    sent: int = 0
    late: int = 0
    began: Instant = 0


async def send_chunks(home: Home, released: Sequence[tuple[str, str, int]]) -> None:
    """Send chunks, each (broadcast, chunk, release), side by side. Raises the first failure, after all."""
    sent = [send_chunk(home, *one) for one in released]
    for fault in await asyncio.gather(*sent, return_exceptions=True):
        if isinstance(fault, BaseException):
            raise fault


async def send_chunk(home: Home, broadcast_id: str, chunk_id: str, release: int) -> None:
    """Send a released chunk in its slots, then put it down. An old release does nothing."""
    chunk = await home.offload(take, home, broadcast_id, chunk_id, release)
    if chunk is None:
        return
    lane = await home.offload(lane_of, home, chunk)
    await _see_to_media(home, lane)
    began = home.ports.clock.now()
    candidates = await home.offload(open_candidates, home, chunk)
    progress = Progress(waiting=deque(candidates), people=len(candidates), began=began)
    tasks: list[asyncio.Task[None]] = []
    try:
        for slot in chunk.slot_instants():
            await home.ports.clock.sleep_until(slot - home.settings.claim_lead_ms)
            if not progress.waiting or not await lane.is_open(home):
                break
            tasks.append(asyncio.ensure_future(_use_slot(home, lane, slot, progress)))
    finally:
        # One person's fault never cancels a neighbour's call: all are waited for, then told.
        for fault in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(fault, BaseException):
                log.error("slot_failed", exc_info=fault, extra={"chunk": chunk.id})
        await home.offload(_finish, home, lane, chunk, progress)


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
        if not await home.committed(_prepare_in_time, home, lane, slot, candidate, progress):
            if _is_missed(home, slot):
                progress.late += 1
                return
            continue
        await home.ports.clock.sleep_until(slot)
        if not may_leave(slot, home.ports.clock.now(), home.settings.lateness_ms) or not lane.open_now:
            progress.late += 1
            await home.committed(_withdraw, home, candidate)
            return
        message = message_for(lane, candidate)
        answer = await lane.channel.send(message)
        progress.sent += 1
        if lacks_media(answer) and (gone := ids_in(message)):
            await _see_to_media(home, lane, gone)
            answer = Refused(code=MEDIA_GONE)  # this person's turn comes again
        await home.committed(settle, home, lane, candidate, answer, progress)
        return


async def _see_to_media(home: Home, lane: Lane, gone: frozenset[str] = frozenset()) -> None:
    """Have the platform's ids of what the chunk shows; without them the broadcast pauses, and says why."""
    try:
        if gone:
            await renew(home, lane.sender, lane.media, gone)
        else:
            await make_ready(home, lane.sender, lane.media)
    except MediaNotReady as fault:
        lane.open_now = False
        await home.offload(pause, home, lane.broadcast, f"media {fault}", home.ports.clock.now())


def _is_missed(home: Home, slot: float) -> bool:
    return is_missed(slot, home.ports.clock.now(), home.settings.lateness_ms)


def _prepare_in_time(home: Home, lane: Lane, slot: float, candidate: Candidate, progress: Progress) -> bool:
    """As `prepare`; but where the slot passed while this waited its turn, nobody is claimed in vain."""
    return not _is_missed(home, slot) and prepare(home, lane, wire_for(lane, candidate), candidate, progress)


def prepare(home: Home, lane: Lane, wire: Wire, candidate: Candidate, progress: Progress) -> bool:
    """Decide about one person and claim them; True when they are ours to call now.

    A claim is conditional on the version that was read, so a first look may be a
    moment old: where it was, the condition is lost, and the person is read
    consistently and decided anew. A no is never given on a first look.
    """
    if not settle_gap(home, lane.broadcast, [candidate]):
        return False
    person = candidate.row.person
    consistent = False
    while True:
        standing = home.ports.standings.get(person, consistent=consistent)
        if standing is None:
            standing = Standing(person=person, erased=True)
        decision = decide(standing, wire, home.ports.clock.now())
        if isinstance(decision, Claim) and home.ports.standings.put(
            decision.standing, expected_version=standing.version
        ):
            return True
        if isinstance(decision, Claim) or not consistent:
            consistent = True
            continue
        if isinstance(decision, Exclude):
            progress.left_out.add(person)
            _write(home, candidate, progress, _excluded(decision))
        elif isinstance(decision, Defer):
            _defer(home, lane, candidate, decision, progress)
        else:
            resend_later(home, lane.broadcast, lane.definition, [unanswered(lane, candidate)])
            # That worker may or may not have called; if it still does, its answer settles the row.
            _write(home, candidate, progress, _lost(candidate.attempt))
        return False


def unanswered(lane: Lane, candidate: Candidate) -> tuple[DeliveryKey, int, Instant]:
    """Return what resending needs to know of somebody whose call nobody answered."""
    return candidate.key, candidate.attempt, lane.deadline(candidate)


def _excluded(decision: Exclude) -> Callable[[Delivery], Delivery]:
    return lambda delivery: left_out(delivery, decision.reason, decision.saw)


def _lost(attempt: int) -> Callable[[Delivery], Delivery]:
    return lambda delivery: left_uncertain(delivery, attempt, "claimed by a worker that was lost")


def _defer(home: Home, lane: Lane, candidate: Candidate, decision: Defer, progress: Progress) -> None:
    wake_up(
        home, lane, candidate.key, candidate.attempt, decision.reason, decision.due_at, decision.deadline_at
    )
    _write(
        home,
        candidate,
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


def settle(home: Home, lane: Lane, candidate: Candidate, answer: Answer, progress: Progress) -> None:
    """Write what a call's answer means, and do what it asks beyond this person."""
    now = home.ports.clock.now()
    deadline = lane.deadline(candidate)
    verdict = judge(
        answer,
        attempt=candidate.attempt,
        now=now,
        deadline_at=deadline,
        retries=lane.definition.retries,
        known=candidate.known,
    )
    if verdict.waiting and verdict.due_at is not None:
        wake_up(home, lane, candidate.key, candidate.attempt + 1, verdict.waiting, verdict.due_at, deadline)
    if verdict.uncertain:
        resend_later(home, lane.broadcast, lane.definition, [unanswered(lane, candidate)])
    _write(
        home,
        candidate,
        progress,
        lambda delivery: settled(delivery, candidate.attempt, verdict, now=now, deadline_at=deadline),
    )
    effects.apply(
        home,
        sender=lane.sender.key,
        template=lane.definition.template.name,
        person=candidate.row.person,
        echo=echo_of(candidate.key, candidate.attempt),
        verdict=verdict,
        to=candidate.row.to,
        broadcast=lane.broadcast,
    )


def _write(
    home: Home, candidate: Candidate, progress: Progress, change: Callable[[Delivery], Delivery]
) -> None:
    """Store `change` of a person's row, and remember what it changed for the counters.

    First on the row as it was read with the chunk, which saves a read per
    message; only when somebody wrote meanwhile it is read anew.
    """
    key = candidate.key
    first = [candidate.known]
    before: Delivery | None = None

    def read() -> Delivery | None:
        nonlocal before
        before = first.pop() if first else home.ports.ledger.get_all([key]).get(key)
        return before

    def put(delivery: Delivery, *, expected_version: int | None) -> bool:
        return home.ports.ledger.put_all([Write(delivery, expected_version)])[0]

    after = amend(read, put, lambda current: change(current or Delivery(key=key)))
    if after is not None:
        progress.changes.append((before, after))


def _left(home: Home, chunk: Chunk, progress: Progress) -> int:
    """Return how many have no outcome: none where everybody has a row of ours, else as the ledger knows."""
    written = {after.key.person for _, after in progress.changes}
    if not is_deferral(chunk.id) and len(written) == progress.people:
        return 0
    still_open = open_candidates(home, chunk)
    return sum(not _stays_uncertain(candidate, progress) for candidate in still_open)


def _stays_uncertain(candidate: Candidate, progress: Progress) -> bool:
    """Say whether this person may not be messaged and has a row that says so: it may not have been stored."""
    row = candidate.known
    return (
        candidate.row.person in progress.left_out and row is not None and outcome_of(row) is Outcome.UNCERTAIN
    )


def _finish(home: Home, lane: Lane, chunk: Chunk, progress: Progress) -> None:
    """Put the chunk down with those who are left, and move the counters once."""
    count_changes(home, progress.changes)
    remaining = _left(home, chunk, progress)
    if not put_down(home, chunk, remaining):
        log.warning("chunk_taken_away", extra={"broadcast": chunk.broadcast, "chunk": chunk.id})
    effects.give_back_quota(home, lane.sender.key, chunk, chunk.slots - progress.sent)
    log.info(
        "chunk_sent",
        extra={
            "broadcast": chunk.broadcast,
            "sender": lane.sender.key,
            "chunk": chunk.id,
            "release": chunk.release,
            "sent": progress.sent,
            "late": progress.late,
            "remaining": remaining,
            **outcomes(progress.changes),
            "ms": home.ports.clock.now() - progress.began,
            "outcome": "done",
        },
    )
