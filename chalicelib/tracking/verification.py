"""Verification: does a broadcast add up, chunk by chunk, person by person? Nothing here repairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.audience.instant import MINUTE_MS, Instant
from chalicelib.sending.broadcast import Broadcast, BroadcastState, Chunk, ChunkState
from chalicelib.sending.delivery import Delivery, DeliveryKey, Outcome, Rank, outcome_of
from chalicelib.tracking.report import Report

LATE_MS = 10 * MINUTE_MS
"""How long after its time something may still be on its way to be put right by itself."""
MOST_FAULTS = 100
"""Faults listed; beyond that their number says more."""

Fault = tuple[str, Mapping[str, str]]
"""Something that does not add up: its code and its facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """What the provider's receipts say of the accepted people.

    `unconfirmed` have no receipt yet, `only_by_receipt` no answer of ours, `billed` by category.
    """

    accepted: int = 0
    confirmed: int = 0
    only_by_receipt: int = 0
    billed: Mapping[str, int] = field(default_factory=dict)

    @property
    def unconfirmed(self) -> int:
        """People whose call was accepted and of whom no receipt has come."""
        return self.accepted - self.confirmed


@dataclass(slots=True)
class Looked:
    """One look over a broadcast's chunks and rows, in any order."""

    broadcast: Broadcast
    now: Instant
    faults: list[Fault] = field(default_factory=list)
    people: int = 0
    ready: list[Chunk] = field(default_factory=list)
    waiting: dict[DeliveryKey, Delivery] = field(default_factory=dict)
    called_again: set[str] = field(default_factory=set)
    _wamids: Counter[str] = field(default_factory=Counter)
    _accepted: int = 0
    _confirmed: int = 0
    _only_by_receipt: int = 0
    _billed: Counter[str] = field(default_factory=Counter)

    def look(self, chunk: Chunk, rows: Sequence[Delivery]) -> None:
        """Look at one chunk with its rows; a deferral chunk has none of its own."""
        if chunk.state is ChunkState.READY and chunk.remaining:
            self.ready.append(chunk)
        held_until = chunk.lease_until if chunk.state is ChunkState.RUNNING else chunk.expires_at
        flies = chunk.state in (ChunkState.RELEASED, ChunkState.RUNNING)
        if flies and self.now > held_until + LATE_MS:
            self._fault("verify.chunk_stuck", chunk=chunk.id)
        if chunk.members:
            if chunk.state is not ChunkState.DONE:
                self.called_again.update(member.person for member in chunk.members)
            return
        self.people += chunk.people
        if len(rows) > chunk.people:
            self._fault("verify.too_many_rows", chunk=chunk.id, rows=len(rows), people=chunk.people)
        if chunk.state is ChunkState.DONE and len(rows) < chunk.people:
            self._fault("verify.done_without_rows", chunk=chunk.id, people=chunk.people - len(rows))
        for row in rows:
            self._row(row)

    def _row(self, row: Delivery) -> None:
        outcome = outcome_of(row)
        if row.wamid:
            self._wamids[row.wamid] += 1
        if row.billed_category:
            self._billed[row.billed_category] += 1
        if outcome is Outcome.ACCEPTED:
            self._accepted += 1
            self._confirmed += row.rank >= Rank.SENT
            self._only_by_receipt += row.accepted_at is None
        if outcome is Outcome.WAITING:
            self.waiting[row.key] = row
            if row.due_at is None or row.deadline_at is None:
                self._fault("verify.waits_without_end", person=row.key.person)
            elif self.broadcast.state is BroadcastState.RUNNING and self.now > row.deadline_at + LATE_MS:
                self._fault("verify.waits_too_long", person=row.key.person, reason=row.waiting)

    def _fault(self, code: str, **params: object) -> None:
        self.faults.append((code, {name: str(value) for name, value in params.items()}))

    def receipts(self) -> Receipts:
        """Return what the receipts say."""
        return Receipts(
            accepted=self._accepted,
            confirmed=self._confirmed,
            only_by_receipt=self._only_by_receipt,
            billed=dict(self._billed),
        )

    def finish(self, report: Report) -> None:
        """Look at what only the whole shows: the sums, and messages that two people have."""
        broadcast = self.broadcast
        if not report.proven:
            self._fault("verify.sum", found=report.accounted, audience=report.audience)
        if broadcast.planned + sum(broadcast.excluded.values()) != broadcast.audience:
            self._fault("verify.plan", planned=broadcast.planned, audience=broadcast.audience)
        if sum(broadcast.waves.values()) != broadcast.planned:
            self._fault("verify.waves", found=sum(broadcast.waves.values()), planned=broadcast.planned)
        if broadcast.state is not BroadcastState.LAUNCHING and self.people != broadcast.planned:
            self._fault("verify.chunks", found=self.people, planned=broadcast.planned)
        for wamid, people in self._wamids.items():
            if people > 1:
                self._fault("verify.message_twice", message=wamid, people=people)
        if broadcast.state is BroadcastState.COMPLETED and not report.complete:
            self._fault("verify.not_complete", waiting=sum(report.waiting.values()) + report.claimed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of it. `drift` are the counters that differed, as (stored, folded).

    `is_rewritten`: they were put right; not while chunks are under way, whose
    changes are counted at their end.
    """

    broadcast: Broadcast
    report: Report
    receipts: Receipts
    drift: Mapping[str, tuple[int, int]]
    is_rewritten: bool
    faults: tuple[Fault, ...]

    @property
    def adds_up(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.faults


def amounts(drift: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Return by how much each counter that differs must be moved."""
    return {name: folded - stored for name, (stored, folded) in drift.items()}


def drift_of(stored: Mapping[str, int], folded: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Return the counters that differ, as (stored, folded); none is as good as 0."""
    names = sorted(stored.keys() | folded.keys())
    return {
        name: (stored.get(name, 0), folded.get(name, 0))
        for name in names
        if stored.get(name, 0) != folded.get(name, 0)
    }
