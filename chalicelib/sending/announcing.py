"""Which announcements a change of a broadcast makes, and how each reads when it leaves.

They are stored in the very write that changes the broadcast, so that one is
neither told of a change that was not made, nor missing of one that was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.audience.consent import ConsentEvent
from chalicelib.audience.instant import Instant, to_iso
from chalicelib.sending.announcement import About, Announcement, id_of
from chalicelib.sending.broadcast import ENDED, Broadcast, BroadcastState

RESTORED = "restored"
FORMAT = 1
"""Of what is told; a field may be added to it, none changes its meaning."""


def announced(
    before: Broadcast, after: Broadcast, now: Instant, counts: Mapping[str, int] | None = None
) -> Broadcast:
    """Return `after` with what the change from `before` makes us tell behind what is still untold.

    `counts` are the report's, for an end. Single sends are told of to nobody: who asked knows.
    """
    if after.recipient:
        return after
    return replace(after, untold=(*before.untold, *_changes(before, after, now, counts or {})))


def _changes(
    before: Broadcast, after: Broadcast, now: Instant, counts: Mapping[str, int]
) -> Iterator[Announcement]:
    for wave in sorted(after.dispatched - before.dispatched):
        facts = {"wave": to_iso(wave), "people": after.waves.get(wave, 0)}
        yield Announcement(id=id_of(About.WAVE, after.id, wave), about=About.WAVE, at=now, facts=facts)
    if before.state is after.state:
        return
    if before.state is BroadcastState.LAUNCHING:
        yield Announcement(
            id=id_of(About.STARTED, after.id), about=About.STARTED, at=now, facts=_started(after)
        )
    found = _about(before, after)
    if found is None:
        return
    about, facts = found
    if after.state in ENDED:
        facts |= counts
    # The version tells apart what happens again: a pause, a resume, an end after it was reopened.
    yield Announcement(id=id_of(about, after.id, before.version, now), about=about, at=now, facts=facts)


def _started(broadcast: Broadcast) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "audience": broadcast.audience,
        "planned": broadcast.planned,
        "excluded": sum(broadcast.excluded.values()),
        "waves": len(broadcast.waves),
    }
    if broadcast.waves:
        first, last = min(broadcast.waves), max(broadcast.waves)
        facts |= {"first_wave": to_iso(first), "last_wave": to_iso(last)}
    return facts


def _about(before: Broadcast, after: Broadcast) -> tuple[About, dict[str, Any]] | None:
    """Return what a change of state is called, with its own facts; None for what is no news."""
    state = after.state
    if state is BroadcastState.PAUSED:
        if after.held_from is not None:
            return About.PAUSED, {"by": RESTORED, "because": ""}
        by = "rule" if after.paused_because else "person"
        return About.PAUSED, {"by": by, "because": after.paused_because}
    if state is BroadcastState.COMPLETED:
        return About.COMPLETED, {}
    if state is BroadcastState.CANCELLED:
        return About.CANCELLED, {}
    if state is BroadcastState.RUNNING and before.state is BroadcastState.PAUSED:
        return About.RESUMED, {}
    if state is BroadcastState.RUNNING and before.state is BroadcastState.COMPLETED:
        return About.REOPENED, {}
    return None


def opt_out(event: ConsentEvent) -> Announcement:
    """Return what is told of an opt-out: our own id of the person, and nothing they wrote."""
    return Announcement(
        id=id_of(About.OPT_OUT, event.id),
        about=About.OPT_OUT,
        at=event.at,
        facts={
            "person": event.person,
            "channel": event.channel,
            "topic": event.topic,
            "source": event.source,
        },
    )


def detail_of(announcement: Announcement, broadcast: Broadcast | None) -> dict[str, Any]:
    """Return what leaves, the same for every kind of receiver."""
    common: dict[str, Any] = {"v": FORMAT, "id": announcement.id, "at": to_iso(announcement.at)}
    if broadcast is not None:
        common |= {
            "broadcast": broadcast.id,
            "campaign": broadcast.campaign,
            "run": broadcast.run,
            "sender": broadcast.sender,
            "category": broadcast.category,
        }
    return common | dict(announcement.facts)
