"""Parts of a plan: which people each one holds, and where in it a person's row stands."""

from __future__ import annotations

from dataclasses import replace

import orjson

from chalicelib.audience.contact import SHARDS, shard_of
from chalicelib.errors import Problem, Refused
from chalicelib.planning.manifest import decode_row, encode_row, summary_from_json, summary_to_json
from chalicelib.planning.plan import ExcludedRow, PartSummary, Planning, Row, objects_of
from chalicelib.ports import MOST_ITEMS
from chalicelib.sending.broadcast import Broadcast
from chalicelib.sending.delivery import Delivery, DeliveryKey
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


def summary_if_kept(home: Home, key: str) -> PartSummary | None:
    """Return a stored part summary; None when it is swept, or not stored yet."""
    stored = home.ports.objects.get(key) if key else None
    return None if stored is None else summary_from_json(orjson.loads(stored))


def summaries_under(plan_id: str, task: int) -> str:
    """Return how the keys of a task's summaries begin: one, and what was stored by whoever died at it."""
    return f"{objects_of(plan_id)}summaries/{task:03d}-"


def summary_bytes(summary: PartSummary) -> bytes:
    """Return a summary as it is stored."""
    return orjson.dumps(summary_to_json(summary), option=orjson.OPT_NON_STR_KEYS)


def broadcast_name(planning: Planning) -> str:
    """Return the broadcast that a plan starts: its run, or the single send whose name begins the plan's."""
    if planning.run:
        return f"{planning.campaign}.{planning.run}"
    return single_of(planning.id)


def single_of(plan_id: str) -> str:
    """Return the single send whose name begins a plan's id, "" for the plan of a run."""
    return plan_id.rpartition(".")[0]


def chunk_id(task: int, number: int) -> str:
    """Return the name of a part's n-th chunk: the plan's own, the same however often it is launched."""
    return f"{task:03d}-{number:06d}"


def plan_row(home: Home, broadcast: Broadcast, person: str) -> tuple[Row, str] | None:
    """Return a person's row of the manifest and the id of their home chunk ("" when excluded)."""
    planning = home.ports.plans.get(broadcast.plan_id)
    if planning is None:
        return None
    summary = summary_for(home, planning, person)
    needle = person.encode()
    offset = 0
    for line in (home.ports.objects.get(summary.key) or b"").splitlines(keepends=True):
        if needle in line:
            row = decode_row(line)
            if row.person == person:
                return row, chunk_at(summary, offset)
        offset += len(line)
    return None


def task_of(planning: Planning, person: str) -> int:
    """Return the task in whose part a person's row is, if they have one."""
    shard = shard_of(person)
    return next(t for t in range(planning.tasks) if shard in shards_of_task(t, planning.tasks))


def summary_for(home: Home, planning: Planning, person: str) -> PartSummary:
    """Return the summary of the part in which a person's row is, if they have one."""
    return summary_of(home, planning.parts[task_of(planning, person)])


def reasons_key(planning: Planning, task: int) -> str:
    """Return where stands who was excluded by a part and why, once its rows are swept."""
    return f"{objects_of(planning.id)}reasons/{task:03d}.jsonl"


def reasons_of(body: bytes) -> bytes:
    """Return of a part's rows only who was excluded and why: no word, number or place."""
    rows = (decode_row(line) for line in body.splitlines())
    excluded = (row for row in rows if isinstance(row, ExcludedRow))
    return b"".join(encode_row(replace(row, saw="", salt="")) for row in excluded)


def reason_without_row(home: Home, broadcast: Broadcast, person: str) -> str:
    """Return why a plan whose rows are swept excluded a person; "" when it did not, or that is swept too."""
    planning = home.ports.plans.get(broadcast.plan_id)
    if planning is None:
        return ""
    body = home.ports.objects.get(reasons_key(planning, task_of(planning, person))) or b""
    rows = (decode_row(line) for line in body.splitlines() if person.encode() in line)
    return next((row.reason for row in rows if isinstance(row, ExcludedRow) and row.person == person), "")


def delivery_without_row(home: Home, broadcast: Broadcast, person: str) -> Delivery | None:
    """Return a person's row of the ledger when the manifest's rows are gone: looked for in every chunk."""
    planning = home.ports.plans.get(broadcast.plan_id)
    if planning is None or broadcast.evidence_gone_at is not None:
        return None
    summary = summary_for(home, planning, person)
    keys = [
        DeliveryKey(broadcast=broadcast.id, chunk=chunk_id(summary.task, number), person=person)
        for number in range(len(summary.chunks))
    ]
    for start in range(0, len(keys), MOST_ITEMS):
        found = home.ports.ledger.get_all(keys[start : start + MOST_ITEMS])
        if found:
            return next(iter(found.values()))
    return None


def chunk_at(summary: PartSummary, offset: int) -> str:
    """Return the home chunk in which the row at an offset of a part is, "" for an excluded one's."""
    places = enumerate(summary.chunks)
    return next((chunk_id(summary.task, n) for n, c in places if c.start <= offset < c.end), "")
