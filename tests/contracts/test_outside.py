"""Queues, schedules and objects, on every home."""

from __future__ import annotations

import pytest

from chalicelib.errors import NotFound
from chalicelib.ports import Ports
from tests.contracts.homes import HomeUnderTest
from tests.contracts.threads import side_by_side
from tests.contracts.values import AT


def test_a_queue_gives_every_body_as_it_was_sent(home: HomeUnderTest) -> None:
    bodies = [f'{{"n":{k},"text":"été ✓"}}' for k in range(100)]
    home.ports.queues.send("send", bodies)
    home.ports.queues.send("plan", ["other"])
    assert sorted(home.queued("send")) == sorted(bodies)


def test_sending_nothing_is_no_error(home: HomeUnderTest) -> None:
    home.ports.queues.send("send", [])
    assert home.queued("send") == []


def test_a_schedule_of_one_name_is_created_once(home: HomeUnderTest) -> None:
    home.ports.schedules.create("wave-1", AT, '{"wave":1}')
    home.ports.schedules.create("wave-1", AT + 60_000, '{"wave":2}')
    home.ports.schedules.create("wave-2", AT, "{}")
    assert home.scheduled() == {"wave-1": (AT, '{"wave":1}'), "wave-2": (AT, "{}")}


def test_a_cancelled_schedule_wakes_nobody(home: HomeUnderTest) -> None:
    home.ports.schedules.create("wave-1", AT, "{}")
    home.ports.schedules.cancel("wave-1")
    home.ports.schedules.cancel("unknown")
    assert home.scheduled() == {}


def test_an_object_comes_back_whole_and_in_part(ports: Ports) -> None:
    body = bytes(range(256)) * 10
    ports.objects.put("plans/parts/a.jsonl", body)
    ports.objects.put("plans/parts/a.jsonl", body)
    assert ports.objects.get("plans/parts/a.jsonl") == body
    assert ports.objects.get_range("plans/parts/a.jsonl", 250, 260) == body[250:260]


def test_an_object_is_added_once_and_the_first_stays(ports: Ports) -> None:
    assert ports.objects.add("keys/salt", b"first")
    assert not ports.objects.add("keys/salt", b"second")
    assert not ports.objects.add("keys/salt", b"first")
    assert ports.objects.get("keys/salt") == b"first"


def test_of_many_who_add_an_object_at_once_one_succeeds(ports: Ports) -> None:
    added: list[bytes] = []

    def add(body: bytes) -> None:
        if ports.objects.add("keys/salt", body):
            added.append(body)

    side_by_side([lambda k=k: add(b"%d" % k) for k in range(16)])  # type: ignore[misc]
    assert [ports.objects.get("keys/salt")] == added


def test_an_absent_object_is_none_and_a_part_of_it_is_not_found(ports: Ports) -> None:
    assert ports.objects.get("plans/parts/none") is None
    with pytest.raises(NotFound):
        ports.objects.get_range("plans/parts/none", 0, 1)


def test_an_empty_object_is_an_object(ports: Ports) -> None:
    ports.objects.put("empty", b"")
    assert ports.objects.get("empty") == b""


def test_a_directory_is_no_object(ports: Ports) -> None:
    ports.objects.put("plans/parts/a", b"1")
    assert ports.objects.get("plans/parts") is None
    assert ports.objects.get("plans/parts/a/b") is None


def test_a_secret_that_was_never_set_is_none(ports: Ports) -> None:
    assert ports.secrets.get("NO_SUCH_SECRET") is None
