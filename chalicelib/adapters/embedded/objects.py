"""Objects as files under the home, and in memory for rehearsals."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chalicelib.adapters.object_keys import checked, unknown
from chalicelib.errors import HomeUnavailable, Problem

NEW = ".new-"
"""What the names of files begin with that are not whole yet."""
ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


class FileObjects:
    """`Objects` under a directory: written beside, synced, then renamed into place."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "home_unwritable"
            params = {"path": str(self._directory), "detail": str(error)}
            raise HomeUnavailable(Problem(code=code, params=params)) from error

    def put(self, key: str, body: bytes) -> None:
        """PutObject."""
        place = self._directory / checked(key)
        with self._mapped():
            _make(place.parent)
            _write(place, body)
            _sync(place.parent)

    def add(self, key: str, body: bytes, *, mode: int = 0o600) -> bool:
        """PutObject with If-None-Match: a link is made in one step or not at all."""
        place = self._directory / checked(key)
        with self._mapped():
            _make(place.parent)
            added = _write_new(place, body, mode)
            _sync(place.parent)
        return added

    def get(self, key: str) -> bytes | None:
        """GetObject."""
        with self._mapped():
            try:
                return (self._directory / checked(key)).read_bytes()
            except ABSENT:
                return None

    def get_range(self, key: str, start: int, end: int) -> bytes:
        """GetObject with Range."""
        with self._mapped():
            try:
                with (self._directory / checked(key)).open("rb") as file:
                    file.seek(start)
                    return file.read(max(0, end - start))
            except ABSENT as error:
                raise unknown(key) from error

    def keys(self, prefix: str) -> list[str]:
        """ListObjectsV2; what is being written is no object yet."""
        place = self._directory / checked(prefix)
        above = place if prefix.endswith("/") else place.parent
        with self._mapped():
            files = (f for f in above.rglob("*") if not f.name.startswith(NEW) and f.is_file())
            return _first((f.relative_to(self._directory).as_posix() for f in files), prefix)

    def remove_all(self, keys: Sequence[str]) -> None:
        """DeleteObjects; a directory of its own that is then empty goes too."""
        with self._mapped():
            above = set()
            for key in keys:
                place = self._directory / checked(key)
                with contextlib.suppress(*ABSENT):
                    place.unlink()
                    above.add(place.parent)
            for directory in above:
                _sync(directory)
                self._remove_empty(directory)

    def _remove_empty(self, directory: Path) -> None:
        """Remove what is empty below the first level, where nobody adds to another's directory."""
        with contextlib.suppress(OSError):
            while len(directory.relative_to(self._directory).parts) > 1:
                directory.rmdir()
                directory = directory.parent


class FileArchive:
    """`Archive` under a directory: its files may only be read, also by whoever owns them."""

    def __init__(self, directory: Path) -> None:
        self._files = FileObjects(directory)

    def add(self, key: str, body: bytes) -> bool:
        """PutObject with If-None-Match."""
        return self._files.add(key, body, mode=0o400)


def _make(directory: Path) -> None:
    """Make a directory and its parents; a name is durable once its parent is synced."""
    if directory.is_dir():
        return
    _make(directory.parent)
    directory.mkdir(exist_ok=True, mode=0o700)
    _sync(directory.parent)


def _write(place: Path, body: bytes) -> None:
    with _beside(place, body) as name:
        os.replace(name, place)


def _write_new(place: Path, body: bytes, mode: int) -> bool:
    with _beside(place, body) as name:
        os.chmod(name, mode)
        try:
            os.link(name, place)
        except FileExistsError:
            return False
    return True


@contextmanager
def _beside(place: Path, body: bytes) -> Iterator[str]:
    """Write a file beside `place`, synced; whatever is left of it at the end is removed."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=NEW)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        yield name
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)  # a full disk must not fill up with halves


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


MOST_KEYS = 100


def _first(keys: Iterable[str], prefix: str) -> list[str]:
    return sorted(key for key in keys if key.startswith(prefix))[:MOST_KEYS]


class MemoryObjects:
    """`Objects` in memory."""

    def __init__(self) -> None:
        self._body_by_key: dict[str, bytes] = {}
        self._adding = threading.Lock()

    def put(self, key: str, body: bytes) -> None:
        """PutObject."""
        self._body_by_key[checked(key)] = body

    def add(self, key: str, body: bytes) -> bool:
        """PutObject with If-None-Match."""
        with self._adding:
            if checked(key) in self._body_by_key:
                return False
            self._body_by_key[key] = body
            return True

    def get(self, key: str) -> bytes | None:
        """GetObject."""
        return self._body_by_key.get(checked(key))

    def get_range(self, key: str, start: int, end: int) -> bytes:
        """GetObject with Range."""
        body = self.get(key)
        if body is None:
            raise unknown(key)
        return body[start:end]

    def keys(self, prefix: str) -> list[str]:
        """ListObjectsV2."""
        return _first(list(self._body_by_key), checked(prefix))

    def remove_all(self, keys: Sequence[str]) -> None:
        """DeleteObjects."""
        for key in keys:
            self._body_by_key.pop(checked(key), None)
