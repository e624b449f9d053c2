"""`make bench`: run every benchmark of this package, or those named, one after the other.

Each runs in a process of its own, so that none has another's memory or threads.
`--quick` takes small sizes: it shows that everything still runs, not how fast.
Standard output has one table in Markdown, as in docs/benchmarks.md, or with
`--json` one document; what a benchmark has to say besides goes to standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import bench
from bench._figures import ROOT, Figure, figure_of, table

ORDER = ("planning", "million", "receipts", "simulator", "sending", "start", "bill")
"""As in the design's table."""


def main(argv: Sequence[str]) -> int:
    """Return 1 when a benchmark missed its target, 2 for wrong usage; quick ones are not judged."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(found())}")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true", dest="as_json")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args(argv)
    unknown = sorted(set(wanted.names) - set(found()))
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(found())}")
    names = wanted.names or found()
    measure = _alone if wanted.alone else _in_its_process
    figures = [figure for name in names for figure in measure(name, wanted.quick)]
    if wanted.as_json:
        print(json.dumps({**machine(), "figures": [f.document() for f in figures]}, indent=1))
    else:
        print(", ".join(f"{name} {value}" for name, value in machine().items()) + "\n\n" + table(figures))
    return int(not wanted.quick and not all(f.reached for f in figures))


def found() -> list[str]:
    """Return every benchmark, in the order of the design's table."""
    names = {m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_")}
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def machine() -> dict[str, str]:
    """Return what the numbers depend on beside the code."""
    implementation = f"{sys.implementation.name} {sys.version.split()[0]}"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f"{os.getloadavg()[0]:.1f}"
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "cores": str(cores),
        "python": implementation,
        "load": load,
    }


def _alone(name: str, quick: bool) -> list[Figure]:
    """Run a benchmark in this process; what it prints is no part of the answer."""
    with contextlib.redirect_stdout(sys.stderr):
        figures: list[Figure] = importlib.import_module(f"bench.{name}").measure(quick)
    return figures


def _in_its_process(name: str, quick: bool) -> list[Figure]:
    print(f"== {name}", file=sys.stderr, flush=True)
    options = ["--alone", "--json", *(["--quick"] if quick else [])]
    command = [sys.executable, "-m", "bench", name, *options]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1) or not done.stdout:
        raise RuntimeError(f"{name} ended with {done.returncode}")
    figures = [figure_of(document) for document in json.loads(done.stdout)["figures"]]
    print(table(figures), file=sys.stderr, flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
