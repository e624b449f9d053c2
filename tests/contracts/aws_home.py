"""The AWS home on an emulator: everything a deployment has, made empty, and its far side."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.adapters.aws.calls import Calls
from chalicelib.adapters.aws.event_scheduler import Waking
from chalicelib.adapters.aws.home import AwsHome, Resources
from chalicelib.adapters.aws.tables import MODELS
from chalicelib.adapters.embedded.queues import MOST_RECEIVES
from chalicelib.audience.instant import Instant, from_iso
from chalicelib.ports import Clock
from chalicelib.steps import messages
from tests.adapters.aws.ministack_fixture import endpoint
from tests.fakes import FakeClock, SeededRandomness
from tests.fakes.quick_moto import quick_aws

NUMBERS = count(1)
REGION = "us-east-1"
ACCOUNT = "123456789012"
QUEUES = (
    messages.PLAN,
    messages.LAUNCH,
    messages.DISPATCH,
    messages.SEND,
    messages.RECEIPTS,
    messages.INBOUND,
    messages.HANDOFF,
    messages.ASIDE,
)


def waking(name: str) -> Waking:
    """Return whom a deployment's schedules wake."""
    return Waking(
        group=name,
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/{name}-scheduler",
        dispatch_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}-dispatch",
        dead_letter_arn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}-schedules-dead",
    )


WAKING = waking("carillon-test")


@cache
def session() -> boto3.Session:
    """Return a session with credentials that open nothing; made once, since it reads all of AWS's models."""
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)


def client_maker(address: str | None = None) -> Callable[[str, Config], Any]:
    """Return what makes clients of the emulator at `address`; None is moto in this process.

    moto looks at a condition and then writes, without a lock, which AWS does in
    one step: here every call to moto is made alone.
    """
    made = session()
    alone = threading.Lock()

    def new_client(service: str, config: Config) -> Any:
        client = made.client(service, config=config, endpoint_url=address)
        if address is None:
            client._make_api_call = one_at_a_time(client._make_api_call, alone)
        return client

    return new_client


def one_at_a_time(call: Callable[..., Any], alone: threading.Lock) -> Callable[..., Any]:
    """Return `call` under a lock."""

    def locked(*args: Any) -> Any:
        with alone:
            return call(*args)

    return locked


class Deployment:
    """An AWS home with all its resources, and a look at them that no port gives.

    `new_client` makes the home's clients, `far_side` those of the look.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        new_client: Callable[[str, Config], Any],
        far_side: Callable[[str, Config], Any] | None = None,
        name: str = "carillon-test",
    ) -> None:
        look = far_side or new_client
        self.sqs = look("sqs", Config())
        self.scheduler = look("scheduler", Config())
        self.s3 = look("s3", Config())
        self.secrets = look("secretsmanager", Config())
        self.name = name
        self._look = look
        self._url = ""
        randomness = SeededRandomness()
        self.home = AwsHome(
            Resources(
                table_prefix=f"{name}-",
                queue_url=self._queue_url(),
                bucket=name,
                archive=f"{name}-audit",
                secret_id=name,
                waking=waking(name),
                bus=name,
            ),
            new_client=new_client,
            clock=clock,
            randomness=randomness,
            calls=Calls(randomness, sleep=lambda seconds: time.sleep(seconds / 100)),
            loopback=True,
        )

    def _queue_url(self) -> str:
        if not self._url:
            url = self.sqs.create_queue(QueueName=f"{self.name}-plan")["QueueUrl"]
            self._url = url.removesuffix("plan") + "{queue}"
        return self._url

    def create(self) -> Deployment:
        """Make everything."""
        for model in MODELS:
            self.home.model(model).create_table(read_capacity_units=1, write_capacity_units=1)
        for queue in QUEUES:
            self._create_queue(f"{self.name}-{queue}")
        self.s3.create_bucket(Bucket=self.name)
        self.s3.create_bucket(Bucket=f"{self.name}-audit")
        self.scheduler.create_schedule_group(Name=self.name)
        return self

    def _create_queue(self, name: str) -> None:
        """Make a queue, and one of dead letters beside it."""
        dead = self.sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
        redrive = {
            "deadLetterTargetArn": arn["Attributes"]["QueueArn"],
            "maxReceiveCount": str(MOST_RECEIVES),
        }
        url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(redrive)})

    def bury(self, queue: str) -> None:
        """Let everything on a queue fail until it is a dead letter."""
        for _ in range(MOST_RECEIVES + 1):
            self.sqs.receive_message(QueueUrl=self.url(queue), MaxNumberOfMessages=10, VisibilityTimeout=0)

    def url(self, queue: str) -> str:
        """Return a queue's address."""
        return self._queue_url().replace("{queue}", queue)

    def queued(self, queue: str) -> list[str]:
        """Take everything that lies on a queue."""
        bodies: list[str] = []
        url = self.url(queue)
        while found := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            bodies += [message["Body"] for message in found]
            entries = [{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in found]
            self.sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        return bodies

    def listen(self) -> Callable[[], list[tuple[str, Any]]]:
        """Make the bus, with a rule of another system that keeps on a queue what is told."""
        events = self._look("events", Config())
        events.create_event_bus(Name=self.name)
        url = self.sqs.create_queue(QueueName=f"{self.name}-told")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        pattern = json.dumps({"source": ["carillon"]})
        events.put_rule(Name=self.name, EventBusName=self.name, EventPattern=pattern)
        events.put_targets(Rule=self.name, EventBusName=self.name, Targets=[{"Id": "told", "Arn": arn}])

        def told() -> list[tuple[str, Any]]:
            found = [json.loads(body) for body in self.queued("told")]
            return [(event["detail-type"], event["detail"]) for event in found]

        return told

    def scheduled(self) -> dict[str, tuple[Instant, str]]:
        """Return the one-time schedules as (instant, payload) by name."""
        return {name: (_instant_of(s), s["Target"]["Input"]) for name, s in self.schedules().items()}

    def schedules(self) -> dict[str, Any]:
        """Return every schedule as AWS describes it, by name."""
        listed = self.scheduler.list_schedules(GroupName=self.name)["Schedules"]
        return {s["Name"]: self.scheduler.get_schedule(Name=s["Name"], GroupName=self.name) for s in listed}


def _instant_of(schedule: dict[str, Any]) -> Instant:
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    text = schedule["ScheduleExpression"].removeprefix("at(").removesuffix(")")
    return from_iso(f"{text}Z")


@contextmanager
def on_ministack() -> Iterator[Deployment]:
    """Open an empty deployment on ministack, where calls really are made at once."""
    name = f"carillon-{next(NUMBERS)}"
    deployment = Deployment(FakeClock(), new_client=client_maker(endpoint()), name=name).create()
    try:
        yield deployment
    finally:
        deployment.home.close()


@contextmanager
def on_moto(*, new_client: Callable[[str, Config], Any] | None = None) -> Iterator[Deployment]:
    """Open an empty deployment on moto, in this process."""
    with quick_aws():
        deployment = Deployment(
            FakeClock(), new_client=new_client or client_maker(), far_side=client_maker()
        ).create()
        try:
            yield deployment
        finally:
            deployment.home.close()
