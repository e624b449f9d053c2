"""One seed from its scene to its judgement; and a failing one made as short as it can be."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass

from tests.simulation.faults import Struck
from tests.simulation.invariants import Violation, always, at_the_end
from tests.simulation.scene import Scene, scene_of
from tests.simulation.universe import WAVE_AT, Universe

MOST_REPLAYS = 150
Play = Callable[[Scene, Collection[str] | None], "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What came of a run: None, or the promise that was broken; and what had gone wrong before."""

    scene: Scene
    violation: str | None
    struck: tuple[Struck, ...]
    messages: int

    def story(self) -> str:
        """Return the run as a story."""
        lines = self.scene.told()
        lines += [f"  {(s.at - WAVE_AT) / 1_000:+10.3f} s  {s.name}" for s in self.struck]
        return "\n".join([*lines, f"=> {self.violation or 'every promise was kept'}"])


def run(scene: Scene, only: Collection[str] | None = None) -> Outcome:
    """Play a scene, with all of its seed's faults or exactly `only`."""
    universe = Universe(scene, only)
    violation = None
    try:
        universe.clock.run(universe.play(always))
        at_the_end(universe)
    except Violation as broken:
        violation = str(broken)
    except Exception as error:  # noqa: BLE001 - whatever escapes is a broken promise too
        place = traceback.extract_tb(error.__traceback__)[-1]
        violation = f"{type(error).__name__} at {place.name}:{place.lineno}: {error}"
    finally:
        universe.home.close()
    messages = universe.platform.summary()["accepted"]
    return Outcome(scene=scene, violation=violation, struck=tuple(universe.fates.struck), messages=messages)


def run_seed(seed: int) -> Outcome:
    """Play a seed."""
    return run(scene_of(seed))


def kind_of(violation: str | None) -> str:
    """Return which promise was broken, without the evidence."""
    return (violation or "").split(":")[0]


def shrunk(failing: Outcome, play: Play = run) -> Outcome:
    """Return the failing run with the fewest faults that break the same promise."""
    best, replays = failing, 0
    parts = 2
    while best.struck and replays < MOST_REPLAYS:
        names = [s.name for s in best.struck]
        size = max(1, len(names) // parts)
        for start in range(0, len(names), size):
            replays += 1
            shorter = play(best.scene, names[:start] + names[start + size :])
            if kind_of(shorter.violation) == kind_of(best.violation) and len(shorter.struck) < len(
                best.struck
            ):
                best = shorter
                parts = max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(names), parts * 2)
    return best
