"""Parts of a plan: which people each one holds, and where in it a person's row stands."""

from __future__ import annotations

import orjson

from chalicelib.audience.contact import SHARDS, shard_of
from chalicelib.errors import Problem, Refused
from chalicelib.planning.manifest import decode_row, summary_from_json
from chalicelib.planning.plan import PartSummary, Row
from chalicelib.sending.broadcast import Broadcast
from chalicelib.steps.home import Home


def shards_of_task(task: int, tasks: int) -> frozenset[int]:
    """Return the shards of the book that a plan's task looks at."""
    return frozenset(range(task * SHARDS // tasks, (task + 1) * SHARDS // tasks))


def summary_of(home: Home, key: str) -> PartSummary:
    """Return a stored part summary."""
    stored = home.ports.objects.get(key)
    if stored is None:
        raise Refused(Problem(code="plan_part_missing", params={"part": key}))
    return summary_from_json(orjson.loads(stored))


def chunk_id(task: int, number: int) -> str:
    """Return the name of a part's n-th chunk: the plan's own, the same however often it is launched."""
    return f"{task:03d}-{number:06d}"


def plan_row(home: Home, broadcast: Broadcast, person: str) -> tuple[Row, str] | None:
    """Return a person's row of the manifest and the id of their home chunk ("" when excluded)."""
    planning = home.ports.plans.get(broadcast.plan_id)
    if planning is None:
        return None
    shard = shard_of(person)
    task = next(t for t in range(planning.tasks) if shard in shards_of_task(t, planning.tasks))
    summary = summary_of(home, planning.parts[task])
    needle = person.encode()
    offset = 0
    for line in (home.ports.objects.get(summary.key) or b"").splitlines(keepends=True):
        if needle in line:
            row = decode_row(line)
            if row.person == person:
                return row, _chunk_at(summary, offset)
        offset += len(line)
    return None


def _chunk_at(summary: PartSummary, offset: int) -> str:
    places = enumerate(summary.chunks)
    return next((chunk_id(summary.task, n) for n, c in places if c.start <= offset < c.end), "")
