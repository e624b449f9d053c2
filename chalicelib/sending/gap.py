"""The gap: what a home did between its backup and its restoring, which the restored home cannot know.

Whoever was due by the end of it and has no outcome may have been called. They
are treated as claimed by a worker that was lost: uncertain, never called again.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.audience.instant import Instant, to_iso
from chalicelib.sending.broadcast import ENDED, Broadcast, BroadcastState
from chalicelib.sending.delivery import Delivery, Outcome, outcome_of
from chalicelib.sending.settling import left_uncertain

STILL = ENDED | {BroadcastState.CANCELLING}
"""States in which nothing is sent, so that there is nothing to hold."""


def held(broadcast: Broadcast, backed_up_at: Instant, restored_at: Instant) -> Broadcast:
    """Return a broadcast as a home restored from a backup has it: paused, and aware of the gap.

    One that is being cancelled, or has ended, stays so and knows of the gap alone.
    One that is being launched is paused by the end of its launch. Restored a
    second time, its gap begins where the first one did.
    """
    until = max(backed_up_at, restored_at, broadcast.unknown_until or 0)
    aware = replace(broadcast, unknown_until=until)
    if broadcast.state in STILL:
        return aware
    launching = broadcast.state is BroadcastState.LAUNCHING
    since = min(t for t in (backed_up_at, broadcast.held_from, broadcast.unknown_until) if t is not None)
    return replace(
        aware,
        state=broadcast.state if launching else BroadcastState.PAUSED,
        paused_because=(
            f"this home was restored from a backup of {to_iso(since)}: "
            "what was sent after that is not known here, so a person must say that it may go on"
        ),
        paused_at=restored_at,
        held_from=since,
    )


def gap_of(broadcast: Broadcast) -> tuple[Instant, Instant] | None:
    """Return the gap's ends (since, until) while a broadcast is held for it, else None."""
    if broadcast.held_from is None or broadcast.unknown_until is None:
        return None
    return broadcast.held_from, broadcast.unknown_until


def let_go(broadcast: Broadcast, lost_at: Instant | None) -> Broadcast:
    """Return a held broadcast as it is when somebody resumes it; any other one as it is.

    `lost_at`: somebody vouches that the lost home called nobody after it. Then
    the gap ends there, and with no gap left nobody is in doubt for it.
    """
    gap = gap_of(broadcast)
    if gap is None:
        return broadcast
    since, until = gap
    if lost_at is not None:
        until = min(until, lost_at)
    return replace(broadcast, held_from=None, unknown_until=until if until > since else None)


def may_have_been_called(broadcast: Broadcast, due: Instant) -> bool:
    """Say whether somebody without an outcome, who was due at `due`, was so by the end of the gap."""
    return broadcast.unknown_until is not None and due <= broadcast.unknown_until


def left_in_doubt(broadcast: Broadcast, delivery: Delivery, attempt: int) -> Delivery:
    """Return the row of somebody who may have been called in the gap; one with an outcome stays."""
    until = to_iso(broadcast.unknown_until or 0)
    saw = f"was due by {until}, when this home was restored: may have been called, is not called again"
    return left_uncertain(delivery, attempt, saw)


def presumed(broadcast: Broadcast, delivery: Delivery) -> Delivery:
    """Return a row as the gap makes it: somebody whose wait ended in it may have been called again."""
    if outcome_of(delivery) is Outcome.WAITING and may_have_been_called(broadcast, delivery.due_at or 0):
        return left_in_doubt(broadcast, delivery, delivery.attempt + 1)
    return delivery
