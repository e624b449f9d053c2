"""How long a start takes: `python -m bench start`.

The command with its bytecode, as it is used; `app` without, as Lambda imports
it: there the runtime's library has its bytecode and our zip has none, nor can
any be written. The best of several: CPU time, which is what it takes on a
machine that does nothing else, and the wall time beside it.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench._figures import ROOT, Figure, Spent, spent_by

TRIES = 7
MOST_HELP_SECONDS, MOST_IMPORT_SECONDS = 0.3, 0.6


def measure(quick: bool) -> list[Figure]:
    """Return the seconds of `carillon --help` and of a cold `import app`."""
    tries = 1 if quick else TRIES
    told = best(tries, [sys.executable, "-m", "cli", "--help"], dict(os.environ))
    with tempfile.TemporaryDirectory() as directory:
        cold = cold_import(Path(directory), tries)
    return [
        _figure("`carillon --help`", told, MOST_HELP_SECONDS, tries),
        _figure("`import app` without cached bytecode", cold, MOST_IMPORT_SECONDS, tries),
    ]


def _figure(what: str, spent: Spent, most: float, tries: int) -> Figure:
    how = f"wall {spent.wall_seconds:.2f} s; whole process, best of {tries}"
    return Figure(row="start", what=what, value=spent.cpu_seconds, unit="s CPU", at_most=most, how=how)


def best(tries: int, command: list[str], environment: Mapping[str, str]) -> Spent:
    """Return the quickest of several runs, after one that is not counted."""
    spent_by(command, environment)
    return min((spent_by(command, environment) for _ in range(tries)), key=lambda one: one.cpu_seconds)


def cold_import(directory: Path, tries: int) -> Spent:
    """Import `app` with a cache that holds the standard library's bytecode alone."""
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(directory),
    }
    command = [sys.executable, "-c", "import app"]
    spent_by(command, environment)
    library = str(Path(sysconfig.get_paths()["stdlib"]).resolve())
    for cached in directory.rglob("*.pyc"):
        source = "/" + str(cached.relative_to(directory))
        if not source.startswith(f"{library}/") or "/site-packages/" in source:
            cached.unlink()
    return best(tries, command, {**environment, "PYTHONDONTWRITEBYTECODE": "1"})
