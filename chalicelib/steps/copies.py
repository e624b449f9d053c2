"""Copies: what plans, imports and uploaded files froze of a person, found by what is listed to go one day.

A plan's row is blanked in place and keeps its length and its digest, so that
every byte range and the plan's hash hold.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import orjson

from chalicelib.audience.instant import Instant
from chalicelib.errors import HomeUnavailable
from chalicelib.log import log
from chalicelib.planning.manifest import erased_line, is_erased, line_of, parts_under
from chalicelib.planning.plan import Planning
from chalicelib.ports import Write
from chalicelib.sending.broadcast import Broadcast
from chalicelib.sending.delivery import Delivery, DeliveryKey
from chalicelib.steps import journal
from chalicelib.steps.amending import amend
from chalicelib.steps.entrance import result_key
from chalicelib.steps.home import Home
from chalicelib.steps.imports import results_key, undone_key
from chalicelib.steps.parts import (
    broadcast_name,
    chunk_at,
    delivery_without_row,
    single_of,
    summaries_under,
    summary_bytes,
    summary_if_kept,
    task_of,
)
from chalicelib.tracking.retention import Keeping, Kind

FOR_EVER = 10**14
NOWHERE = -1
"""An offset in no chunk."""


@dataclass(slots=True)
class Work:
    """One pass over everything that is stored of a person; without `writes` it only counts, by kind."""

    person: str
    writes: bool
    now: Callable[[], Instant]
    until: Instant
    found: Counter[str] = field(default_factory=Counter)

    @property
    def is_over(self) -> bool:
        """Whether the rest is for the next pass."""
        return self.now() >= self.until


def forget_copies(home: Home, work: Work, cursor: str) -> str:
    """Forget, from where the last pass ended; returns where the next one goes on, "" at the end."""
    for keeping in _listed(home, _keeping_at(cursor)):
        _forget_in(home, work, keeping)
        if work.is_over:
            return f"{keeping.look_at}|{keeping.kind.value}|{keeping.id}"
    return ""


def _forget_in(home: Home, work: Work, keeping: Keeping) -> None:
    """Forget what one plan, import or file holds; where that fails, the next look comes back to it."""
    try:
        if keeping.kind is Kind.PLAN:
            _forget_planned(home, work, keeping.id)
        elif keeping.kind is Kind.IMPORT:
            _forget_imported(home, work, keeping.id)
        elif keeping.kind is Kind.UPLOAD:
            _forget_uploaded(home, work, keeping)
    except HomeUnavailable:
        raise
    except Exception:  # noqa: BLE001 - whatever is wrong with one, the others hold the person too
        work.found["unread"] += 1
        log.exception("erasing_failed", extra={"kind": keeping.kind.value, "keeping": keeping.id})


def _listed(home: Home, after: Keeping | None) -> Iterator[Keeping]:
    """Yield everything listed. What a sweep lists anew meanwhile it lists later: it comes once more."""
    while some := home.ports.keepings.due(FOR_EVER, after=after):
        yield from some
        after = some[-1]


def _keeping_at(cursor: str) -> Keeping | None:
    if not cursor:
        return None
    look_at, kind, name = cursor.split("|", 2)
    return Keeping(kind=Kind(kind), id=name, since=0, look_at=int(look_at))


def _forget_planned(home: Home, work: Work, plan_id: str) -> None:
    """Blank the row, the examples that name the person, and the id of their message."""
    single = home.ports.broadcasts.get(single_of(plan_id)) if single_of(plan_id) else None
    if single is not None and single.recipient != work.person:
        return  # there may be a million of these: one read each
    planning = home.ports.plans.get(plan_id)
    if planning is None:
        return
    broadcast = single or home.ports.broadcasts.get(broadcast_name(planning))
    if broadcast is not None and broadcast.plan_id != planning.id:
        broadcast = None
    chunk = _forget_row(home, work, planning)
    if broadcast is not None:
        _forget_message_id(home, work, broadcast, chunk)
    _forget_warnings(home, work, planning)


def _forget_row(home: Home, work: Work, planning: Planning) -> str | None:
    """Blank the person's row; returns their home chunk, "" for none, None when the rows are swept.

    A task that died and was done again has left a part and a summary that no plan names.
    """
    task = task_of(planning, work.person)
    key = planning.parts.get(task, "")
    summary = summary_if_kept(home, key)
    for version in _versions(home, summaries_under(planning.id, task), key):
        _forget_examples(home, work, version)
    starts = {
        version: _blank_row(home, work, version)
        for version in _versions(home, parts_under(planning.id, task), summary.key if summary else "")
    }
    if summary is None:
        return None if key else ""
    start = starts[summary.key]
    return None if start is None else chunk_at(summary, start)


def _versions(home: Home, under: str, named: str) -> list[str]:
    """Return what is stored `under` a task, and what the plan names for it: older ones have other names."""
    return sorted({*home.ports.objects.keys(under), named} - {""})


def _forget_examples(home: Home, work: Work, key: str) -> None:
    summary = summary_if_kept(home, key)
    if summary is None or not work.writes:
        return
    examples = _blanked(summary.examples, work.person)
    if examples != summary.examples:
        home.ports.objects.put(key, summary_bytes(replace(summary, examples=examples)))


def _blank_row(home: Home, work: Work, key: str) -> int | None:
    """Blank the person's row in place; returns where it stands, -1 for nowhere, None without the part."""
    body = home.ports.objects.get(key)
    if body is None:
        return None
    place = line_of(body, work.person)
    if place is None:
        return NOWHERE
    start, line = place
    if not is_erased(line):
        work.found["plans"] += 1
        if work.writes:
            home.ports.objects.put(key, body[:start] + erased_line(line) + body[start + len(line) :])
    return start


