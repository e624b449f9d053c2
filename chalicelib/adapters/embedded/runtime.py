"""The loop that plays Lambda: queue rows, due schedules and timers become the events of `app.py`.

Every queue has threads of its own, so that nothing waits behind anything else:
an opt-out is recorded while a thousand receipts are queued.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.embedded.home import EmbeddedHome
from chalicelib.adapters.embedded.queues import Received
from chalicelib.log import log

Handler = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """How one queue is worked: its handler, messages per event, events at once, seconds in hand."""

    queue: str
    handler: Handler
    batch: int = 1
    concurrency: int = 1
    visibility_ms: int = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A handler woken every `every_ms`."""

    name: str
    handler: Handler
    every_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """What the runtime feeds: consumers of queues, timers, and the schedules' handler."""

    consumers: Sequence[Consumer]
    timers: Sequence[Timer]
    scheduled: Handler


def handlers_of() -> Handlers:
    """Return the table of `app.py`, with this home's numbers."""
    import app

    return Handlers(
        consumers=(
            Consumer(queue="plan", handler=app.fan_out, concurrency=2, visibility_ms=600_000),
            Consumer(queue="launch", handler=app.launch, visibility_ms=600_000),
            Consumer(queue="dispatch", handler=app.dispatch_due, batch=10),
            Consumer(queue="send", handler=app.send, concurrency=12, visibility_ms=120_000),
            Consumer(queue="receipts", handler=app.record_receipts, batch=10, concurrency=2),
            Consumer(queue="inbound", handler=app.record_inbound, batch=10),
        ),
        timers=(
            Timer(name="pace", handler=app.pace, every_ms=200),
            Timer(name="reconcile", handler=app.reconcile, every_ms=2_000),
        ),
        scheduled=app.dispatch,
    )


def sqs_event(messages: Sequence[Received]) -> dict[str, Any]:
    """Return the event SQS gives Lambda for these messages."""
    return {
        "Records": [
            {
                "messageId": str(m.id),
                "receiptHandle": m.receipt,
                "body": m.body,
                "attributes": {"ApproximateReceiveCount": str(m.receives)},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:local:000000000000:{m.queue}",
                "awsRegion": "local",
            }
            for m in messages
        ]
    }


class Runtime:
    """Feeds the handlers of one home. `start` and `stop` for a worker, `drain` and `step` inline."""

    def __init__(self, home: EmbeddedHome, handlers: Handlers) -> None:
        self._home = home
        self._handlers = handlers
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to feed, in threads."""
        for consumer in self._handlers.consumers:
            for number in range(consumer.concurrency):
                self._thread(f"{consumer.queue}-{number}", lambda c=consumer: self._consume(c))
        for timer in self._handlers.timers:
            self._thread(timer.name, lambda t=timer: self._tick(t))
        self._thread("schedules", self._watch_schedules)

    def _thread(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        """Take nothing new, and wait a little for what is in hand."""
        self._stopping.set()
        with self._home.queues.arrived:
            self._home.queues.arrived.notify_all()
        until = time.monotonic() + 10
        for thread in self._threads:
            thread.join(timeout=max(0.0, until - time.monotonic()))

    def _consume(self, consumer: Consumer) -> None:
        while not self._stopping.is_set():
            if self._guarded(lambda: self.feed(consumer)):
                continue
            with self._home.queues.arrived:
                self._home.queues.arrived.wait(timeout=0.1)

    def _guarded(self, work: Callable[[], Any]) -> Any:
        """Run, and log what fails: the loop outlives any one event."""
        try:
            return work()
        except Exception:  # noqa: BLE001 - a full disk or a locked file may pass; the loop must not
            log.exception("runtime_failed")
            self._stopping.wait(1.0)
            return None

    def feed(self, consumer: Consumer) -> int:
        """Give one event to a queue's handler; returns how many messages it held."""
        messages = self._home.queues.receive(consumer.queue, consumer.batch, consumer.visibility_ms)
        if not messages:
            return 0
        try:
            answer = consumer.handler(sqs_event(messages), None) or {}
            failed = {item["itemIdentifier"] for item in answer.get("batchItemFailures", [])}
        except Exception:  # noqa: BLE001 - as on Lambda: the whole batch comes again
            log.exception("handler_failed", extra={"queue": consumer.queue})
            failed = {str(m.id) for m in messages}
        self._home.queues.delete([m for m in messages if str(m.id) not in failed])
        for message in messages:
            if str(message.id) in failed:
                self._home.queues.retry(message, min(60_000, 500 * 2**message.receives))
        return len(messages)

    def _tick(self, timer: Timer) -> None:
        while not self._stopping.is_set():
            started = time.monotonic()
            self._guarded(lambda: timer.handler({"timer": timer.name}, None))
            left = timer.every_ms / 1_000 - (time.monotonic() - started)
            self._stopping.wait(max(0.005, left))

    def _watch_schedules(self) -> None:
        while not self._stopping.is_set():
            self._guarded(self.fire_schedules)
            self._stopping.wait(0.1)

    def fire_schedules(self) -> int:
        """Wake the handler of every due schedule; each is forgotten only after it was handled."""
        due = self._home.schedules.due(self._home.clock.now())
        for schedule in due:
            self._handlers.scheduled(schedule.payload, None)
            self._home.schedules.cancel(schedule.name)
        return len(due)

    def drain(self, queues: Sequence[str], until: Callable[[], bool], *, most_seconds: float = 3_600) -> None:
        """Work some queues in this thread until `until` holds; another worker may be doing so too."""
        consumers = [c for c in self._handlers.consumers if c.queue in queues]
        deadline = time.monotonic() + most_seconds
        while not until() and time.monotonic() < deadline:
            if not sum(self.feed(consumer) for consumer in consumers):
                time.sleep(0.02)

    def step(self) -> int:
        """Do once everything that is due now, in a fixed order. For a virtual clock: deterministic."""
        done = self.fire_schedules()
        for timer in self._handlers.timers:
            timer.handler({"timer": timer.name}, None)
        for consumer in self._handlers.consumers:
            done += self.feed(consumer)
        return done
