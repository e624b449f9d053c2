"""A cold start: what importing `app` loads, and how long that takes on a bare machine.

On Lambda the runtime's own library has its bytecode and our zip has none, nor can
any be written there. So a first import fills an empty cache, everything but the
standard library is taken out of it again, and then it counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MOST_SECONDS = 0.6
MOST_TRIES = 8
"""A neighbour on the same core makes the processor's time longer too: the best of so many counts."""
TOO_EARLY = ("boto3", "botocore", "pynamodb", "aiohttp", "sqlite3", "phonenumbers.geodata")
"""Each is loaded by the first call that needs it: a webhook must not wait for what only sending uses."""

YARDSTICK_SECONDS = 0.022
"""What compiling the yardstick takes where the promise was measured, with nobody beside."""

SCRIPT = """
import json, os, sys, time
library = os.path.dirname(os.__file__)
texts = [open(f"{library}/{name}.py", encoding="utf-8").read() for name in ("argparse", "typing")]
def yardstick():
    began = time.process_time()
    for text in texts:
        compile(text, "yardstick", "exec")
    return time.process_time() - began
yards = [yardstick()]
wall, work = time.perf_counter(), time.process_time()
import app
seconds = {"wall": time.perf_counter() - wall, "work": time.process_time() - work}
yards.append(yardstick())
seconds["yard"] = min(yards)
print(json.dumps({**seconds, "modules": sorted(sys.modules), "handlers": sorted(vars(app))}))
"""


def imported(directory: Path, **variables: str) -> Any:
    """Import `app` in a process that knows nothing; returns what it measured."""
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(directory / "cache"),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**environment, **variables},
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Return the first cold import that is quick enough, else the quickest; by the yardstick."""
    directory = tmp_path_factory.mktemp("task")
    imported(directory)
    library = str(Path(sysconfig.get_paths()["stdlib"]).resolve())
    for cached in (directory / "cache").rglob("*.pyc"):
        source = "/" + str(cached.relative_to(directory / "cache"))
        if not source.startswith(f"{library}/") or "/site-packages/" in source:
            cached.unlink()
    tries: list[Any] = []
    while len(tries) < MOST_TRIES and not any(judged(one) < MOST_SECONDS for one in tries):
        tries.append(imported(directory, PYTHONDONTWRITEBYTECODE="1"))
    return min(tries, key=judged)


def judged(one: Mapping[str, Any]) -> float:
    """Return the processor's seconds of an import, as they would be where the yardstick was measured."""
    return float(one["work"] * min(1.0, YARDSTICK_SECONDS / one["yard"]))


def test_importing_app_needs_no_variable_and_no_file_of_ours(measured: Mapping[str, Any]) -> None:
    assert {"app", "fan_out", "launch", "dispatch", "pace", "send", "webhook", "take_in"} <= set(
        measured["handlers"]
    )


@pytest.mark.parametrize("module", TOO_EARLY)
def test_importing_app_does_not_load(measured: Mapping[str, Any], module: str) -> None:
    assert not [name for name in measured["modules"] if name == module or name.startswith(f"{module}.")]


def test_importing_app_wires_no_home(measured: Mapping[str, Any]) -> None:
    assert not [name for name in measured["modules"] if name.startswith("chalicelib.adapters")]


def test_a_cold_import_takes_less_than_what_was_promised(measured: Mapping[str, Any]) -> None:
    """The processor's time by the yardstick, which is what it takes on a machine that does nothing else."""
    assert judged(measured) < MOST_SECONDS
