"""An account on the emulator, as whoever deploys sees it: every right, and a look at everything."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

T = TypeVar("T")
REGION = "eu-west-1"
LOOK_SECONDS = 0.5
"""Between two looks at the API or a queue: each takes a part of a second of the emulator."""


class Account:
    """The emulator's one account, with one stage in it."""

    bucket: str

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address
        self.name = "carillon-dev"
        self.took: dict[str, float] = {}

    @cache  # noqa: B019 - as long-lived as the tests
    def client(self, service: str, config: Config | None = None) -> Any:
        """Return a client with every right, as whoever deploys has."""
        once = Config(retries={"total_max_attempts": 1}, read_timeout=120)
        made = boto3.Session("test", "test", region_name=REGION)
        return made.client(service, endpoint_url=self.address, config=config.merge(once) if config else once)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Note how long something took."""
        began = time.monotonic()
        yield
        self.took[what] = round(time.monotonic() - began, 1)

    def put(self, key: str, body: bytes, *, seconds: float = 90) -> Any:
        """Put a file into the bucket and return what became of it."""
        result = f"results/{key.removeprefix('incoming/')}.json"
        s3 = self.client("s3")
        s3.delete_object(Bucket=self.bucket, Key=result)
        s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return json.loads(self.until(lambda: self.object(result), seconds=seconds))

    def until(self, look: Callable[[], T | None], *, seconds: float = 60) -> T:
        """Return what a look shows once it shows something. Raises AssertionError with the functions' log."""
        patient_until = time.monotonic() + seconds
        while not (found := look()):
            assert time.monotonic() < patient_until, f"it never came:\n{self.said()}"
            time.sleep(LOOK_SECONDS)
        return found

    def object(self, key: str) -> bytes | None:
        """Return an object of the bucket, None without it."""
        s3 = self.client("s3")
        try:
            body: bytes = s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except s3.exceptions.NoSuchKey:
            return None
        return body

    def wake(self, handler: str, event: Mapping[str, Any] | None = None, *, wait: bool = False) -> Any:
        """Invoke a function as Scheduler does, or and wait for its answer."""
        answer = self.client("lambda").invoke(
            FunctionName=f"{self.name}-{handler}",
            InvocationType="RequestResponse" if wait else "Event",
            Payload=json.dumps(event or {}).encode(),
        )
        return json.loads(answer["Payload"].read() or b"null") if wait else None

    def queue(self, name: str) -> str:
        """Return a queue's address."""
        return str(self.client("sqs").get_queue_url(QueueName=f"{self.name}-{name}")["QueueUrl"])

    def depth(self, queue: str) -> int:
        """Count what lies on a queue, in hand or not."""
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        found = self.client("sqs").get_queue_attributes(QueueUrl=self.queue(queue), AttributeNames=names)
        return sum(int(found["Attributes"][name]) for name in names)

    def schedules(self) -> list[str]:
        """Return the waves' schedules."""
        listed = self.client("scheduler").list_schedules(GroupName=self.name)["Schedules"]
        return [found["Name"] for found in listed if found["Name"].startswith("wave-")]

    def kill(self, handler: str) -> int:
        """kill -9 every process that a function runs in; returns how many there were."""
        mark = re.compile(rf"ministack-lambda-{self.name}-{handler}-\w+/_worker\.py".encode())
        killed = 0
        for process in Path("/proc").iterdir():
            if process.name.isdecimal():
                with suppress(OSError):
                    if mark.search((process / "cmdline").read_bytes()) and self._is_ours(process):
                        os.kill(int(process.name), signal.SIGKILL)
                        killed += 1
        return killed

    def _is_ours(self, process: Path) -> bool:
        """Say whether a process is of this stage's emulator: several may run on one machine."""
        return (
            f"GATEWAY_PORT={self.address.rpartition(':')[2]}\0".encode() in (process / "environ").read_bytes()
        )

    def said(self) -> str:
        """Return the end of what the emulator and the functions logged."""
        logs = self.client("logs")
        lines: list[str] = []
        for stream in logs.describe_log_streams(logGroupName="/carillon/dev").get("logStreams", []):
            events = logs.get_log_events(
                logGroupName="/carillon/dev", logStreamName=stream["logStreamName"], limit=1_000
            )["events"]
            told = (event["message"] for event in events)
            lines += [text for text in told if not text.startswith(("START", "END", "REPORT"))]
        worse = sorted(line for line in lines if '"level":"info"' not in line)
        return "\n".join(
            [*sorted(lines)[-10:], *worse[-20:], (self.folder / "emulator.log").read_text()[-3_000:]]
        )
