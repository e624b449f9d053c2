"""Planted bugs: one for each kind of failure that other tools had, each one small edit of one module.

`grow` makes the module be read with the edit, before it is first imported; no
file changes. `tests/simulation/test_plants.py` shows that the simulator notices
each, at the seed that `noticed_by.json` names: `python -m tests.simulation --survey`
writes that table.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import multiprocessing
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
SEEDS = 300
"""How many seeds CI plays, from 0: a plant that none of them notices is a hole in the simulator."""
TABLE = Path(__file__).with_name("noticed_by.json")
NOTICED_BY: Mapping[str, int] = json.loads(TABLE.read_text(encoding="utf-8"))
"""By plant a seed that noticed it when the table was written; who is not in it takes more seeds than CI has."""
LIBRARIES = ("aiohttp", "chalice", "jinja2", "orjson", "phonenumbers", "pytz", "yaml")
"""What is imported once for all plants: none of it is ours."""


@dataclass(frozen=True)
class Plant:
    """A bug: in each module, what stands there and what stands there instead; and what it is like."""

    edits: tuple[tuple[str, str, str], ...]
    like: str


def one(module: str, old: str, new: str, like: str) -> Plant:
    """Return a plant of a single edit."""
    return Plant(edits=((f"chalicelib.{module}", old, new),), like=like)


PLANTS = {
    "an announcement that failed is forgotten": one(
        "steps.announcing",
        "    if detail := _tell_some(home, broadcast, some):\n        return detail\n",
        "    detail = _tell_some(home, broadcast, some)\n",
        "webhooks out that are fired and forgotten",
    ),
    "a lost message is a lost announcement": one(
        "steps.announcing",
        "if broadcast.untold and home.ports.clock.now() - broadcast.untold[0].at > LOST_AFTER_MS:",
        "if False:",
        "webhooks out that are fired and forgotten",
    ),
    "a claim without its condition": one(
        "steps.send",
        "decision.standing, expected_version=standing.version\n        ):",
        "decision.standing, expected_version=(home.ports.standings.get(person) or standing).version\n        ):",
        "C1, C7: the same person claimed by two",
    ),
    "the lost worker's people are called again": Plant(
        edits=(
            (
                "chalicelib.steps.people",
                "(claimed if attempt >= candidate.attempt else free).append(candidate)",
                "free.append(candidate)",
            ),
            (
                "chalicelib.sending.decision",
                "if claimed_attempt(standing, wire.broadcast) >= wire.attempt:",
                "if False:",
            ),
        ),
        like="C9: a slow job judged dead and done again",
    ),
    "a chunk is done when it was fetched": one(
        "steps.send",
        "remaining = _left(home, chunk, progress)",
        "remaining = 0",
        "C2: the cursor moved at fetch, half the list was never sent",
    ),
    "completed without the proof": one(
        "steps.reconcile",
        "    if _has_work(home, broadcast):\n        return\n",
        "    _end(home, broadcast, BroadcastState.RUNNING, BroadcastState.COMPLETED, fold_broadcast(home, broadcast))\n    return\n",
        "C5, C6: finished at 5258 of 5601",
    ),
    "an unanswered call is made again": one(
        "sending.outcome",
        "        case _:\n            return Verdict(uncertain=True, saw=answer.why)",
        '        case _:\n            return Verdict(waiting="retry", due_at=now + 5_000, saw=answer.why)',
        "C8: queued messages sent several times",
    ),
    "a receipt lowers the rank": one(
        "tracking.receipt",
        "rank=max(row.rank, rank),",
        "rank=rank,",
        "C34: counts stuck at sent",
    ),
    "resumed from the start": Plant(
        edits=(
            ("chalicelib.steps.people", "if row.person not in settled", "if True"),
            (
                "chalicelib.sending.decision",
                "if claimed_attempt(standing, wire.broadcast) >= wire.attempt:",
                "if False:",
            ),
        ),
        like="C3, C4: paused, resumed from an offset, up to five copies for some",
    ),
    "every pacer has its own timeline": one(
        "steps.pace",
        "    if not home.ports.senders.put(moved, expected_version=control.version):\n        return 0",
        "    if not home.ports.senders.put(moved, expected_version=control.version):\n        pass",
        "C13: a limit per worker",
    ),
    "the pacer's lease is nobody's": Plant(
        edits=(
            (
                "chalicelib.sending.pacing",
                'if control.owner not in ("", me) and now < control.lease_until and not is_alone:',
                "if False:",
            ),
            (
                "chalicelib.steps.pace",
                "    if not home.ports.senders.put(moved, expected_version=control.version):\n        return 0",
                "    if not home.ports.senders.put(moved, expected_version=control.version):\n        pass",
            ),
        ),
        like="C13: two pacers, twice the limit",
    ),
    "a late slot is sent anyway": one(
        "sending.pacing",
        "return math.floor(slot_ms) <= now <= slot_ms + lateness_ms * LATE_SHARE",
        "return True",
        "C14: one in two minutes sends two",
    ),
    "the rate is a little too fast": one(
        "sending.pacing",
        "return max(room / (1.0 + lateness_seconds) * factor, 0.1)",
        "return max((limit + lanes) * factor, 0.1)",
        "C14: two an hour sends three",
    ),
    "slots never expire": Plant(
        edits=(
            ("chalicelib.steps.send", "    if now >= chunk.expires_at:\n", "    if False:\n"),
            (
                "chalicelib.sending.pacing",
                "return math.floor(slot_ms) <= now <= slot_ms + lateness_ms * LATE_SHARE",
                "return math.floor(slot_ms) <= now",
            ),
        ),
        like="C11: an outage lets it go out late and all at once",
    ),
    "consent is of the plan": one(
        "sending.decision",
        "    yield _consent(standing, wire, now)\n",
        "",
        "C29: unsubscribed before their batch, mailed all the same",
    ),
    "a no waits for the next import": one(
        "steps.effects",
        "    amend(lambda: home.ports.standings.get(event.person), home.ports.standings.put, folded)\n",
        "    folded(None)\n",
        "C30: STOP does not cancel what is scheduled",
    ),
    "caps are not looked at": one(
        "sending.decision",
        "    yield _frequency(standing, wire, now)\n",
        "",
        "C39: nobody knows what a cap did",
    ),
    "windows never close": one(
        "sending.decision",
        "    yield _too_late(wire, now)\n",
        "",
        "C11: the 8 am campaign at 1 pm",
    ),
    "a lost schedule is a lost wave": one(
        "steps.reconcile",
        "if wave + GRACE_MS <= now and wave not in broadcast.dispatched:",
        "if False:",
        "C19: never leaves scheduled",
    ),
    "a lost message is a lost chunk": one(
        "steps.reconcile",
        "if chunk.state is ChunkState.RELEASED and now > chunk.expires_at + GRACE_MS:",
        "if False:",
        "C18: stopped after 1200 of 2300",
    ),
    "a lost worker's chunk stays his": one(
        "steps.reconcile",
        "if now > chunk.lease_until or (home.epoch and chunk.epoch < home.epoch):",
        "if False:",
        "C10: sending for ever",
    ),
    "a pause is for the next chunk": one(
        "steps.wire",
        "if self.open_now and now - self.checked_at >= home.settings.control_max_age_ms:",
        "if False:",
        "C4: paused, and still it sends",
    ),
    "the tier is nobody's": one(
        "steps.round",
        "        return quota.tier_now(day, self.sender.tier)\n",
        "        return None\n",
        "a portfolio's day passed by two campaigns",
    ),
    "a retry is the same attempt": one(
        "steps.send",
        "wake_up(home, lane, candidate.key, candidate.attempt + 1, verdict.waiting",
        "wake_up(home, lane, candidate.key, candidate.attempt, verdict.waiting",
        "C17: the failed are never tried again",
    ),
    "counted twice": one(
        "steps.counting",
        "moved = {name: n for name, n in changed.items() if n}",
        "moved = {name: 2 * n for name, n in changed.items() if n}",
        "C34: counts that are not the ledger's",
    ),
    "a campaign's own throttle is forgotten": one(
        "steps.round",
        "        most = broadcast.max_per_second\n",
        "        most = None\n",
        "C14: the marketer's own limit",
    ),
    "a webhook that was not stored is answered": one(
        "web.events",
        '        return _answer(503, "try again")  # Meta retries for days',
        '        return _answer(200, "")',
        "C34: webhooks never reached the row",
    ),
    "who waits is forgotten": one(
        "steps.pace",
        "            home.ports.chunks.add_all([chunk])\n",
        "",
        "C33: who did not receive it?",
    ),
}
"""By name, what the bug is."""


class _Grown(importlib.machinery.SourceFileLoader):
    """Loads one module with its edits."""

    def __init__(self, name: str, path: str, edits: list[tuple[str, str]]) -> None:
        super().__init__(name, path)
        self._edits = edits

    def get_code(self, fullname: str) -> CodeType:
        """Compile the edited source; what is cached is the unedited one's."""
        source = Path(self.path).read_text(encoding="utf-8")
        for old, new in self._edits:
            if source.count(old) != 1:
                raise LookupError(f"{fullname} has {source.count(old)} places of {old!r}")
            source = source.replace(old, new)
        return compile(source, self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, edits: dict[str, list[tuple[str, str]]]) -> None:
        self._edits = edits

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> Any:
        """Return the spec of an edited module, None for every other."""
        if name not in self._edits:
            return None
        file = str(ROOT / (name.replace(".", "/") + ".py"))
        return importlib.util.spec_from_file_location(
            name, file, loader=_Grown(name, file, self._edits[name])
        )