def _blanked(examples: Mapping[str, str], person: str) -> dict[str, str]:
    """Return examples without what was seen of a person: "WHO: WHAT" becomes "WHO"."""
    return {
        name: person if example.startswith(f"{person}:") else example for name, example in examples.items()
    }


def _forget_warnings(home: Home, work: Work, planning: Planning) -> None:
    """Blank the examples in a sealed plan's warnings, which its hash does not cover."""

    def blanked(current: Planning | None) -> Planning | None:
        if current is None or current.plan is None:
            return None
        warnings = tuple(replace(w, params=_blanked(w.params, work.person)) for w in current.plan.warnings)
        return replace(current, plan=replace(current.plan, warnings=warnings))

    if work.writes:
        amend(lambda: home.ports.plans.get(planning.id), home.ports.plans.put, blanked)


def _forget_message_id(home: Home, work: Work, broadcast: Broadcast, chunk: str | None) -> None:
    """Blank the message id, in which WhatsApp writes the number, and let no receipt bring it back."""
    if broadcast.evidence_gone_at is not None or chunk == "":
        return
    if chunk is None:
        row = delivery_without_row(home, broadcast, work.person)
        if row is None:
            return
        chunk = row.key.chunk
    key = DeliveryKey(broadcast=broadcast.id, chunk=chunk, person=work.person)

    def read() -> Delivery | None:
        return home.ports.ledger.get_all([key]).get(key)

    def put(delivery: Delivery, *, expected_version: int | None) -> bool:
        return home.ports.ledger.put_all([Write(delivery, expected_version)])[0]

    def blank(current: Delivery | None) -> Delivery | None:
        return None if current is None else replace(current, wamid="", erased=True)

    known = read()
    work.found["messages"] += known is not None and bool(known.wamid)
    if work.writes:
        amend(read, put, blank)


def _forget_imported(home: Home, work: Work, batch: str) -> None:
    """Leave of a person in an import's results the verdict alone, and of its journal nothing."""
    results = home.ports.objects.get(results_key(batch))
    if results is not None and not _names(results, work.person):
        return
    for key in (results_key(batch), undone_key(batch)):
        _rewrite(home, work, key, _verdict_alone)
    for key in journal.keys(home, batch):
        _rewrite(home, work, key, lambda line: None)


def _rewrite(home: Home, work: Work, key: str, change: Callable[[bytes], bytes | None]) -> None:
    """Store `change` of each line about a person; without any, the object is left alone."""
    stored = home.ports.objects.get(key) or b""
    if not _names(stored, work.person):
        return
    needle = orjson.dumps(work.person)
    lines = [change(line) if needle in line else line for line in stored.splitlines()]
    left = b"\n".join(line for line in lines if line is not None)
    if left == stored:
        return
    work.found["imports"] += 1
    if work.writes:
        home.ports.objects.put(key, left)


def _names(stored: bytes, person: str) -> bool:
    return orjson.dumps(person) in stored


def _verdict_alone(line: bytes) -> bytes:
    return orjson.dumps({**orjson.loads(line), "problems": []})


def _forget_uploaded(home: Home, work: Work, keeping: Keeping) -> None:
    """Remove a contacts file under incoming/ that the person is in: what it says of others is in the book."""
    result = home.ports.objects.get(result_key(keeping.id))
    batch = orjson.loads(result).get("batch") if result is not None else None
    lines = home.ports.objects.get(results_key(batch)) if batch else None
    if lines is None or not _names(lines, work.person):
        return
    body = home.ports.objects.get(keeping.id)
    if body is None or hashlib.sha256(body).hexdigest() != keeping.done:
        return  # another file took its place, and is listed itself
    work.found["uploads"] += 1
    if work.writes:
        home.ports.objects.remove_all([keeping.id])
