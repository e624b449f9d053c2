"""A directory for one demonstration, empty at its start and kept after its end."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

from cli.refusal import Refusal

MARKER = "made-by-carillon-demo"
MOST_DEMOS = 9


@contextlib.contextmanager
def fresh_home(parent: Path) -> Iterator[Path]:
    """Give an empty directory under `parent`; one of a demonstration that still runs is left alone."""
    parent.mkdir(parents=True, exist_ok=True)
    for n in range(1, MOST_DEMOS + 1):
        home = (parent / (f"demo-{n}" if n > 1 else "demo")).resolve()
        with (parent / f".{home.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if home.exists() and not (home / MARKER).exists():
                continue  # somebody else's
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            (home / MARKER).touch()
            yield home
            return
    raise Refusal(
        "demo_running", f"{MOST_DEMOS} demonstrations are open in {parent}", "carillon demo --home DIR"
    )
