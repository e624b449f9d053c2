"""`python -m tests.simulation --seeds 5000`: long campaigns of faults, on every core."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from tests.simulation.plants import PLANTS, grow


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many (default: 300)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--story", action="store_true", help="tell each seed's story")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)"
    )
    parser.add_argument("--plant", choices=sorted(PLANTS), help="plant this bug, play until it shows")
    return parser.parse_args()


def main() -> int:
    """Play seeds; print the story of the first that breaks a promise, made short. Exit 1 then."""
    options = arguments()
    if options.plant:
        grow(options.plant)
    started, seeds = time.monotonic(), range(options.first, options.first + options.seeds)
    played = faults = messages = 0
    broken: list[Any] = []
    for outcome in outcomes(seeds, options.jobs):
        played += 1
        faults += len(outcome.struck)
        messages += outcome.messages
        if options.story:
            say(outcome.story())
        if outcome.violation:
            broken.append(outcome)
            say(f"seed {outcome.scene.seed}: {outcome.violation[:300]}")
            if options.plant:
                break
    took = time.monotonic() - started
    say(f"{played} seeds, {faults} faults, {messages} messages in {took:.0f} s: {len(broken)} broken")
    if broken and not options.plant:
        from tests.simulation.run import shrunk

        say(shrunk(broken[0]).story())
    return 1 if broken else 0


def outcomes(seeds: range, jobs: int) -> Iterator[Any]:
    """Play seeds in this process or in several."""
    from tests.simulation.run import run_seed

    if jobs == 1:
        yield from map(run_seed, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(run_seed, seeds, chunksize=4)


if __name__ == "__main__":
    sys.exit(main())
