"""The sending side's stores on SQLite: broadcasts, chunks and the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalicelib.adapters import sort_keys
from chalicelib.adapters.codec import decode, encode
from chalicelib.adapters.embedded.database import Database
from chalicelib.adapters.embedded.paging import page_of, values_of
from chalicelib.adapters.embedded.table import Key, Put, Table
from chalicelib.audience.instant import Instant
from chalicelib.ports import MOST_ITEMS, Cursor, Page, Write
from chalicelib.sending.broadcast import Broadcast, Chunk, ChunkState
from chalicelib.sending.delivery import Delivery, DeliveryKey

MOST_IN_FLIGHT = 10_000
"""Far above what one horizon hands out."""
LAST = "\U0010ffff"
"""Behind every character of a key."""


class SqliteBroadcasts:
    """`Broadcasts`. The index has open and ended ones apart, and single sends, newest launch first."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "broadcasts")

    def get(self, broadcast: str) -> Broadcast | None:
        """GetItem."""
        row = self._table.get(broadcast)
        return decode(Broadcast, *row) if row else None

    def put(self, broadcast: Broadcast, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        index = (sort_keys.group_of(broadcast), sort_keys.newest_first(broadcast))
        return self._table.put(Put(broadcast.id, "", encode(broadcast), expected_version, index))

    def page(self, *, after: Cursor | None = None) -> Page[Broadcast]:
        """Query: the listed partitions of the index, merged."""
        return self._merged(sort_keys.LISTED, after)

    def open(self, *, after: Cursor | None = None) -> Page[Broadcast]:
        """Query of the partitions of the open ones, merged."""
        return self._merged(sort_keys.OPEN_ONES, after)

    def _merged(self, groups: tuple[str, str], after: Cursor | None) -> Page[Broadcast]:
        halves = [self._table.query_index(group, after=after or "") for group in groups]
        rows = sorted([*halves[0], *halves[1]])
        # One that ended between the two queries is in both.
        rows = [row for k, row in enumerate(rows) if k == 0 or rows[k - 1].sort != row.sort]
        return page_of(Broadcast, rows[:MOST_ITEMS])


class SqliteChunks:
    """`Chunks`. Its index holds ready and done chunks by wave, and those in flight by slot."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "chunks")

    def get(self, broadcast: str, chunk: str) -> Chunk | None:
        """GetItem."""
        row = self._table.get(broadcast, chunk)
        return decode(Chunk, *row) if row else None

    def put(self, chunk: Chunk, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        return self._table.put(self._put(chunk, expected_version))

    def put_all(self, writes: Sequence[Write[Chunk]]) -> Sequence[bool]:
        """PutItems, each under its own condition."""
        return self._table.put_all([self._put(w.item, w.expected_version) for w in writes])

    def add_all(self, chunks: Sequence[Chunk]) -> Sequence[bool]:
        """PutItems conditional on absence."""
        return self._table.put_all([self._put(chunk, None) for chunk in chunks])

    @staticmethod
    def _put(chunk: Chunk, expected_version: int | None) -> Put:
        index = chunk.broadcast, sort_keys.of_chunk(chunk)
        return Put(chunk.broadcast, chunk.id, encode(chunk), expected_version, index)

    def page(self, broadcast: str, *, after: Cursor | None = None) -> Page[Chunk]:
        """Query by id."""
        return page_of(Chunk, self._table.query(broadcast, after=after))

    def _indexed(self, broadcast: str, prefix: str, limit: int = MOST_ITEMS) -> list[Chunk]:
        rows = self._table.query_index(broadcast, after=prefix, until=prefix + LAST, limit=limit)
        return values_of(Chunk, rows)

    def ready(self, broadcast: str, wave: Instant) -> Sequence[Chunk]:
        """Query of the sparse index."""
        return self._indexed(broadcast, sort_keys.of_chunks(ChunkState.READY, wave))

    def in_flight(self, broadcast: str) -> Sequence[Chunk]:
        """Query of the sparse index."""
        return self._indexed(broadcast, sort_keys.FLYING)

    def count(self, broadcast: str, wave: Instant, state: ChunkState) -> int:
        """Query with Select=COUNT."""
        if state in (ChunkState.READY, ChunkState.DONE):
            return len(self._indexed(broadcast, sort_keys.of_chunks(state, wave)))
        flying = self._indexed(broadcast, sort_keys.FLYING, MOST_IN_FLIGHT)
        return min(MOST_ITEMS, sum(c.wave == wave and c.state is state for c in flying))

    def remove_all(self, chunks: Sequence[Chunk]) -> None:
        """DeleteItems."""
        self._table.delete_all([(chunk.broadcast, chunk.id) for chunk in chunks])


class SqliteLedger:
    """`Ledger`. One partition per home chunk."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "ledger")

    @staticmethod
    def _key(key: DeliveryKey) -> Key:
        return f"{key.broadcast}|{key.chunk}", key.person

    def get_all(
        self, keys: Sequence[DeliveryKey], *, consistent: bool = True
    ) -> Mapping[DeliveryKey, Delivery]:
        """BatchGetItem; here always consistent."""
        found = self._table.get_all([self._key(key) for key in keys])
        rows = (decode(Delivery, *row) for row in found.values())
        return {row.key: row for row in rows}

    def put_all(self, writes: Sequence[Write[Delivery]]) -> Sequence[bool]:
        """Conditional PutItems."""
        return self._table.put_all(
            [Put(*self._key(w.item.key), encode(w.item), w.expected_version) for w in writes]
        )

    def of_chunk(self, broadcast: str, chunk: str) -> Sequence[Delivery]:
        """Query of one partition."""
        return values_of(Delivery, self._table.query(f"{broadcast}|{chunk}"))

    def remove_all(self, keys: Sequence[DeliveryKey]) -> None:
        """DeleteItems."""
        self._table.delete_all([self._key(key) for key in keys])
