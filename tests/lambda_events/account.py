"""An AWS account around a world: its queues and schedules keep what they are given until a test takes it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import app
from chalicelib import bootstrap
from chalicelib.audience.instant import Instant
from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.pipeline import Pipeline
from chalicelib.ports import DeadLetter
from chalicelib.settings import Settings
from tests.lambda_events.shapes import sqs_event
from tests.scenarios.world import World


class Context:
    """What Lambda's runtime gives beside an event."""

    aws_request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
    function_name = "carillon-prod"
    memory_limit_in_mb = "1024"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def invoke(handler: Callable[[Any, Any], Any], event: Any) -> Any:
    """Call a handler as the runtime does: the event comes out of JSON, the answer goes into it."""
    return json.loads(json.dumps(handler(json.loads(json.dumps(event)), Context())))


def failures(answer: Any) -> list[str]:
    """Return the ids a partial batch response names; AWS takes any other shape for a failed batch."""
    assert list(answer) == ["batchItemFailures"]
    assert all(list(item) == ["itemIdentifier"] for item in answer["batchItemFailures"])
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


class KeptQueues:
    """`Queues` that nobody works."""

    def __init__(self) -> None:
        self.bodies_by_queue: dict[str, list[str]] = defaultdict(list)

    def send(self, queue: str, bodies: Sequence[str], *, delay_seconds: int = 0) -> None:
        self.bodies_by_queue[queue].extend(bodies)

    def dead_letters(self, queue: str) -> Sequence[DeadLetter]:
        return []

    def replay(self, letter: DeadLetter) -> None:
        return None


class KeptSchedules:
    """`Schedules` that never fire."""

    def __init__(self) -> None:
        self.payloads: dict[str, str] = {}

    def create(self, name: str, at: Instant, payload: str) -> None:
        self.payloads[name] = payload

    def cancel(self, name: str) -> None:
        self.payloads.pop(name, None)


class BrokenQueues(KeptQueues):
    """`Queues` out of reach."""

    def send(self, queue: str, bodies: Sequence[str], *, delay_seconds: int = 0) -> None:
        raise HomeUnavailable(Problem(code="home_unwritable", params={"path": queue, "detail": "away"}))


class BrokenObjects:
    """`Objects` that take nothing whose key begins with `prefix`."""

    def __init__(self, objects: Any, prefix: str) -> None:
        self.get, self.get_range, self.add = objects.get, objects.get_range, objects.add
        self._objects, self._prefix = objects, prefix

    def put(self, key: str, body: bytes) -> None:
        if key.startswith(self._prefix):
            raise HomeUnavailable(Problem(code="home_unwritable", params={"path": key, "detail": "away"}))
        self._objects.put(key, body)


def rewired(world: World, *, settings: Settings | None = None, **ports: Any) -> None:
    """Give the handlers a pipeline over the same home with some ports or settings of its own."""
    wired = replace(world.home.ports, **ports)
    home = replace(world.home, ports=wired, settings=settings or world.settings)
    bootstrap.install(Pipeline(home, world.run))


class Account:
    """Queues and schedules around a world. Long horizons, so that several chunks are released at once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.queues = KeptQueues()
        self.schedules = KeptSchedules()
        settings = replace(world.settings, horizon_ms=20_000)
        rewired(world, settings=settings, queues=self.queues, schedules=self.schedules)

    def take(self, queue: str) -> list[str]:
        """Return what was put on a queue, and empty it."""
        return self.queues.bodies_by_queue.pop(queue, [])

    def planning(self, campaign: str, **changes: Any) -> str:
        """Upload a campaign and begin to plan it; returns the plan's id. Its tasks are on the queue."""
        self.world.upload(campaign=campaign, **changes)
        return str(self.world.api("POST", f"/api/campaigns/{campaign}/plans")["plan"])

    def launching(self, campaign: str, **changes: Any) -> str:
        """Plan and launch; returns the broadcast. Its message is on the queue."""
        plan = self.planning(campaign, **changes)
        assert failures(invoke(app.fan_out, sqs_event("plan", self.take("plan")))) == []
        planned = self.world.api("GET", f"/api/plans/{plan}")
        assert planned["state"] == "sealed", planned["problems"]
        return str(self.world.launch(planned["hash"])["broadcast"])

    def running(self, campaign: str, **changes: Any) -> str:
        """Launch and open; returns the broadcast. Its wave is on the queue, or the schedules hold it."""
        broadcast = self.launching(campaign, **changes)
        assert failures(invoke(app.launch, sqs_event("launch", self.take("launch")))) == []
        return broadcast

    def released(self, campaign: str) -> str:
        """Run until chunks are released; returns the broadcast. Their messages are on the queue."""
        broadcast = self.running(campaign)
        assert failures(invoke(app.dispatch_due, sqs_event("dispatch", self.take("dispatch")))) == []
        invoke(app.pace, {})
        return broadcast

    def sent(self, campaign: str) -> str:
        """Send all that is due; returns the broadcast."""
        broadcast = self.released(campaign)
        assert failures(invoke(app.send, sqs_event("send", self.take("send")))) == []
        return broadcast
