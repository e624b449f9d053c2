"""Batches and queries on DynamoDB: what it leaves over is asked for again, and every page is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.adapters.aws.calls import MOST_TRIES
from chalicelib.audience.standing import Standing
from chalicelib.errors import HomeUnavailable
from chalicelib.ports import Ports, Write
from chalicelib.sending.broadcast import Deferral
from tests.adapters.aws.far_side import Miserly, Overheard, items_of
from tests.contracts.aws_home import on_moto
from tests.contracts.values import AT, CONSENT_EVENT, CONTACT, DEFERRAL, DELIVERY, people_of_shard

DEFERRALS = "carillon-test-deferrals"


@pytest.fixture
def opened() -> Iterator[Callable[[Overheard], Ports]]:
    """Opens an empty deployment whose requests go through what it is given."""
    with ExitStack() as stack:
        yield lambda through: stack.enter_context(on_moto(new_client=through)).home.ports({})


def people(count: int) -> list[str]:
    return [f"p{n:03}" for n in range(count)]


def stand(ports: Ports, count: int) -> None:
    ports.standings.put_all([Write(Standing(person=person), None) for person in people(count)])


def waiting(count: int) -> list[Deferral]:
    return [replace(DEFERRAL, person=person) for person in people(count)]


def asked(overheard: Overheard, operation: str) -> list[int]:
    """Return how many entries each request of a batch had."""
    sizes = []
    for request in overheard.of(operation):
        ((_, entries),) = request["RequestItems"].items()
        sizes.append(len(entries if isinstance(entries, list) else entries["Keys"]))
    return sizes


def test_keys_that_dynamodb_left_over_are_asked_for_again(opened: Callable[[Overheard], Ports]) -> None:
    miser = Miserly(most=4)
    ports = opened(miser)
    stand(ports, 10)
    assert sorted(ports.standings.get_all(people(10))) == people(10)
    assert asked(miser, "BatchGetItem") == [10, 6, 2]


def test_keys_left_over_are_read_as_consistently_as_the_first(opened: Callable[[Overheard], Ports]) -> None:
    miser = Miserly(most=1)
    ports = opened(miser)
    stand(ports, 3)
    ports.standings.get_all(people(3))
    tables = [next(iter(request["RequestItems"].values())) for request in miser.of("BatchGetItem")]
    assert [table["ConsistentRead"] for table in tables] == [True, True, True]


def test_a_batch_that_is_done_with_the_last_try_is_done(opened: Callable[[Overheard], Ports]) -> None:
    ports = opened(Miserly(most=1))
    stand(ports, 2 * MOST_TRIES)
    assert len(ports.standings.get_all(people(2 * MOST_TRIES))) == 2 * MOST_TRIES


def test_keys_that_are_left_over_every_time_are_an_error(opened: Callable[[Overheard], Ports]) -> None:
    ports = opened(Miserly(most=1))
    with pytest.raises(HomeUnavailable, match="UnprocessedKeys"):
        ports.standings.get_all(people(2 * MOST_TRIES + 1))


def test_a_key_that_is_named_twice_is_asked_for_once(opened: Callable[[Overheard], Ports]) -> None:
    overheard = Overheard()
    ports = opened(overheard)
    stand(ports, 1)
    assert list(ports.standings.get_all(["p000", "p000"])) == ["p000"]
    assert asked(overheard, "BatchGetItem") == [1]


def test_nothing_is_asked_for_no_keys(opened: Callable[[Overheard], Ports]) -> None:
    overheard = Overheard()
    ports = opened(overheard)
    assert ports.standings.get_all([]) == {}
    assert overheard.of("BatchGetItem") == []


def test_a_hundred_puts_are_batches_of_at_most_twenty_five(opened: Callable[[Overheard], Ports]) -> None:
    overheard = Overheard()
    ports = opened(overheard)
    ports.deferrals.add_all(waiting(90))
    assert sorted(asked(overheard, "BatchWriteItem")) == [15, 25, 25, 25]
    assert len(items_of(DEFERRALS)) == 90


def test_puts_that_dynamodb_left_over_are_written_again(opened: Callable[[Overheard], Ports]) -> None:
    miser = Miserly(most=7)
    ports = opened(miser)
    ports.deferrals.add_all(waiting(20))
    assert asked(miser, "BatchWriteItem") == [20, 13, 6]
    assert len(items_of(DEFERRALS)) == 20


def test_deletes_that_dynamodb_left_over_are_made_again(opened: Callable[[Overheard], Ports]) -> None:
    ports = opened(Miserly(most=7))
    ports.deferrals.add_all(waiting(20))
    ports.deferrals.remove_all(waiting(20))
    assert items_of(DEFERRALS) == []


def test_puts_that_are_left_over_every_time_are_an_error(opened: Callable[[Overheard], Ports]) -> None:
    ports = opened(Miserly(most=1))
    with pytest.raises(HomeUnavailable, match="UnprocessedItems"):
        ports.deferrals.add_all(waiting(2 * MOST_TRIES + 1))


def test_of_two_puts_of_one_key_the_last_counts(opened: Callable[[Overheard], Ports]) -> None:
    ports = opened(Overheard())
    ports.deferrals.add_all([DEFERRAL, replace(DEFERRAL, reason="last")])
    assert [d.reason for d in ports.deferrals.due(DEFERRAL.sender, AT)] == ["last"]


def test_nothing_is_asked_for_no_puts_and_no_deletes(opened: Callable[[Overheard], Ports]) -> None:
    overheard = Overheard()
    ports = opened(overheard)
    ports.deferrals.add_all([])
    ports.deferrals.remove_all([])
    assert overheard.of("BatchWriteItem") == []


def test_a_query_reads_on_where_dynamodbs_own_page_ends(opened: Callable[[Overheard], Ports]) -> None:
    overheard = Overheard()
    ports = opened(overheard)
    rows = [
        replace(DELIVERY, key=replace(DELIVERY.key, person=person), saw="x" * 40_000) for person in people(60)
    ]
    ports.ledger.put_all([Write(row, None) for row in rows])
    found = ports.ledger.of_chunk(DELIVERY.key.broadcast, DELIVERY.key.chunk)
    assert [row.key.person for row in found] == people(60)
    assert len(overheard.of("Query")) == 3


def test_a_query_of_an_index_reads_on_likewise(opened: Callable[[Overheard], Ports]) -> None:
    overheard = Overheard()
    ports = opened(overheard)
    events = [replace(CONSENT_EVENT, id=f"e{n:02}", detail="x" * 40_000) for n in range(60)]
    ports.consents.append(events)
    page = ports.consents.page(CONSENT_EVENT.person)
    assert ([event.id for event in page.items], page.next) == ([e.id for e in events], None)
    assert len(overheard.of("Query")) == 3


def test_a_page_of_people_is_whole_across_dynamodbs_own_pages(opened: Callable[[Overheard], Ports]) -> None:
    overheard = Overheard()
    ports = opened(overheard)
    ids = people_of_shard(3, 40)
    large = {"note": "x" * 40_000}
    ports.book.put_all([Write(replace(CONTACT, id=person, attributes=large), None) for person in ids])
    ports.standings.put_all([Write(Standing(person=person), None) for person in ids])
    page = ports.book.page(3)
    assert ([person.contact.id for person in page.items], page.next) == (ids, None)
    assert len(overheard.of("Query")) > 1


def consistency(overheard: Overheard) -> list[Any]:
    return [request.get("ConsistentRead", False) for request in overheard.of("Query")]


def test_a_partitions_own_index_is_read_strongly(opened: Callable[[Overheard], Ports]) -> None:
    overheard = Overheard()
    ports = opened(overheard)
    ports.chunks.ready("b", AT)
    ports.chunks.in_flight("b")
    ports.consents.page("p1")
    assert consistency(overheard) == [True, True, True]


def test_a_global_index_is_never_asked_for_a_strong_read(opened: Callable[[Overheard], Ports]) -> None:
    overheard = Overheard()
    ports = opened(overheard)
    ports.broadcasts.page()
    ports.broadcasts.open()
    ports.deferrals.of_broadcast("b")
    assert not any(consistency(overheard))
