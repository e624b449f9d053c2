"""A home out of its backup, held: nothing leaves until somebody says that it may.

Everything is unpacked beside the new home's place, compared with the hashes,
held, and only then put there in one step.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from chalicelib.adapters.embedded.backup import counts_of, poured
from chalicelib.adapters.embedded.copying import sync
from chalicelib.adapters.embedded.database import Database, in_directory, unavailable
from chalicelib.adapters.embedded.lock import lock
from chalicelib.adapters.embedded.manifest import DATABASE, SECRETS, Manifest, Member, read_manifest
from chalicelib.adapters.embedded.migrations import version_of
from chalicelib.adapters.embedded.pacing_stores import SqliteCounters
from chalicelib.adapters.embedded.schema import SCHEMA_VERSION
from chalicelib.adapters.embedded.sending_stores import SqliteBroadcasts
from chalicelib.audience.instant import Instant, to_iso
from chalicelib.errors import HomeUnavailable, Problem, Refused
from chalicelib.ports import BACKED_UP_AT, RESTORED, RESTORED_AT
from chalicelib.sending.broadcast import Broadcast
from chalicelib.sending.gap import gap_of, held

NOT_WHOLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, TypeError, AttributeError),
    *(NotImplementedError, RuntimeError, sqlite3.DatabaseError),
)
"""What reading a backup raises that is cut off, changed, or none at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored, the broadcasts that wait to be resumed, and where the home is that stood there."""

    manifest: Manifest
    at: Instant
    held: tuple[Broadcast, ...]
    put_aside: Path | None = None


def check(file: Path) -> Manifest:
    """Read a backup to its end and open its database. Raises Refused when it is not whole."""
    try:
        with _opened(file) as archive, tempfile.TemporaryDirectory() as aside:
            return _read_all(file, archive, Path(aside), only_database=True)
    except OSError as error:
        raise unavailable(error, tempfile.gettempdir()) from error


def restore(file: Path, home: Path, *, now: Instant, replacing: bool = False) -> Restored:
    """Make the home at `home` as the backup has it, and hold it.

    `home` is absent or an empty directory; `replacing` puts what is there aside,
    whole, but for a copy of its secrets, which no backup has. Raises Refused when
    the backup is not whole or something is there, HomeUnavailable where there is
    no room or somebody works there. Then everything is as it was.
    """
    place = home.resolve()
    in_the_way = place.exists() and (not place.is_dir() or any(place.iterdir()))
    if in_the_way and not (replacing and place.is_dir()):
        raise Refused(Problem(code="home_not_empty", params={"path": str(home)}))
    with _alone(place) if in_the_way else nullcontext():
        return _restore(file, place, now, in_the_way=in_the_way)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Hold the lock of a home that is to be put aside. Raises HomeUnavailable while somebody works there."""
    try:
        held_lock = lock(place)
    except OSError as error:
        raise unavailable(error, str(place)) from error
    if held_lock is None:
        raise HomeUnavailable(Problem(code="home_locked", params={"path": str(place)}))
    with held_lock:
        yield


def _restore(file: Path, place: Path, now: Instant, *, in_the_way: bool) -> Restored:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}.restoring-"))
    except OSError as error:
        raise unavailable(error, str(place.parent)) from error
    try:
        with _opened(file) as archive:
            manifest = _read_all(file, archive, aside)
        if now < manifest.at:  # a gap that ends before it began would hold nobody back
            params = {"now": to_iso(now), "since": to_iso(manifest.at)}
            raise Refused(Problem(code="clock_behind", params=params))
        restored = Restored(manifest=manifest, at=now, held=hold(aside, manifest.at, now))
        if in_the_way and (place / SECRETS).is_file():
            shutil.copy2(place / SECRETS, aside / SECRETS)
        sync(aside)
        put_aside = _changed_places(aside, place, now) if in_the_way else None
        if not in_the_way:
            os.rename(aside, place)
        sync(place.parent)
    except OSError as error:
        raise unavailable(error, str(place)) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return replace(restored, put_aside=put_aside)


