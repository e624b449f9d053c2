"""A chunk's people: their rows of the plan, and who of them still has no outcome."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.audience.standing import claimed_attempt
from chalicelib.planning.manifest import decode_row
from chalicelib.planning.plan import Planned
from chalicelib.ports import Write
from chalicelib.sending.broadcast import Chunk, ChunkState
from chalicelib.sending.delivery import Delivery, DeliveryKey, Outcome, outcome_of
from chalicelib.steps.home import Home

AWAITING = frozenset({Outcome.WAITING, Outcome.UNCERTAIN})
"""Where somebody may be whose wake-up is due; uncertain people have one only where the campaign resends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A person whose turn it is: the planned row, the ledger's place, and which attempt is due.

    `known` is their ledger row as it was read with the chunk, None when there was none.
    """

    row: Planned
    key: DeliveryKey
    attempt: int
    deferred: bool
    known: Delivery | None = None


def is_deferral(chunk_id: str) -> bool:
    """Say whether a chunk was made of deferrals; home chunks are named by a number."""
    return chunk_id.startswith("d")


def rows_of(home: Home, chunk: Chunk) -> Iterator[Planned]:
    """Yield the planned rows of a home chunk, read as one byte range of the manifest."""
    for line in home.ports.objects.get_range(chunk.part, chunk.start, chunk.end).splitlines():
        row = decode_row(line)
        if isinstance(row, Planned):
            yield row


def open_candidates(home: Home, chunk: Chunk) -> list[Candidate]:
    """Return the chunk's people who are still to be decided, in the plan's order."""
    if is_deferral(chunk.id):
        return list(_members(home, chunk))
    return without_row(home, chunk, home.ports.ledger.of_chunk(chunk.broadcast, chunk.id))


def without_row(home: Home, chunk: Chunk, deliveries: Iterable[Delivery]) -> list[Candidate]:
    """Return a home chunk's people of whom the ledger has no row yet; `deliveries` are its rows."""
    settled = {delivery.key.person for delivery in deliveries}
    return [
        Candidate(
            row=row,
            key=DeliveryKey(broadcast=chunk.broadcast, chunk=chunk.id, person=row.person),
            attempt=1,
            deferred=False,
        )
        for row in rows_of(home, chunk)
        if row.person not in settled
    ]


def _members(home: Home, chunk: Chunk) -> Iterator[Candidate]:
    keys = [DeliveryKey(broadcast=chunk.broadcast, chunk=m.chunk, person=m.person) for m in chunk.members]
    deliveries = home.ports.ledger.get_all(keys)
    rows = planned_rows(home, chunk.broadcast, keys)
    for member, key in zip(chunk.members, keys, strict=True):
        delivery = deliveries.get(key)
        row = rows.get(member.person)
        if row is None or delivery is None or outcome_of(delivery) not in AWAITING:
            continue
        if delivery.attempt + 1 == member.attempt and (delivery.due_at or 0) <= chunk.wave:
            yield Candidate(row=row, key=key, attempt=member.attempt, deferred=True, known=delivery)


def waiting_rows(home: Home, chunk: Chunk) -> list[tuple[Delivery, Planned]]:
    """Return the ledger rows of a home chunk whose person waits, each with the planned row."""
    waiting = {
        d.key.person: d
        for d in home.ports.ledger.of_chunk(chunk.broadcast, chunk.id)
        if outcome_of(d) is Outcome.WAITING
    }
    if not waiting:
        return []
    return [(waiting[row.person], row) for row in rows_of(home, chunk) if row.person in waiting]


def planned_rows(home: Home, broadcast: str, keys: Iterable[DeliveryKey]) -> Mapping[str, Planned]:
    """Return the planned rows of people named by ledger key, by person."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        wanted[key.chunk].add(key.person)
    found: dict[str, Planned] = {}
    for chunk_id, persons in wanted.items():
        origin = home.ports.chunks.get(broadcast, chunk_id)
        if origin is not None:
            found |= {row.person: row for row in rows_of(home, origin) if row.person in persons}
    return found


def split_claimed(
    home: Home, broadcast: str, candidates: Sequence[Candidate]
) -> tuple[list[Candidate], list[Candidate]]:
    """Split people without an outcome into (claimed by somebody, not claimed)."""
    standings = home.ports.standings.get_all([c.row.person for c in candidates])
    claimed: list[Candidate] = []
    free: list[Candidate] = []
    for candidate in candidates:
        standing = standings.get(candidate.row.person)
        attempt = claimed_attempt(standing, broadcast) if standing else 0
        (claimed if attempt >= candidate.attempt else free).append(candidate)
    return claimed, free


def write_outcomes(
    home: Home, candidates: Sequence[Candidate], settle: Callable[[Candidate, Delivery], Delivery]
) -> list[tuple[Delivery | None, Delivery]]:
    """Store `settle` of each person's row; those somebody else settled meanwhile keep theirs.

    Returns what was stored, as (row before, row after).
    """
    known = home.ports.ledger.get_all([c.key for c in candidates])
    changes = []
    for candidate in candidates:
        before = known.get(candidate.key)
        if before is None or outcome_of(before) is Outcome.WAITING:
            changes.append((before, settle(candidate, before or Delivery(key=candidate.key))))
    stored = home.ports.ledger.put_all(
        [Write(after, before.version if before else None) for before, after in changes]
    )
    return [change for change, ok in zip(changes, stored, strict=True) if ok]


def put_down(home: Home, chunk: Chunk, remaining: int) -> bool:
    """Give a chunk back: done when nobody remains, else ready to be released again."""
    state = ChunkState.DONE if remaining == 0 else ChunkState.READY
    return home.ports.chunks.put(
        replace(chunk, state=state, remaining=remaining, slots=0, offsets=()), expected_version=chunk.version
    )
