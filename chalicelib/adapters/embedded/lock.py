"""The lock on a home's directory: whoever holds it is the only one that works there."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO

LOCK_TRIES = 10
"""Somebody who asks whether the home is worked holds the lock for an instant; that is no worker."""


def try_lock(directory: Path) -> IO[str] | None:
    """Return the lock file, locked until it is closed; None while somebody else holds it. Raises OSError."""
    file = (directory / "lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def lock(directory: Path) -> IO[str] | None:
    """Return the lock as `try_lock`, asking again for as long as somebody may only be looking."""
    for left in reversed(range(LOCK_TRIES)):
        file = try_lock(directory)
        if file is not None or not left:
            return file
        time.sleep(0.02)
    return None
