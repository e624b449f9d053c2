"""Watchdog: compares what is due with what has begun, and alarms when nothing says why it has not."""

from __future__ import annotations

from chalicelib.log import log
from chalicelib.sending.broadcast import Broadcast, BroadcastState, SenderControl
from chalicelib.sending.idling import Progress, stalled
from chalicelib.sending.template_brake import is_stopped
from chalicelib.steps.home import Home


def why_idle(home: Home, broadcast: Broadcast) -> str:
    """Say in one word why nothing of a broadcast may leave; "" while something may."""
    return _why_idle(home, broadcast, home.ports.senders.get(broadcast.sender))


def _why_idle(home: Home, broadcast: Broadcast, control: SenderControl | None) -> str:
    if broadcast.state is not BroadcastState.RUNNING:
        return broadcast.state.value
    if trouble := home.trouble():
        return trouble
    if control is not None and control.stopped:
        return "sender_stopped"
    definition = home.definition(broadcast.campaign, broadcast.campaign_version)
    if control is not None and is_stopped(control, definition.template.name, broadcast.languages):
        return "template_paused"
    return broadcast.idle_reason


def watch(home: Home, broadcast: Broadcast) -> bool:
    """Alarm when waves of a running broadcast are due, stand still, and nothing says why; True then."""
    if broadcast.state is not BroadcastState.RUNNING:
        return False
    control = home.ports.senders.get(broadcast.sender)
    if _why_idle(home, broadcast, control):
        return False
    now = home.ports.clock.now()
    entries = home.ports.timelines.page(broadcast.sender)
    on_timeline = [entry.wave for entry in entries if entry.broadcast == broadcast.id]
    progress = Progress(
        undispatched=[wave for wave in broadcast.waves if wave not in broadcast.dispatched],
        on_timeline=on_timeline,
        ready=sum(len(home.ports.chunks.ready(broadcast.id, wave)) for wave in on_timeline if wave <= now),
        flying=len(home.ports.chunks.in_flight(broadcast.id)),
        slots_until=max(control.lanes_ms, default=0.0) if control is not None else 0.0,
    )
    waves = stalled(progress, now)
    if waves:
        log.error(
            "due_not_started",
            extra={
                "broadcast": broadcast.id,
                "sender": broadcast.sender,
                "waves": len(waves),
                "oldest_seconds": (now - waves[0]) // 1_000,
                "ready": progress.ready,
            },
        )
    return bool(waves)
