"""Conditional writes: everything with a version keeps the promise at the head of `ports.py`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.audience.contact import shard_of
from chalicelib.ports import Ports, Write
from tests.contracts import values
from tests.contracts.threads import side_by_side


@dataclass(frozen=True)
class Stored:
    """A kind of item: one example, one changed field, and how its port stores and finds it."""

    example: Any
    changed: Any
    put: Callable[[Ports, Any, int | None], bool]
    get: Callable[[Ports], Any]


KINDS = {
    "contact": Stored(
        values.CONTACT,
        {"first_name": "Other"},
        lambda p, item, v: p.book.put_all([Write(item, v)])[0],
        lambda p: p.book.get("p1"),
    ),
    "standing": Stored(
        values.STANDING,
        {"erased": False},
        lambda p, item, v: p.standings.put(item, expected_version=v),
        lambda p: p.standings.get("p1"),
    ),
    "broadcast": Stored(
        values.BROADCAST,
        {"idle_reason": "none", "recipient": ""},
        lambda p, item, v: p.broadcasts.put(item, expected_version=v),
        lambda p: p.broadcasts.get("soldes.1"),
    ),
    "chunk": Stored(
        values.CHUNK,
        {"remaining": 1},
        lambda p, item, v: p.chunks.put(item, expected_version=v),
        lambda p: p.chunks.get("soldes.1", "000-00001"),
    ),
    "delivery": Stored(
        values.DELIVERY,
        {"saw": "other"},
        lambda p, item, v: p.ledger.put_all([Write(item, v)])[0],
        lambda p: p.ledger.get_all([values.DELIVERY.key]).get(values.DELIVERY.key),
    ),
    "sender's control item": Stored(
        values.CONTROL,
        {"fence": 9},
        lambda p, item, v: p.senders.put(item, expected_version=v),
        lambda p: p.senders.get("boutique"),
    ),
    "quota": Stored(
        values.QUOTA,
        {"buckets": {1: 1}},
        lambda p, item, v: p.senders.put_quota(item, expected_version=v),
        lambda p: p.senders.quota("boutique-group"),
    ),
    "registered template": Stored(
        values.REGISTERED,
        {"status": "APPROVED"},
        lambda p, item, v: p.registry.put_all([Write(item, v)])[0],
        lambda p: p.registry.get("102290129340398", "soldes_hiver", "pt_BR"),
    ),
    "planning": Stored(
        values.PLANNING,
        {"problems": ()},
        lambda p, item, v: p.plans.add(item) if v is None else p.plans.put(item, expected_version=v),
        lambda p: p.plans.get("plan-1"),
    ),
}

each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@each_kind
def test_nothing_is_found_before_it_is_stored(ports: Ports, kind: Stored) -> None:
    assert kind.get(ports) is None


@each_kind
def test_what_is_stored_comes_back_whole_as_version_one(ports: Ports, kind: Stored) -> None:
    assert kind.put(ports, kind.example, None)
    assert kind.get(ports) == replace(kind.example, version=1)


@each_kind
def test_storing_anew_what_is_there_is_refused_and_changes_nothing(ports: Ports, kind: Stored) -> None:
    kind.put(ports, kind.example, None)
    assert not kind.put(ports, replace(kind.example, **kind.changed), None)
    assert kind.get(ports) == replace(kind.example, version=1)


@each_kind
def test_a_write_on_the_version_read_raises_it_by_one(ports: Ports, kind: Stored) -> None:
    kind.put(ports, kind.example, None)
    changed = replace(kind.example, **kind.changed, version=99)
    assert kind.put(ports, changed, 1)
    assert kind.get(ports) == replace(changed, version=2)


@each_kind
@pytest.mark.parametrize("version", [1, 3])
def test_a_write_on_another_version_is_refused_and_changes_nothing(
    ports: Ports, kind: Stored, version: int
) -> None:
    kind.put(ports, kind.example, None)
    kind.put(ports, kind.example, 1)
    assert not kind.put(ports, replace(kind.example, **kind.changed), version)
    assert kind.get(ports) == replace(kind.example, version=2)


@each_kind
def test_a_write_on_a_version_of_what_is_not_there_is_refused(ports: Ports, kind: Stored) -> None:
    assert not kind.put(ports, kind.example, 1)
    assert kind.get(ports) is None


@each_kind
def test_of_many_who_write_at_once_on_one_version_one_succeeds(ports: Ports, kind: Stored) -> None:
    kind.put(ports, kind.example, None)
    won: list[bool] = []
    together = threading.Barrier(8)

    def write() -> None:
        together.wait()
        won.append(kind.put(ports, kind.example, 1))

    side_by_side([write] * 8)
    assert won.count(True) == 1
    assert kind.get(ports).version == 2


def test_no_update_is_lost_between_sixteen_writers(ports: Ports) -> None:
    ports.standings.put(replace(values.STANDING, suppressed={"count": 0}), expected_version=None)

    def count_one() -> None:
        for _ in range(10):
            while True:
                standing = ports.standings.get("p1")
                assert standing is not None
                wanted = replace(standing, suppressed={"count": standing.suppressed["count"] + 1})
                if ports.standings.put(wanted, expected_version=standing.version):
                    break

    side_by_side([count_one] * 16)
    standing = ports.standings.get("p1")
    assert standing is not None
    assert (standing.suppressed["count"], standing.version) == (160, 161)


@dataclass(frozen=True)
class Batch:
    """A kind of item that is written and found by the hundred: its port's two methods, and one of many."""

    put_all: Callable[[Ports, Sequence[Write[Any]]], Sequence[bool]]
    get_all: Callable[[Ports, Sequence[Any]], Mapping[Any, Any]]
    numbered: Callable[[int], Any]
    key_of: Callable[[Any], Any]


