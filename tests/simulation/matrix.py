"""The matrix of crash points: one crash at each place where a store or the provider is called.

`python -m tests.simulation.matrix --write-docs` plays them all and writes the
tables of `docs/reliability.md`.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.invariants import Violation, always, at_the_end
from tests.simulation.scene import Campaign, Scene
from tests.simulation.universe import WAVE_AT, Universe

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = (
    "<!-- matrix: written by `python -m tests.simulation.matrix --write-docs` -->",
    "<!-- end of matrix -->",
)
CRASHES = ("crash before", "crash after", "crash at the call")
HOMES = {False: "one machine", True: "leases only"}
STEP_BY_DOING = {
    "POST campaigns": "upload, plan",
    "POST plans": "launch",
    "POST broadcasts": "an order",
    "plan": "plan",
    "launch": "launch",
    "dispatch": "dispatch",
    "pace": "pace",
    "send": "send",
    "webhook": "receive",
    "receipts": "record",
    "inbound": "record",
    "reconcile": "reconcile",
}


@dataclass(frozen=True, slots=True)
class Point:
    """A crash: its name, and in which kind of home."""

    name: str
    leases_only: bool

    @property
    def place(self) -> str:
        """Where it is, without which time."""
        return self.name.rsplit(" #", 1)[0]


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one crash."""

    point: Point
    violation: str | None
    happened: bool
    uncertain: int
    twice: int
    lost: int
    recovered_ms: float | None


def quiet_scene(*, leases_only: bool) -> Scene:
    """Return an ordinary campaign on an ordinary day."""
    changes = {"window": "30m", "send_at": "2026-12-01 09:00", "pause_if": []}
    campaign = Campaign(name="campaign-1", tag="red", changes=changes)
    return Scene(
        seed=2_000,
        leases_only=leases_only,
        weather="calm",
        posts="in order",
        per_second=20,
        tier=1_000,
        campaigns=(campaign,),
    )


def points(*, leases_only: bool) -> list[Point]:
    """Return the first, a middle and the last time of every place where a worker can die."""
    universe = Universe(quiet_scene(leases_only=leases_only), only=())
    universe.clock.run(universe.play(always))
    found = []
    for (kind, site), times in sorted(universe.fates.seen.items()):
        if kind in CRASHES:
            found += [
                Point(f"{kind}: {site} #{n}", leases_only) for n in sorted({1, (times + 1) // 2, times})
            ]
    universe.home.close()
    return found


def crashed(point: Point) -> Came:
    """Play the quiet scene with this one crash."""
    universe = Universe(quiet_scene(leases_only=point.leases_only), only=(point.name,))
    violation = None
    try:
        universe.clock.run(universe.play(always))
        at_the_end(universe)
    except Violation as broken:
        violation = str(broken)
    report = universe.observer.pipeline.report("campaign-1.1")
    instants = [m["t_ms"] for m in universe.log_of_platform()]
    at = universe.fates.struck[0].at if universe.fates.struck else None
    due = at is not None and at >= WAVE_AT
    later = [t for t in instants if at is not None and t > at]
    sent_to = {m["to"] for m in universe.log_of_platform()}
    universe.home.close()
    return Came(
        point=point,
        violation=violation,
        happened=at is not None,
        uncertain=report.uncertain,
        twice=len(instants) - len(sent_to),
        lost=report.audience - report.accepted - report.uncertain,
        recovered_ms=min(later) - at if due and at is not None and later else None,
    )


def table(came: Iterable[Came]) -> str:
    """Return the matrix in Markdown: a line per step and place, both kinds of home beside each other."""
    by_place: dict[str, list[Came]] = defaultdict(list)
    for one in came:
        if one.happened:
            by_place[one.point.place].append(one)
    lines = [
        "| crash | home | played | twice | lost | uncertain, at most | next message after, at most |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for place, runs in sorted(by_place.items(), key=lambda item: _order(item[0])):
        for leases_only, home in HOMES.items():
            some = [r for r in runs if r.point.leases_only is leases_only]
            if some:
                lines.append(_line(place, home, some))
    return "\n".join(lines)


def _order(place: str) -> tuple[int, str]:
    kind, _, site = place.partition(": ")
    doing = site.split(" · ")[0]
    steps = list(STEP_BY_DOING)
    return (steps.index(doing) if doing in steps else len(steps)), f"{site} {kind}"


def _line(place: str, home: str, runs: list[Came]) -> str:
    back = [r.recovered_ms for r in runs if r.recovered_ms is not None]
    after = f"{max(back) / 1_000:.1f} s" if back else ""
    twice, lost = sum(r.twice for r in runs), sum(r.lost for r in runs)
    return (
        f"| {place} | {home} | {len(runs)} | {twice} | {lost} | {max(r.uncertain for r in runs)} | {after} |"
    )


def all_points() -> Iterator[Point]:
    """Yield every crash point of both kinds of home."""
    for leases_only in HOMES:
        yield from points(leases_only=leases_only)


def main() -> int:
    """Play every crash point. Exit 1 when one broke a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.matrix", description=__doc__)
    parser.add_argument("--write-docs", action="store_true", help="write the tables into docs/reliability.md")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        came = list(pool.map(crashed, all_points(), chunksize=8))
    broken = [one for one in came if one.violation]
    happened = sum(one.happened for one in came)
    places = len({one.point.place for one in came})
    summary = f"{happened} crashes at {places} places, {len(broken)} broken promises."
    sys.stdout.write(summary + "\n")
    for one in broken:
        sys.stdout.write(f"{one.point}: {one.violation}\n")
    if options.write_docs:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n{summary}\n\n{table(came)}\n{END}{after}", encoding="utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
