"""What a benchmark returns: numbers, each with the target we hold ourselves to."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number: of which row of the design's table, of what, in what unit, and its target.

    A target is a bound, `at_least` or `at_most`; with neither the number is only told.
    `how` is said beside it, such as the wall time of a figure that is CPU time;
    `detail` is Markdown that stands below the table. Of several runs `runs` has
    each number, in order of the runs; `value` is then what they are judged by.
    """

    row: str
    what: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    how: str = ""
    detail: str = ""
    runs: tuple[float, ...] = ()

    @property
    def reached(self) -> bool:
        """Whether no bound is passed."""
        least, most = self.at_least, self.at_most
        return (least is None or self.value >= least) and (most is None or self.value <= most)

    @property
    def target(self) -> str:
        """The bound in words, "" without one."""
        if self.at_least is not None:
            return f"≥ {shown(self.at_least)}"
        return "" if self.at_most is None else f"≤ {shown(self.at_most)}"

    @property
    def ratio(self) -> float | None:
        """What was measured over its target; None without one, or where the target is nothing at all."""
        bound = self.at_least if self.at_least is not None else self.at_most
        return self.value / bound if bound else None

    @property
    def verdict(self) -> str:
        """Whether the target was reached, or by how much of it not."""
        if self.reached:
            return "reached" if self.target else ""
        return "**short**" if self.ratio is None else f"**short by {100 * abs(self.ratio - 1):.0f} %**"

    def document(self) -> dict[str, Any]:
        """Return the figure as JSON."""
        return {
            **{name: getattr(self, name) for name in self.__slots__},
            "target": self.target,
            "ratio": self.ratio,
            "reached": self.reached,
        }


def figure_of(document: Mapping[str, Any]) -> Figure:
    """Return the figure that `document` wrote."""
    fields = {name: document[name] for name in Figure.__slots__}
    return Figure(**{**fields, "runs": tuple(document["runs"])})


def over_runs(figures_by_run: Sequence[Sequence[Figure]]) -> list[Figure]:
    """Return each figure once, judged by the median of the runs; one that may not happen at all by the worst.

    What else a figure says is of the run whose number it has, or the nearest.
    """
    merged = []
    for same in zip(*figures_by_run, strict=True):
        runs = tuple(figure.value for figure in same)
        judged = max(runs) if same[0].at_most == 0 else median(runs)
        nearest = min(same, key=lambda figure: abs(figure.value - judged))
        merged.append(replace(nearest, value=judged, runs=runs))
    return merged


def shown(value: float) -> str:
    """Return a number with three significant digits or, above a thousand, all of its whole ones."""
    return f"{value:,.0f}" if abs(value) >= 1_000 or value == int(value) else f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """Return figures as a table in Markdown."""
    lines = ["| | measured | least … most | target | × target | | |", "|---|---:|---:|---:|---:|---|---|"]
    for f in figures:
        spread = f"{shown(min(f.runs))} … {shown(max(f.runs))}" if len(f.runs) > 1 else ""
        ratio = "" if f.ratio is None else f"{f.ratio:.2f}"
        measured = f"{shown(f.value)} {f.unit}".strip()
        cells = (f"{f.row}: {f.what}", measured, spread, f.target, ratio, f.verdict, f.how)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a finished command took: seconds of CPU and of the wall clock, its largest memory, its output."""

    cpu_seconds: float
    wall_seconds: float
    most_bytes: int
    output: bytes


def spent_by(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Spent:
    """Run a command to its end; the operating system says what it took. Raises when it fails.

    Memory is that of the command's largest process, CPU time that of all of them.
    """
    began = time.perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    assert child.stdout is not None
    output = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}")
    return Spent(
        cpu_seconds=used.ru_utime + used.ru_stime,
        wall_seconds=wall,
        most_bytes=used.ru_maxrss * (1 if sys.platform == "darwin" else 1_024),
        output=output,
    )
