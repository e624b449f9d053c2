"""Every benchmark runs in a small size, so that none rots. How fast it is, is not asked here."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import pytest

from bench import _page
from bench.__main__ import ORDER, NotMeasured, each, found
from bench._figures import ROOT, Figure, figure_of

ON_AN_EMULATOR = {"bill"}
"""Played on the emulator by its own test, tests/scenarios/test_two_thousand.py."""

ROWS_BY_BENCHMARK = {
    "planning": {"planning"},
    "million": {"planning"},
    "pacing": {"pacing", "punctuality", "pause"},
    "sending": {"sending"},
    "writes": {"sending"},
    "receipts": {"receipts"},
    "bill": {"AWS bill"},
    "start": {"start"},
}
WITHOUT_TARGETS = {"writes"}
"""They explain another's figure."""
DIFFERENCES = {"worker, beyond the HTTP client"}
"""One measurement less another: in a quick run on a busy machine the noise can be the greater part."""
DESIGN = {"planning", "pacing", "sending", "receipts", "punctuality", "AWS bill", "pause", "start"}
"""The rows of the design's table "What good looks like"."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmarks' command."""
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", sorted(set(found()) - ON_AN_EMULATOR))
def test_a_quick_run_gives_every_figure(name: str) -> None:
    done = run(name, "--quick", "--json")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert document.keys() >= {"date", "machine", "python", "libraries", "load", "figures"}
    figures = [figure_of(one) for one in document["figures"]]
    assert {figure.row for figure in figures} == ROWS_BY_BENCHMARK.get(name, {figures[0].row})
    assert any(figure.target for figure in figures) or name in WITHOUT_TARGETS
    for figure in figures:
        if figure.what in DIFFERENCES:
            assert math.isfinite(figure.value)
        else:
            assert figure.value > 0 or figure.at_most == 0
        assert figure.runs == (figure.value,)


def test_every_row_of_the_design_s_table_has_a_benchmark() -> None:
    assert set(ROWS_BY_BENCHMARK) <= set(found())
    assert set().union(*ROWS_BY_BENCHMARK.values()) == DESIGN


def test_every_row_of_the_design_s_table_is_published() -> None:
    published = {one["row"] for run in _page.read().values() for one in run["figures"]}
    assert published >= DESIGN


def test_benchmarks_come_in_the_order_of_the_design_s_table() -> None:
    assert [name for name in ORDER if name in found()] == found()


def test_a_benchmark_that_ends_without_a_figure_costs_no_other_s() -> None:
    def measure(name: str) -> list[Figure]:
        if name == "second":
            raise NotMeasured("second ended with 1")
        return [Figure(row=name, what="", value=1, unit="s")]

    figures, failed = each(["first", "second", "third"], measure)
    assert [figure.row for figure in figures] == ["first", "third"]
    assert failed == ["second"]


def test_an_unknown_benchmark_is_wrong_usage() -> None:
    done = run("nonsense")
    assert done.returncode == 2
    assert "no such benchmark: nonsense" in done.stderr


@pytest.mark.parametrize("options", [["--quick", "--write-docs"], ["--times", "0"]])
def test_options_that_make_no_sense_are_wrong_usage(options: list[str]) -> None:
    assert run(*options).returncode == 2
