"""Calls handed to the writer: each whole or not at all, durable when told, harmless to its neighbours."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.embedded.committing import Committed
from chalicelib.adapters.embedded.database import Database, in_directory
from chalicelib.adapters.embedded.table import Put, Table
from chalicelib.errors import HomeUnavailable


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with nothing in it, in a file."""
    opened = in_directory(tmp_path)
    yield opened
    opened.close()


def together(database: Database, *calls: Any) -> list[Any]:
    """Return what each call returned, or why it did not, when all were made at once."""

    async def gathered() -> list[Any]:
        committed = Committed(database)
        return await asyncio.gather(*(committed(call) for call in calls), return_exceptions=True)

    return asyncio.run(gathered())


def stored(database: Database) -> list[str]:
    """Return what somebody else, on a connection of their own, finds in the file."""
    with closing(sqlite3.connect(database.path)) as other:
        return [row[0] for row in other.execute("SELECT pk FROM hashes ORDER BY pk")]


def test_what_a_call_wrote_is_in_the_file_when_its_result_is_there(database: Database) -> None:
    table = Table(database, "hashes")

    async def one_after_another() -> None:
        committed = Committed(database)
        for number in range(5):
            assert await committed(table.put, Put(f"h{number}", "", b"x"))
            assert stored(database) == [f"h{n}" for n in range(number + 1)]

    asyncio.run(one_after_another())


def test_a_call_that_fails_leaves_nothing_of_it_and_fails_no_neighbour(database: Database) -> None:
    table = Table(database, "hashes")

    def half() -> None:
        assert table.put(Put("half-1", "", b"x"))
        table.put_any([Put("half-2", "", b"x")])
        raise LookupError("refused")

    before, refused, after = together(
        database, lambda: table.put(Put("a", "", b"x")), half, lambda: table.put(Put("b", "", b"x"))
    )
    assert (before, after) == (True, True)
    assert isinstance(refused, LookupError)
    assert stored(database) == ["a", "b"]


def test_a_statement_that_sqlite_refuses_fails_the_call_it_is_of(database: Database) -> None:
    def refused() -> None:
        Table(database, "hashes").put(Put("half", "", b"x"))
        database.write(lambda c: c.execute("INSERT INTO no_such_table VALUES (1)"))

    [fault] = together(database, refused)
    assert isinstance(fault, HomeUnavailable)
    assert stored(database) == []


def test_of_calls_on_one_version_one_wins_and_each_reads_what_it_and_those_before_wrote(
    database: Database,
) -> None:
    table = Table(database, "hashes")

    def claim() -> tuple[bool, int]:
        found = table.get("h")
        won = table.put(Put("h", "", b"x", 1))
        after = table.get("h")
        assert found is not None
        assert after is not None
        assert after[1] == found[1] + won
        return won, after[1]

    assert table.put(Put("h", "", b"x"))
    assert together(database, claim, claim, claim) == [(True, 2), (False, 2), (False, 2)]


def test_when_the_disk_is_full_at_the_commit_nobody_is_told_that_it_was_stored(database: Database) -> None:
    table = Table(database, "hashes")
    pages = database.write(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    database.write(lambda c: c.execute(f"PRAGMA max_page_count={pages + 2}").fetchone())
    calls = [lambda n=n: table.put(Put(f"h{n:02d}", "", b"x" * 4_000)) for n in range(50)]
    answers = together(database, *calls)
    assert stored(database) == [f"h{n:02d}" for n, answer in enumerate(answers) if answer is True]
    faults = [answer for answer in answers if answer is not True]
    assert faults
    assert {fault.problems[0].code for fault in faults} == {"disk_full"}


def test_who_waits_for_nothing_any_more_disturbs_nobody(database: Database) -> None:
    table = Table(database, "hashes")

    async def impatient() -> bool:
        committed = Committed(database)
        gone = asyncio.ensure_future(committed(table.put, Put("gone", "", b"x")))
        gone.cancel()
        return await committed(table.put, Put("here", "", b"x"))

    assert asyncio.run(impatient())
    assert stored(database) == ["gone", "here"]


def test_a_call_after_the_closing_is_refused(database: Database) -> None:
    table = Table(database, "hashes")
    database.close()
    [fault] = together(database, lambda: table.put(Put("h", "", b"x")))
    assert isinstance(fault, HomeUnavailable)
    assert fault.problems[0].code == "home_closed"
