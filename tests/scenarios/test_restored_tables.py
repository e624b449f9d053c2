"""Tables that were brought back to an earlier instant: the home is held, and nobody is messaged again.

That is what point-in-time recovery makes of a home on AWS: its tables are old, its queues, its bucket and
the platform are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.audience.instant import to_iso
from chalicelib.sending.answer import Answer, Message
from tests.contracts.aws_home import session
from tests.scenarios.world import World, aws_stage

PEOPLE, CALL = 24, 10
Tables = dict[str, list[dict[str, Any]]]


class Recovery:
    """What DynamoDB keeps of every table."""

    def __init__(self) -> None:
        self._dynamodb: Any = session().client("dynamodb")

    def tables(self) -> Tables:
        """Return every table's items as they are now."""
        names = self._dynamodb.list_tables()["TableNames"]
        return {name: self._dynamodb.scan(TableName=name)["Items"] for name in names}

    def restore(self, then: Tables) -> None:
        """Bring every table back."""
        for name, items in self.tables().items():
            keys = [
                key["AttributeName"]
                for key in self._dynamodb.describe_table(TableName=name)["Table"]["KeySchema"]
            ]
            for item in items:
                self._dynamodb.delete_item(TableName=name, Key={key: item[key] for key in keys})
            for item in then[name]:
                self._dynamodb.put_item(TableName=name, Item=item)


@pytest.fixture
def world() -> Iterator[World]:
    made = World(stage=aws_stage)
    yield made
    made.close()


def restored_in_the_middle(world: World) -> tuple[str, str]:
    """Send to all, then bring the tables back to the instant of a call; returns broadcast and instant."""
    recovery, since = Recovery(), [0]
    then: Tables = {}
    world.people(PEOPLE)
    broadcast = world.launched()

    def script(message: Message) -> Answer | None:
        if len(world.platform.sent) == CALL:
            then.update(recovery.tables())
            since[0] = world.clock.now()
        return None

    world.platform.script = script
    world.at("2026-12-01T08:59:58Z")
    world.run_until_idle()
    assert len(world.platform.sent) == PEOPLE
    recovery.restore(then)
    world.open_worker()
    return broadcast, to_iso(since[0])


def test_a_home_whose_tables_were_restored_calls_nobody_again_and_names_whom_it_may_have_called(
    world: World,
) -> None:
    broadcast, since = restored_in_the_middle(world)
    held = world.api("POST", "/api/home/hold", {"since": since})
    assert (held["held"], held["broadcasts"]) == (True, [broadcast])
    world.run_for(seconds=200, step=10)
    found = world.api("GET", f"/api/broadcasts/{broadcast}")
    assert found["state"] == "paused"
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_for(seconds=400, step=10)
    report = world.report(broadcast)
    assert max(world.platform.to().values()) == 1
    assert report["complete"]
    assert report["accepted"] + report["uncertain"] == PEOPLE
    assert report["uncertain"] >= PEOPLE - CALL
    world.receipt(*(world.status_of(n, "delivered") for n in range(PEOPLE)))
    world.run_for(seconds=30, step=5)
    assert world.report(broadcast)["delivered"] == PEOPLE


def test_a_held_home_launches_nothing_before_it_is_released(world: World) -> None:
    world.people(2)
    world.upload()
    since = to_iso(world.clock.now())
    plan = world.plan()["hash"]
    world.clock.advance(1_000)
    world.api("POST", "/api/home/hold", {"since": since})
    assert world.launch(plan)["problems"][0]["code"] == "home_held"
    world.api("POST", "/api/home/release")
    assert world.launch(plan)["problems"][0]["code"] == "plan_stale_restored"
    assert world.launch(world.plan()["hash"])["already"] is False


def test_a_home_is_not_of_an_instant_to_come(world: World) -> None:
    refused = world.api("POST", "/api/home/hold", {"since": "2031-01-01T00:00:00Z"})
    assert (world.status, refused["problems"][0]["code"]) == (422, "held_from_the_future")
    world.api("POST", "/api/home/hold")
    assert world.status == 422
    assert world.api("GET", "/api/home")["held"] is False
