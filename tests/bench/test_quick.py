"""Every benchmark runs in a small size, so that none rots. How fast it is, is not asked here."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from bench.__main__ import ORDER, found
from bench._figures import ROOT

ON_AN_EMULATOR = {"bill"}
"""Played on the emulator by its own test, tests/scenarios/test_two_thousand.py."""

ROWS = {
    "planning": ["planning"],
    "million": ["planning"],
    "receipts": ["receipts"],
    "start": ["start"],
}
"""Of the design's table "What good looks like", by benchmark."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmarks' command."""
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_quick_run_gives_every_figure(name: str) -> None:
    done = run(name, "--quick", "--json")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert document.keys() >= {"date", "cores", "python", "load", "figures"}
    assert sorted({figure["row"] for figure in document["figures"]}) == sorted(ROWS[name])
    for figure in document["figures"]:
        assert figure["value"] > 0
        assert figure["unit"]


def test_every_benchmark_is_run_here_or_by_its_own_test() -> None:
    assert set(found()) == set(ROWS) | ON_AN_EMULATOR


def test_benchmarks_come_in_the_order_of_the_design_s_table() -> None:
    assert [name for name in ORDER if name in found()] == found()


def test_an_unknown_benchmark_is_wrong_usage() -> None:
    done = run("nonsense")
    assert done.returncode == 2
    assert "no such benchmark: nonsense" in done.stderr
