"""`make kill`: the worker of a home under load is killed again and again; the platform's log is the judge.

`python -m tests.processes.kills --people 20000 --kills 100 --seed 1` tells a
story, a line per kill, and ends with a table. Exit status 1 when a promise was
broken. When to kill is drawn from the seed: after so many messages and so many
milliseconds, or, now and then, while the worker is still starting.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

import app
from chalicelib import bootstrap
from chalicelib.sending.broadcast import ChunkState
from chalicelib.steps.people import open_candidates, split_claimed
from cli.demo_audit import oracle_of
from tests.processes.running import NUMBER, Processes, eventually

MOST_RECOVERY_MS = 10_000
STALL_MS = 30
"""What the pace allows for."""
EARLY = 1 / 8
"""Of the kills: how many hit a worker that is still starting."""
EARLY_SECONDS = 2.0
JITTER_SECONDS = 0.3
LIMIT = 80
"""Messages a second, of the sender."""
PATIENCE_SECONDS = 120


@dataclass(slots=True)
class Kill:
    """One kill. Instants are in ms since 1970; `claimed` are people who were in flight by the ledger.

    `next_at` is when the platform took the next message, None when the worker was killed again before.
    """

    at: float
    life_ms: float
    messages: int
    claimed: frozenset[str] = frozenset()
    restarted_at: float = 0.0
    next_at: float | None = None

    @property
    def recovery_ms(self) -> float | None:
        """From the kill to the next message. The wave is due all the time: the schedule asks for no wait."""
        return None if self.next_at is None else self.next_at - self.at


class Tail:
    """What the platform's log says so far: when each message was taken, and for whom."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = 0
        self.instants: list[float] = []
        self.persons: set[str] = set()

    def read(self) -> int:
        """Read on; returns how many messages were taken."""
        with self._file.open("rb") as file:
            file.seek(self._offset)
            raw = file.read()
        whole = raw[: raw.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in map(orjson.loads, whole.splitlines()):
            if line["kind"] == "accepted":
                self.instants.append(line["t_ms"])
                self.persons.add(line["echo"].split("|")[3])
        return len(self.instants)

    def next_after(self, instant: float) -> float | None:
        """Return when the first message after an instant was taken."""
        self.read()
        later = (at for at in reversed(self.instants) if at > instant)
        return min(later, default=None)


@dataclass(slots=True)
class Verdict:
    """What came of it all; `broken` names the promises that were not kept."""

    people: int
    kills: list[Kill]
    report: dict[str, Any]
    summary: dict[str, Any]
    seconds: float
    broken: list[str] = field(default_factory=list)

    @property
    def recoveries(self) -> list[float]:
        """The recovery times in ms, shortest first."""
        return sorted(kill.recovery_ms for kill in self.kills if kill.recovery_ms is not None)

    @property
    def in_flight(self) -> int:
        """How many people were in flight at the kills, by the ledger; once, who was so at two kills."""
        return len(set().union(*(kill.claimed for kill in self.kills)))


class Run:
    """One run over processes that are up."""

    def __init__(
        self, processes: Processes, *, people: int, kills: int, seed: int, say: Callable[[str], None]
    ):
        self.processes = processes
        self.people = people
        self.say = say
        self.dice = random.Random(seed)
        self.marks = sorted(self.dice.randint(1, round(people * 0.96)) for _ in range(kills))
        self.kills: list[Kill] = []
        self.tail = Tail(processes.log)
        self._copies: list[tuple[Kill, Path]] = []
        self._room = Path(tempfile.mkdtemp(prefix="kills-"))
        # To look must not take a core from who is looked at; on Linux a thread has its own niceness.
        self._aside = ThreadPoolExecutor(max_workers=1, initializer=os.nice, initargs=(19,))

    def play(self) -> Verdict:
        """Plan, launch, kill and start again, wait for the end, judge."""
        processes, began = self.processes, time.monotonic()
        plan = processes.plan(self.people)
        self.say(f"{self.people:,} people imported and planned in {time.monotonic() - began:.0f} s")
        launched = processes.launch(plan)
        self.say(f"launched as {launched['broadcast']}")
        started_at = now_ms()
        try:
            for mark, is_early in zip(self.marks, self._early(), strict=True):
                started_at = self._kill_once(launched["broadcast"], started_at, mark, is_early)
            self._look()
        finally:
            shutil.rmtree(self._room, ignore_errors=True)
        self._settle(launched["broadcast"])
        again = processes.launch(plan)
        verdict = Verdict(
            people=self.people,
            kills=self.kills,
            report=processes.report(launched["broadcast"]),
            summary=processes.summary(),
            seconds=time.monotonic() - began,
        )
        if again != {**launched, "already": True, "state": again.get("state")}:
            verdict.broken.append(f"launched again, the plan answered {again}")
        self._judge(verdict, launched["broadcast"])
        return verdict

    def _early(self) -> Iterator[bool]:
        yield False
        yield from (self.dice.random() < EARLY for _ in self.marks[1:])

    def _kill_once(self, broadcast: str, started_at: float, mark: int, is_early: bool) -> float:
        """Wait for the drawn instant, kill, start again; returns when that was."""
        if is_early:
            time.sleep(max(0.0, started_at / 1_000 + self.dice.uniform(0, EARLY_SECONDS) - time.time()))
        else:
            self._await_next(started_at)
            self._look()
            eventually(lambda: self.tail.read() >= mark, seconds=PATIENCE_SECONDS + self.people / 20)
            time.sleep(self.dice.uniform(0, JITTER_SECONDS))
        at = now_ms()
        self.processes.kill_worker()
        kill = Kill(at=at, life_ms=at - started_at, messages=self.tail.read())
        self.kills.append(kill)
        self._copies.append((kill, self._copied()))
        kill.restarted_at = now_ms()
        self.processes.start_worker(wait=False)
        return kill.restarted_at

    def _await_next(self, started_at: float) -> None:
        """Return when the worker that was started last has sent; the first one too."""
        eventually(lambda: self.tail.next_after(started_at) is not None, seconds=PATIENCE_SECONDS)

    def _copied(self) -> Path:
        """Copy the database as the kill left it: to look at it in its place would mend it."""
        home = Path(tempfile.mkdtemp(dir=self._room))
        for name in ("carillon.db", "carillon.db-wal"):
            if (self.processes.home / name).exists():
                shutil.copyfile(self.processes.home / name, home / name)
        (home / "objects").symlink_to(self.processes.home / "objects")
        return home

    def _look(self) -> None:
        """Find in the copies who was in flight at the kills, and tell of these kills."""
        if self.kills and self.kills[-1].next_at is None:
            self._await_next(self.kills[-1].restarted_at)
        for kill, copy in self._copies:
            kill.claimed = self._aside.submit(claimed_in, copy).result()
            shutil.rmtree(copy)
            number = self.kills.index(kill) + 1
            upto = self.kills[number].at if number < len(self.kills) else None
            found = self.tail.next_after(kill.restarted_at)
            kill.next_at = found if found is not None and (upto is None or found < upto) else None
            self.say(self._told(number, kill))
        self._copies.clear()

    def _told(self, number: int, kill: Kill) -> str:
        taken = len(kill.claimed & self.tail.persons)
        then = (
            "killed again before it sent"
            if kill.recovery_ms is None
            else f"next message after {kill.recovery_ms / 1_000:.2f} s"
        )
        return (
            f"kill {number:3} of {len(self.marks)}: {kill.messages:6,} messages, "
            f"{kill.life_ms / 1_000:6.2f} s old; in flight {len(kill.claimed):3} by the ledger, "
            f"of them {taken:3} in the platform's log; {then}"
        )

    def _settle(self, broadcast: str) -> None:
        """Return when everybody has an outcome and every receipt was taken."""
        eventually(lambda: self.processes.get(self.processes.front, "/health"), seconds=PATIENCE_SECONDS)
        seconds = PATIENCE_SECONDS + self.people / 20
        began = time.monotonic()
        eventually(lambda: self.processes.report(broadcast)["complete"], seconds=seconds)
        self.say(f"everybody has an outcome {time.monotonic() - began:.1f} s later")

        def told() -> bool:
            posts = self.processes.summary()["webhooks"]
            return not posts["scheduled"] and not posts["pending"]

        eventually(told, seconds=seconds)
        self.say(f"the platform has told everything {time.monotonic() - began:.1f} s later")

        def recorded() -> bool:
            report = self.processes.report(broadcast)
            return bool(report["delivered"] == self.processes.accepted())

        eventually(recorded, seconds=PATIENCE_SECONDS)
        self.say(f"all of it is in the ledger {time.monotonic() - began:.1f} s later")

    def _judge(self, verdict: Verdict, broadcast: str) -> None:
        report, summary, broken = verdict.report, verdict.summary, verdict.broken
        oracle = oracle_of(self.processes.messages(), broadcast)
        broken += [f"{person} was messaged twice" for person in oracle.twice]
        for name in ("accepted", "sent", "delivered", "read"):
            said = oracle.accepted if name == "accepted" else oracle.reached[name]
            if report[name] != said:
                broken.append(f"{name}: the report says {report[name]}, the platform's log {said}")
        if report["accepted"] + report["uncertain"] != self.people:
            broken.append(f"somebody is neither accepted nor uncertain: {report}")
        self.tail.read()
        lost = set().union(*(kill.claimed for kill in self.kills)) - self.tail.persons
        if set(report["uncertain_people"]) != lost:
            broken.append(
                f"uncertain: {sorted(set(report['uncertain_people']) ^ lost)} differ from the kills'"
            )
        if report["uncertain"] != len(lost) or (lost and len(lost) >= verdict.in_flight):
            broken.append(f"{report['uncertain']} uncertain, {verdict.in_flight} were in flight")
        broken += too_fast(summary)
        for kill in self.kills:
            if kill.recovery_ms is not None and kill.recovery_ms >= MOST_RECOVERY_MS:
                broken.append(f"recovered after {kill.recovery_ms:.0f} ms")
        letters = self.processes.get(self.processes.front, "/api/dead-letters")["letters"]
        broken += [f"a dead letter of {letter['queue']}" for letter in letters]


def too_fast(summary: dict[str, Any]) -> list[str]:
    """Return where the platform saw more than the limit in a second.

    While its process did not run, for want of a core, calls waited for it in the
    kernel; they bear one instant, and may stand in the second after their own.
    """
    at_once = math.ceil(LIMIT * summary["stalled_ms"] / 1_000) if summary["stalled_ms"] > STALL_MS else 0
    pace = summary["numbers"][NUMBER]
    if pace["peak_calls"] <= LIMIT + at_once and pace["throttled"] <= 2 * at_once:
        return []
    return [f"too fast: {pace}, the platform itself stood still for {summary['stalled_ms']} ms"]


def claimed_in(directory: Path) -> frozenset[str]:
    """Return whom the home in a directory has claimed without an outcome."""
    opened = bootstrap.open_embedded(directory, os.environ, triggers=app)
    try:
        home, found = opened.pipeline.home, set()
        for broadcast in home.ports.broadcasts.open().items:
            for chunk in home.ports.chunks.in_flight(broadcast.id):
                if chunk.state is ChunkState.RUNNING:
                    claimed, _ = split_claimed(home, broadcast.id, open_candidates(home, chunk))
                    found |= {candidate.row.person for candidate in claimed}
        return frozenset(found)
    finally:
        opened.close()


def now_ms() -> float:
    """Return the present instant."""
    return time.time() * 1_000


def table(verdict: Verdict) -> list[str]:
    """Return the figures as lines."""
    times = verdict.recoveries
    pace = verdict.summary["numbers"][NUMBER]
    return [
        f"people                                  {verdict.people:8,}",
        f"kill -9                                 {len(verdict.kills):8,}",
        f"of them before the worker had sent      {sum(k.next_at is None for k in verdict.kills):8,}",
        f"messages the platform took              {verdict.summary['accepted']:8,}",
        f"accepted, by the report                 {verdict.report['accepted']:8,}",
        f"uncertain, listed by name               {verdict.report['uncertain']:8,}",
        f"in flight at the kills, by the ledger   {verdict.in_flight:8,}",
        f"most calls in any second (limit {LIMIT})     {pace['peak_calls']:8,}",
        f"the platform stood still for at most    {verdict.summary['stalled_ms'] / 1_000:8.2f} s",
        f"recovery, median                        {times[len(times) // 2] / 1_000:8.2f} s",
        f"recovery, longest                       {times[-1] / 1_000:8.2f} s",
        f"webhooks posted again                   {verdict.summary['webhooks']['retries']:8,}",
        f"took                                    {verdict.seconds:8.0f} s",
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Run it; 0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="make kill", description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory) / "home"
        home.mkdir(mode=0o700)
        processes = Processes(home)
        try:
            verdict = Run(
                processes,
                people=arguments.people,
                kills=arguments.kills,
                seed=arguments.seed,
                say=_say,
            ).play()
        finally:
            processes.close()
    for line in ("", *table(verdict), "", *verdict.broken):
        _say(line)
    _say("a promise was broken" if verdict.broken else "every promise was kept")
    return 1 if verdict.broken else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
