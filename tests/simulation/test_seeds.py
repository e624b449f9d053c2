"""What the simulator plays keeps every promise, each time the same; and a broken one is told as a story."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection
from dataclasses import replace

import pytest

from tests.simulation.faults import Fates
from tests.simulation.plants import ROOT
from tests.simulation.run import Outcome, run, run_seed, shrunk
from tests.simulation.scene import Scene, scene_of

SEEDS = 300


def test_three_hundred_seeds_keep_every_promise() -> None:
    command = [sys.executable, "-m", "tests.simulation", "--seeds", str(SEEDS), "--jobs", "2"]
    played = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert played.returncode == 0, played.stdout[-6_000:] + played.stderr[-2_000:]
    assert f"{SEEDS} seeds" in played.stdout


@pytest.mark.parametrize("seed", [0, 2])
def test_a_seed_plays_the_same_each_time(seed: int) -> None:
    first, second = run_seed(seed), run_seed(seed)
    assert first.struck == second.struck
    assert (first.violation, first.messages) == (second.violation, second.messages)
    assert len(first.struck) > 10


def test_seeds_play_different_scenes_and_every_kind_of_fault() -> None:
    outcomes = [run_seed(seed) for seed in range(12)]
    kinds = {s.name.split(":")[0] for outcome in outcomes for s in outcome.struck}
    assert len({tuple(outcome.scene.told()) for outcome in outcomes}) == 12
    assert kinds >= {
        "crash before",
        "crash after",
        "store refuses",
        "store's answer lost",
        "meanwhile",
        "stalled",
        "message comes twice",
        "message is not forgotten",
        "schedule fires twice",
        "webhook is not taken",
    }


def test_without_its_faults_a_scene_is_quiet() -> None:
    quiet = run(scene_of(3), only=())
    assert quiet.struck == ()
    assert quiet.violation is None
    assert quiet.messages > 0


def test_a_fault_depends_on_its_name_alone() -> None:
    all_of_them = Fates(1, {"crash": 0.5})
    for _ in range(40):
        all_of_them.strikes("crash", "here")
    again = Fates(1, {"crash": 0.5})
    for _ in range(40):
        again.strikes("crash", "elsewhere")
        again.strikes("crash", "here")
    here = [s for s in again.struck if "here" in s.name and "elsewhere" not in s.name]
    assert here == all_of_them.struck


def test_a_failing_run_is_made_short_and_told() -> None:
    """By a promise of our own, which an opt-out breaks: that one fault is what remains."""
    seed = next(n for n in range(40) if any("opts out" in s.name for s in run_seed(n).struck))
    outcome = shrunk(nobody_may_opt_out(scene_of(seed)), play=nobody_may_opt_out)
    assert [s.name.split()[:2] for s in outcome.struck] == [["opts", "out"]]
    assert outcome.story().endswith("=> nobody may opt out: one did")


def nobody_may_opt_out(scene: Scene, only: Collection[str] | None = None) -> Outcome:
    """Play a scene, and judge it by a promise that nobody gave."""
    played = run(scene, only)
    opted_out = any("opts out" in s.name for s in played.struck)
    return replace(played, violation="nobody may opt out: one did" if opted_out else None)
