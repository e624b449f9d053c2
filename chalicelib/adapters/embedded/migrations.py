"""From an older version of the schema to the present one: all of it in one transaction, or nothing.

What is new in SCHEMA is made by itself, for it says IF NOT EXISTS; a step is
for what must change in data that is there. Steps are never edited once
released: a later fault is a later step.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from chalicelib.adapters import sort_keys
from chalicelib.adapters.codec import decode
from chalicelib.adapters.embedded.copying import copy_database
from chalicelib.adapters.embedded.lock import lock
from chalicelib.adapters.embedded.schema import SCHEMA, SCHEMA_VERSION
from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.log import log
from chalicelib.sending.broadcast import Chunk

Step = Callable[[sqlite3.Connection], None]


def forget_message_ids(c: sqlite3.Connection) -> None:
    """Version 1 led from every message id to its delivery; receipts are matched without it now."""
    c.execute("DROP TABLE IF EXISTS wamids")


def index_chunks_anew(c: sqlite3.Connection) -> None:
    """Early databases of version 1 had other keys in the index of chunks than those asked for now."""
    rows = c.execute("SELECT pk, sk, body, version, ipk, isk FROM chunks").fetchall()
    for pk, sk, body, version, *found in rows:
        wanted = [pk, sort_keys.of_chunk(decode(Chunk, body, version))]
        if wanted != found:
            c.execute("UPDATE chunks SET ipk = ?, isk = ? WHERE pk = ? AND sk = ?", (*wanted, pk, sk))


STEPS_BY_VERSION: Mapping[int, Sequence[Step]] = {
    3: (forget_message_ids, index_chunks_anew),
}
"""What to do to arrive at each version; one that only adds tables needs nothing."""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema's version that a database is of; 0 when there is nothing in it yet."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def migrate(
    connection: sqlite3.Connection,
    file: Path,
    *,
    steps_by_version: Mapping[int, Sequence[Step]] = STEPS_BY_VERSION,
    target: int = SCHEMA_VERSION,
) -> None:
    """Bring the database in `file` to the present version, under the home's lock.

    A copy of it as it was stays beside it, as carillon.db.v2 for version 2.
    Raises HomeUnavailable while somebody works on the home, who would be an
    older Carillon; sqlite3.Error and OSError where there is no room: then the
    database is as it was.
    """
    held = lock(file.parent)
    if held is None:
        params = {"path": str(file.parent), "version": str(version_of(connection))}
        raise HomeUnavailable(Problem(code="home_older_worked", params=params))
    with held:
        found = version_of(connection)
        if found >= target:
            return  # somebody else was first
        copy_database(connection, file.with_name(f"{file.name}.v{found}"))
        connection.execute("BEGIN IMMEDIATE")
        try:
            create(connection)
            for version in range(found + 1, target + 1):
                for step in steps_by_version.get(version, ()):
                    step(connection)
            connection.execute(f"PRAGMA user_version={target:d}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    log.info("home_migrated", extra={"was": found, "version": target})


def create(connection: sqlite3.Connection) -> None:
    """Make every table and index that is not there; in the transaction of the caller."""
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
