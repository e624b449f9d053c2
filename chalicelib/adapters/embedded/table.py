"""A table in DynamoDB's shape over SQLite, so that both homes store under the same keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from chalicelib.adapters.embedded.database import Database

Key = tuple[str, str]
"""Partition key and sort key."""


class Found(NamedTuple):
    """One item of a query: its sort key (in the index, the index's), body and version."""

    sort: str
    body: bytes
    version: int


@dataclass(frozen=True, slots=True)
class Put:
    """One conditional put; `index` is (partition, sort) of the sparse index, None for no entry.

    `expected_version` as in `ports.py`: None stores only where there is nothing.
    """

    pk: str
    sk: str
    body: bytes
    expected_version: int | None = None
    index: Key | None = None


class Table:
    """Items by partition and sort key, with a version, a body and one sparse index."""

    def __init__(self, database: Database, name: str) -> None:
        self._db = database
        self._get = f"SELECT body, version FROM {name} WHERE pk = ? AND sk = ?"
        self._insert = f"INTO {name} (pk, sk, version, body, ipk, isk) VALUES (?, ?, 1, ?, ?, ?)"
        self._update = (
            f"UPDATE {name} SET version = version + 1, body = ?, ipk = ?, isk = ? "
            "WHERE pk = ? AND sk = ? AND version = ?"
        )
        self._delete = f"DELETE FROM {name} WHERE pk = ? AND sk = ?"
        self._query = f"SELECT sk, body, version FROM {name} WHERE pk = ?"
        self._query_index = f"SELECT isk, body, version FROM {name} WHERE ipk = ? AND isk > ?"
        self._next_partition = f"SELECT pk FROM {name} WHERE pk > ? ORDER BY pk LIMIT 1"

    def get(self, pk: str, sk: str = "") -> tuple[bytes, int] | None:
        """Return (body, version)."""
        return self._db.read(lambda c: self.get_in(c, (pk, sk)))

    def get_in(self, c: sqlite3.Connection, key: Key) -> tuple[bytes, int] | None:
        """Return (body, version), inside a read or write of the caller's."""
        found: tuple[bytes, int] | None = c.execute(self._get, key).fetchone()
        return found

    def get_all(self, keys: Sequence[Key]) -> dict[Key, tuple[bytes, int]]:
        """Return those of the keys that exist."""

        def work(c: sqlite3.Connection) -> dict[Key, tuple[bytes, int]]:
            found = ((key, self.get_in(c, key)) for key in keys)
            return {key: row for key, row in found if row is not None}

        return self._db.read(work)

    def put(self, put: Put) -> bool:
        """Store one item under its condition."""
        return self._db.write(lambda c: self.put_in(c, put))

    def put_all(self, puts: Sequence[Put]) -> list[bool]:
        """Store each under its own condition; one answer each."""
        return self._db.write(lambda c: [self.put_in(c, put) for put in puts])

    def put_in(self, c: sqlite3.Connection, put: Put) -> bool:
        """Store one item under its condition, inside a write of the caller's."""
        ipk, isk = put.index or (None, None)
        if put.expected_version is None:
            values = (put.pk, put.sk, put.body, ipk, isk)
            return c.execute(f"INSERT OR IGNORE {self._insert}", values).rowcount == 1
        stored = (put.body, ipk, isk, put.pk, put.sk, put.expected_version)
        return c.execute(self._update, stored).rowcount == 1

    def put_any(self, puts: Sequence[Put]) -> None:
        """Store without conditions."""
        rows = [(p.pk, p.sk, p.body, *(p.index or (None, None))) for p in puts]
        self._db.write(lambda c: c.executemany(f"INSERT OR REPLACE {self._insert}", rows).rowcount)

    def delete_all(self, keys: Sequence[Key]) -> None:
        """Delete keys; absent ones are no error."""
        self._db.write(lambda c: c.executemany(self._delete, keys).rowcount)

    def delete_where(self, rows: Sequence[tuple[str, str, bytes]]) -> list[bool]:
        """Delete each item, by its keys, if its body is as given; one answer each."""
        return self._delete_each(f"{self._delete} AND body = ?", rows)

    def delete_versions(self, rows: Sequence[tuple[str, str, int]]) -> list[bool]:
        """Delete each item, by its keys, if its version is as given; one answer each."""
        return self._delete_each(f"{self._delete} AND version = ?", rows)

    def _delete_each(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> list[bool]:
        return self._db.write(lambda c: [c.execute(sql, row).rowcount == 1 for row in rows])

    def query(
        self, pk: str, *, after: str | None = None, limit: int = 100, backwards: bool = False
    ) -> list[Found]:
        """Return a partition's items in key order, behind `after`."""
        direction, compare = ("DESC", "<") if backwards else ("ASC", ">")
        where = f"AND sk {compare} ?" if after is not None else ""
        sql = f"{self._query} {where} ORDER BY sk {direction} LIMIT ?"
        values = [pk, *([after] if after is not None else []), limit]
        return self._db.read(lambda c: [Found(*row) for row in c.execute(sql, values)])

    def query_index(
        self, ipk: str, *, after: str = "", until: str | None = None, limit: int = 100
    ) -> list[Found]:
        """Return an index partition's items in order, their index sort key in (after, until]."""
        where = "AND isk <= ?" if until is not None else ""
        sql = f"{self._query_index} {where} ORDER BY isk LIMIT ?"
        values = [ipk, after, *([until] if until is not None else []), limit]
        return self._db.read(lambda c: [Found(*row) for row in c.execute(sql, values)])

    def partitions(self, *, after: str = "", limit: int = 100) -> list[str]:
        """Return the partition keys behind `after` that have an item, skipping from one to the next."""

        def work(c: sqlite3.Connection) -> list[str]:
            found: list[str] = []
            while len(found) < limit:
                row = c.execute(self._next_partition, (found[-1] if found else after,)).fetchone()
                if row is None:
                    break
                found.append(row[0])
            return found

        return self._db.read(work)
