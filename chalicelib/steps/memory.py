"""Memory: what earlier campaigns came to with people, as segments ask for it.

A campaign's ledger lies in its chunks, and its chunks were made shard by shard;
so a task that plans some shards reads the rows of those shards alone, and a
whole plan reads each row once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from chalicelib.audience.contact import shard_of
from chalicelib.audience.segment import Memory, Segment, campaigns_named
from chalicelib.authoring.definition import Definition
from chalicelib.sending.broadcast import Broadcast
from chalicelib.sending.delivery import Delivery, DeliveryKey, Outcome, Rank, outcome_of
from chalicelib.steps.home import Home
from chalicelib.steps.parts import chunk_id, delivery_without_row, plan_row, shards_of_task, summary_of


def facts_of(delivery: Delivery) -> Iterator[str]:
    """Yield what is true of one delivery, in the words of segments."""
    outcome = outcome_of(delivery)
    for fact, holds in (
        ("accepted", outcome is Outcome.ACCEPTED),
        ("delivered", delivery.rank >= Rank.DELIVERED),
        ("read", delivery.rank >= Rank.READ),
        ("replied", delivery.replied_at is not None),
        ("opted_out", delivery.opted_out_at is not None),
        ("failed", outcome is Outcome.FAILED),
    ):
        if holds:
            yield fact


def runs_of(home: Home, campaign: str) -> Iterator[Broadcast]:
    """Yield a campaign's broadcasts, first run first."""
    run = 1
    while (broadcast := home.ports.broadcasts.get(f"{campaign}.{run}")) is not None:
        yield broadcast
        run += 1


def unknown_campaigns(home: Home, definition: Definition) -> list[str]:
    """Return the campaigns the segment asks for that were never stored: nobody ever got them."""
    named = sorted(campaigns_named(definition.audience.segment))
    return [name for name in named if home.ports.campaigns.latest(name) is None]


def memory_of_shards(home: Home, segment: Segment, shards: Collection[int]) -> Memory:
    """Return what the segment may ask about the people of these shards."""
    found: dict[tuple[str, str], set[str]] = {}
    for campaign in sorted(campaigns_named(segment)):
        for broadcast in runs_of(home, campaign):
            for delivery in _deliveries(home, broadcast, shards):
                if shard_of(delivery.key.person) in shards:
                    for fact in facts_of(delivery):
                        found.setdefault((campaign, fact), set()).add(delivery.key.person)
    return {place: frozenset(people) for place, people in found.items()}


def _deliveries(home: Home, broadcast: Broadcast, shards: Collection[int]) -> Iterator[Delivery]:
    """Yield a broadcast's ledger, as far as it may hold people of these shards."""
    planning = home.ports.plans.get(broadcast.plan_id)
    if planning is None or broadcast.evidence_gone_at is not None:
        return
    for task in range(planning.tasks):
        if task in planning.parts and not shards_of_task(task, planning.tasks).isdisjoint(shards):
            summary = summary_of(home, planning.parts[task])
            for number in range(len(summary.chunks)):
                yield from home.ports.ledger.of_chunk(broadcast.id, chunk_id(task, number))


def memory_of_person(home: Home, segment: Segment, person: str) -> Memory:
    """Return what the segment may ask about one person, at the cost of a few reads."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for campaign in sorted(campaigns_named(segment)):
        for broadcast in runs_of(home, campaign):
            delivery = _delivery(home, broadcast, person)
            if delivery is not None:
                found |= {(campaign, fact): frozenset({person}) for fact in facts_of(delivery)}
    return found


def _delivery(home: Home, broadcast: Broadcast, person: str) -> Delivery | None:
    if broadcast.personal_data_gone_at is not None:
        return delivery_without_row(home, broadcast, person)
    found = plan_row(home, broadcast, person)
    if found is None or not found[1]:
        return None
    key = DeliveryKey(broadcast=broadcast.id, chunk=found[1], person=person)
    return home.ports.ledger.get_all([key]).get(key)
