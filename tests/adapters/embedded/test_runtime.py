"""The loop that plays Lambda: what it gives handlers, and what it does with their answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.embedded.home import EmbeddedHome, open_home
from chalicelib.adapters.embedded.queues import MOST_RECEIVES
from chalicelib.adapters.embedded.runtime import Consumer, Handlers, Runtime, Timer, backoff_ms
from chalicelib.adapters.embedded.triggers import Rounds
from tests.fakes import FakeClock, SeededRandomness


class Recorder:
    """A handler that remembers the bodies it was given and fails those it is told to."""

    def __init__(self) -> None:
        self.events: list[list[str]] = []
        self.failing: set[str] = set()
        self.raising = False
        self.seen = threading.Event()

    @property
    def bodies(self) -> list[str]:
        """All bodies, in the order they came."""
        return [body for event in self.events for body in event]

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Play a handler of `app.py`."""
        records = event["Records"]
        self.events.append([record["body"] for record in records])
        self.seen.set()
        if self.raising:
            raise RuntimeError("a fault of ours")
        failed = [r["messageId"] for r in records if r["body"] in self.failing]
        return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


class Woken:
    """A schedules' handler that remembers its payloads and fails those it is told to."""

    def __init__(self) -> None:
        self.payloads: list[str] = []
        self.failing: set[str] = set()

    def __call__(self, event: str, context: Any) -> None:
        """Play `dispatch`."""
        self.payloads.append(event)
        if event in self.failing:
            raise RuntimeError("a fault of ours")


class Stage:
    """A home in virtual time with one handler of each kind."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.home = EmbeddedHome(":memory:", clock=self.clock, randomness=SeededRandomness())
        self.send = Recorder()
        self.receipts = Recorder()
        self.woken = Woken()
        self.ticks: list[Any] = []
        handlers = Handlers(
            consumers=(
                Consumer(queue="send", handler=self.send),
                Consumer(queue="receipts", handler=self.receipts, batch=10),
            ),
            timers=(Timer(name="pace", handler=lambda event, _: self.ticks.append(event), every_ms=200),),
            scheduled=self.woken,
        )
        self.runtime = Runtime(self.home, handlers)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A home in virtual time."""
    built = Stage()
    yield built
    built.home.close()


def test_a_step_does_all_that_is_due_and_counts_it(stage: Stage) -> None:
    stage.home.queues.send("send", ["1", "2", "3"])
    stage.home.queues.send("receipts", [str(k) for k in range(12)])
    stage.home.schedules.create("wave", stage.clock.now(), "{}")
    assert stage.runtime.step() == 16
    assert stage.send.events == [["1"], ["2"], ["3"]]
    assert [len(event) for event in stage.receipts.events] == [10, 2]
    assert stage.woken.payloads == ["{}"]
    assert stage.ticks == [{"timer": "pace"}]
    assert stage.runtime.step() == 0


def test_an_event_has_the_shape_that_lambda_gets_from_sqs(stage: Stage) -> None:
    events: list[Any] = []
    consumer = Consumer(queue="send", handler=lambda event, _: events.append(event))
    stage.home.queues.send("send", ["body"])
    assert stage.runtime.feed(consumer) == 1
    (record,) = events[0]["Records"]
    assert record["body"] == "body"
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].endswith(":send")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageId"]
    assert record["receiptHandle"]


def test_only_the_records_named_as_failed_come_again_and_later_each_time(stage: Stage) -> None:
    stage.receipts.failing = {"bad"}
    stage.home.queues.send("receipts", ["good", "bad"])
    stage.runtime.step()
    stage.runtime.step()
    assert stage.receipts.bodies == ["good", "bad"]
    stage.clock.advance(backoff_ms(1))
    stage.runtime.step()
    assert stage.receipts.bodies == ["good", "bad", "bad"]
    stage.clock.advance(backoff_ms(2) - 1)
    stage.runtime.step()
    assert len(stage.receipts.bodies) == 3
    stage.clock.advance(1)
    stage.runtime.step()
    assert len(stage.receipts.bodies) == 4


