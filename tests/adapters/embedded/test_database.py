"""Group commit: neighbours share a transaction and nothing else."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.adapters.embedded.database import MEMORY, Database, in_directory, unavailable
from chalicelib.adapters.embedded.table import Put, Table
from chalicelib.errors import HomeUnavailable
from tests.contracts.threads import side_by_side


@pytest.fixture(params=["file", "memory"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with nothing in it, in a file and in memory."""
    opened = in_directory(tmp_path) if request.param == "file" else Database(MEMORY)
    yield opened
    opened.close()


def refuse(connection: sqlite3.Connection) -> None:
    """Write, then fail."""
    connection.execute("INSERT INTO hashes (pk, sk, version, body) VALUES ('half', '', 1, '')")
    raise LookupError("refused")


def code_of(error: HomeUnavailable) -> str:
    """Return the code a person is told."""
    return error.problems[0].code


def test_a_failing_write_leaves_nothing_behind_and_fails_no_neighbour(database: Database) -> None:
    table = Table(database, "hashes")
    refused: list[int] = []

    def write(number: int) -> None:
        if number % 3:
            assert table.put(Put(f"h{number:02d}", "", b"x"))
            return
        with pytest.raises(LookupError):
            database.write(refuse)
        refused.append(number)

    side_by_side([lambda n=n: write(n) for n in range(30)])  # type: ignore[misc]
    assert len(refused) == 10
    assert table.partitions() == [f"h{n:02d}" for n in range(30) if n % 3]


def test_a_write_that_sqlite_refuses_fails_alone(database: Database) -> None:
    with pytest.raises(HomeUnavailable):
        database.write(lambda c: c.execute("INSERT INTO no_such_table VALUES (1)"))
    assert Table(database, "hashes").put(Put("after", "", b"x"))


def test_a_thread_reads_what_it_wrote(database: Database) -> None:
    table = Table(database, "hashes")

    def write_and_read(name: str) -> None:
        for _ in range(20):
            found = table.get(name)
            table.put(Put(name, "", b"x", found[1] if found else None))
            after = table.get(name)
            assert after is not None
            assert after[1] == (found[1] + 1 if found else 1)

    side_by_side([lambda n=n: write_and_read(f"h{n}") for n in range(8)])  # type: ignore[misc]


def test_closing_finishes_what_was_handed_over_and_refuses_the_rest(tmp_path: Path) -> None:
    database = in_directory(tmp_path)
    table = Table(database, "hashes")
    stored: list[str] = []
    refused: list[str] = []
    begun = threading.Event()

    def write_until_closed(name: str) -> None:
        for number in range(100_000):
            try:
                table.put(Put(f"{name}-{number}", "", b"x"))
            except HomeUnavailable as error:
                refused.append(code_of(error))
                return
            stored.append(f"{name}-{number}")
            begun.set()

    threads = [threading.Thread(target=write_until_closed, args=(f"h{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    begun.wait()
    database.close()
    for thread in threads:
        thread.join(timeout=5)
    assert refused == ["home_closed"] * 4
    again = in_directory(tmp_path)
    assert set(stored) == set(Table(again, "hashes").partitions(limit=1_000_000))
    again.close()


def test_a_full_disk_is_said_as_such_and_passes(tmp_path: Path) -> None:
    database = in_directory(tmp_path)
    table = Table(database, "hashes")
    pages = database.write(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    database.write(lambda c: c.execute(f"PRAGMA max_page_count={pages + 2}").fetchone())
    with pytest.raises(HomeUnavailable) as refusal:
        table.put_all([Put(f"h{number}", "", b"x" * 4_000) for number in range(50)])
    assert table.partitions() == []
    assert code_of(refusal.value) == "disk_full"
    database.write(lambda c: c.execute("PRAGMA max_page_count=100000").fetchone())
    assert table.put(Put("after", "", b"x" * 4_000))
    database.close()


def test_a_file_that_is_no_database_is_said_as_such(tmp_path: Path) -> None:
    (tmp_path / "carillon.db").write_bytes(b"not a database at all " * 100)
    with pytest.raises(HomeUnavailable) as refusal:
        in_directory(tmp_path)
    assert code_of(refusal.value) == "database_damaged"


def test_a_home_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    in_directory(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "carillon.db")
    connection.execute("PRAGMA user_version=999")
    connection.close()
    with pytest.raises(HomeUnavailable) as refusal:
        in_directory(tmp_path)
    assert code_of(refusal.value) == "home_newer"


def test_a_home_where_a_file_stands_is_said_to_be_unwritable(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(HomeUnavailable) as refusal:
        in_directory(tmp_path / "home")
    assert code_of(refusal.value) == "home_unwritable"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("database or disk is full", "disk_full"),
        ("database is locked", "database_locked"),
        ("file is not a database", "database_damaged"),
        ("database disk image is malformed", "database_damaged"),
        ("attempt to write a readonly database", "home_unwritable"),
        ("disk I/O error", "home_unwritable"),
    ],
)
def test_each_storage_error_has_its_own_sentence(text: str, code: str) -> None:
    assert code_of(unavailable(sqlite3.OperationalError(text), "home")) == code


def test_only_its_owner_may_look_into_a_home(tmp_path: Path) -> None:
    in_directory(tmp_path / "home").close()
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0