def grow(name: str) -> None:
    """Make this process's code have the bug. Before anything of it is imported."""
    if any(module.startswith("chalicelib") for module in sys.modules):
        raise RuntimeError("the code is imported already")
    edits: dict[str, list[tuple[str, str]]] = {}
    for module, old, new in PLANTS[name].edits:
        edits.setdefault(module, []).append((old, new))
    sys.meta_path.insert(0, _Finder(edits))


@dataclass(frozen=True, slots=True)
class Noticed:
    """What came of a plant: the first seed that noticed it of those played, None for none, and the promise."""

    plant: str
    seed: int | None
    promise: str


def notice(plant: str, seeds: Sequence[int]) -> Noticed:
    """Plant a bug in this process and play seeds until one notices it."""
    grow(plant)
    from tests.simulation.run import run_seed

    for seed in seeds:
        violation = run_seed(seed).violation
        if violation:
            return Noticed(plant, seed, violation)
    return Noticed(plant, None, "")


def survey(plant: str) -> Noticed:
    """Play CI's seeds in order until one notices a plant."""
    return notice(plant, range(SEEDS))


def check(plant: str) -> Noticed:
    """Play the seed that noticed a plant when it was last surveyed; when it does not, CI's seeds in order."""
    return notice(plant, [NOTICED_BY[plant], *range(SEEDS)])


def each(work: Callable[[str], Noticed], plants: Collection[str], jobs: int) -> Iterator[Noticed]:
    """Yield what comes of plants, each in a process of its own; the libraries are imported once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LIBRARIES))
    with context.Pool(jobs, maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(work, sorted(plants))
