"""Every alarm of the stack goes off once, in the situation that it is for, and none on a day that goes well.

What our own log says is played on the real handlers; the metric filters then read the very lines. What SQS
counts is counted on queues that the handlers worked. What AWS alone knows (throttles, whether a timer's
function ran, what Scheduler and EventBridge put aside) is stated.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import app
from chalicelib.adapters.aws.queues import DEAD
from chalicelib.log import JsonLines, log
from chalicelib.sending.answer import Accepted, Answer, Message, Refused, Unknown
from chalicelib.steps import messages
from infra.deployment.stores import logical
from infra.deployment.template import merged
from infra.deployment.waking import DEAD_QUEUES
from infra.deployment.watching import OLDEST_SECONDS
from tests.infra.cloudwatch import Datum, data_of, fires, matches
from tests.scenarios.test_watchdog import dispatched_and_not_paced
from tests.scenarios.world import World, signed

STAGE = "prod"
RESOURCES = merged(STAGE)["Resources"]
PEOPLE = 60
TOO_FAST, TOKEN_DEAD = 130429, 190
NINE = "2026-12-01T09:00:00Z"


def properties(kind: str) -> dict[str, Any]:
    """Return what the stack has of a kind, by logical name."""
    return {name: found["Properties"] for name, found in RESOURCES.items() if found.get("Type") == kind}


ALARMS = properties("AWS::CloudWatch::Alarm")
FILTERS = list(properties("AWS::Logs::MetricFilter").values())


class Watched:
    """A stretch of time, and what was measured in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.data: list[Datum] = []
        self.since = self.now()
        self.lines: list[tuple[float, dict[str, Any]]] = []

    def now(self) -> float:
        """Return the world's time in seconds."""
        return self.world.clock.now() / 1_000

    def measure(self, namespace: str, name: str, of: str, value: float) -> None:
        """Note a value as one of AWS's own metrics has it."""
        self.data.append(Datum((f"AWS/{namespace}", name, of), self.now(), value))

    def queues(self) -> None:
        """Note what SQS tells of every queue once a minute."""
        now = self.world.clock.now()
        for name in messages.CONSUMED:
            depth = self.world.ports.queues.depth(name)
            age = 0 if depth.oldest_at is None else (now - depth.oldest_at) / 1_000
            self.measure("SQS", "ApproximateAgeOfOldestMessage", f"carillon-{STAGE}-{name}", age)
            dead = self.world.ports.queues.depth(name, dead=True).waiting
            self.measure("SQS", "ApproximateNumberOfMessagesVisible", f"carillon-{STAGE}-{name}{DEAD}", dead)

    def fired(self) -> set[str]:
        """Return the alarms that would have gone off."""
        data = [*self.data, *data_of(FILTERS, self.lines)]
        when = {"since": self.since, "until": self.now()}
        return {name for name, alarm in ALARMS.items() if fires(alarm, data, **when)}


class Lines(logging.Handler):
    """Keeps what the log says, as it is written, with the world's time."""

    def __init__(self, watched: Watched) -> None:
        super().__init__()
        self._watched = watched
        self._format = JsonLines()

    def emit(self, record: logging.LogRecord) -> None:
        line = json.loads(self._format.format(record))
        self._watched.lines.append((self._watched.now(), line))


@contextmanager
def watching() -> Iterator[Watched]:
    """Watch a world of its own."""
    world = World()
    watched = Watched(world)
    handler, level = Lines(watched), log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield watched
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
        world.close()


def paced(watched: Watched) -> None:
    """Note that the pacer's function ran, as it does every minute."""
    watched.measure("Lambda", "Invocations", f"carillon-{STAGE}-pace", 1)


def sent(watched: Watched, answer: Callable[[Message], Answer], *, minutes: int = 2) -> None:
    """Send a campaign at nine to a platform that answers so, and go on for some minutes."""
    world = watched.world
    world.people(PEOPLE)
    world.launched()
    world.platform.script = answer
    world.at("2026-12-01T08:59:58Z")
    watched.since = watched.now()
    for _ in range(minutes):
        paced(watched)
        world.run_for(seconds=60, step=0.5)
        watched.queues()
    paced(watched)


def goes_well(watched: Watched) -> None:
    """Send, and be told of everything; somebody says STOP; the webhook is quick."""
    sent(watched, lambda message: Accepted(wamid=f"wamid.{message.to}"))
    world = watched.world
    world.receipt(*(world.status_of(n, "delivered") for n in range(PEOPLE)))
    world.says("+212612000001", "STOP")
    watched.measure("Lambda", "Duration", f"carillon-{STAGE}-webhook", 15)
    for handler in ("send", "webhook", "pace", "record_inbound"):
        watched.measure("Lambda", "Throttles", f"carillon-{STAGE}-{handler}", 0)
    world.run_for(seconds=60, step=1)
    watched.queues()
    paced(watched)


def poisoned(watched: Watched) -> None:
    """Something that no handler can read lies on every queue."""
    paced(watched)
    for name in messages.CONSUMED:
        watched.world.ports.queues.send(name, ["no JSON at all"])
    for _ in range(12):
        watched.world.step(seconds=70)
        paced(watched)
    watched.queues()


