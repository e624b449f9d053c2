"""Bugs that other tools had, planted one at a time: the simulator notices each within the seeds of CI."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.simulation.plants import NOTICED_BY, PLANTS, ROOT, SEEDS


@pytest.fixture(scope="module")
def noticed() -> dict[str, Any]:
    """Play every plant, in interpreters of their own: in this one the code is imported already."""
    command = [sys.executable, "-m", "tests.simulation", "--plants", "--jobs", "2"]
    played = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    told = [json.loads(line) for line in played.stdout.splitlines() if line.startswith("{")]
    assert len(told) == len(NOTICED_BY), played.stdout[-2_000:] + played.stderr[-2_000:]
    return {one["plant"]: one for one in told}


def test_at_least_twenty_plants_are_noticed_by_the_seeds_of_ci() -> None:
    assert len(NOTICED_BY) >= 20
    assert NOTICED_BY.keys() <= PLANTS.keys()
    assert max(NOTICED_BY.values()) < SEEDS


@pytest.mark.parametrize("plant", sorted(NOTICED_BY))
def test_a_planted_bug_is_noticed(plant: str, noticed: dict[str, Any]) -> None:
    seed, known = noticed[plant]["seed"], NOTICED_BY[plant]
    assert seed is not None, f"no seed below {SEEDS} notices it; when the table was written, {known} did"
    if seed != known:
        print(f"{plant}: seed {seed} notices it now, not {known}; --survey renews the table")  # noqa: T201


@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_every_plant_finds_its_place_in_the_code(plant: str) -> None:
    for module, old, _new in PLANTS[plant].edits:
        source = (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
        assert source.count(old) == 1, f"{module} no longer has {old!r}"
