"""Sweep: what has been kept for long enough is removed, a bounded amount at a time.

What will have to go is listed before it is stored, and leaves the list last, so
a crash anywhere leaves work that is done again, never data that nobody knows
of. A broadcast says that something is gone before it goes: nobody is told half.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import orjson

from chalicelib.audience.instant import Instant
from chalicelib.authoring.definition import Retention
from chalicelib.errors import CarillonError, HomeUnavailable
from chalicelib.log import log
from chalicelib.planning.plan import Planning, PlanState, objects_of
from chalicelib.ports import Write
from chalicelib.sending.broadcast import ENDED, Broadcast, Chunk
from chalicelib.steps import audit_copying
from chalicelib.steps.amending import amend
from chalicelib.steps.erasing import go_on
from chalicelib.steps.home import Home
from chalicelib.steps.parts import broadcast_name, reasons_key, reasons_of, summary_of
from chalicelib.steps.people import is_deferral
from chalicelib.steps.recounting import recount
from chalicelib.steps.report import fold_broadcast, report_key
from chalicelib.tracking.report import to_store
from chalicelib.tracking.retention import LOOK_EVERY_MS, Due, Keeping, Kind, of_file, of_plan

MOST_MS = 40_000
"""Of one sweep: less than a function on AWS may take."""
MOST_UNITS = 2_000
"""Of one sweep; a unit is a chunk's rows, a part of a plan or a hundred objects. What is done costs none."""
SUBJECT = "retention"
"""Under which the counters keep what all sweeps removed."""


@dataclass(slots=True)
class Budget:
    """What is left of one sweep."""

    now: Callable[[], Instant]
    until: Instant
    units: int
    done: Counter[str] = field(default_factory=Counter)

    @property
    def is_spent(self) -> bool:
        """Whether the rest is for the next sweep."""
        return self.units <= 0 or self.now() >= self.until


def sweep(home: Home, *, most_units: int = MOST_UNITS) -> dict[str, int]:
    """Remove what is due, oldest first; returns what was removed. Safe at any time, twice at once too."""
    now = home.ports.clock.now()
    budget = Budget(now=home.ports.clock.now, until=now + MOST_MS, units=most_units)
    while not budget.is_spent and (due := home.ports.keepings.due(now)):
        for keeping in due:
            if budget.is_spent:
                break
            _look(home, keeping, budget, now)
    _forget_acts(home, budget, now)
    removed = dict(budget.done)
    if removed:
        home.ports.counters.add(SUBJECT, removed)
        log.info("retention_swept", extra={"removed": removed})
    return removed


def _forget_acts(home: Home, budget: Budget, now: Instant) -> None:
    """Copy what is finished of the audit trail, then remove its oldest; it is the policy's to say when."""

    def go_on(gone: int) -> bool:
        budget.units -= 1
        if gone:
            budget.done["acts"] += gone
        return not budget.is_spent

    audit_copying.copy_on(home)
    if not budget.is_spent:
        audit_copying.forget(home, now - home.rules().policy.audit_ms, go_on)


def _look(home: Home, keeping: Keeping, budget: Budget, now: Instant) -> None:
    """Do what is due of one; what cannot be done now is looked at again in a week, and holds up no other."""
    try:
        _act(home, keeping, budget, now)
    except HomeUnavailable:
        raise
    except Exception:  # noqa: BLE001 - whatever is wrong with one, the others' time has come too
        log.exception("retention_failed", extra={"kind": keeping.kind.value, "keeping": keeping.id})
        _again(home, keeping, replace(keeping, look_at=now + LOOK_EVERY_MS))
    budget.units -= 1


