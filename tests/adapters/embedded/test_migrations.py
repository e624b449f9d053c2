"""A home of an older version is brought up to date whole, or stays as it was."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from chalicelib.adapters.codec import encode
from chalicelib.adapters.embedded import migrations
from chalicelib.adapters.embedded.database import in_directory
from chalicelib.adapters.embedded.home import open_home
from chalicelib.adapters.embedded.schema import SCHEMA_VERSION, TABLES
from chalicelib.errors import HomeUnavailable
from chalicelib.sending.broadcast import Broadcast, Chunk, ChunkState
from tests.contracts.values import BROADCAST, CHUNK

OLD_TABLES = (
    *("broadcasts", "campaigns", "chunks", "consents", "contacts", "counters", "deferrals", "hashes"),
    *("identities", "ledger", "plans", "quotas", "schedules", "senders", "standings", "timelines"),
)
"""Of version 1, as its code had them."""
OLD_QUEUES = """
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL,
    visible_at INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0, receipt TEXT NOT NULL DEFAULT '',
    sent_at INTEGER NOT NULL, dead INTEGER NOT NULL DEFAULT 0);
CREATE INDEX messages_due ON messages (queue, dead, visible_at);
"""
READY = replace(CHUNK, id="0001", state=ChunkState.READY, slot0_ms=0.0)
FLYING = replace(CHUNK, id="0002", state=ChunkState.RELEASED, slot0_ms=1_000.0)


def old_home(directory: Path, *, version: int = 1, wamids: bool = True) -> None:
    """Make a home as the first code of `version` made it: its tables, its rows, its keys of the index."""
    directory.mkdir(mode=0o700)
    names: Sequence[str] = [*OLD_TABLES, *(["wamids"] if wamids else []), *(["templates"] * (version > 1))]
    with closing(sqlite3.connect(directory / "carillon.db")) as c:
        c.execute("PRAGMA journal_mode=WAL")
        for name in names:
            c.executescript(
                f"CREATE TABLE {name} (pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, "
                "body BLOB NOT NULL, ipk TEXT, isk TEXT, PRIMARY KEY (pk, sk)) WITHOUT ROWID;"
                f"CREATE INDEX {name}_index ON {name} (ipk, isk) WHERE ipk IS NOT NULL;"
            )
        c.executescript(OLD_QUEUES)
        insert = "(pk, sk, version, body, ipk, isk) VALUES (?, ?, ?, ?, ?, ?)"
        broadcast, wave = BROADCAST.id, READY.wave
        c.execute(f"INSERT INTO broadcasts {insert}", (broadcast, "", 3, encode(BROADCAST), "open", "1|x"))
        by_wave = (READY.broadcast, "0001", 4, encode(READY), f"{READY.broadcast}|ready|{wave}", "0001")
        by_slot = (READY.broadcast, "0002", 5, encode(FLYING), f"{READY.broadcast}|flying", "000|0002")
        c.executemany(f"INSERT INTO chunks {insert}", [by_wave, by_slot])
        c.execute("INSERT INTO messages (queue, body, visible_at, sent_at) VALUES ('send', 'x', 1, 1)")
        c.execute(f"PRAGMA user_version={version}")
        c.commit()


def raw(directory: Path, sql: str, name: str = "carillon.db") -> list[Any]:
    """Return what a query of the file itself finds."""
    with closing(sqlite3.connect(directory / name)) as c:
        return c.execute(sql).fetchall()


def tables(directory: Path, name: str = "carillon.db") -> set[str]:
    return {row[0] for row in raw(directory, "SELECT name FROM sqlite_master WHERE type = 'table'", name)}


@pytest.mark.parametrize(("version", "wamids"), [(1, True), (1, False), (2, True), (2, False)])
def test_an_older_home_is_brought_up_to_date_and_loses_nothing(
    tmp_path: Path, version: int, wamids: bool
) -> None:
    old_home(tmp_path / "home", version=version, wamids=wamids)
    home = open_home(tmp_path / "home")
    ports = home.ports({})
    assert ports.broadcasts.get(BROADCAST.id) == replace(BROADCAST, version=3)
    assert [c.id for c in ports.chunks.ready(READY.broadcast, READY.wave)] == ["0001"]
    assert [(c.id, c.version) for c in ports.chunks.in_flight(READY.broadcast)] == [("0002", 5)]
    assert home.queues.waiting("send") == 1
    assert ports.registry.synced_at("1") is None  # its table is there
    home.close()
    assert raw(tmp_path / "home", "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert tables(tmp_path / "home") == {*TABLES, "messages", "sqlite_sequence"}


def test_a_copy_of_the_home_as_it_was_stays_for_its_owner_alone(tmp_path: Path) -> None:
    old_home(tmp_path / "home")
    in_directory(tmp_path / "home").close()
    assert raw(tmp_path / "home", "PRAGMA user_version", "carillon.db.v1") == [(1,)]
    assert raw(tmp_path / "home", "SELECT COUNT(*) FROM chunks", "carillon.db.v1") == [(2,)]
    assert "wamids" in tables(tmp_path / "home", "carillon.db.v1")
    assert (tmp_path / "home" / "carillon.db.v1").stat().st_mode & 0o777 == 0o600
    assert not list((tmp_path / "home").glob("*.new"))


def test_a_present_home_is_not_copied(tmp_path: Path) -> None:
    in_directory(tmp_path).close()
    in_directory(tmp_path).close()
    assert not list(tmp_path.glob("*.v*"))


def test_a_home_that_an_older_worker_holds_is_left_alone(tmp_path: Path) -> None:
    worked = open_home(tmp_path / "home")
    worked.lock()
    worked.database.write(lambda c: c.execute("PRAGMA user_version=1").fetchone())
    with pytest.raises(HomeUnavailable) as refusal:
        in_directory(tmp_path / "home")
    assert refusal.value.problems[0].code == "home_older_worked"
    assert raw(tmp_path / "home", "PRAGMA user_version") == [(1,)]
    worked.close()
    in_directory(tmp_path / "home").close()
    assert raw(tmp_path / "home", "PRAGMA user_version") == [(SCHEMA_VERSION,)]


def test_a_step_that_fails_leaves_the_old_version(tmp_path: Path) -> None:
    old_home(tmp_path / "home")

    def failing(c: sqlite3.Connection) -> None:
        c.execute("DELETE FROM chunks")
        raise LookupError("planted")

    steps = {3: (migrations.forget_message_ids, failing)}
    file = tmp_path / "home" / "carillon.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection, pytest.raises(LookupError):
        migrations.migrate(connection, file, steps_by_version=steps, target=3)
    assert raw(tmp_path / "home", "PRAGMA user_version") == [(1,)]
    assert {"wamids", "chunks"} <= tables(tmp_path / "home")
    assert "templates" not in tables(tmp_path / "home")
    assert raw(tmp_path / "home", "SELECT COUNT(*) FROM chunks") == [(2,)]


def test_a_crash_between_two_steps_leaves_the_old_version_and_the_next_start_does_it_all(
    tmp_path: Path,
) -> None:
    old_home(tmp_path / "home")
    program = (
        "import os, sqlite3, sys; from pathlib import Path; "
        "from chalicelib.adapters.embedded import migrations as m; file = Path(sys.argv[1]); "
        "m.migrate(sqlite3.connect(file, isolation_level=None), file, "
        "steps_by_version={3: (m.forget_message_ids, lambda c: os._exit(9))}, target=3)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "home" / "carillon.db")]
    assert subprocess.run(command, check=False).returncode == 9
    assert raw(tmp_path / "home", "PRAGMA user_version") == [(1,)]
    assert "wamids" in tables(tmp_path / "home")
    home = open_home(tmp_path / "home")
    assert len(home.ports({}).chunks.in_flight(READY.broadcast)) == 1
    home.close()


def test_versions_are_passed_through_in_order_and_none_twice(tmp_path: Path) -> None:
    old_home(tmp_path / "home", version=2)
    seen: list[int] = []
    steps = {n: (lambda c, n=n: seen.append(n),) for n in (5, 2, 4, 3)}
    file = tmp_path / "home" / "carillon.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for _ in range(2):
            migrations.migrate(connection, file, steps_by_version=steps, target=5)
    assert seen == [3, 4, 5]


def test_no_room_for_the_copy_leaves_the_old_version(tmp_path: Path) -> None:
    old_home(tmp_path / "home")
    limit = "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)); from pathlib import Path; "
    limit += "from chalicelib.adapters.embedded.database import in_directory; in_directory(Path(sys.argv[1]))"
    command = [sys.executable, "-c", limit, str(tmp_path / "home")]
    failed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "HomeUnavailable" in failed.stderr
    assert raw(tmp_path / "home", "PRAGMA user_version") == [(1,)]
    assert not list((tmp_path / "home").glob("carillon.db.v*"))


def test_every_step_leads_to_a_version_there_is() -> None:
    assert all(1 < version <= SCHEMA_VERSION for version in migrations.STEPS_BY_VERSION)


def test_an_item_that_an_older_version_wrote_is_read_with_the_defaults_of_what_it_lacks() -> None:
    from chalicelib.adapters.codec import decode

    wrote = orjson.loads(encode(BROADCAST))
    late = {"max_per_second", "idle_reason", "ended_at", "priority", "dispatched"}
    found = decode(Broadcast, orjson.dumps({k: v for k, v in wrote.items() if k not in late}), 7)
    plain = replace(BROADCAST, max_per_second=None, idle_reason="", ended_at=None, priority=50)
    assert found == replace(plain, dispatched=frozenset(), version=7)


def test_an_item_that_a_newer_version_wrote_is_read_without_what_we_do_not_know() -> None:
    from chalicelib.adapters.codec import decode

    wrote = orjson.loads(encode(READY))
    wrote |= {"of_tomorrow": {"deep": [1]}, "members": [["0001", "p1", 2, "of tomorrow"]]}
    found = decode(Chunk, orjson.dumps(wrote), 7)
    assert (found.id, found.version, found.members[0].person) == ("0001", 7, "p1")
