"""Report and explain: numbers and reasons, folded from the ledger page by page."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from chalicelib.audience.erasing import erased_at
from chalicelib.audience.identity import EXTERNAL_ID, PHONE, Identity
from chalicelib.audience.instant import Instant
from chalicelib.audience.segment import trace
from chalicelib.errors import NotFound, Problem
from chalicelib.planning.plan import Planned
from chalicelib.sending.broadcast import Broadcast, BroadcastState, Chunk, ChunkState
from chalicelib.sending.delivery import Delivery, DeliveryKey, Outcome, outcome_of
from chalicelib.sending.gap import left_in_doubt, may_have_been_called, presumed
from chalicelib.sending.template_brake import is_stopped
from chalicelib.steps.forgotten import forgotten
from chalicelib.steps.home import Home
from chalicelib.steps.memory import memory_of_person
from chalicelib.steps.pages import every
from chalicelib.steps.parts import delivery_without_row, plan_row, reason_without_row
from chalicelib.steps.people import is_deferral, open_candidates, split_claimed, without_row
from chalicelib.tracking.explanation import (
    Explanation,
    explain_erased,
    explain_person,
    explain_swept,
    explain_unselected,
)
from chalicelib.tracking.report import Report, ReportFold, from_store


def chunks_of(home: Home, broadcast: Broadcast) -> Iterator[Chunk]:
    """Yield every chunk of a broadcast, home and deferral."""
    return every(home.ports.chunks.page, broadcast.id)


def fold_broadcast(home: Home, broadcast: Broadcast) -> Report:
    """Return the report of a broadcast as a fold over its chunks and their ledger rows.

    Every person is looked at once, so the outcomes add up to the audience at any
    moment, whatever is being written meanwhile.
    """
    if broadcast.evidence_gone_at is not None:
        return stored_report(home, broadcast)
    fold = ReportFold(audience=broadcast.audience, excluded_at_plan=broadcast.excluded)
    if broadcast.state is BroadcastState.LAUNCHING:
        fold.wait("scheduled", broadcast.planned)
        return fold.report()
    sender_waits = _sender_wait(home, broadcast)
    retried = _retried_now(home, broadcast)
    for chunk in chunks_of(home, broadcast):
        if not is_deferral(chunk.id):
            _fold_chunk(home, broadcast, chunk, fold, sender_waits, retried)
    return fold.report()


def report_key(broadcast: str) -> str:
    """Return where a broadcast's numbers are kept when its rows are gone."""
    return f"reports/{broadcast}.json"


def stored_report(home: Home, broadcast: Broadcast) -> Report:
    """Return the numbers that were kept. Raises NotFound when they are gone too."""
    stored = home.ports.objects.get(report_key(broadcast.id))
    if stored is None:
        raise NotFound(Problem(code="object_unknown", params={"key": report_key(broadcast.id)}))
    return from_store(orjson.loads(stored))


def _fold_chunk(
    home: Home,
    broadcast: Broadcast,
    chunk: Chunk,
    fold: ReportFold,
    sender_waits: str,
    retried: frozenset[str],
) -> None:
    deliveries = home.ports.ledger.of_chunk(broadcast.id, chunk.id)
    for delivery in (presumed(broadcast, delivery) for delivery in deliveries):
        if delivery.key.person in retried and outcome_of(delivery) is Outcome.WAITING:
            fold.claim(1)
        else:
            fold.add(delivery)
    missing = chunk.people - len(deliveries)
    if not missing:
        return
    if may_have_been_called(broadcast, chunk.wave):
        for candidate in without_row(home, chunk, deliveries):
            fold.add(left_in_doubt(broadcast, Delivery(key=candidate.key), candidate.attempt))
        return
    if chunk.state is ChunkState.RUNNING:
        claimed, free = split_claimed(home, broadcast.id, without_row(home, chunk, deliveries))
        fold.claim(len(claimed))
        missing = len(free)
    fold.wait(_waiting_reason(home, broadcast, chunk, sender_waits), missing)


def _retried_now(home: Home, broadcast: Broadcast) -> frozenset[str]:
    """Return the people whose row says they wait but who are claimed again in a deferral chunk."""
    people: set[str] = set()
    for chunk in home.ports.chunks.in_flight(broadcast.id):
        if is_deferral(chunk.id) and chunk.state is ChunkState.RUNNING:
            claimed, _ = split_claimed(home, broadcast.id, open_candidates(home, chunk))
            people |= {candidate.row.person for candidate in claimed}
    return frozenset(people)