def nobody_works(watched: Watched) -> None:
    """A message lies on every queue, and no function takes it for longer than it may wait."""
    for name in messages.CONSUMED:
        watched.world.ports.queues.send(name, ["{}"])
    for _ in range(max(OLDEST_SECONDS.values()) // 60 + 1):
        watched.world.clock.advance(60_000)
        paced(watched)
        watched.queues()


def not_delivered(watched: Watched) -> None:
    """Stated: Scheduler and EventBridge could not give something to a function, and put it aside."""
    paced(watched)
    for name in DEAD_QUEUES:
        watched.measure("SQS", "ApproximateNumberOfMessagesVisible", f"carillon-{STAGE}-{name}{DEAD}", 1)


def throttled(watched: Watched) -> None:
    """Stated: the account's concurrency is used up, and Lambda refuses to start a function once."""
    paced(watched)
    for handler in ("send", "webhook", "pace", "record_inbound"):
        watched.measure("Lambda", "Throttles", f"carillon-{STAGE}-{handler}", 1)


def never_woken(watched: Watched) -> None:
    """Stated: the pacer's timer is gone, so that Lambda counts no invocation at all."""
    watched.world.clock.advance(300_000)


def due_and_still(watched: Watched) -> None:
    """A wave is on its sender's timeline, and the pacer hands out nothing."""
    world = watched.world
    dispatched_and_not_paced(world)
    world.clock.advance(180_000)
    watched.since = watched.now()
    paced(watched)
    world.pipeline.reconcile()


def token_revoked(watched: Watched) -> None:
    """The platform says that the access token is no longer valid."""
    sent(watched, lambda message: Refused(code=TOKEN_DEAD))


def too_fast(watched: Watched) -> None:
    """The platform says "too fast" to everybody."""
    sent(watched, lambda message: Refused(code=TOO_FAST), minutes=5)


def unanswered(watched: Watched) -> None:
    """One call of sixty has no answer."""
    sent(
        watched,
        lambda message: Unknown(why="reset") if message.to.endswith("07") else Accepted(wamid=message.to),
    )


class SlowQueue:
    """`Queues` whose sending takes a second and a half."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._queues = watched.world.ports.queues

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queues, name)

    def send(self, queue: str, bodies: Sequence[str], *, delay_seconds: int = 0) -> None:
        """Send, slowly."""
        self._watched.world.clock.advance(1_500)
        self._queues.send(queue, bodies, delay_seconds=delay_seconds)


def slow_webhook(watched: Watched) -> None:
    """A webhook's answer waits for a queue that is slow."""
    world, pipeline = watched.world, watched.world.pipeline
    paced(watched)
    slow: Any = SlowQueue(watched)
    pipeline.home = replace(world.home, ports=replace(world.ports, queues=slow))
    began = watched.now()
    raw, signature = signed({"statuses": [{"id": "wamid.1", "status": "read", "timestamp": "1"}]})
    answer = app.webhook(
        {
            "requestContext": {"http": {"method": "POST"}},
            "headers": {"x-hub-signature-256": signature},
            "body": raw.decode(),
        },
        None,
    )
    assert answer["statusCode"] == 200
    watched.measure("Lambda", "Duration", f"carillon-{STAGE}-webhook", 1_000 * (watched.now() - began))


SITUATIONS: Mapping[Callable[[Watched], None], set[str]] = {
    poisoned: {*(f"{logical(name)}DeadAlarm" for name in messages.CONSUMED), "ErrorsAlarm"},
    nobody_works: {f"{logical(name)}OldestAlarm" for name in OLDEST_SECONDS},
    not_delivered: {f"{logical(name)}DeadAlarm" for name in DEAD_QUEUES},
    throttled: {f"{logical(name)}ThrottledAlarm" for name in ("send", "webhook", "pace", "record_inbound")},
    never_woken: {"PacerAlarm"},
    due_and_still: {"DueNotStartedAlarm", "ErrorsAlarm"},
    token_revoked: {"StoppedAlarm", "ErrorsAlarm"},
    too_fast: {"SlowedAlarm"},
    unanswered: {"UncertainAlarm"},
    slow_webhook: {"WebhookSlowAlarm"},
}
"""What is played or stated, and exactly the alarms that go off."""


@cache
def fired_in(situation: Callable[[Watched], None]) -> frozenset[str]:
    """Play a situation; returns the alarms that went off."""
    with watching() as watched:
        situation(watched)
        return frozenset(watched.fired())


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_situation_sets_off_its_alarms_and_no_other(situation: Callable[[Watched], None]) -> None:
    assert fired_in(situation) == SITUATIONS[situation]


def test_every_alarm_of_the_stack_went_off_once() -> None:
    assert set().union(*SITUATIONS.values()) == ALARMS.keys()


def test_nothing_goes_off_on_a_day_that_goes_well() -> None:
    assert fired_in(goes_well) == frozenset()


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ('{ $.event = "chunk_sent" }', True),
        ('{ $.event = "paced" }', False),
        ('{ ($.event = "chunk_sent") && ($.late = *) }', True),
        ('{ ($.event = "chunk_sent") && ($.uncertain = *) }', False),
        ("{ $.late > 2 }", True),
        ("{ $.late >= 4 }", False),
        ("{ $.late != 3 }", False),
        ("{ $.nothing != 3 }", False),
    ],
)
def test_a_pattern_takes_a_line_as_cloudwatch_does(pattern: str, taken: bool) -> None:
    assert matches(pattern, {"event": "chunk_sent", "late": 3}) is taken


@pytest.mark.parametrize("pattern", ["chunk_sent", "{ $.a.b = 1 }", '{ $.a = "x" || $.b = "y" }'])
def test_a_pattern_that_is_not_known_here_is_refused_and_not_guessed(pattern: str) -> None:
    with pytest.raises(ValueError, match="does not know"):
        matches(pattern, {})


def test_a_filter_that_publishes_a_field_asks_for_that_field() -> None:
    """CloudWatch takes a value from a field that its pattern names."""
    for found in FILTERS:
        (change,) = found["MetricTransformations"]
        assert change["MetricValue"] == "1" or f"{change['MetricValue']} = *" in found["FilterPattern"]