def _act(home: Home, keeping: Keeping, budget: Budget, now: Instant) -> None:
    if keeping.kind is Kind.COUNTERS:
        _recount(home, keeping)
        return
    if keeping.kind is Kind.ERASURE:
        budget.done["copies_of_erased"] += go_on(home, keeping, budget.until)
        return
    if keeping.kind is not Kind.PLAN:
        decision = of_file(keeping, home.rules().policy.retention, now)
        if decision.due is Due.PERSONAL_DATA:
            _forget_file(home, keeping, budget)
        else:
            _again(home, keeping, replace(keeping, look_at=decision.look_at))
        return
    planning = home.ports.plans.get(keeping.id)
    if planning is None:  # it was listed, and then never stored
        _without_objects(home, keeping, budget)
        return
    launched = _launched(home, planning)
    decision = of_plan(keeping, launched, _retention(home, planning), now)
    if decision.due is Due.UNLAUNCHED:
        _forget_unlaunched(home, keeping, planning, budget)
    elif decision.due is Due.PERSONAL_DATA and launched is not None:
        _forget_personal_data(home, keeping, launched, budget)
    elif decision.due is Due.EVIDENCE and launched is not None:
        _forget_evidence(home, keeping, launched, budget)
    else:
        _again(home, keeping, replace(keeping, look_at=decision.look_at))


def _recount(home: Home, keeping: Keeping) -> None:
    look_at = recount(home, keeping)
    if look_at is None:
        home.ports.keepings.remove(keeping)
    else:
        _again(home, keeping, replace(keeping, look_at=look_at))


def _again(home: Home, keeping: Keeping, later: Keeping) -> None:
    """List it under another instant: first there, then no longer here."""
    home.ports.keepings.add(later)
    if later.look_at != keeping.look_at:
        home.ports.keepings.remove(keeping)


def _launched(home: Home, planning: Planning) -> Broadcast | None:
    broadcast = home.ports.broadcasts.get(broadcast_name(planning))
    return broadcast if broadcast is not None and broadcast.plan_id == planning.id else None


def _retention(home: Home, planning: Planning) -> Retention:
    policy = home.rules().policy
    try:
        return policy.retention_for(home.definition(planning.campaign, planning.campaign_version))
    except CarillonError:  # a definition that is not readable any more must not be kept for ever
        log.warning("retention_without_definition", extra={"plan": planning.id})
        return policy.retention


def _forget_file(home: Home, keeping: Keeping, budget: Budget) -> None:
    if keeping.kind is Kind.IMPORT:
        if not _remove_objects(home, f"imports/{keeping.id}.", budget):
            return
    else:
        body = home.ports.objects.get(keeping.id)
        # A file that took its place was listed when it was taken in, and goes at its own time.
        if body is not None and hashlib.sha256(body).hexdigest() == keeping.done:
            home.ports.objects.remove_all([keeping.id])
            budget.done["objects"] += 1
    home.ports.keepings.remove(keeping)


def _forget_unlaunched(home: Home, keeping: Keeping, planning: Planning, budget: Budget) -> None:
    """Expire the plan, so that it cannot be launched any more; then remove what it stored."""

    def expired(current: Planning | None) -> Planning | None:
        if current is None or current.state not in (PlanState.PLANNING, PlanState.SEALED):
            return None
        return replace(current, state=PlanState.EXPIRED)

    amend(lambda: home.ports.plans.get(planning.id), home.ports.plans.put, expired)
    if _launched(home, planning) is not None:
        return  # launched at this very moment: looked at again as what it is now
    _without_objects(home, keeping, budget)
    budget.done["unlaunched_plans"] += 1


def _without_objects(home: Home, keeping: Keeping, budget: Budget) -> None:
    if _remove_objects(home, objects_of(keeping.id), budget):
        home.ports.keepings.remove(keeping)


def _remove_objects(home: Home, prefix: str, budget: Budget) -> bool:
    """Remove the objects that begin with `prefix`; False when some are left for the next sweep."""
    while keys := home.ports.objects.keys(prefix):
        if budget.is_spent:
            return False
        home.ports.objects.remove_all(keys)
        budget.units -= 1
        budget.done["objects"] += len(keys)
    return True