def _sender_wait(home: Home, broadcast: Broadcast) -> str:
    """Return why nothing of this sender leaves, or "" when something may."""
    if broadcast.state is BroadcastState.PAUSED:
        return "paused"
    control = home.ports.senders.get(broadcast.sender)
    if control is not None and control.stopped:
        return "sender_paused"
    definition = home.definition(broadcast.campaign, broadcast.campaign_version)
    if control is not None and is_stopped(control, definition.template.name, broadcast.languages):
        return "template_paused"
    return "tier" if broadcast.idle_reason == "tier" else ""


def _waiting_reason(home: Home, broadcast: Broadcast, chunk: Chunk, sender_waits: str) -> str:
    if broadcast.state is BroadcastState.PAUSED:
        return "paused"
    if chunk.wave > home.ports.clock.now():
        return "scheduled"
    return sender_waits or "throttle"


def find_person(home: Home, name: str) -> str:
    """Return the id of a person named by id, phone or external id, erased ones too. Raises NotFound."""
    phone = name if name.startswith("+") else f"+{name}"
    identities = [Identity(EXTERNAL_ID, name), Identity(PHONE, phone)]
    if home.ports.book.get(name) is not None:
        return name
    owners = home.ports.book.owners(identities)
    for identity in identities:
        if identity in owners:
            return owners[identity]
    if erased_at(home.ports.standings.get(name)) is not None:
        return name
    for person in forgotten(home, identities).values():
        return person
    raise NotFound(Problem(code="contact_unknown", params={"contact": name}))


def explain(home: Home, broadcast: Broadcast, name: str) -> Explanation:
    """Return every gate with what it saw, for anybody: planned, excluded, or never selected."""
    return explain_known(home, broadcast, find_person(home, name))


def explain_known(home: Home, broadcast: Broadcast, person: str) -> Explanation:
    """Explain somebody by their own id, in our book still or not."""
    explained = _explained(home, broadcast, person)
    erased = erased_at(home.ports.standings.get(person))
    return explained if erased is None else explain_erased(explained, erased)


def _explained(home: Home, broadcast: Broadcast, person: str) -> Explanation:
    definition = home.definition(broadcast.campaign, broadcast.campaign_version)
    contact = home.ports.book.get(person)
    standing = home.ports.standings.get(person)
    planning = home.ports.plans.get(broadcast.plan_id)
    at = planning.evaluated_at if planning is not None else broadcast.launched_at
    terms = []
    if contact is not None and not broadcast.recipient:  # who is named was not asked by the segment
        segment = definition.audience.segment
        terms = trace(segment, contact, at, memory_of_person(home, segment, person))
    if broadcast.personal_data_gone_at is not None:
        return explain_swept(
            person,
            terms=terms,
            delivery=delivery_without_row(home, broadcast, person),
            excluded=reason_without_row(home, broadcast, person),
            personal_data_gone_at=broadcast.personal_data_gone_at,
            evidence_gone_at=broadcast.evidence_gone_at,
            consent_events=home.ports.consents.page(person).items,
        )
    found = plan_row(home, broadcast, person)
    if found is None:
        return explain_unselected(person, terms)
    row, chunk = found
    delivery, wave, claimed = None, None, False
    if isinstance(row, Planned):
        key = DeliveryKey(broadcast=broadcast.id, chunk=chunk, person=person)
        delivery = home.ports.ledger.get_all([key]).get(key)
        wave = row.instant or broadcast.launched_at
        if delivery is None and may_have_been_called(broadcast, wave):
            delivery = Delivery(key=key, waiting="gap", due_at=wave)
        delivery = delivery and presumed(broadcast, delivery)
        attempt = (delivery.attempt if delivery else 0) + 1
        claimed = standing is not None and any(
            s.broadcast == broadcast.id and s.attempt >= attempt for s in standing.sends
        )
    return explain_person(
        row,
        terms=terms,
        delivery=delivery,
        claimed=claimed,
        wave=wave,
        waiting_reason=_person_waits(home, broadcast, wave),
        standing=standing,
        consent_events=home.ports.consents.page(person).items,
    )


def _person_waits(home: Home, broadcast: Broadcast, wave: Instant | None) -> str:
    if broadcast.state is BroadcastState.PAUSED:
        return "paused"
    if wave is not None and wave > home.ports.clock.now():
        return "scheduled"
    return _sender_wait(home, broadcast) or "throttle"
