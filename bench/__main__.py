"""`make bench`: run every benchmark of this package, or those named, one after the other.

Each runs in a process of its own, so that none has another's memory or threads,
and several times: `--times`, else as often as its module says (RUNS), else three.
`--quick` takes small sizes once: it shows that everything still runs, not how fast.
`--write-docs` writes the figures into docs/benchmarks.md, those of the benchmarks
that ran in the place of theirs, and of the others leaves what is there. A missed
target is a figure, not a failure, unless `--strict` says otherwise.

Standard output has one table in Markdown or, with `--json`, one document; what
a benchmark has to say besides goes to standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import bench
from bench import _page
from bench._figures import ROOT, Figure, figure_of, over_runs, table

ORDER = (
    "planning",
    "million",
    "imports",
    "pacing",
    "sending",
    "writes",
    "receipts",
    "bill",
    "scale",
    "start",
)
"""As in the design's table."""
USUAL_RUNS = 3


class NotMeasured(Exception):
    """A benchmark ended without a figure; why is on standard error."""


def main(argv: Sequence[str]) -> int:
    """Return 0 when all was measured; 1 when something could not be; 2 for wrong usage.

    With `--strict` also 1 when a target was missed.
    """
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(found())}")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--times", type=int, metavar="N")
    parser.add_argument("--json", action="store_true", dest="as_json")
    parser.add_argument("--write-docs", action="store_true")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args(argv)
    unknown = sorted(set(wanted.names) - set(found()))
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(found())}")
    if wanted.quick and wanted.write_docs:
        parser.error("--quick measures nothing that is worth publishing")
    if wanted.times is not None and wanted.times < 1:
        parser.error("--times: at least once")
    before = machine()

    def measure(name: str) -> list[Figure]:
        now = machine()
        figures = _alone(name, wanted.quick) if wanted.alone else _several(name, wanted.quick, wanted.times)
        if wanted.write_docs:
            _page.write(name, now, figures)
        return figures

    measured, failed = each(wanted.names or found(), measure)
    if wanted.as_json:
        print(json.dumps({**before, "figures": [f.document() for f in measured]}, indent=1))
    else:
        print(", ".join(f"{name} {value}" for name, value in before.items()) + "\n\n" + table(measured))
    return int(bool(failed) or (wanted.strict and not all(f.reached for f in measured)))


def each(names: Sequence[str], measure: Callable[[str], list[Figure]]) -> tuple[list[Figure], list[str]]:
    """Return the figures of all that could be measured, and the names of what could not.

    One that ends without a figure costs no other's, which took minutes.
    """
    measured: list[Figure] = []
    failed: list[str] = []
    for name in names:
        try:
            measured += measure(name)
        except NotMeasured as error:
            print(f"== {error}", file=sys.stderr, flush=True)
            failed.append(name)
    return measured, failed


def found() -> list[str]:
    """Return every benchmark, in the order of the design's table."""
    names = {m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_")}
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def machine() -> dict[str, str]:
    """Return what the numbers depend on beside the code."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{cores} cores of {_processor()}, {platform.system()} {platform.machine()}",
        "load": f"{os.getloadavg()[0]:.1f}",
        "python": f"{sys.implementation.name} {sys.version.split()[0]}",
        "libraries": ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "orjson", "waitress")),
    }


def _processor() -> str:
    """Return the processor's name, as far as the system tells."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "an unnamed processor"


def _alone(name: str, quick: bool) -> list[Figure]:
    """Run a benchmark in this process; what it prints is no part of the answer."""
    with contextlib.redirect_stdout(sys.stderr):
        figures: list[Figure] = importlib.import_module(f"bench.{name}").measure(quick)
    return figures


def _several(name: str, quick: bool, times: int | None) -> list[Figure]:
    """Run a benchmark as often as is wanted, each time in a process of its own."""
    usual = int(getattr(importlib.import_module(f"bench.{name}"), "RUNS", USUAL_RUNS))
    runs = 1 if quick else times or usual
    figures = over_runs([_in_its_process(name, quick, f"{n + 1} of {runs}") for n in range(runs)])
    print(table(figures), file=sys.stderr, flush=True)
    return figures


def _in_its_process(name: str, quick: bool, run: str) -> list[Figure]:
    print(f"== {name}, {run}", file=sys.stderr, flush=True)
    options = ["--alone", "--json", *(["--quick"] if quick else [])]
    command = [sys.executable, "-m", "bench", name, *options]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if done.returncode or not done.stdout:
        raise NotMeasured(f"{name} ended with {done.returncode}, and was not measured")
    return [figure_of(document) for document in json.loads(done.stdout)["figures"]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
