"""The sending side's stores on DynamoDB: broadcasts, chunks and the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.adapters import sort_keys
from chalicelib.adapters.aws.calls import Calls
from chalicelib.adapters.aws.table import Found, Key, Put, Table, page_of
from chalicelib.audience.instant import Instant
from chalicelib.ports import MOST_ITEMS, Cursor, Page, Write
from chalicelib.sending.broadcast import Broadcast, Chunk, ChunkState
from chalicelib.sending.delivery import Delivery, DeliveryKey

MOST_IN_FLIGHT = 10_000
"""Far above what one horizon hands out."""


class DynamoBroadcasts:
    """`Broadcasts`. The index has open and ended ones apart, and single sends."""

    def __init__(self, broadcasts: Any, calls: Calls) -> None:
        self._table = Table(broadcasts, Broadcast, calls)

    def get(self, broadcast: str) -> Broadcast | None:
        """GetItem."""
        return self._table.get((broadcast, ""))

    def put(self, broadcast: Broadcast, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        index = {"group": sort_keys.group_of(broadcast), "sort": sort_keys.newest_first(broadcast)}
        return self._table.put(Put((broadcast.id, ""), broadcast, expected_version, index))

    def page(self, *, after: Cursor | None = None) -> Page[Broadcast]:
        """Query of the listed partitions of the index, merged."""
        return self._merged(sort_keys.LISTED, after)

    def open(self, *, after: Cursor | None = None) -> Page[Broadcast]:
        """Query of the partitions of the open ones, merged."""
        return self._merged(sort_keys.OPEN_ONES, after)

    def _merged(self, groups: tuple[str, str], after: Cursor | None) -> Page[Broadcast]:
        rows: dict[str, Found] = {}
        for group in groups:
            rows |= {row.sort: row for row in self._table.query_index(group, after=after)}
        return page_of([rows[sort] for sort in sorted(rows)][:MOST_ITEMS])


class DynamoChunks:
    """`Chunks`. A broadcast's own index has ready and done ones by wave, those in flight by slot."""

    def __init__(self, chunks: Any, calls: Calls) -> None:
        self._table = Table(chunks, Chunk, calls)

    @staticmethod
    def _put(chunk: Chunk, expected_version: int | None) -> Put[Chunk]:
        index = {"sort": sort_keys.of_chunk(chunk)}
        return Put((chunk.broadcast, chunk.id), chunk, expected_version, index)

    def get(self, broadcast: str, chunk: str) -> Chunk | None:
        """GetItem."""
        return self._table.get((broadcast, chunk))

    def put(self, chunk: Chunk, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        return self._table.put(self._put(chunk, expected_version))

    def put_all(self, writes: Sequence[Write[Chunk]]) -> Sequence[bool]:
        """Conditional PutItems side by side."""
        return self._table.put_all([self._put(w.item, w.expected_version) for w in writes])

    def add_all(self, chunks: Sequence[Chunk]) -> Sequence[bool]:
        """Conditional PutItems side by side."""
        return self._table.put_all([self._put(chunk, None) for chunk in chunks])

    def page(self, broadcast: str, *, after: Cursor | None = None) -> Page[Chunk]:
        """Query by id."""
        return page_of(self._table.query(broadcast, after=after))

    def ready(self, broadcast: str, wave: Instant) -> Sequence[Chunk]:
        """Query of the broadcast's own index, strongly consistent."""
        return self._indexed(broadcast, sort_keys.of_chunks(ChunkState.READY, wave))

    def in_flight(self, broadcast: str) -> Sequence[Chunk]:
        """Query of the broadcast's own index, strongly consistent."""
        return self._indexed(broadcast, sort_keys.FLYING)

    def _indexed(self, broadcast: str, prefix: str, limit: int = MOST_ITEMS) -> list[Chunk]:
        return [row.value for row in self._table.query_index(broadcast, prefix=prefix, limit=limit)]

    def count(self, broadcast: str, wave: Instant, state: ChunkState) -> int:
        """Query with Select=COUNT."""
        if state in (ChunkState.READY, ChunkState.DONE):
            return self._table.count_index(broadcast, sort_keys.of_chunks(state, wave))
        flying = self._indexed(broadcast, sort_keys.FLYING, MOST_IN_FLIGHT)
        return min(MOST_ITEMS, sum(c.wave == wave and c.state is state for c in flying))

    def remove_all(self, chunks: Sequence[Chunk]) -> None:
        """BatchWriteItem."""
        self._table.delete_all([(chunk.broadcast, chunk.id) for chunk in chunks])


class DynamoLedger:
    """`Ledger`. One partition per home chunk."""

    def __init__(self, deliveries: Any, calls: Calls) -> None:
        self._table = Table(deliveries, Delivery, calls)

    @staticmethod
    def _key(key: DeliveryKey) -> Key:
        return f"{key.broadcast}|{key.chunk}", key.person

    def get_all(
        self, keys: Sequence[DeliveryKey], *, consistent: bool = True
    ) -> Mapping[DeliveryKey, Delivery]:
        """BatchGetItem."""
        found = self._table.get_all([self._key(key) for key in keys], consistent=consistent)
        return {row.key: row for row in found.values()}

    def put_all(self, writes: Sequence[Write[Delivery]]) -> Sequence[bool]:
        """Conditional PutItems side by side."""
        return self._table.put_all([Put(self._key(w.item.key), w.item, w.expected_version) for w in writes])

    def of_chunk(self, broadcast: str, chunk: str) -> Sequence[Delivery]:
        """Query of one partition."""
        return [row.value for row in self._table.query(f"{broadcast}|{chunk}")]

    def remove_all(self, keys: Sequence[DeliveryKey]) -> None:
        """BatchWriteItem."""
        self._table.delete_all([self._key(key) for key in keys])
