"""Conditional writes: everything with a version keeps the promise at the head of `ports.py`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

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
        {"idle_reason": "none"},
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


def test_in_a_batch_each_condition_stands_alone(ports: Ports) -> None:
    people = [replace(values.STANDING, person=f"p{k}") for k in range(3)]
    ports.standings.put(people[1], expected_version=None)
    assert list(ports.standings.put_all([Write(p, None) for p in people])) == [True, False, True]
    assert set(ports.standings.get_all(["p0", "p1", "p2", "p3"])) == {"p0", "p1", "p2"}
