"""`python -m tests.simulation --seeds 5000`: long campaigns of faults, on every core."""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.run import Outcome, run_seed, shrunk


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Play seeds; print the story of the first that breaks a promise, made short. Exit 1 then."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many (default: 300)")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--story", action="store_true", help="tell each seed's story")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    started, faults, messages = time.monotonic(), 0, 0
    seeds = range(options.first, options.first + options.seeds)
    broken: list[Outcome] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for outcome in pool.map(run_seed, seeds, chunksize=4):
            faults += len(outcome.struck)
            messages += outcome.messages
            if options.story:
                say(outcome.story())
            if outcome.violation:
                broken.append(outcome)
                say(f"seed {outcome.scene.seed}: {outcome.violation[:300]}")
    say(
        f"{len(seeds)} seeds, {faults} faults, {messages} messages in {time.monotonic() - started:.0f} s: "
        f"{len(broken)} broken"
    )
    if broken:
        say(shrunk(broken[0]).story())
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
