"""What the pacer keeps on SQLite: deferrals, timelines, control items, quotas; and the counters."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from chalicelib.adapters import sort_keys
from chalicelib.adapters.codec import decode, encode
from chalicelib.adapters.embedded.database import Database
from chalicelib.adapters.embedded.paging import values_of
from chalicelib.adapters.embedded.table import Key, Put, Table
from chalicelib.audience.instant import Instant
from chalicelib.sending.broadcast import Deferral, Quota, SenderControl, TimelineEntry

MOST_COUNTERS = 1_000
MOST_SENDERS = 10_000


class SqliteDeferrals:
    """`Deferrals`. By sender and due instant; the index has them by broadcast."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "deferrals")

    @staticmethod
    def _key(d: Deferral) -> Key:
        return d.sender, sort_keys.of_deferral(d)

    def add_all(self, deferrals: Sequence[Deferral]) -> None:
        """PutItems."""
        keyed = [(self._key(d), d) for d in deferrals]
        self._table.put_any([Put(pk, sk, encode(d), index=(d.broadcast, sk)) for (pk, sk), d in keyed])

    def due(self, sender: str, until: Instant) -> Sequence[Deferral]:
        """Query, oldest first."""
        rows = self._table.query(sender)
        return [d for d in values_of(Deferral, rows) if d.due_at <= until]

    def of_broadcast(self, broadcast: str, *, after: Deferral | None = None) -> Sequence[Deferral]:
        """Query of the index by broadcast."""
        behind = sort_keys.of_deferral(after) if after else ""
        return values_of(Deferral, self._table.query_index(broadcast, after=behind))

    def remove_all(self, deferrals: Sequence[Deferral]) -> None:
        """DeleteItems."""
        self._table.delete_all([self._key(d) for d in deferrals])


class SqliteTimelines:
    """`Timelines`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "timelines")
        self._deferrals = Table(database, "deferrals")

    @staticmethod
    def _key(e: TimelineEntry) -> Key:
        return e.sender, sort_keys.of_entry(e)

    def add(self, entry: TimelineEntry) -> None:
        """PutItem."""
        self._table.put_any([Put(*self._key(entry), encode(entry))])

    def page(self, sender: str, *, after: TimelineEntry | None = None) -> Sequence[TimelineEntry]:
        """Query."""
        behind = sort_keys.of_entry(after) if after else None
        return values_of(TimelineEntry, self._table.query(sender, after=behind))

    def remove(self, entry: TimelineEntry) -> None:
        """DeleteItem."""
        self._table.delete_all([self._key(entry)])

    def senders(self) -> Sequence[str]:
        """Query of the senders with something to do."""
        with_entry = self._table.partitions(limit=MOST_SENDERS)
        return sorted({*with_entry, *self._deferrals.partitions(limit=MOST_SENDERS)})


class SqliteSenders:
    """`Senders`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "senders")
        self._quotas = Table(database, "quotas")

    def get(self, sender: str) -> SenderControl | None:
        """GetItem."""
        row = self._table.get(sender)
        return decode(SenderControl, *row) if row else None

    def put(self, control: SenderControl, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        return self._table.put(Put(control.sender, "", encode(control), expected_version))

    def quota(self, portfolio: str) -> Quota | None:
        """GetItem."""
        row = self._quotas.get(portfolio)
        return decode(Quota, *row) if row else None

    def put_quota(self, quota: Quota, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        return self._quotas.put(Put(quota.portfolio, "", encode(quota), expected_version))


class SqliteCounters:
    """`Counters`. One row per counter, so that adding is one statement."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._table = Table(database, "counters")

    def add(self, subject: str, deltas: Mapping[str, int]) -> None:
        """UpdateItem ADD."""
        sql = (
            "INSERT INTO counters (pk, sk, version, body) VALUES (?, ?, 1, ?) "
            "ON CONFLICT (pk, sk) DO UPDATE SET body = body + excluded.body"
        )
        rows = [(subject, name, delta) for name, delta in deltas.items()]
        self._db.write(lambda c: c.executemany(sql, rows).rowcount)

    def get(self, subject: str) -> Mapping[str, int]:
        """GetItem."""
        return {row.sort: int(row.body) for row in self._table.query(subject, limit=MOST_COUNTERS)}

    def set(self, subject: str, values: Mapping[str, int]) -> None:
        """PutItem."""
        sql = "INSERT INTO counters (pk, sk, version, body) VALUES (?, ?, 1, ?)"
        rows = [(subject, name, value) for name, value in values.items()]

        def work(c: sqlite3.Connection) -> None:
            c.execute("DELETE FROM counters WHERE pk = ?", (subject,))
            c.executemany(sql, rows)

        self._db.write(work)
