"""A consistent copy of a database that others are writing to."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path


def copy_database(connection: sqlite3.Connection, place: Path) -> None:
    """Write what the database holds now to `place`, one whole file that only its owner may read.

    All pages are read in one transaction, which in WAL hinders no writer. What
    stood at `place` is replaced when the copy is whole and synced, not before.
    Raises sqlite3.Error or OSError.
    """
    new = place.with_name(f"{place.name}.new")
    new.unlink(missing_ok=True)
    try:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(new, isolation_level=None)) as copy:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        sync(new)
        os.replace(new, place)
        sync(place.parent)
    finally:
        new.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Make a file's content, or a directory's names, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
