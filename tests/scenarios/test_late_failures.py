"""A message that was taken and fails later, for a while: of its person comes what comes of the next call.

The simulator of faults found it: the rank of the first attempt hid what the second one came to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from chalicelib.sending.answer import Accepted, Answer, Refused, Unknown
from tests.scenarios.world import World

BUSY = 131016
"""Transient: called again after the campaign's backoff."""


def failed_after_it_was_taken(world: World) -> str:
    """Leave one person waiting for another attempt, their first taken and failed by webhook."""
    world.people(1)
    broadcast = world.launched(
        delivery={"expires": "3h", "retry": {"transient": {"max": 2, "backoff": "2m"}}}
    )
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle(most_seconds=30)
    assert world.report(broadcast)["accepted"] == 1
    world.receipt(world.status_of(0, "failed", code=BUSY))
    world.run_until_idle(most_seconds=10)
    assert world.report(broadcast)["waiting"] == {"retry": 1}
    return broadcast


def nobody_calls_again(world: World, broadcast: str) -> None:
    world.api("POST", f"/api/broadcasts/{broadcast}/cancel")
    world.run_for(seconds=30, step=1)


def called_again(answer: Answer) -> Callable[[World, str], None]:
    def happens(world: World, broadcast: str) -> None:
        world.platform.script = lambda message: answer
        world.run_for(seconds=200, step=1)
        assert len(world.platform.sent) == 2

    return happens


ENDS: Mapping[str, tuple[Callable[[World, str], None], Mapping[str, Any]]] = {
    "never": (nobody_calls_again, {"excluded": {"cancelled": 1}}),
    "and not answered": (called_again(Unknown(why="cut")), {"uncertain": 1}),
    "and refused": (called_again(Refused(code=131026)), {"failed": {"131026": 1}}),
    "and refused for a while": (called_again(Refused(code=BUSY)), {"waiting": {"retry": 1}}),
    "and taken": (called_again(Accepted(wamid="wamid.2")), {"accepted": 1}),
}


@pytest.mark.long
@pytest.mark.parametrize(("happens", "comes"), ENDS.values(), ids=[f"called again {end}" for end in ENDS])
def test_what_comes_of_the_next_call_is_what_comes_of_the_person(
    world: World, happens: Callable[[World, str], None], comes: Mapping[str, Any]
) -> None:
    broadcast = failed_after_it_was_taken(world)
    happens(world, broadcast)
    report = world.report(broadcast)
    nothing = {"excluded": {}, "waiting": {}, "accepted": 0, "failed": {}, "uncertain": 0}
    assert {name: report[name] for name in nothing} == {**nothing, **comes}
    assert report["proven"]
