"""Bugs that other tools had, planted one at a time: the simulator notices them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.simulation.plants import PLANTS, ROOT

SOON = (
    "a chunk is done when it was fetched",
    "completed without the proof",
    "a receipt lowers the rank",
)
"""Noticed within a few seeds. The others take longer: `python -m tests.simulation --plant NAME`."""


@pytest.mark.parametrize("plant", SOON)
def test_a_planted_bug_is_noticed(plant: str) -> None:
    command = [sys.executable, "-m", "tests.simulation", "--seeds", "12", "--jobs", "1", "--plant", plant]
    played = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert played.returncode == 1, played.stdout[-2_000:]
    assert "1 broken" in played.stdout


@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_every_plant_finds_its_place_in_the_code(plant: str) -> None:
    for module, old, _new in PLANTS[plant].edits:
        source = (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
        assert source.count(old) == 1, f"{module} no longer has {old!r}"