def test_a_handler_that_raises_gets_the_whole_batch_again(stage: Stage) -> None:
    stage.receipts.raising = True
    stage.home.queues.send("receipts", ["1", "2"])
    stage.runtime.step()
    stage.receipts.raising = False
    stage.clock.advance(backoff_ms(1))
    stage.runtime.step()
    assert stage.receipts.events == [["1", "2"], ["1", "2"]]
    assert stage.home.queues.waiting("receipts") == 0


def test_what_always_fails_ends_as_a_dead_letter_and_holds_up_nobody(stage: Stage) -> None:
    stage.send.failing = {"poison"}
    stage.home.queues.send("send", ["poison"])
    for number in range(MOST_RECEIVES + 1):
        stage.home.queues.send("send", [f"good {number}"])
        stage.runtime.step()
        stage.clock.advance(backoff_ms(number + 1))
    assert stage.send.bodies.count("poison") == MOST_RECEIVES
    assert [letter.body for letter in stage.home.queues.dead_letters("send")] == ["poison"]
    assert stage.home.queues.waiting("send") == 0


def test_a_schedule_fires_at_its_instant_once(stage: Stage) -> None:
    stage.home.schedules.create("wave", stage.clock.now() + 1_000, '{"wave":1}')
    stage.clock.advance(999)
    stage.runtime.step()
    assert stage.woken.payloads == []
    stage.clock.advance(1)
    stage.runtime.step()
    stage.clock.advance(100_000)
    stage.runtime.step()
    assert stage.woken.payloads == ['{"wave":1}']


def test_a_schedule_whose_handler_fails_comes_again_and_holds_up_no_other(stage: Stage) -> None:
    stage.woken.failing = {"bad"}
    stage.home.schedules.create("a", stage.clock.now(), "bad")
    stage.home.schedules.create("b", stage.clock.now(), "good")
    stage.runtime.step()
    stage.runtime.step()
    assert stage.woken.payloads == ["bad", "good"]
    stage.clock.advance(backoff_ms(1))
    stage.runtime.step()
    stage.clock.advance(backoff_ms(2))
    stage.woken.failing.clear()
    stage.runtime.step()
    stage.clock.advance(10 * backoff_ms(9))
    stage.runtime.step()
    assert stage.woken.payloads == ["bad", "good", "bad", "bad"]


def test_draining_works_only_the_queues_named(stage: Stage) -> None:
    stage.home.queues.send("send", ["1", "2"])
    stage.home.queues.send("receipts", ["3"])
    stage.runtime.drain(["send"], lambda: len(stage.send.bodies) == 2)
    assert stage.receipts.bodies == []


@pytest.mark.parametrize(("tries", "seconds"), [(1, 1), (2, 4), (3, 16), (4, 60), (50, 60)])
def test_the_wait_before_another_try_grows_to_a_minute(tries: int, seconds: int) -> None:
    assert backoff_ms(tries) == seconds * 1_000


class Working:
    """A home on the machine's clock with a running runtime."""

    def __init__(self, path: Path) -> None:
        self.home = open_home(path)
        self.send = Recorder()
        self.receipts = Recorder()
        self.blocked = threading.Event()
        self.release = threading.Event()
        self.ticks = 0
        self.worked: list[float] = []
        handlers = Handlers(
            consumers=(
                Consumer(queue="send", handler=self.send, concurrency=2),
                Consumer(queue="slow", handler=self._block, goes_first=True),
                Consumer(queue="patient", handler=self._work, share=0.1),
                Consumer(queue="receipts", handler=self.receipts, batch=10, gather_ms=800),
            ),
            timers=(Timer(name="pace", handler=self._tick, every_ms=10),),
            scheduled=lambda event, context: self.home.queues.send("send", [event]),
        )
        self.runtime = Runtime(self.home, handlers)
        self.runtime.start()

    def _block(self, event: Any, context: Any) -> None:
        self.blocked.set()
        self.release.wait(5)

    def _work(self, event: Any, context: Any) -> None:
        self.worked.append(time.monotonic())
        time.sleep(0.03)

    def _tick(self, event: Any, context: Any) -> None:
        self.ticks += 1
        raise RuntimeError("a fault that must not end the timer")

    def close(self) -> None:
        """Stop working."""
        self.release.set()
        self.runtime.stop()
        self.home.close()


