"""Which names an object may have, in every home."""

from __future__ import annotations

from pathlib import PurePosixPath

from chalicelib.errors import NotFound, Problem


def checked(key: str) -> str:
    """Return the key when it names a place inside the store. Raises NotFound."""
    parts = PurePosixPath(key).parts
    if not parts or key.startswith("/") or ".." in parts:
        raise unknown(key)
    return key


def unknown(key: str) -> NotFound:
    """Return the error of an object that is not there."""
    return NotFound(Problem(code="object_unknown", params={"key": key}))
