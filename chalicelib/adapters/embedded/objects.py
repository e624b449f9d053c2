"""Objects as files under the home, and in memory for rehearsals."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path, PurePosixPath

from chalicelib.errors import HomeUnavailable, NotFound, Problem


def checked(key: str) -> str:
    """Return the key when it names a place inside the store. Raises NotFound."""
    parts = PurePosixPath(key).parts
    if not parts or key.startswith("/") or ".." in parts:
        raise NotFound(Problem(code="object_unknown", params={"key": key}))
    return key


class FileObjects:
    """`Objects` under a directory: written beside, synced, then renamed into place."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, key: str, body: bytes) -> None:
        """PutObject."""
        place = self._directory / checked(key)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=place.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, place)
            directory = os.open(place.parent, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        except OSError as error:
            code = "disk_full" if error.errno == errno.ENOSPC else "home_unwritable"
            params = {"path": str(self._directory), "detail": str(error)}
            raise HomeUnavailable(Problem(code=code, params=params)) from error

    def get(self, key: str) -> bytes | None:
        """GetObject."""
        try:
            return (self._directory / checked(key)).read_bytes()
        except FileNotFoundError:
            return None

    def get_range(self, key: str, start: int, end: int) -> bytes:
        """GetObject with Range."""
        try:
            with (self._directory / checked(key)).open("rb") as file:
                file.seek(start)
                return file.read(end - start)
        except FileNotFoundError as error:
            raise NotFound(Problem(code="object_unknown", params={"key": key})) from error


class MemoryObjects:
    """`Objects` in memory."""

    def __init__(self) -> None:
        self._body_by_key: dict[str, bytes] = {}

    def put(self, key: str, body: bytes) -> None:
        """PutObject."""
        self._body_by_key[checked(key)] = body

    def get(self, key: str) -> bytes | None:
        """GetObject."""
        return self._body_by_key.get(checked(key))

    def get_range(self, key: str, start: int, end: int) -> bytes:
        """GetObject with Range."""
        body = self.get(key)
        if body is None:
            raise NotFound(Problem(code="object_unknown", params={"key": key}))
        return body[start:end]
