"""The AWS home on moto, and what AWS itself does there: wakes the handlers of `app.py` with its events.

Time is virtual also for SQS: its delays and visibility are counted on the
world's clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any
from unittest import mock

import moto.sqs.models
from moto.backends import get_backend

import app
from chalicelib.adapters.aws.home import NewClient
from chalicelib.adapters.aws.secrets import CACHED_MS
from chalicelib.adapters.embedded.triggers import Consumer, Rounds, handlers_of
from chalicelib.log import log
from chalicelib.ports import Ports
from tests.contracts.aws_home import ACCOUNT, REGION, Deployment, client_maker
from tests.fakes import FakeClock
from tests.fakes.quick_moto import quick_aws

BATCH = 10
"""Messages of one ReceiveMessage; an event source mapping puts several together."""


class AwsStage:
    """A deployment on moto whose triggers are played by `step`."""

    def __init__(
        self,
        clock: FakeClock,
        secrets: Mapping[str, str],
        *,
        new_client: NewClient | None = None,
        woken: Callable[[str, int], None] = lambda name, messages: None,
    ) -> None:
        """Make the deployment. `woken` hears of every event: the handler's name and its messages."""
        self.clock = clock
        self._woken = woken
        self._stack = ExitStack()
        self._stack.enter_context(quick_aws())
        in_virtual_time = partial(mock.patch.object, moto.sqs.models)
        self._stack.enter_context(in_virtual_time("unix_time_millis", clock.exact))
        self._stack.enter_context(in_virtual_time("unix_time", lambda: clock.exact() / 1_000))
        self.deployment = Deployment(
            clock, new_client=new_client or client_maker(), far_side=client_maker()
        ).create()
        self._stack.callback(self.deployment.home.close)
        self.deployment.secrets.create_secret(
            Name=self.deployment.name, SecretString=json.dumps(dict(secrets))
        )
        self._handlers = handlers_of(app)
        # Reconciling looks at everything, which moto makes dear; AWS too wakes it once a minute alone.
        self._rounds = Rounds(self._handlers.timers, clock.now(), often_ms=1_000)
        sources: list[Any] = app.app.event_sources
        configured = {source.queue: source.batch_size for source in sources}
        self._consumers = {c.queue: replace(c, batch=configured[c.queue]) for c in self._handlers.consumers}

    def ports(self, channels: Mapping[str, Any]) -> Ports:
        """Return the home's ports."""
        return self.deployment.home.ports(channels)

    def lock(self) -> int:
        """Return the epoch: on AWS nobody knows that a worker is gone before its lease is."""
        return 0

    def set_secrets(self, secrets: Mapping[str, str]) -> None:
        """Replace the home's secrets, and let pass the time for which they are cached."""
        self.deployment.secrets.put_secret_value(
            SecretId=self.deployment.name, SecretString=json.dumps(dict(secrets))
        )
        self.clock.advance(CACHED_MS)

    def close(self) -> None:
        """Put moto away."""
        self._stack.close()

    def step(self) -> int:
        """Do once everything that is due now, in a fixed order; returns how much it was."""
        done = self.fire_schedules()
        for timer in self._rounds.due(self.clock.now()):
            self.tick(timer.name)
        return done + sum(self.drain(queue) for queue in self._consumers)

    def tick(self, name: str) -> None:
        """Wake a timer's handler."""
        timer = next(t for t in self._handlers.timers if t.name == name)
        self._woken(name, 0)
        timer.handler({"timer": name}, None)

    def drain(self, queue: str) -> int:
        """Give a queue's handler all that is visible now."""
        consumer = self._consumers[queue]
        done, due = 0, self._visible(queue)
        while done < due and (fed := self._feed(consumer)):
            done += fed
        return done

    def fire_schedules(self) -> int:
        """Wake dispatch for every schedule that is due; a schedule is deleted when it is done."""
        due = [(n, p) for n, (at, p) in self.deployment.scheduled().items() if at <= self.clock.now()]
        for name, payload in due:
            self._woken("dispatch", 0)
            try:
                self._handlers.scheduled(json.loads(payload), None)
            except Exception:  # noqa: BLE001 - as Scheduler does: it comes again
                log.exception("schedule_failed", extra={"schedule": name})
            else:
                self.deployment.home.schedules.cancel(name)
        return len(due)

    def lies(self, queue: str) -> int:
        """Count what a queue holds, in hand or not."""
        held = get_backend("sqs")[ACCOUNT][REGION].queues[f"{self.deployment.name}-{queue}"]
        return len(held._messages)

    def _visible(self, queue: str) -> int:
        """Count what a queue would give now, without a call: moto would copy every message."""
        held = get_backend("sqs")[ACCOUNT][REGION].queues[f"{self.deployment.name}-{queue}"]
        return sum(message.visible and not message.delayed for message in held._messages)

    def _feed(self, consumer: Consumer) -> int:
        """Give one event to a queue's handler, and delete what it did not name as failed."""
        url = self.deployment.url(consumer.queue)
        messages: list[dict[str, Any]] = []
        while len(messages) < consumer.batch and self._visible(consumer.queue):
            messages += self.deployment.sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(BATCH, consumer.batch - len(messages)),
                VisibilityTimeout=consumer.visibility_ms // 1_000,
                AttributeNames=["All"],
            ).get("Messages", [])
        if not messages:
            return 0
        self._woken(consumer.queue, len(messages))
        failed = failed_of(consumer.handler, sqs_event(consumer.queue, messages))
        done = [m for m in messages if m["MessageId"] not in failed]
        for start in range(0, len(done), BATCH):
            self.deployment.sqs.delete_message_batch(
                QueueUrl=url,
                Entries=[
                    {"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]}
                    for m in done[start : start + BATCH]
                ],
            )
        return len(messages)


def sqs_event(queue: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the event that an event source mapping makes of received messages."""
    return {
        "Records": [
            {
                "messageId": m["MessageId"],
                "receiptHandle": m["ReceiptHandle"],
                "body": m["Body"],
                "attributes": m["Attributes"],
                "messageAttributes": {},
                "md5OfBody": m["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
                "awsRegion": REGION,
            }
            for m in messages
        ]
    }


def failed_of(handler: Callable[[Any, Any], Any], event: dict[str, Any]) -> set[str]:
    """Return the messages a handler did not do: all of them when it raised."""
    try:
        answer = handler(event, None) or {}
    except Exception:  # noqa: BLE001 - as Lambda does: the whole batch comes again
        log.exception("handler_failed")
        return {record["messageId"] for record in event["Records"]}
    return {item["itemIdentifier"] for item in answer.get("batchItemFailures", [])}