BATCHES = {
    "contacts": Batch(
        lambda p, writes: p.book.put_all(writes),
        lambda p, keys: p.book.get_all(keys),
        lambda k: replace(values.CONTACT, id=f"p{k}"),
        lambda item: item.id,
    ),
    "standings": Batch(
        lambda p, writes: p.standings.put_all(writes),
        lambda p, keys: p.standings.get_all(keys),
        lambda k: replace(values.STANDING, person=f"p{k}"),
        lambda item: item.person,
    ),
    "deliveries": Batch(
        lambda p, writes: p.ledger.put_all(writes),
        lambda p, keys: p.ledger.get_all(keys),
        lambda k: replace(values.DELIVERY, key=replace(values.DELIVERY.key, person=f"p{k}")),
        lambda item: item.key,
    ),
}


@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_in_a_batch_of_a_hundred_each_condition_stands_alone(ports: Ports, batch: Batch) -> None:
    items = [batch.numbered(k) for k in range(100)]
    batch.put_all(ports, [Write(item, None) for item in items[::3]])
    answers = batch.put_all(ports, [Write(item, k % 2 or None) for k, item in enumerate(items)])
    assert list(answers) == [bool(k % 3) != bool(k % 2) for k in range(100)]


@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_a_hundred_are_found_together_and_absent_ones_left_out(ports: Ports, batch: Batch) -> None:
    items = [batch.numbered(k) for k in range(100)]
    batch.put_all(ports, [Write(item, None) for item in items[:90]])
    found = batch.get_all(ports, [batch.key_of(item) for item in reversed(items)])
    assert found == {batch.key_of(item): replace(item, version=1) for item in items[:90]}


READS: Mapping[str, Callable[[Ports], Any]] = {
    "contact among some": lambda p: p.book.get_all(["p1"])["p1"],
    "contact on a page": lambda p: p.book.page(shard_of("p1")).items[0].contact,
    "standing, maybe a moment old": lambda p: p.standings.get("p1", consistent=False),
    "standing among some": lambda p: p.standings.get_all(["p1"])["p1"],
    "standing on a page": lambda p: p.book.page(shard_of("p1")).items[0].standing,
    "broadcast on a page": lambda p: p.broadcasts.page().items[0],
    "open broadcast": lambda p: p.broadcasts.open().items[0],
    "chunk on a page": lambda p: p.chunks.page("soldes.1").items[0],
    "chunk in flight": lambda p: p.chunks.in_flight("soldes.1")[0],
    "delivery, maybe a moment old": lambda p: p.ledger.get_all([values.DELIVERY.key], consistent=False)[
        values.DELIVERY.key
    ],
    "delivery of a chunk": lambda p: p.ledger.of_chunk("soldes.1", "000-00001")[0],
    "planning, its task finished long ago": lambda p: p.plans.finish_task("plan-1", 0, "summaries/other"),
}


def test_the_second_write_and_its_version_are_found_however_an_item_is_read(ports: Ports) -> None:
    wanted = {}
    for kind in KINDS.values():
        changed = replace(kind.example, **kind.changed, version=99)
        assert kind.put(ports, kind.example, None)
        assert kind.put(ports, changed, 1)
        wanted[type(changed)] = replace(changed, version=2)
    found = {how: read(ports) for how, read in READS.items()}
    assert found == {how: wanted[type(item)] for how, item in found.items()}
