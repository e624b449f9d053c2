"""Chunks that end without sending: window closed, cancelled, or their worker gone."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.audience.instant import to_iso
from chalicelib.sending.broadcast import Chunk
from chalicelib.sending.settling import left_out, left_uncertain
from chalicelib.steps.counting import count_changes
from chalicelib.steps.gap import settle_gap, split_by_gap
from chalicelib.steps.home import Home
from chalicelib.steps.people import (
    Candidate,
    open_candidates,
    put_down,
    split_claimed,
    waiting_rows,
    write_outcomes,
)
from chalicelib.steps.resending import resend_later


def recover(home: Home, chunk: Chunk) -> int:
    """Take a chunk from a worker that is surely gone. Returns how many became uncertain.

    Whoever that worker had claimed and not settled may or may not have been
    called: nobody will call them again, and a receipt may still tell. The rest
    go back to waiting.
    """
    claimed, free = split_claimed(home, chunk.broadcast, open_candidates(home, chunk))
    _mark_uncertain(home, chunk.broadcast, claimed)
    put_down(home, chunk, len(free))
    return len(claimed)


def close(home: Home, chunk: Chunk, reason: str) -> None:
    """Exclude everybody of a chunk who has no outcome, for `reason`, and end the chunk."""
    sure = settle_gap(home, home.ports.broadcasts.get(chunk.broadcast), open_candidates(home, chunk))
    _leave_out(home, chunk, sure, reason)
    put_down(home, chunk, 0)


def closing_reason(chunk: Chunk) -> str:
    """Return why a chunk whose time is over is closed: deferred people expire, waves close."""
    return "expired" if chunk.members else "window_closed"


def cancel_waiting(home: Home, chunk: Chunk) -> None:
    """Exclude as `cancelled` the people of a home chunk who wait behind their own gate."""
    candidates = [
        Candidate(row=row, key=delivery.key, attempt=delivery.attempt + 1, deferred=True, known=delivery)
        for delivery, row in waiting_rows(home, chunk)
    ]
    broadcast = home.ports.broadcasts.get(chunk.broadcast)
    _leave_out(home, chunk, settle_gap(home, broadcast, candidates), "cancelled")


def _leave_out(home: Home, chunk: Chunk, candidates: Sequence[Candidate], reason: str) -> None:
    """Exclude people for `reason`, but for those a lost worker had claimed."""
    claimed, free = split_claimed(home, chunk.broadcast, candidates)
    _mark_uncertain(home, chunk.broadcast, claimed)
    saw = f"at {to_iso(home.ports.clock.now())}"
    count_changes(home, write_outcomes(home, free, lambda _, d: left_out(d, reason, saw)))


def _mark_uncertain(home: Home, broadcast_id: str, candidates: Sequence[Candidate]) -> None:
    broadcast = home.ports.broadcasts.get(broadcast_id)
    if candidates and broadcast is not None:
        definition = home.definition(broadcast.campaign, broadcast.campaign_version)
        unanswered = [
            (c.key, c.attempt, (c.row.instant or broadcast.launched_at) + broadcast.expires_ms)
            for c in split_by_gap(broadcast, candidates)[1]  # of the others, the lost home may have made it
        ]
        resend_later(home, broadcast, definition, unanswered)
    saw = "worker lost after the claim"
    count_changes(home, write_outcomes(home, candidates, lambda c, row: left_uncertain(row, c.attempt, saw)))