def _forget_personal_data(home: Home, keeping: Keeping, broadcast: Broadcast, budget: Budget) -> None:
    """Remove the words and the numbers, then the message ids, in which WhatsApp writes the number too."""
    now = home.ports.clock.now()

    def said(current: Broadcast | None) -> Broadcast | None:
        if current is None or current.state not in ENDED or current.personal_data_gone_at is not None:
            return None
        return replace(current, personal_data_gone_at=now)

    swept = amend(lambda: home.ports.broadcasts.get(broadcast.id), home.ports.broadcasts.put, said)
    if swept is None or swept.personal_data_gone_at is None:
        return  # it runs again since it was looked at
    if not _keep_reasons(home, broadcast, budget):
        return
    if not _remove_objects(home, f"{objects_of(broadcast.plan_id)}parts/", budget):
        return
    for some, after in _pages(home, broadcast, keeping.done or None):
        for chunk in some:
            if budget.is_spent:
                return
            _forget_message_ids(home, chunk, budget)
        if after is not None:
            keeping = replace(keeping, done=after)
            home.ports.keepings.add(keeping)  # in its own place: how far it is
    budget.done["broadcasts_without_personal_data"] += 1
    _again(home, keeping, replace(keeping, without_personal_data=True, done="", look_at=now + 1))


def _keep_reasons(home: Home, broadcast: Broadcast, budget: Budget) -> bool:
    """Write down whom the plan excluded and why, before its rows go; False when some is left to write."""
    planning = home.ports.plans.get(broadcast.plan_id)
    for task, summary_key in sorted(planning.parts.items()) if planning else ():
        if budget.is_spent:
            return False
        if planning is None or home.ports.objects.get(reasons_key(planning, task)) is not None:
            continue
        budget.units -= 1
        body = home.ports.objects.get(summary_of(home, summary_key).key)
        if body is not None:
            home.ports.objects.add(reasons_key(planning, task), reasons_of(body))
    return True


def _pages(
    home: Home, broadcast: Broadcast, after: str | None = None
) -> Iterator[tuple[tuple[Chunk, ...], str | None]]:
    while True:
        page = home.ports.chunks.page(broadcast.id, after=after)
        yield page.items, page.next
        if page.next is None:
            return
        after = page.next


def _forget_message_ids(home: Home, chunk: Chunk, budget: Budget) -> None:
    """Blank the ids of a chunk's messages; a row that a receipt changed meanwhile is read again."""
    while not is_deferral(chunk.id):
        rows = [row for row in home.ports.ledger.of_chunk(chunk.broadcast, chunk.id) if row.wamid]
        if not rows:
            return
        budget.units -= 1
        stored = home.ports.ledger.put_all([Write(replace(row, wamid=""), row.version) for row in rows])
        budget.done["message_ids"] += sum(stored)


def _forget_evidence(home: Home, keeping: Keeping, broadcast: Broadcast, budget: Budget) -> None:
    """Keep the report's numbers, say so, then remove rows before their chunks and the plan's objects last."""
    if broadcast.evidence_gone_at is None:
        stored = orjson.dumps(to_store(fold_broadcast(home, broadcast)))
        home.ports.objects.add(report_key(broadcast.id), stored)
        now = home.ports.clock.now()

        def said(current: Broadcast | None) -> Broadcast | None:
            if current is None or current.evidence_gone_at is not None:
                return None
            return replace(current, evidence_gone_at=now)

        amend(lambda: home.ports.broadcasts.get(broadcast.id), home.ports.broadcasts.put, said)
    for some, _ in _pages(home, broadcast):
        for chunk in some:
            if budget.is_spent:
                return
            keys = [row.key for row in home.ports.ledger.of_chunk(chunk.broadcast, chunk.id)]
            if keys:
                home.ports.ledger.remove_all(keys)
                budget.units -= 1
                budget.done["rows"] += len(keys)
        home.ports.chunks.remove_all(some)
    if _remove_objects(home, objects_of(broadcast.plan_id), budget):
        budget.done["broadcasts_without_evidence"] += 1
        home.ports.keepings.remove(keeping)