def _changed_places(new: Path, place: Path, now: Instant) -> Path:
    """Put `new` where `place` is, and what was there beside it; returns where. Raises OSError, undone."""
    old = place.with_name(f"{place.name}.replaced-{to_iso(now).replace(':', '').replace('-', '')}")
    os.rename(place, old)
    try:
        os.rename(new, place)
    except OSError:
        os.rename(old, place)
        raise
    return old


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        source = file.open("rb")
    except OSError as error:
        params = {"file": str(file), "detail": error.strerror or str(error)}
        raise Refused(Problem(code="backup_unreadable", params=params)) from error
    try:
        with source, zipfile.ZipFile(source) as archive:
            yield archive
    except (OSError, *NOT_WHOLE) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # that is a wrong place to read from
            raise
        detail = str(error) or type(error).__name__
        raise Refused(Problem(code="backup_damaged", params={"file": str(file), "detail": detail})) from error


def _must_have_room(directory: Path, size: int) -> None:
    """Refuse before anything is written, so that a file that claims to be huge fills no disk."""
    if size > shutil.disk_usage(directory).free:
        raise HomeUnavailable(Problem(code="disk_full", params={"path": str(directory)}))


def _read_all(file: Path, archive: zipfile.ZipFile, aside: Path, *, only_database: bool = False) -> Manifest:
    """Compare everything with the manifest, and leave it, or only the database, under `aside`."""
    manifest = read_manifest(archive)
    if manifest.schema > SCHEMA_VERSION:
        params = {"path": str(file), "version": str(manifest.schema)}
        raise HomeUnavailable(Problem(code="home_newer", params=params))
    wanted = {m.name for m in manifest.members if m.name == DATABASE or not only_database}
    _must_have_room(aside, sum(m.size for m in manifest.members if m.name in wanted))
    for member in manifest.members:
        _unpack(archive, member, aside / member.name if member.name in wanted else None)
    _check_database(aside / DATABASE, manifest)
    return manifest


def _unpack(archive: zipfile.ZipFile, member: Member, place: Path | None) -> None:
    """Write one file, or with no place only read it. Raises ValueError when it is not what was saved."""
    with archive.open(member.name) as source:
        if place is None:
            found = poured(source, None, member.size)
        else:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            mode = 0o400 if member.name.startswith("archive/") else 0o600
            handle = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
            with os.fdopen(handle, "wb") as target:
                found = poured(source, target, member.size)
                target.flush()
                os.fsync(target.fileno())
    if found != (member.size, member.sha256):
        raise ValueError(f"{member.name} is not what was saved")


def _check_database(file: Path, manifest: Manifest) -> None:
    with closing(sqlite3.connect(file)) as connection:
        faults = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
        if faults != ["ok"] or version_of(connection) != manifest.schema:
            raise ValueError(f"{DATABASE}: {faults[0]}")
        if counts_of(connection) != manifest.counts:
            raise ValueError(f"{DATABASE} has other rows than were counted")


def hold(directory: Path, backed_up_at: Instant, now: Instant) -> tuple[Broadcast, ...]:
    """Pause every broadcast of a home that has not ended; returns those held. Remembers the gap.

    A plan that was being made is not made to its end: sealed now, it would pass
    for one that the lost home cannot have launched.
    """
    database = in_directory(directory)
    try:
        database.write(lambda c: c.execute("DELETE FROM messages WHERE queue = 'plan'").rowcount)
        SqliteCounters(database).set(RESTORED, {BACKED_UP_AT: backed_up_at, RESTORED_AT: now})
        return tuple(_hold_all(database, backed_up_at, now))
    finally:
        database.close()


def _hold_all(database: Database, backed_up_at: Instant, now: Instant) -> Iterator[Broadcast]:
    broadcasts, after = SqliteBroadcasts(database), None
    while True:
        page = broadcasts.open(after=after)
        for broadcast in page.items:
            wanted = held(broadcast, backed_up_at, now)
            broadcasts.put(wanted, expected_version=broadcast.version)
            if gap_of(wanted):
                yield wanted
        if page.next is None:
            return
        after = page.next
