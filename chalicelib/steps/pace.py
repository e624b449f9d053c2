"""Pace: due waves get slots on their sender's timeline, and only then go to the queue.

In this order: the lease and the fence; due deferrals become chunks; quota; the
end of the timeline is stored, on condition that nobody else moved it; the chunks
are marked released; their messages are sent. A crash anywhere loses slots, never people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.audience.instant import Instant
from chalicelib.authoring.senders import Sender
from chalicelib.log import log
from chalicelib.sending import pacing, quota
from chalicelib.sending.broadcast import (
    ENDED,
    Broadcast,
    BroadcastState,
    Chunk,
    ChunkState,
    Quota,
    SenderControl,
    TimelineEntry,
    turn_of,
)
from chalicelib.sending.deferral import deferral_chunks
from chalicelib.sending.template_brake import is_stopped
from chalicelib.steps import messages
from chalicelib.steps.amending import amend
from chalicelib.steps.closing import close
from chalicelib.steps.home import Home

LEASE_MS = 10_000


@dataclass(slots=True)
class Release:
    """A chunk with the slots it was given."""

    chunk: Chunk
    slots: pacing.Slots


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
    now = home.ports.clock.now()
    rate, wanted = pacing.rate_and_lanes(
        float(sender.max_per_second),
        float(sender.inbound_reserve),
        pacing.factor_now(control, now),
        home.settings.lateness_ms / 1000,
        home.settings.worker_rate,
    )
    lanes = pacing.lanes_for(wanted, control.lanes_ms, now)
    releases: list[Release] = []
    for entry in pacing.order(home.ports.timelines.page(sender_key), turn=control.version):
        if min(lanes) >= now + home.settings.horizon_ms:
            break
        lanes = _serve(home, sender, control, entry, now, rate, lanes, releases)
    if not releases:
        return 0
    moved = replace(control, lanes_ms=lanes, lease_until=now + LEASE_MS)
    if not home.ports.senders.put(moved, expected_version=control.version):
        return 0  # another pacer was first; the quota taken here expires unused
    return sum(_release(home, release) for release in releases)


def _leased(home: Home, sender_key: str) -> SenderControl | None:
    """Return the sender's control with our lease on it, stored, or None while another holds it."""
    now = home.ports.clock.now()
    current = home.ports.senders.get(sender_key)
    leased = pacing.leased(current or SenderControl(sender=sender_key), home.worker, now, LEASE_MS)
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
            home.ports.timelines.add(
                TimelineEntry(
                    sender=sender_key,
                    priority=turn_of(broadcast),
                    wave=chunk.wave,
                    broadcast=chunk.broadcast,
                )
            )
        home.ports.deferrals.remove_all(used)


def _serve(
    home: Home,
    sender: Sender,
    control: SenderControl,
    entry: TimelineEntry,
    now: Instant,
    rate: float,
    lanes: tuple[float, ...],
    releases: list[Release],
) -> tuple[float, ...]:
    """Give slots to the ready chunks of one timeline entry, as far as the horizon and the tier reach."""
    broadcast = home.ports.broadcasts.get(entry.broadcast)
    if broadcast is None or broadcast.state in ENDED:
        home.ports.timelines.remove(entry)
        return lanes
    if broadcast.state is not BroadcastState.RUNNING or entry.wave > now + home.settings.horizon_ms:
        return lanes
    stopped = _stopped_by(home, broadcast, control)
    ready = home.ports.chunks.ready(broadcast.id, entry.wave)
    if not ready and not _in_flight(home, broadcast, entry.wave):
        home.ports.timelines.remove(entry)
        return lanes
    cap = rate
    if broadcast.max_per_second:
        cap = min(rate, pacing.throttled_rate(broadcast.max_per_second, home.settings.lateness_ms / 1000))
    for chunk in ready:
        if now >= chunk.window_until:
            close(home, chunk, stopped or _closing_reason(chunk))
            continue
        if stopped:
            break
        if min(lanes) >= now + home.settings.horizon_ms:
            break
        count = pacing.slots_for(chunk.remaining, cap, len(lanes), home.settings.longest_send_ms)
        if not _take_quota(home, sender, count, now):
            _note_idle(home, broadcast, "tier")
            break
        # Not sooner than a worker can have taken the chunk and claimed its first person.
        not_before = max(now + home.settings.claim_lead_ms + home.settings.hand_over_ms, entry.wave)
        slots, lanes = pacing.allocate(lanes, not_before=not_before, rate=cap, count=count)
        releases.append(Release(chunk=chunk, slots=slots))
    else:
        _note_idle(home, broadcast, "")
    return lanes


def _closing_reason(chunk: Chunk) -> str:
    """Return why a chunk whose time is over is closed: deferred people expire, waves close."""
    return "expired" if chunk.members else "window_closed"


def _in_flight(home: Home, broadcast: Broadcast, wave: Instant) -> bool:
    return any(chunk.wave == wave for chunk in home.ports.chunks.in_flight(broadcast.id))


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


def _take_quota(home: Home, sender: Sender, count: int, now: Instant) -> bool:
    """Take `count` of the portfolio's rolling 24 hours, before anything is released."""
    if sender.tier is None:
        return True
    for _ in range(20):
        current = home.ports.senders.quota(sender.portfolio)
        taken = quota.take(current or Quota(portfolio=sender.portfolio), count, sender.tier, now)
        if taken is None:
            return False
        if home.ports.senders.put_quota(taken, expected_version=current.version if current else None):
            return True
    return False


def _release(home: Home, release: Release) -> bool:
    """Mark one chunk released with its slots, and put it on the queue to arrive just in time."""
    chunk, slots = release.chunk, release.slots
    released = replace(
        chunk,
        state=ChunkState.RELEASED,
        release=chunk.release + 1,
        slot0_ms=slots.first_ms,
        step_ms=slots.step_ms,
        slots=slots.count,
        expires_at=int(slots.end_ms) + home.settings.lateness_ms,
    )
    if not home.ports.chunks.put(released, expected_version=chunk.version):
        return False
    early = slots.first_ms - home.ports.clock.now() - home.settings.claim_lead_ms
    early -= home.settings.queue_lead_ms
    home.ports.queues.send(
        messages.SEND,
        [messages.encode(broadcast=chunk.broadcast, chunk=chunk.id, release=released.release)],
        delay_seconds=max(0, int(early / 1000)),
    )
    log.info(
        "chunk_released",
        extra={
            "broadcast": chunk.broadcast,
            "chunk": chunk.id,
            "slots": slots.count,
            "step_ms": round(slots.step_ms, 3),
        },
    )
    return True
