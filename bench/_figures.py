"""What a benchmark returns: numbers, each with the target we hold ourselves to."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number: of which row of the design's table, of what, in what unit, and its target.

    A target is a bound, `at_least` or `at_most`; with neither the number is only told.
    `how` is said beside it, such as the wall time of a figure that is CPU time.
    """

    row: str
    what: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    how: str = ""

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
    def verdict(self) -> str:
        """Whether the target was reached, or by how much of it not."""
        if self.reached:
            return "reached" if self.target else ""
        bound = self.at_least if self.at_least is not None else self.at_most or 0.0
        return f"short by {100 * abs(self.value - bound) / bound:.0f} %" if bound else "short"

    def document(self) -> dict[str, Any]:
        """Return the figure as JSON."""
        return {
            **{name: getattr(self, name) for name in self.__slots__},
            "target": self.target,
            "reached": self.reached,
        }


def figure_of(document: Mapping[str, Any]) -> Figure:
    """Return the figure that `document` wrote."""
    return Figure(**{name: document[name] for name in Figure.__slots__})


def shown(value: float) -> str:
    """Return a number with three significant digits or, above a thousand, all of its whole ones."""
    return f"{value:,.0f}" if abs(value) >= 1_000 or value == int(value) else f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """Return figures as a table in Markdown."""
    lines = ["| | measured | target | | |", "|---|---:|---:|---|---|"]
    for f in figures:
        lines.append(
            f"| {f.row}: {f.what} | {shown(f.value)} {f.unit} | {f.target} | {f.verdict} | {f.how} |"
        )
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
