"""Pause, resume, cancel: what a person does to a broadcast that runs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.audience.instant import Instant
from chalicelib.errors import NotFound, Problem, Refused
from chalicelib.sending.broadcast import Broadcast, BroadcastState
from chalicelib.sending.gap import gap_of, let_go
from chalicelib.steps import drift
from chalicelib.steps.announcing import amend_broadcast
from chalicelib.steps.guarding import forget_samples
from chalicelib.steps.home import Home
from chalicelib.steps.launch import schedule_name
from chalicelib.steps.people import open_candidates
from chalicelib.steps.report import fold_broadcast
from chalicelib.steps.template_check import resume_refusals

FROM_BY_WANTED = {
    BroadcastState.PAUSED: {BroadcastState.RUNNING},
    BroadcastState.RUNNING: {BroadcastState.PAUSED},
    # Not while it is launching: people whose chunk is not written yet could not be excluded by name.
    BroadcastState.CANCELLING: {BroadcastState.RUNNING, BroadcastState.PAUSED},
}
"""Which states each order may be given in; asking for the present state again is no error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """The broadcast after the order, and who was already handed to workers: nobody else can still be called.

    For one that a restored home held until now, its `gap` (since, until), and where
    its people are: `waiting` to be called, or `uncertain` because they may have been.
    """

    broadcast: Broadcast
    already_handed_over: tuple[str, ...]
    gap: tuple[Instant, Instant] | None = None
    waiting: int = 0
    uncertain: int = 0


def find(home: Home, broadcast_id: str) -> Broadcast:
    """Return a broadcast by "CAMPAIGN.n" or "CAMPAIGN#n". Raises NotFound."""
    broadcast = home.ports.broadcasts.get(broadcast_id.replace("#", "."))
    if broadcast is None:
        raise NotFound(Problem(code="broadcast_unknown", params={"broadcast": broadcast_id}))
    return broadcast


def _begin_anew(home: Home, broadcast: Broadcast) -> None:
    """Raise Refused while it may not go on as it was planned; else forget what paused it."""
    if broadcast.state is BroadcastState.PAUSED:
        problems = [*resume_refusals(home, broadcast), *drift.resume_refusals(home, broadcast)]
        if problems:
            raise Refused(*problems)
    forget_samples(home, broadcast)


def order(
    home: Home, broadcast_id: str, wanted: BroadcastState, *, lost_at: Instant | None = None
) -> Ordered:
    """Pause, resume or cancel. Workers see it within half a second; progress is never touched.

    `lost_at`, for one that a restored home holds: after it the lost home called nobody.
    """
    found = find(home, broadcast_id)
    gap = gap_of(found)
    if lost_at is not None and gap is None:
        raise Refused(Problem(code="broadcast_not_held", params={"broadcast": found.id}))
    if wanted is BroadcastState.RUNNING:
        _begin_anew(home, found)

    def changed(current: Broadcast | None) -> Broadcast | None:
        if current is None or current.state is wanted:
            return None
        if current.state not in FROM_BY_WANTED[wanted]:
            raise Refused(
                Problem(
                    code="broadcast_ended"
                    if current.state in (BroadcastState.COMPLETED, BroadcastState.CANCELLED)
                    else "broadcast_wrong_state",
                    params={"broadcast": broadcast_id, "state": current.state.value},
                )
            )
        by_hand = wanted is BroadcastState.PAUSED
        return replace(
            let_go(current, lost_at),
            state=wanted,
            paused_because="",
            paused_at=home.ports.clock.now() if by_hand else None,
        )

    broadcast = amend_broadcast(home, found.id, changed)
    if broadcast is None:
        raise NotFound(Problem(code="broadcast_unknown", params={"broadcast": broadcast_id}))
    if wanted is BroadcastState.CANCELLING:
        for wave in broadcast.waves:
            home.ports.schedules.cancel(schedule_name(broadcast.id, wave))
    handed = handed_over(home, broadcast)
    if gap is None or wanted is not BroadcastState.RUNNING:
        return Ordered(broadcast=broadcast, already_handed_over=handed)
    report = fold_broadcast(home, broadcast)
    return Ordered(
        broadcast=broadcast,
        already_handed_over=handed,
        gap=(gap[0], broadcast.unknown_until or gap[0]),
        waiting=sum(report.waiting.values()),
        uncertain=report.uncertain,
    )


def handed_over(home: Home, broadcast: Broadcast) -> tuple[str, ...]:
    """Return the people in workers' hands who have no outcome yet, in the order of their turn.

    Read after a brake was stored, everybody who is still called is among them; most are given back.
    """
    in_flight = home.ports.chunks.in_flight(broadcast.id)
    return tuple(c.row.person for chunk in in_flight for c in open_candidates(home, chunk))
