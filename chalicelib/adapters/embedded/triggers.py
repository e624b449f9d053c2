"""Which handler of `app.py` each queue, timer and schedule feeds, and the event it gets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.embedded.queues import Received
from chalicelib.audience.instant import Instant

Handler = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """How one queue is worked: its handler, messages per event, events at once, time in hand.

    `gather_ms` is how long messages may gather after an event that was not full, as a
    batching window does on AWS; a virtual clock does not wait for it. `goes_first` is the work
    that has its instant; while it is in hand the others take `share` of the time.
    """

    queue: str
    handler: Handler
    batch: int = 1
    concurrency: int = 1
    visibility_ms: int = 60_000
    gather_ms: int = 0
    goes_first: bool = False
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A handler woken every `every_ms`."""

    name: str
    handler: Handler
    every_ms: int


GATHER_RECEIPTS_MS = 1_000
"""What one message's `sent` and `delivered` mostly are apart: together they are one write of its row."""
SHARE_OF_RECEIPTS = 0.25
"""A slot that is missed is lost; a receipt that waits is one write with the next of its message."""
OFTEN_MS = 60_000
"""Timers of less than this are woken at every step of a virtual clock, unless a stage says otherwise."""


class Rounds:
    """Says which timers a virtual clock has come to; the seldom ones not before their first round is over."""

    def __init__(self, timers: Sequence[Timer], now: Instant, *, often_ms: int = OFTEN_MS) -> None:
        self._timers = timers
        self._next = {timer.name: now + timer.every_ms for timer in timers if timer.every_ms >= often_ms}

    def due(self, now: Instant) -> list[Timer]:
        """Return those to be woken now, and count their next round from now."""
        found = [timer for timer in self._timers if self._next.get(timer.name, now) <= now]
        self._next |= {timer.name: now + timer.every_ms for timer in found if timer.name in self._next}
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """What the runtime feeds: consumers of queues, timers, and the schedules' handler."""

    consumers: Sequence[Consumer]
    timers: Sequence[Timer]
    scheduled: Handler


def handlers_of(app: Any) -> Handlers:
    """Return the table of `app`, the module with every trigger, with this home's numbers."""
    return Handlers(
        consumers=(
            Consumer(queue="plan", handler=app.fan_out, concurrency=2, visibility_ms=600_000),
            Consumer(queue="launch", handler=app.launch, visibility_ms=600_000),
            Consumer(queue="dispatch", handler=app.dispatch_due, batch=10),
            Consumer(queue="send", handler=app.send, concurrency=32, visibility_ms=120_000, goes_first=True),
            Consumer(
                queue="receipts",
                handler=app.record_receipts,
                batch=100,
                concurrency=2,
                gather_ms=GATHER_RECEIPTS_MS,
                share=SHARE_OF_RECEIPTS,
            ),
            Consumer(queue="inbound", handler=app.record_inbound, batch=10),
            Consumer(queue="handoff", handler=app.hand_off, concurrency=2),
        ),
        timers=(
            Timer(name="pace", handler=app.pace, every_ms=200),
            Timer(name="reconcile", handler=app.reconcile, every_ms=2_000),
            Timer(name="sweep", handler=app.sweep, every_ms=3_600_000),
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
