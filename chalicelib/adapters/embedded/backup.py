"""A home in one file: the database and its objects as they belong together, with a hash of each.

The database is copied first, in one read transaction; objects after it. What a
row refers to was written before the row and is never changed, so the file holds
everything its rows speak of, whatever is being sent meanwhile; but for what
retention removes at that very time, and will remove again. Secrets stay out.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

import orjson

from chalicelib.adapters.embedded.copying import copy_database, sync
from chalicelib.adapters.embedded.database import unavailable
from chalicelib.adapters.embedded.manifest import DATABASE, MANIFEST, Manifest, Member
from chalicelib.adapters.embedded.migrations import version_of
from chalicelib.audience.instant import Instant
from chalicelib.errors import NotFound, Problem

RULES = ("senders.yaml", "policy.yaml", "webhooks.yaml")
BLOCK = 1 << 20


def save(home: Path, file: Path, *, campaigns: Path, now: Callable[[], Instant]) -> Manifest:
    """Write the home, which may be at work, and the rules of its campaigns to `file`, whole or not at all.

    Raises NotFound without a home, HomeUnavailable where there is no room.
    """
    database = home / DATABASE
    if not database.is_file():
        raise NotFound(Problem(code="home_absent", params={"path": str(home)}))
    try:
        with tempfile.TemporaryDirectory(dir=file.resolve().parent, prefix=".backup-") as aside:
            at = now()  # before the copy: whatever comes later may be missing in it
            copied = Path(aside) / DATABASE
            _copy(database, copied)
            new = Path(aside) / "new"
            manifest = _write(new, copied, home, campaigns, at)
            sync(new)
            os.replace(new, file)
            sync(file.resolve().parent)
    except (sqlite3.Error, OSError) as error:
        raise unavailable(error, str(file)) from error
    return manifest


def _copy(database: Path, place: Path) -> None:
    address = f"{database.resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
        copy_database(connection, place)


def _write(new: Path, copied: Path, home: Path, campaigns: Path, at: Instant) -> Manifest:
    with closing(sqlite3.connect(copied)) as connection:
        schema, counts = version_of(connection), counts_of(connection)
    handle = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        members = [
            member
            for name, path in _files(copied, home, campaigns)
            if (member := _add(archive, name, path)) is not None
        ]
        manifest = Manifest(schema=schema, at=at, counts=counts, members=tuple(members))
        archive.writestr(_entry(MANIFEST), orjson.dumps(manifest.as_dict(), option=orjson.OPT_INDENT_2))
    return manifest


def counts_of(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    names = [row[0] for row in connection.execute(sql)]
    return {name: connection.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in names}


def _files(copied: Path, home: Path, campaigns: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name in the backup, file): the database before what it refers to is listed."""
    yield DATABASE, copied
    for root in ("objects", "archive"):
        for path in sorted((home / root).rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.startswith(".new-"):
                yield path.relative_to(home).as_posix(), path
    shown = (campaigns / "templates").glob("*.json"), (campaigns / "media").rglob("*")
    for path in (*(campaigns / name for name in RULES), *sorted(path for found in shown for path in found)):
        if path.is_file() and not path.is_symlink():
            yield f"campaigns/{path.relative_to(campaigns).as_posix()}", path


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> Member | None:
    """Add one file; None when it is gone by now."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return None
    with source, archive.open(_entry(name), "w", force_zip64=True) as target:
        size, digest = poured(source, target)
    return Member(name=name, size=size, sha256=digest)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def poured(source: IO[bytes], target: IO[bytes] | None, most: int | None = None) -> tuple[int, str]:
    """Copy a stream, little more than `most` bytes of it; returns how many there were, and their SHA-256."""
    size, digest = 0, hashlib.sha256()
    while (most is None or size <= most) and (block := source.read(BLOCK)):
        size += len(block)
        digest.update(block)
        if target is not None:
            target.write(block)
    return size, digest.hexdigest()