@pytest.fixture
def working(tmp_path: Path) -> Iterator[Working]:
    """A worker."""
    built = Working(tmp_path / "home")
    yield built
    built.close()


def test_a_message_is_worked_within_a_blink_also_while_another_queue_is_held_up(working: Working) -> None:
    working.home.queues.send("slow", ["held up"])
    assert working.blocked.wait(5)
    delays = []
    for number in range(10):
        working.send.seen.clear()
        started = time.monotonic()
        working.home.queues.send("send", [str(number)])
        assert working.send.seen.wait(5)
        delays.append(time.monotonic() - started)
    assert sorted(delays)[len(delays) // 2] < 0.05


def test_where_messages_may_gather_the_first_is_worked_at_once_and_those_behind_it_together(
    working: Working,
) -> None:
    working.home.queues.send("receipts", ["first"])
    assert working.receipts.seen.wait(5)
    for number in range(5):
        working.home.queues.send("receipts", [str(number)])
    until = time.monotonic() + 5
    while len(working.receipts.bodies) < 6 and time.monotonic() < until:
        time.sleep(0.01)
    assert working.receipts.events == [["first"], ["0", "1", "2", "3", "4"]]


def test_while_what_goes_first_is_in_hand_the_others_take_their_share_of_the_time(working: Working) -> None:
    working.home.queues.send("slow", ["goes first"])
    assert working.blocked.wait(5)
    working.home.queues.send("patient", ["a", "b", "c"])
    until = time.monotonic() + 5
    while len(working.worked) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    first, second, third = working.worked
    assert min(second - first, third - second) >= 0.29


def test_what_another_process_queues_is_worked_too(working: Working, tmp_path: Path) -> None:
    other = open_home(tmp_path / "home")
    other.queues.send("send", ["from elsewhere"])
    other.close()
    assert working.send.seen.wait(5)


def test_due_schedules_wake_their_handler(working: Working) -> None:
    working.home.schedules.create("wave", working.home.clock.now() + 20, "{}")
    assert working.send.seen.wait(5)


def test_stopping_lets_what_is_in_hand_end_and_takes_nothing_new(working: Working) -> None:
    working.home.queues.send("slow", ["in hand"])
    assert working.blocked.wait(5)
    threading.Timer(0.1, working.release.set).start()
    working.runtime.stop()
    assert working.home.queues.waiting("slow") == 0
    working.home.queues.send("slow", ["too late"])
    assert working.home.queues.waiting("slow") == 1


def test_a_timer_survives_a_failing_handler(tmp_path: Path) -> None:
    failing = Working(tmp_path / "home")
    until = time.monotonic() + 5
    while failing.ticks < 2 and time.monotonic() < until:
        time.sleep(0.01)
    failing.close()
    assert failing.ticks >= 2


def test_on_a_virtual_clock_frequent_timers_are_woken_at_every_look_and_seldom_ones_each_round() -> None:
    often = Timer(name="pace", handler=print, every_ms=200)
    seldom = Timer(name="sweep", handler=print, every_ms=3_600_000)
    rounds = Rounds([often, seldom], 0)
    times = (0, 1, 3_600_000, 3_600_001, 8_000_000)
    looks = {now: [timer.name for timer in rounds.due(now)] for now in times}
    assert looks == {
        0: ["pace"],
        1: ["pace"],
        3_600_000: ["pace", "sweep"],
        3_600_001: ["pace"],
        8_000_000: ["pace", "sweep"],
    }
