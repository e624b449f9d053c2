"""One SQLite file: WAL, synchronous=FULL, writes committed in groups by one thread.

Whoever writes hands a closure to the writer thread and waits. All closures that
are waiting when a transaction begins share its commit, and so its fsync; each
runs in a savepoint of its own, so that one that fails leaves its neighbours
alone. A transaction takes at most 500 closures or 10 ms of work. `:memory:` has
one connection and no thread: deterministic, for rehearsals and tests.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from chalicelib.errors import HomeUnavailable, Problem

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

MOST_CLOSURES = 500
MOST_SECONDS = 0.010
BUSY_SECONDS = 10.0
SCHEMA_VERSION = 1

TABLES = (
    "contacts identities standings consents campaigns plans hashes broadcasts chunks ledger wamids "
    "deferrals timelines senders quotas counters schedules meta"
).split()

SCHEMA = "\n".join(
    f"""CREATE TABLE IF NOT EXISTS {table} (
        pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL,
        ipk TEXT, isk TEXT, PRIMARY KEY (pk, sk)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS {table}_index ON {table} (ipk, isk) WHERE ipk IS NOT NULL;"""
    for table in TABLES
) + """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL,
    visible_at INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0, receipt TEXT NOT NULL DEFAULT '',
    sent_at INTEGER NOT NULL, dead INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS messages_due ON messages (queue, dead, visible_at);
"""


def unavailable(error: sqlite3.Error, path: str) -> HomeUnavailable:
    """Return what a storage error means to a person, as a sentence that names the remedy."""
    text = str(error)
    code = "home_unwritable"
    if "full" in text:
        code = "disk_full"
    elif "locked" in text or "busy" in text:
        code = "database_locked"
    elif "not a database" in text or "malformed" in text:
        code = "database_damaged"
    return HomeUnavailable(Problem(code=code, params={"path": path, "detail": text}))


class Database:
    """The home's database. Safe to use from any thread; `close` when done."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._memory = path == ":memory:"
        self._local = threading.local()
        self._lock = threading.RLock()
        self._jobs: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._opened: list[sqlite3.Connection] = []
        self._writer: sqlite3.Connection = self._connect()
        with self._mapped():
            self._migrate()
        self._thread: threading.Thread | None = None
        if not self._memory:
            self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
            self._thread.start()

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise unavailable(error, self.path) from error

    def _connect(self) -> sqlite3.Connection:
        try:
            if not self._memory:
                Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA cache_size=-32768")
        except sqlite3.Error as error:
            raise unavailable(error, self.path) from error
        except OSError as error:
            raise HomeUnavailable(
                Problem(code="home_unwritable", params={"path": self.path, "detail": str(error)})
            ) from error
        self._opened.append(connection)
        return connection

    def _migrate(self) -> None:
        found = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if found > SCHEMA_VERSION:
            raise HomeUnavailable(
                Problem(code="home_newer", params={"path": self.path, "version": str(found)})
            )
        if found < SCHEMA_VERSION:
            self._writer.executescript(f"BEGIN IMMEDIATE;{SCHEMA};PRAGMA user_version={SCHEMA_VERSION};COMMIT;")

    def read(self, work: Work[T]) -> T:
        """Run a query; it sees everything committed before it began."""
        with self._mapped():
            if self._memory:
                with self._lock:
                    return work(self._writer)
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = self._connect()
            return work(connection)

    def write(self, work: Work[T]) -> T:
        """Run a write and return its result once it is durable. All of it happens, or none."""
        if self._memory:
            with self._mapped(), self._lock:
                self._writer.execute("BEGIN")
                try:
                    result = work(self._writer)
                except BaseException:
                    self._writer.execute("ROLLBACK")
                    raise
                self._writer.execute("COMMIT")
                return result
        done: Future[T] = Future()
        self._jobs.put((work, done))
        return done.result()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._transact(job)
        self._writer.close()

    def _transact(self, first: tuple[Work[Any], Future[Any]]) -> None:
        """Run this closure and those that wait behind it in one transaction."""
        finished: list[tuple[Future[Any], Any]] = []
        job: tuple[Work[Any], Future[Any]] | None = first
        waiting: list[Future[Any]] = [first[1]]
        stop = False
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            until = time.monotonic() + MOST_SECONDS
            while job is not None:
                work, done = job
                self._run_one(work, done, finished)
                job = None
                if len(finished) < MOST_CLOSURES and time.monotonic() < until:
                    try:
                        job = self._jobs.get_nowait()
                        stop = job is None
                        if job is not None:
                            waiting.append(job[1])
                    except queue.Empty:
                        pass
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            for done in waiting:
                if not done.done():
                    done.set_exception(unavailable(error, self.path))
        else:
            for done, result in finished:
                done.set_result(result)
        if stop:
            self._jobs.put(None)

    def _run_one(self, work: Work[Any], done: Future[Any], finished: list[tuple[Future[Any], Any]]) -> None:
        self._writer.execute("SAVEPOINT one")
        try:
            result = work(self._writer)
        except sqlite3.OperationalError:
            raise  # disk full, i/o error: the whole transaction is lost, and everybody in it is told
        except Exception as error:  # noqa: BLE001 - handed to whoever asked for this write
            self._writer.execute("ROLLBACK TO one")
            self._writer.execute("RELEASE one")
            done.set_exception(error)
        else:
            self._writer.execute("RELEASE one")
            finished.append((done, result))

    def close(self) -> None:
        """Finish what was handed over, then close the file."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(timeout=10)
        for connection in self._opened:
            connection.close()


class Table:
    """One table in DynamoDB's shape: partition and sort key, version, body, one sparse index."""

    def __init__(self, database: Database, name: str) -> None:
        self._db = database
        self._name = name

    def get(self, pk: str, sk: str = "") -> tuple[bytes, int] | None:
        """Return (body, version)."""
        sql = f"SELECT body, version FROM {self._name} WHERE pk = ? AND sk = ?"
        found: tuple[bytes, int] | None = self._db.read(lambda c: c.execute(sql, (pk, sk)).fetchone())
        return found

    def get_all(self, keys: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[bytes, int]]:
        """Return those of the keys that exist."""
        sql = f"SELECT body, version FROM {self._name} WHERE pk = ? AND sk = ?"

        def work(c: sqlite3.Connection) -> dict[tuple[str, str], tuple[bytes, int]]:
            found = ((key, c.execute(sql, key).fetchone()) for key in keys)
            return {key: row for key, row in found if row is not None}

        return self._db.read(work)

    def put_all(self, puts: list[Put]) -> list[bool]:
        """Store each under its own condition; one answer each."""
        return self._db.write(lambda c: [self._put(c, put) for put in puts])

    def _put(self, c: sqlite3.Connection, put: Put) -> bool:
        ipk, isk = put.index or (None, None)
        if put.expected_version is None:
            sql = f"INSERT OR IGNORE INTO {self._name} (pk, sk, version, body, ipk, isk) VALUES (?, ?, 1, ?, ?, ?)"
            return c.execute(sql, (put.pk, put.sk, put.body, ipk, isk)).rowcount == 1
        sql = (
            f"UPDATE {self._name} SET version = version + 1, body = ?, ipk = ?, isk = ? "
            "WHERE pk = ? AND sk = ? AND version = ?"
        )
        values = (put.body, ipk, isk, put.pk, put.sk, put.expected_version)
        return c.execute(sql, values).rowcount == 1

    def put_any(self, put: Put) -> None:
        """Store without a condition."""
        sql = (
            f"INSERT OR REPLACE INTO {self._name} (pk, sk, version, body, ipk, isk) VALUES (?, ?, 1, ?, ?, ?)"
        )
        values = (put.pk, put.sk, put.body, *(put.index or (None, None)))
        self._db.write(lambda c: c.execute(sql, values).rowcount)

    def delete_all(self, keys: list[tuple[str, str]]) -> int:
        """Delete keys; returns how many existed."""
        sql = f"DELETE FROM {self._name} WHERE pk = ? AND sk = ?"
        return self._db.write(lambda c: sum(c.execute(sql, key).rowcount for key in keys))

    def query(
        self, pk: str, *, after: str | None = None, limit: int = 100, backwards: bool = False
    ) -> list[tuple[str, bytes, int]]:
        """Return (sk, body, version) of a partition in key order."""
        direction, compare = ("DESC", "<") if backwards else ("ASC", ">")
        where = f"AND sk {compare} ?" if after is not None else ""
        sql = f"SELECT sk, body, version FROM {self._name} WHERE pk = ? {where} ORDER BY sk {direction} LIMIT ?"
        values = [pk, *([after] if after is not None else []), limit]
        return self._db.read(lambda c: c.execute(sql, values).fetchall())

    def partitions(self) -> list[str]:
        """Return the partition keys that have an item, by skipping from one to the next."""

        def work(c: sqlite3.Connection) -> list[str]:
            found: list[str] = []
            sql = f"SELECT pk FROM {self._name} WHERE pk > ? ORDER BY pk LIMIT 1"
            while row := c.execute(sql, (found[-1] if found else "",)).fetchone():
                found.append(row[0])
            return found

        return self._db.read(work)

    def query_index(
        self, ipk: str, *, after: str = "", until: str | None = None, limit: int = 100
    ) -> list[tuple[str, bytes, int]]:
        """Return (isk, body, version) of an index partition in order, isk in (after, until]."""
        where = "AND isk <= ?" if until is not None else ""
        sql = (
            f"SELECT isk, body, version FROM {self._name} WHERE ipk = ? AND isk > ? {where} ORDER BY isk LIMIT ?"
        )
        values = [ipk, after, *([until] if until is not None else []), limit]
        return self._db.read(lambda c: c.execute(sql, values).fetchall())


class Put:
    """One conditional put; `index` is (partition, sort) of the sparse index, None for no entry."""

    __slots__ = ("body", "expected_version", "index", "pk", "sk")

    def __init__(
        self,
        pk: str,
        sk: str,
        body: bytes,
        *,
        expected_version: int | None = None,
        index: tuple[str, str] | None = None,
    ) -> None:
        self.pk = pk
        self.sk = sk
        self.body = body
        self.expected_version = expected_version
        self.index = index
