"""The sending side's stores on SQLite: broadcasts, chunks, ledger, timelines, control items."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.adapters.embedded.codec import decode, encode
from chalicelib.adapters.embedded.database import Database, Put, Table
from chalicelib.audience.instant import Instant
from chalicelib.ports import MOST_ITEMS, Cursor, Page, Write
from chalicelib.sending.broadcast import (
    Broadcast,
    BroadcastState,
    Chunk,
    ChunkState,
    Deferral,
    Quota,
    SenderControl,
    TimelineEntry,
)
from chalicelib.sending.delivery import Delivery, DeliveryKey

ENDED = (BroadcastState.COMPLETED, BroadcastState.CANCELLED)
FAR = 10**15
"""Beyond every instant: subtracting from it sorts the newest first."""


class SqliteBroadcasts:
    """`Broadcasts`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "broadcasts")

    def get(self, broadcast: str) -> Broadcast | None:
        """GetItem."""
        row = self._table.get(broadcast)
        return replace(decode(Broadcast, row[0]), version=row[1]) if row else None

    def put(self, broadcast: Broadcast, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        state = "ended" if broadcast.state in ENDED else "open"
        index = (state, f"{FAR - broadcast.launched_at:016d}|{broadcast.id}")
        put = Put(broadcast.id, "", encode(broadcast), expected_version=expected_version, index=index)
        return self._table.put_all([put])[0]

    def page(self, *, after: Cursor | None = None) -> Page[Broadcast]:
        """Query, newest first: both halves of the index, merged."""
        found = [
            row
            for state in ("open", "ended")
            for row in self._table.query_index(state, after=after or "", limit=MOST_ITEMS)
        ]
        rows = sorted(found)[:MOST_ITEMS]
        items = tuple(replace(decode(Broadcast, body), version=v) for _, body, v in rows)
        return Page(items, rows[-1][0] if len(rows) == MOST_ITEMS else None)

    def open(self, *, after: Cursor | None = None) -> Page[Broadcast]:
        """Query of the sparse index."""
        rows = self._table.query_index("open", after=after or "", limit=MOST_ITEMS)
        items = tuple(replace(decode(Broadcast, body), version=v) for _, body, v in rows)
        return Page(items, rows[-1][0] if len(rows) == MOST_ITEMS else None)


class SqliteChunks:
    """`Chunks`. Its index holds ready chunks by wave, and those in flight; done ones leave it."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "chunks")

    def _put(self, chunk: Chunk, expected_version: int | None) -> Put:
        if chunk.state is ChunkState.READY:
            index = (f"{chunk.broadcast}|ready|{chunk.wave}", chunk.id)
        elif chunk.state is ChunkState.DONE:
            index = None
        else:
            index = (f"{chunk.broadcast}|flying", f"{int(chunk.slot0_ms):015d}|{chunk.id}")
        return Put(chunk.broadcast, chunk.id, encode(chunk), expected_version=expected_version, index=index)

    def get(self, broadcast: str, chunk: str) -> Chunk | None:
        """GetItem."""
        row = self._table.get(broadcast, chunk)
        return replace(decode(Chunk, row[0]), version=row[1]) if row else None

    def put(self, chunk: Chunk, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        return self._table.put_all([self._put(chunk, expected_version)])[0]

    def add_all(self, chunks: Sequence[Chunk]) -> Sequence[bool]:
        """PutItems conditional on absence."""
        return self._table.put_all([self._put(chunk, None) for chunk in chunks])

    def page(self, broadcast: str, *, after: Cursor | None = None) -> Page[Chunk]:
        """Query by id."""
        rows = self._table.query(broadcast, after=after, limit=MOST_ITEMS)
        items = tuple(replace(decode(Chunk, body), version=v) for _, body, v in rows)
        return Page(items, rows[-1][0] if len(rows) == MOST_ITEMS else None)

    def ready(self, broadcast: str, wave: Instant) -> Sequence[Chunk]:
        """Query of the sparse index."""
        rows = self._table.query_index(f"{broadcast}|ready|{wave}", limit=MOST_ITEMS)
        return [replace(decode(Chunk, body), version=v) for _, body, v in rows]

    def in_flight(self, broadcast: str) -> Sequence[Chunk]:
        """Query of the sparse index."""
        rows = self._table.query_index(f"{broadcast}|flying", limit=MOST_ITEMS)
        return [replace(decode(Chunk, body), version=v) for _, body, v in rows]

    def count(self, broadcast: str, wave: Instant, state: ChunkState) -> int:
        """Query with Select=COUNT."""
        if state is ChunkState.READY:
            return len(self._table.query_index(f"{broadcast}|ready|{wave}", limit=MOST_ITEMS))
        return sum(c.wave == wave and c.state is state for c in self.in_flight(broadcast))


class SqliteLedger:
    """`Ledger`. One partition per home chunk; a wamid leads back to its row."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "ledger")

    def get_all(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        """BatchGetItem."""
        found = self._table.get_all([(f"{k.broadcast}|{k.chunk}", k.person) for k in keys])
        items = (replace(decode(Delivery, body), version=v) for body, v in found.values())
        return {item.key: item for item in items}

    def put_all(self, writes: Sequence[Write[Delivery]]) -> Sequence[bool]:
        """Conditional PutItems."""
        return self._table.put_all([self._put(w.item, w.expected_version) for w in writes])

    def _put(self, delivery: Delivery, expected_version: int | None) -> Put:
        key = delivery.key
        return Put(
            f"{key.broadcast}|{key.chunk}",
            key.person,
            encode(delivery),
            expected_version=expected_version,
            index=(delivery.wamid, "row") if delivery.wamid else None,
        )

    def of_chunk(self, broadcast: str, chunk: str) -> Sequence[Delivery]:
        """Query of one partition."""
        rows = self._table.query(f"{broadcast}|{chunk}", limit=MOST_ITEMS)
        return [replace(decode(Delivery, body), version=v) for _, body, v in rows]

    def by_wamids(self, wamids: Sequence[str]) -> Mapping[str, DeliveryKey]:
        """BatchGetItem on the index."""
        found: dict[str, DeliveryKey] = {}
        for wamid in wamids:
            for _, body, _ in self._table.query_index(wamid, limit=1):
                found[wamid] = decode(Delivery, body).key
        return found


class SqliteDeferrals:
    """`Deferrals`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "deferrals")

    @staticmethod
    def _key(d: Deferral) -> tuple[str, str]:
        return d.sender, f"{d.due_at:015d}|{d.broadcast}|{d.person}|{d.attempt}"

    def add_all(self, deferrals: Sequence[Deferral]) -> None:
        """PutItems; adding again changes nothing."""
        puts = []
        for d in deferrals:
            pk, sk = self._key(d)
            puts.append(Put(pk, sk, encode(d), index=(d.broadcast, sk)))
        self._table.put_all(puts)

    def due(self, sender: str, until: Instant) -> Sequence[Deferral]:
        """Query of those due, oldest first."""
        rows = self._table.query(sender, limit=MOST_ITEMS)
        return [d for d in (decode(Deferral, body) for _, body, _ in rows) if d.due_at <= until]

    def of_broadcast(self, broadcast: str) -> Sequence[Deferral]:
        """Query, one page, of the index by broadcast."""
        return [decode(Deferral, b) for _, b, _ in self._table.query_index(broadcast, limit=MOST_ITEMS)]

    def remove_all(self, deferrals: Sequence[Deferral]) -> None:
        """DeleteItems."""
        self._table.delete_all([self._key(d) for d in deferrals])


class SqliteTimelines:
    """`Timelines`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "timelines")
        self._deferrals = Table(database, "deferrals")

    @staticmethod
    def _key(e: TimelineEntry) -> tuple[str, str]:
        return e.sender, f"{e.priority:03d}|{e.wave:015d}|{e.broadcast}"

    def add(self, entry: TimelineEntry) -> None:
        """PutItem."""
        pk, sk = self._key(entry)
        self._table.put_any(Put(pk, sk, encode(entry), index=("senders", f"{pk}|{sk}")))

    def page(self, sender: str) -> Sequence[TimelineEntry]:
        """Query."""
        return [decode(TimelineEntry, body) for _, body, _ in self._table.query(sender, limit=MOST_ITEMS)]

    def remove(self, entry: TimelineEntry) -> None:
        """DeleteItem."""
        self._table.delete_all([self._key(entry)])

    def senders(self) -> Sequence[str]:
        """Query of the senders with something to do."""
        return sorted({*self._table.partitions(), *self._deferrals.partitions()})


class SqliteSenders:
    """`Senders`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "senders")
        self._quotas = Table(database, "quotas")

    def get(self, sender: str) -> SenderControl | None:
        """GetItem."""
        row = self._table.get(sender)
        return replace(decode(SenderControl, row[0]), version=row[1]) if row else None

    def put(self, control: SenderControl, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        put = Put(control.sender, "", encode(control), expected_version=expected_version)
        return self._table.put_all([put])[0]

    def quota(self, portfolio: str) -> Quota | None:
        """GetItem."""
        row = self._quotas.get(portfolio)
        return replace(decode(Quota, row[0]), version=row[1]) if row else None

    def put_quota(self, quota: Quota, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        put = Put(quota.portfolio, "", encode(quota), expected_version=expected_version)
        return self._quotas.put_all([put])[0]


class SqliteCounters:
    """`Counters`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._table = Table(database, "counters")

    def add(self, subject: str, deltas: Mapping[str, int]) -> None:
        """UpdateItem ADD."""
        sql = (
            "INSERT INTO counters (pk, sk, version, body) VALUES (?, ?, 1, ?) "
            "ON CONFLICT (pk, sk) DO UPDATE SET body = CAST(body AS INTEGER) + CAST(excluded.body AS INTEGER)"
        )
        self._db.write(lambda c: c.executemany(sql, [(subject, n, str(v)) for n, v in deltas.items()]).rowcount)

    def get(self, subject: str) -> Mapping[str, int]:
        """GetItem."""
        return {name: int(body) for name, body, _ in self._table.query(subject, limit=1_000)}

    def set(self, subject: str, values: Mapping[str, int]) -> None:
        """PutItem."""
        sql = "INSERT INTO counters (pk, sk, version, body) VALUES (?, ?, 1, ?)"

        def work(c: sqlite3.Connection) -> None:
            c.execute("DELETE FROM counters WHERE pk = ?", (subject,))
            c.executemany(sql, [(subject, name, str(value)) for name, value in values.items()])

        self._db.write(work)
