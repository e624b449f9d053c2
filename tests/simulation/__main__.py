"""`python -m tests.simulation --seeds 5000`: long campaigns of faults, on every core."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from tests.simulation.plants import NOTICED_BY, PLANTS, SEEDS, TABLE, check, each, grow, survey

TELL_EVERY = 500
"""Seeds, after which a long run says how far it is: where it is ended, that much is known."""


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"how many (default: {SEEDS})")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--story", action="store_true", help="tell each seed's story")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)"
    )
    parser.add_argument("--plant", choices=sorted(PLANTS), help="plant this bug, play until it shows")
    parser.add_argument("--plants", action="store_true", help="check that the plants are noticed that were")
    parser.add_argument("--survey", action="store_true", help="find each plant's first seed; write the table")
    return parser.parse_args()


def main() -> int:
    """Play seeds; print the story of the first that breaks a promise, made short. Exit 1 then."""
    options = arguments()
    if options.plants or options.survey:
        return plants(options.jobs, renew=options.survey)
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
        if played % TELL_EVERY == 0 and played < options.seeds:
            say(f"{played} of {options.seeds} seeds, from {options.first}: {len(broken)} broken")
    took = time.monotonic() - started
    say(f"{played} seeds, {faults} faults, {messages} messages in {took:.0f} s: {len(broken)} broken")
    if broken and not options.plant:
        from tests.simulation.run import shrunk

        say(shrunk(broken[0]).story())
    return 1 if broken else 0


def plants(jobs: int, *, renew: bool) -> int:
    """Tell of every plant, a line of JSON each, which seed notices it; exit 1 when none does for one."""
    found = {}
    for noticed in each(survey, PLANTS, jobs) if renew else each(check, NOTICED_BY, jobs):
        say(json.dumps({"plant": noticed.plant, "seed": noticed.seed, "promise": noticed.promise[:300]}))
        found[noticed.plant] = noticed.seed
    if renew:
        table = {plant: seed for plant, seed in sorted(found.items()) if seed is not None}
        TABLE.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    elif found != NOTICED_BY:
        say("other seeds notice them now: `python -m tests.simulation --survey` renews the table")
    return 1 if None in found.values() else 0


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
