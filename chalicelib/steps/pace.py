"""Pace: due waves get slots on their sender's timeline, and only then go to the queue.

In this order: the lease and the fence; due deferrals become chunks; quota; the
end of the timeline is stored, on condition that nobody else moved it; the chunks
are marked released; their messages are sent. A crash anywhere loses slots, never people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from chalicelib.audience.instant import Instant
from chalicelib.log import log
from chalicelib.ports import MOST_ITEMS, Write
from chalicelib.sending import pacing
from chalicelib.sending.broadcast import (
    ENDED,
    MOST_PRIORITY,
    Broadcast,
    BroadcastState,
    Chunk,
    ChunkState,
    SenderControl,
    TimelineEntry,
    entry_of,
)
from chalicelib.sending.deferral import deferral_chunks
from chalicelib.sending.frame import Slots
from chalicelib.sending.gap import may_have_been_called
from chalicelib.sending.template_brake import is_stopped
from chalicelib.steps import messages
from chalicelib.steps.amending import amend
from chalicelib.steps.closing import close, closing_reason
from chalicelib.steps.home import Home
from chalicelib.steps.round import Release, Round
from chalicelib.steps.stops import known

LEASE_MS = 10_000
MOST_BUNDLED = 20
"""Chunks of one slot that leave in one message."""
MOST_NAMED = 3
"""Broadcasts that a round's line names."""


async def rounds(home: Home) -> None:
    """Go round every second for as long as a timer's run lasts, or until no sender has work.

    Who waits behind their own gate is looked for less often: their minute is no finer.
    """
    clock, settings = home.ports.clock, home.settings
    until = clock.now() + settings.pace_for_ms
    wakes_at = clock.now()
    while True:
        started = clock.now()
        if not await home.offload(round_once, home, started >= wakes_at):
            return
        if started >= wakes_at:
            wakes_at = started + settings.wake_every_ms
        if started + settings.pace_every_ms >= until:
            return
        await clock.sleep_until(started + settings.pace_every_ms)


def round_once(home: Home, wake: bool) -> bool:
    """Serve every sender that has work once; False when none has."""
    senders = home.ports.timelines.senders()
    for sender in senders:
        if wake:
            wake_deferred(home, sender)
        pace(home, sender)
    return bool(senders)


def pace(home: Home, sender_key: str) -> int:
    """Hand out slots up to the horizon. Returns how many chunks were released."""
    sender = home.sender(sender_key)
    control = _leased(home, sender_key)
    if control is None:
        return 0
    entries = pacing.order(home.ports.timelines.page(sender_key), turn=control.version)
    round_ = Round.of(home, sender, control, in_frames=pacing.is_shared_out(entries))
    if round_.in_frames and not round_.frame.is_roomy:
        entries = [entry for entry in entries if entry.priority <= MOST_PRIORITY]  # utility never waits
    held = []
    for entry in entries:
        if round_.frame.is_full:
            break
        if _serve(home, round_, entry, in_shares=round_.in_frames):
            held.append(entry)
    for entry in held:  # what the others left of the sender is theirs after all
        if round_.frame.is_full:
            break
        _serve(home, round_, entry, in_shares=False)
    if not round_.releases or not round_.take_quota(home):
        return 0
    moved = replace(
        control,
        lanes_ms=round_.frame.lanes_ms,
        turns_ms=round_.turns_ms(),
        lease_until=round_.now + LEASE_MS,
    )
    if not home.ports.senders.put(moved, expected_version=control.version):
        return 0  # another pacer was first; the quota taken here expires unused
    return _hand_over(home, round_)


def _leased(home: Home, sender_key: str) -> SenderControl | None:
    """Return the sender's control with our lease on it, stored, or None while another holds it."""
    now = home.ports.clock.now()
    current = known(home, sender_key)
    before = current or SenderControl(sender=sender_key)
    is_alone = home.epoch > 0  # the home's lock is ours: no other pacer lives
    leased = pacing.leased(before, home.worker, now, LEASE_MS, is_alone=is_alone)
    if leased is None:
        return None
    if current is not None and current.owner == home.worker and current.lease_until > now + LEASE_MS // 2:
        return current  # renewed often enough; saves a write per tick
    if not home.ports.senders.put(leased, expected_version=current.version if current else None):
        return None
    return replace(leased, version=(current.version if current else 0) + 1)


def wake_deferred(home: Home, sender_key: str) -> None:
    """Make chunks of everybody whose wait is over: first the chunk, then its place, then forget the wait."""
    due = home.ports.deferrals.due(sender_key, home.ports.clock.now())
    for chunk, used in deferral_chunks(due):
        broadcast = home.ports.broadcasts.get(chunk.broadcast)
        if broadcast is not None and broadcast.state not in ENDED:
            home.ports.chunks.add_all([chunk])
            home.ports.timelines.add(entry_of(broadcast, chunk.wave))
        home.ports.deferrals.remove_all(used)


def _serve(home: Home, round_: Round, entry: TimelineEntry, *, in_shares: bool) -> bool:
    """Give slots to the ready chunks of one timeline entry, as far as the horizon and the tier reach.

    With `in_shares` a broadcast takes no more than its share of the frame; says
    whether that held it back.
    """
    broadcast = _due(home, round_.now, entry)
    if broadcast is None:
        return False
    ready = home.ports.chunks.ready(broadcast.id, entry.wave)
    if not ready and _is_spent(home, broadcast, entry.wave):
        home.ports.timelines.remove(entry)
        return False
    stopped = _stopped_by(home, broadcast, round_.control)
    for chunk in ready:
        reason = _ending(broadcast, chunk, stopped, round_.now)
        if reason:
            close(home, chunk, reason)
            continue
        if stopped or round_.frame.is_full:
            break
        if round_.got(chunk) == chunk.remaining:
            continue
        most = round_.most_for(broadcast, chunk, in_shares=in_shares)
        if most < 1:
            return True
        slots = _slots_in_tier(home, round_, broadcast, chunk, most)
        if slots is None:
            break
        round_.release(chunk, slots)
    else:
        _note_idle(home, broadcast, "")
    return False


