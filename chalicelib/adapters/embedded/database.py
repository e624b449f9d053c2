"""One SQLite file: WAL, synchronous=FULL, writes committed in groups by one thread.

Whoever writes hands a closure to the writer thread and waits. All closures that
are waiting when a transaction begins share its commit, and so its fsync; each
runs in a savepoint of its own, so that one that fails leaves its neighbours
alone. A transaction takes at most 500 closures or 10 ms of work. Whoever must
not wait hands calls over that read and write as they please, each whole or not
at all, and is told when they are durable. `:memory:` has one connection and no
thread: deterministic, for rehearsals and tests.
"""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from chalicelib.adapters.embedded.migrations import create, migrate, version_of
from chalicelib.adapters.embedded.schema import SCHEMA_VERSION
from chalicelib.errors import HomeUnavailable, Problem

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


class Waiting(Protocol):
    """Who is told, once, what came of a job."""

    def set_result(self, result: Any, /) -> None:
        """It is durable."""

    def set_exception(self, error: BaseException, /) -> None:
        """Nothing of it was stored."""


Job = tuple[Work[Any], Waiting]

MEMORY = ":memory:"
MOST_CLOSURES = 500
MOST_SECONDS = 0.010
BUSY_SECONDS = 10.0
"""How long opening the file, and reading it, waits for another program."""
PATIENCE_MS = {False: 5_000, True: 500}
"""How long a write does; the shorter when the one before waited in vain, so that callers are told soon."""
OPENING_TRIES = 50


def unavailable(error: Exception, path: str) -> HomeUnavailable:
    """Return what a storage error means to a person: a code whose wording names the remedy."""
    text = str(error)
    code = "home_unwritable"
    if "full" in text or "No space" in text:
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
        self._memory = path == MEMORY
        self._local = threading.local()
        self._lock = threading.RLock()
        self._closed = False
        self.trouble = ""
        """Why the last transaction could not be stored, as a problem's code; empty once one was."""
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._opened: list[sqlite3.Connection] = []
        self._thread: threading.Thread | None = None
        self._writer = self._connect()
        try:
            self._migrate()
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise unavailable(error, path) from error
        except BaseException:
            self.close()
            raise
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
            connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise unavailable(error, self.path) from error
        try:
            _into_wal(connection)
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA cache_size=-32768")
        except sqlite3.Error as error:
            connection.close()
            raise unavailable(error, self.path) from error
        with self._lock:
            self._opened.append(connection)
        return connection

    def _migrate(self) -> None:
        found = version_of(self._writer)
        if found > SCHEMA_VERSION:
            raise HomeUnavailable(
                Problem(code="home_newer", params={"path": self.path, "version": str(found)})
            )
        if 0 < found < SCHEMA_VERSION:
            migrate(self._writer, Path(self.path))
        elif found < SCHEMA_VERSION:
            self._writer.execute("BEGIN IMMEDIATE")
            create(self._writer)
            self._writer.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
            self._writer.execute("COMMIT")

    def read(self, work: Work[T]) -> T:
        """Run queries; each sees everything committed before it began."""
        try:
            if self._memory:
                with self._lock:
                    return work(self._writer)
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = self._connect()
            return work(connection)
        except sqlite3.Error as error:
            raise unavailable(error, self.path) from error

    def write(self, work: Work[T]) -> T:
        """Run a write and return its result once it is durable. All of it happens, or none."""
        if self._memory:
            with self._mapped(), self._lock:
                return self._write_now(work)
        if threading.current_thread() is self._thread:
            with self._mapped():
                return work(self._writer)  # a part of the call that was handed over
        done: Future[T] = Future()
        self._put(work, done)
        return done.result()

    def hand_over(self, call: Callable[[], Any], waiting: Waiting) -> None:
        """Have the writer run a call that reads and writes through this database, as one write.

        `waiting` is told in the writer's thread. Not for `:memory:`. Raises HomeUnavailable once closed.
        """
        self._put(lambda _: call(), waiting)

    def _put(self, work: Work[Any], waiting: Waiting) -> None:
        with self._lock:
            if self._closed:
                raise HomeUnavailable(Problem(code="home_closed", params={"path": self.path}))
            self._jobs.put((work, waiting))

    def _write_now(self, work: Work[T]) -> T:
        self._writer.execute("BEGIN")
        try:
            result = work(self._writer)
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        self._writer.execute("COMMIT")
        return result

    def _work(self) -> None:
        self._local.connection = self._writer  # a call's reads see what it wrote
        while (job := self._jobs.get()) is not None:
            self._transact(job)

    def _transact(self, first: Job) -> None:
        """Run this closure and those that wait behind it in one transaction."""
        taken: list[Waiting] = []
        told: list[tuple[Waiting, Any, Exception | None]] = []
        try:
            self._begin()
            for work, waiting in self._group(first):
                taken.append(waiting)
                told.append((waiting, *self._run_one(work)))
            self._writer.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - told to all who wait; the thread must outlive it
            with contextlib.suppress(sqlite3.Error):
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
            failure = error if isinstance(error, HomeUnavailable) else unavailable(error, self.path)
            told = [(waiting, None, failure) for waiting in taken or self._all_waiting(first)]
        refusals = [fault for _, _, fault in told if isinstance(fault, HomeUnavailable)]
        self.trouble = refusals[0].problems[0].code if refusals else ""
        for waiting, result, fault in told:
            if fault is None:
                waiting.set_result(result)
            else:
                waiting.set_exception(fault)

    def _begin(self) -> None:
        self._writer.execute(f"PRAGMA busy_timeout={PATIENCE_MS[self.trouble == 'database_locked']}")
        self._writer.execute("BEGIN IMMEDIATE")

    def _all_waiting(self, first: Job) -> Iterator[Waiting]:
        """Yield who waits for a transaction that could not begin: each by itself would wait too long."""
        yield first[1]
        for _ in range(self._jobs.qsize()):
            job = self._jobs.get_nowait()
            if job is None:
                self._jobs.put(None)
                return
            yield job[1]

    def _group(self, first: Job) -> Iterator[Job]:
        """Yield `first` and what waits behind it, until the transaction is large or old enough."""
        until = time.monotonic() + MOST_SECONDS
        yield first
        for _ in range(MOST_CLOSURES - 1):
            if time.monotonic() >= until:
                return
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is None:
                self._jobs.put(None)  # the end: nothing was put behind it
                return
            yield job

    def _run_one(self, work: Work[T]) -> tuple[T | None, Exception | None]:
        """Return what the work returned, or why nothing of it stays."""
        self._writer.execute("SAVEPOINT one")
        try:
            result = work(self._writer)
        except Exception as error:
            if not self._writer.in_transaction:
                raise  # SQLite gave the whole transaction up (disk full): everybody in it is told
            self._writer.execute("ROLLBACK TO one")
            self._writer.execute("RELEASE one")
            return None, unavailable(error, self.path) if isinstance(error, sqlite3.Error) else error
        self._writer.execute("RELEASE one")
        return result, None

    def close(self) -> None:
        """Finish what was handed over, then close the file. Writing after it raises HomeUnavailable."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        if self._thread is not None:
            self._thread.join()
        for connection in self._opened:
            connection.close()


def _into_wal(connection: sqlite3.Connection) -> None:
    """Switch a file to WAL; two processes that create it at once must take turns, unlike later."""
    for left in reversed(range(OPENING_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or not left:
                raise
            time.sleep(0.02)
        else:
            return


def in_directory(directory: Path) -> Database:
    """Open or create the database of the home at `directory`, which only its owner may read."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise unavailable(error, str(directory)) from error
    return Database(str(directory / "carillon.db"))
