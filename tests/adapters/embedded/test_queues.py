"""The consumer's side of the queues: visibility, redelivery, delay, dead letters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.adapters.embedded.database import MEMORY, in_directory
from chalicelib.adapters.embedded.home import EmbeddedHome
from chalicelib.adapters.embedded.queues import MOST_RECEIVES, Received, SqliteQueues
from chalicelib.audience.instant import DAY_MS
from tests.contracts.threads import side_by_side
from tests.fakes import FakeClock, SeededRandomness

VISIBILITY_MS = 60_000


@pytest.fixture
def clock() -> FakeClock:
    """A clock that only the test moves."""
    return FakeClock()


@pytest.fixture
def queues(clock: FakeClock) -> Iterator[SqliteQueues]:
    """Empty queues in memory."""
    home = EmbeddedHome(MEMORY, clock=clock, randomness=SeededRandomness())
    yield home.queues
    home.close()


def take(queues: SqliteQueues, most: int = 10) -> list[Received]:
    """Take messages of the one queue these tests use."""
    return queues.receive("send", most, VISIBILITY_MS)


def test_messages_are_received_in_the_order_they_were_sent(queues: SqliteQueues) -> None:
    queues.send("send", ["1", "2"])
    queues.send("send", ["3"])
    assert [m.body for m in take(queues, 2)] == ["1", "2"]
    assert [m.body for m in take(queues)] == ["3"]


def test_a_message_in_hand_is_seen_by_nobody_else_until_its_time_is_up(
    queues: SqliteQueues, clock: FakeClock
) -> None:
    queues.send("send", ["1"])
    assert [m.receives for m in take(queues)] == [1]
    clock.advance(VISIBILITY_MS - 1)
    assert take(queues) == []
    clock.advance(1)
    assert [m.receives for m in take(queues)] == [2]


def test_a_deleted_message_never_comes_back(queues: SqliteQueues, clock: FakeClock) -> None:
    queues.send("send", ["1"])
    queues.delete(take(queues))
    clock.advance(10 * VISIBILITY_MS)
    assert take(queues) == []
    assert queues.waiting("send") == 0


def test_whoever_lost_a_message_can_neither_delete_it_nor_keep_it(
    queues: SqliteQueues, clock: FakeClock
) -> None:
    queues.send("send", ["1"])
    lost = take(queues)
    clock.advance(VISIBILITY_MS)
    now_holding = take(queues)
    queues.delete(lost)
    assert queues.waiting("send") == 1
    assert not queues.extend(lost[0], VISIBILITY_MS)
    assert queues.extend(now_holding[0], VISIBILITY_MS)


def test_a_message_kept_longer_stays_in_hand_longer(queues: SqliteQueues, clock: FakeClock) -> None:
    queues.send("send", ["1"])
    (message,) = take(queues)
    clock.advance(VISIBILITY_MS - 1)
    assert queues.extend(message, VISIBILITY_MS)
    clock.advance(VISIBILITY_MS - 1)
    assert take(queues) == []


def test_a_delayed_message_comes_when_its_delay_is_over(queues: SqliteQueues, clock: FakeClock) -> None:
    queues.send("send", ["late"], delay_seconds=90)
    queues.send("send", ["now"])
    assert [m.body for m in take(queues)] == ["now"]
    assert queues.visible("send") == 0
    clock.advance(90_000)
    assert queues.visible("send") == 2  # the other one's time in hand is up as well
    assert {m.body for m in take(queues)} == {"late", "now"}


def test_a_message_tried_too_often_is_set_aside_and_can_be_replayed(
    queues: SqliteQueues, clock: FakeClock
) -> None:
    queues.send("send", ["poison"])
    for _ in range(MOST_RECEIVES):
        assert len(take(queues)) == 1
        clock.advance(VISIBILITY_MS)
    assert take(queues) == []
    (letter,) = queues.dead_letters("send")
    assert (letter.queue, letter.body, letter.receives) == ("send", "poison", MOST_RECEIVES)
    assert queues.waiting("send") == 0
    queues.replay(letter)
    queues.replay(letter)
    assert queues.dead_letters("send") == []
    assert [m.receives for m in take(queues)] == [1]


def test_what_a_dead_worker_had_in_hand_is_visible_at_once(queues: SqliteQueues) -> None:
    queues.send("send", ["1"])
    queues.send("send", ["delayed"], delay_seconds=900)
    take(queues)
    queues.release_all()
    assert [m.body for m in take(queues)] == ["1"]


def test_of_many_consumers_each_message_goes_to_one(tmp_path: Path) -> None:
    database = in_directory(tmp_path)
    queues = SqliteQueues(database, FakeClock())
    for start in range(0, 200, 100):
        queues.send("send", [str(start + k) for k in range(100)])
    taken: list[str] = []

    def consume() -> None:
        while messages := take(queues, 3):
            taken.extend(m.body for m in messages)
            queues.delete(messages)

    side_by_side([consume] * 8)
    assert sorted(map(int, taken)) == list(range(200))
    database.close()


def test_messages_and_dead_letters_of_more_than_fourteen_days_are_forgotten_and_no_others(
    queues: SqliteQueues, clock: FakeClock
) -> None:
    queues.send("send", ["dead"])
    for _ in range(MOST_RECEIVES + 1):
        queues.receive("send", 1, 0)
    queues.send("send", [str(n) for n in range(1_200)])
    clock.advance(7 * DAY_MS)
    queues.send("aside", ["a week later"])
    clock.advance(7 * DAY_MS)
    queues.forget_old()
    assert len(queues.dead_letters("send")) == 1
    clock.advance(1)
    queues.forget_old()
    assert queues.dead_letters("send") == []
    assert (queues.waiting("send"), queues.waiting("aside")) == (0, 1)