def _slots_in_tier(home: Home, round_: Round, broadcast: Broadcast, chunk: Chunk, most: int) -> Slots | None:
    """Return slots for up to `most` of a chunk's people, as the tier has room; None when there are none."""
    room = round_.room(home)
    if room is not None and room < 1:
        _note_idle(home, broadcast, "tier")
        return None
    most = most if room is None else min(most, room)
    return round_.slots_for(home, broadcast, chunk, most, not_before=max(round_.earliest, chunk.wave))


def _due(home: Home, now: Instant, entry: TimelineEntry) -> Broadcast | None:
    """Return the entry's broadcast if it may send within the horizon; an ended one's entry is removed."""
    broadcast = home.ports.broadcasts.get(entry.broadcast)
    if broadcast is None or broadcast.state in ENDED:
        home.ports.timelines.remove(entry)
        return None
    waits = broadcast.state is not BroadcastState.RUNNING or entry.wave > now + home.settings.horizon_ms
    return None if waits else broadcast


def _ending(broadcast: Broadcast, chunk: Chunk, stopped: str, now: Instant) -> str:
    """Return why a chunk is closed, "" while it is not: deferred people expire, waves close.

    Those of a gap are all left uncertain by closing, whatever the reason.
    """
    if now < chunk.window_until and not may_have_been_called(broadcast, chunk.wave):
        return ""
    return stopped or closing_reason(chunk)


def _is_spent(home: Home, broadcast: Broadcast, wave: Instant) -> bool:
    """Say whether a wave has no chunk to send any more: one put down meanwhile is ready at last."""
    if any(chunk.wave == wave for chunk in home.ports.chunks.in_flight(broadcast.id)):
        return False
    return not home.ports.chunks.ready(broadcast.id, wave)


def _stopped_by(home: Home, broadcast: Broadcast, control: SenderControl) -> str:
    """Return the reason for which people are excluded if the brake outlasts their window, "" without one."""
    if control.stopped:
        return "sender_stopped"
    if control.stopped_templates:
        definition = home.definition(broadcast.campaign, broadcast.campaign_version)
        if is_stopped(control, definition.template.name, broadcast.languages):
            return "template_stopped"
    return ""


def _note_idle(home: Home, broadcast: Broadcast, reason: str) -> None:
    """Remember why a running broadcast sends nothing, when that changed."""
    if broadcast.idle_reason == reason:
        return

    def noted(current: Broadcast | None) -> Broadcast | None:
        return current and replace(current, idle_reason=reason)

    amend(lambda: home.ports.broadcasts.get(broadcast.id), home.ports.broadcasts.put, noted)


def _hand_over(home: Home, round_: Round) -> int:
    """Mark chunks released, then queue them to arrive just in time. Returns how many were as we saw them.

    Written a page at a time: while one write after the other waits for its disk, the first slots pass.
    """
    releases = list(round_.releases.values())
    ours: list[Chunk] = []
    for start in range(0, len(releases), MOST_ITEMS):
        some = [(release.chunk, _released(home, release)) for release in releases[start : start + MOST_ITEMS]]
        answers = home.ports.chunks.put_all([Write(now, before.version) for before, now in some])
        ours += [now for (_, now), is_stored in zip(some, answers, strict=True) if is_stored]
    for together in bundled(ours):
        early = together[0].slot0_ms - home.ports.clock.now() - home.settings.claim_lead_ms
        early -= home.settings.queue_lead_ms
        home.ports.queues.send(
            messages.SEND,
            [messages.encode(chunks=[[chunk.broadcast, chunk.id, chunk.release] for chunk in together])],
            delay_seconds=max(0, int(early / 1000)),
        )
    _tell(home, round_, ours)
    return len(ours)


def _tell(home: Home, round_: Round, released: Sequence[Chunk]) -> None:
    """Write the round's line. A round that released nothing has none: there are five a second."""
    broadcasts = {chunk.broadcast for chunk in released}
    log.info(
        "paced",
        extra={
            "sender": round_.sender.key,
            "broadcasts": sorted(broadcasts)[:MOST_NAMED],
            "chunks": len(released),
            "slots": sum(chunk.slots for chunk in released),
            "lost": len(round_.releases) - len(released),
            "rate": round(round_.rate, 2),
            "ms": home.ports.clock.now() - round_.now,
            "outcome": "done",
        },
    )


def bundled(chunks: Sequence[Chunk]) -> Iterator[Sequence[Chunk]]:
    """Yield chunks that leave in one message: those of one slot together, every other alone.

    A worker is one message at a time; a chunk of one person would hold it for that one's sake.
    """
    for is_single, some in groupby(chunks, key=lambda chunk: chunk.slots == 1):
        together = list(some)
        size = MOST_BUNDLED if is_single else 1
        for start in range(0, len(together), size):
            yield together[start : start + size]


def _released(home: Home, release: Release) -> Chunk:
    """Return a chunk with its slots, as it is to be stored."""
    slots = release.slots
    return replace(
        release.chunk,
        state=ChunkState.RELEASED,
        release=release.chunk.release + 1,
        slot0_ms=slots.first_ms,
        step_ms=slots.step_ms,
        slots=slots.count,
        offsets=slots.offsets,
        expires_at=int(slots.end_ms) + home.settings.lateness_ms,
    )
