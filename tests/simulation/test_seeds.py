"""What the simulator plays keeps every promise, each time the same; and a broken one is told as a story."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection
from dataclasses import replace

import pytest

from chalicelib.sending.broadcast import SenderControl
from tests.simulation.faults import Fates
from tests.simulation.plants import ROOT, SEEDS
from tests.simulation.run import Outcome, run, run_seed, shrunk
from tests.simulation.scene import CODES, WEATHERS, Scene, scene_of
from tests.simulation.universe import Universe


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


def test_the_seeds_of_ci_meet_every_code_both_ways_and_every_kind_of_scene() -> None:
    scenes = [scene_of(seed) for seed in range(SEEDS)]
    met = [scene.codes for scene in scenes if scene.codes]
    assert {refused for refused, _ in met} == {failed for _, failed in met} == set(CODES)
    assert any(refused == failed for refused, failed in met)
    assert {scene.weather for scene in scenes} == set(WEATHERS)
    assert {act.verb for scene in scenes for act in scene.acts} == {
        "opts out",
        "is edited",
        "is erased",
        "pause",
        "resume",
        "cancel",
        "launch again",
        "new version",
        "slower",
    }
    senders = [{c.changes.get("sender", "boutique") for c in scene.campaigns} for scene in scenes]
    assert any(len(keys) == 2 and scene.tier for keys, scene in zip(senders, scenes, strict=True))


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


def test_whoever_judges_the_same_rows_once_sees_every_write_of_what_they_read() -> None:
    universe = Universe(scene_of(3), only=())
    before = universe.written.rows()
    universe.ports.counters.add("campaign-1.1", {"accepted": 1})
    assert universe.written.rows() == before
    with pytest.raises(AssertionError, match="is not watched"):
        universe.observer.pipeline.home.ports.counters.get("campaign-1.1")
    control = SenderControl(sender="boutique")
    universe.ports.senders.put(control, expected_version=None)
    assert universe.written.rows() == before + 1
    universe.ports.senders.put(control, expected_version=1)
    assert universe.written.rows() == before + 2
    universe.home.close()
