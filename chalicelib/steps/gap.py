"""People a restored home cannot know of: claimed for the home that was lost, and left uncertain.

The claim stands in their standing as if a worker of ours had made it: their
caps count it, a reply finds it, and no attempt of this number can be made. The
tier counts it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chalicelib.audience.instant import DAY_MS, Instant
from chalicelib.audience.standing import Send, Standing, appended, claimed_attempt
from chalicelib.log import log
from chalicelib.ports import MOST_ITEMS, Write
from chalicelib.sending import quota
from chalicelib.sending.broadcast import Broadcast, Quota
from chalicelib.sending.gap import left_in_doubt, may_have_been_called
from chalicelib.steps.amending import amend
from chalicelib.steps.counting import count_changes
from chalicelib.steps.home import Home
from chalicelib.steps.people import Candidate, write_outcomes


def due_of(broadcast: Broadcast, candidate: Candidate) -> Instant:
    """Return when this person's call was due; for one that was made and not answered, when it was made."""
    if candidate.known is None:
        return candidate.row.instant or broadcast.launched_at
    return candidate.known.due_at or candidate.known.claimed_at or 0


def split_by_gap(
    broadcast: Broadcast | None, candidates: Iterable[Candidate]
) -> tuple[list[Candidate], list[Candidate]]:
    """Split people without an outcome into (may have been called in the gap, surely not)."""
    doubtful: list[Candidate] = []
    sure: list[Candidate] = []
    for candidate in candidates:
        in_gap = broadcast is not None and may_have_been_called(broadcast, due_of(broadcast, candidate))
        (doubtful if in_gap else sure).append(candidate)
    return doubtful, sure


def settle_gap(home: Home, broadcast: Broadcast | None, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Leave uncertain whoever may have been called in the gap. Returns the others.

    Safe to repeat: first the tier and the claims, then the rows; who has a row is
    no candidate any more.
    """
    doubtful, sure = split_by_gap(broadcast, candidates)
    if broadcast is None:
        return sure
    for start in range(0, len(doubtful), MOST_ITEMS):
        some = doubtful[start : start + MOST_ITEMS]
        _count_in_tier(home, broadcast, _claim_all(home, broadcast, some))
        settle = write_outcomes(home, some, lambda c, row: left_in_doubt(broadcast, row, c.attempt))
        count_changes(home, settle)
    if doubtful:
        log.info("left_uncertain_by_gap", extra={"broadcast": broadcast.id, "people": len(doubtful)})
    return sure


def _claim_all(home: Home, broadcast: Broadcast, candidates: Sequence[Candidate]) -> int:
    """Claim for the lost home whoever is not claimed yet, whatever else is written meanwhile."""
    pending = {candidate.row.person: candidate for candidate in candidates}
    made = 0
    while pending:
        standings = home.ports.standings.get_all(list(pending))
        claims = [
            Write(_claimed(broadcast, standing, pending[person]), standing.version)
            for person, standing in standings.items()
            if not standing.erased and claimed_attempt(standing, broadcast.id) < pending[person].attempt
        ]
        stored = home.ports.standings.put_all(claims)
        made += sum(stored)
        pending = {
            claim.item.person: pending[claim.item.person]
            for claim, done in zip(claims, stored, strict=True)
            if not done
        }
    return made


def _claimed(broadcast: Broadcast, standing: Standing, candidate: Candidate) -> Standing:
    send = Send(
        broadcast=broadcast.id,
        chunk=candidate.key.chunk,
        attempt=candidate.attempt,
        at=broadcast.unknown_until or 0,
        category=broadcast.category,
    )
    return appended(standing, send, 8 * DAY_MS + broadcast.expires_ms)


def _count_in_tier(home: Home, broadcast: Broadcast, people: int) -> None:
    sender = home.sender(broadcast.sender)
    if not people:
        return

    def counted(current: Quota | None) -> Quota | None:
        return quota.take(
            current or Quota(portfolio=sender.portfolio), people, None, broadcast.unknown_until or 0
        )

    amend(lambda: home.ports.senders.quota(sender.portfolio), home.ports.senders.put_quota, counted)
