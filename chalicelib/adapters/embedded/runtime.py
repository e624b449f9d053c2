"""The loop that plays Lambda: queue rows, due schedules and timers become the events of `app.py`.

Every queue has threads of its own, so that nothing waits behind anything else:
an opt-out is recorded while a thousand receipts are queued.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from chalicelib.adapters.embedded.home import EmbeddedHome
from chalicelib.adapters.embedded.queues import Received
from chalicelib.adapters.embedded.schedules import DueSchedule
from chalicelib.adapters.embedded.triggers import Consumer, Handlers, Rounds, Timer, handlers_of, sqs_event
from chalicelib.audience.instant import HOUR_MS
from chalicelib.log import log

POLL_SECONDS = 0.1
"""How late a delayed message, or one that another process queued, may be noticed."""

STOPPING_SECONDS = 10.0
MOST_BACKOFF_MS = 60_000


def backoff_ms(tries: int) -> int:
    """Return how long to wait after the given number of tries: 1 s, 4 s, 16 s, then a minute."""
    return min(MOST_BACKOFF_MS, 1_000 << 2 * min(tries - 1, 10))


class Runtime:
    """Feeds the handlers of one home. `start` and `stop` for a worker, `drain` and `step` inline."""

    def __init__(self, home: EmbeddedHome, handlers: Handlers) -> None:
        self._home = home
        self._handlers = handlers
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._urgent = 0
        self._counting = threading.Lock()
        self._timers = (*handlers.timers, Timer(name="forget", handler=self._forget, every_ms=HOUR_MS))
        self._rounds = Rounds(self._timers, home.clock.now())

    def start(self) -> None:
        """Begin to feed, in threads."""
        for consumer in self._handlers.consumers:
            for number in range(consumer.concurrency):
                self._thread(f"{consumer.queue}-{number}", partial(self._consume, consumer))
        for timer in self._timers:
            self._thread(timer.name, partial(self._tick, timer))
        self._thread("schedules", self._watch_schedules)

    def _forget(self, event: Any, context: Any) -> None:
        self._home.queues.forget_old()

    def _thread(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        """Take nothing new, and wait a little for what is in hand."""
        self._stopping.set()
        for consumer in self._handlers.consumers:
            self._home.queues.arrivals.announce(consumer.queue)
        until = time.monotonic() + STOPPING_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0.0, until - time.monotonic()))

    def _consume(self, consumer: Consumer) -> None:
        arrivals = self._home.queues.arrivals
        while not self._stopping.is_set():
            count, began = arrivals.count(consumer.queue), time.monotonic()
            fed = self._guarded(partial(self.feed, consumer))
            if fed and self._urgent:
                self._stopping.wait((time.monotonic() - began) * (1 / consumer.share - 1))
            if not fed:
                arrivals.wait_beyond(consumer.queue, count, POLL_SECONDS)
            elif fed < consumer.batch and consumer.gather_ms:
                self._stopping.wait(consumer.gather_ms / 1_000)

    def _guarded(self, work: Callable[[], Any]) -> Any:
        """Run, and log what fails: the loop outlives any one event."""
        try:
            return work()
        except Exception:  # noqa: BLE001 - a full disk or a locked file may pass; the loop must not
            if not self._stopping.is_set():
                log.exception("runtime_failed")
            self._stopping.wait(1.0)
            return None

    def feed(self, consumer: Consumer) -> int:
        """Give one event to a queue's handler; returns how many messages it held."""
        queues = self._home.queues
        messages = queues.receive(consumer.queue, consumer.batch, consumer.visibility_ms)
        if not messages:
            return 0
        with self._urgently(consumer):
            failed = self._failed(consumer, messages)
        done = [m for m in messages if str(m.id) not in failed]
        if done:
            queues.delete(done)
        for message in messages:
            if str(message.id) in failed:
                queues.extend(message, backoff_ms(message.receives))
        return len(messages)

    @contextmanager
    def _urgently(self, consumer: Consumer) -> Iterator[None]:
        """Count what goes first while it is in hand."""
        by = int(consumer.goes_first)
        with self._counting:
            self._urgent += by
        try:
            yield
        finally:
            with self._counting:
                self._urgent -= by

    def _failed(self, consumer: Consumer, messages: Sequence[Received]) -> set[str]:
        """Let the handler work an event; returns the ids of those that must come again."""
        try:
            answer = consumer.handler(sqs_event(messages), None) or {}
            return {str(item["itemIdentifier"]) for item in answer.get("batchItemFailures", [])}
        except Exception:  # noqa: BLE001 - as on Lambda: the whole batch comes again
            log.exception("handler_failed", extra={"queue": consumer.queue})
            return {str(m.id) for m in messages}

    def _tick(self, timer: Timer) -> None:
        while not self._stopping.is_set():
            started = time.monotonic()
            self._guarded(partial(timer.handler, {"timer": timer.name}, None))
            left = timer.every_ms / 1_000 - (time.monotonic() - started)
            self._stopping.wait(max(0.005, left))

    def _watch_schedules(self) -> None:
        while not self._stopping.is_set():
            self._guarded(self.fire_schedules)
            self._stopping.wait(POLL_SECONDS)

    def fire_schedules(self) -> int:
        """Wake the handler of every due schedule; each is forgotten only after it was handled."""
        due = self._home.schedules.due(self._home.clock.now())
        for schedule in due:
            self._fire(schedule)
        return len(due)

    def _fire(self, schedule: DueSchedule) -> None:
        try:
            self._handlers.scheduled(schedule.payload, None)
        except Exception:  # noqa: BLE001 - one that fails comes again, and holds up no other
            log.exception("schedule_failed", extra={"schedule": schedule.name})
            again = self._home.clock.now() + backoff_ms(schedule.tries)
            self._home.schedules.postpone(schedule, again)
        else:
            self._home.schedules.cancel(schedule.name)

    def drain(self, queues: Sequence[str], until: Callable[[], bool], *, most_seconds: float = 3_600) -> None:
        """Work some queues in this thread until `until` holds; another worker may be doing so too."""
        consumers = [c for c in self._handlers.consumers if c.queue in queues]
        deadline = time.monotonic() + most_seconds
        while not until() and time.monotonic() < deadline:
            if not sum(self.feed(consumer) for consumer in consumers):
                time.sleep(0.02)

    def step(self) -> int:
        """Do once everything that is due now, in a fixed order; returns how much it was.

        For a virtual clock: deterministic. What a handler queues is for the
        next queue in the order, or for the next step.
        """
        done = self.fire_schedules()
        for timer in self._rounds.due(self._home.clock.now()):
            timer.handler({"timer": timer.name}, None)
        for consumer in self._handlers.consumers:
            due = self._home.queues.visible(consumer.queue)
            while due > 0 and (fed := self.feed(consumer)):
                due -= fed
                done += fed
        return done


__all__ = ["Consumer", "Handlers", "Runtime", "Timer", "handlers_of", "sqs_event"]
