"""The watchdog alarms for what is due and stands still without a reason, and for nothing else."""

from __future__ import annotations

import pytest

from chalicelib.log import log
from tests.scenarios.world import World

pytestmark = pytest.mark.long


def alarms(caught: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caught.records if record.message == "due_not_started"]


@pytest.fixture
def caught(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    log.propagate = True
    return caplog


def dispatched_and_not_paced(world: World) -> None:
    """Put a wave on its sender's timeline, of which the pacer hands out nothing."""
    world.people(3)
    broadcast = world.launched()
    world.step()
    world.at("2026-12-01T08:59:00Z")
    world.clock.advance(70_000)
    found = world.ports.broadcasts.get(broadcast)
    assert found is not None
    for wave in found.waves:
        world.pipeline.dispatch(f'{{"v":1,"broadcast":"{broadcast}","wave":{wave}}}')


def test_a_pacer_that_hands_out_nothing_is_alarmed(world: World, caught: pytest.LogCaptureFixture) -> None:
    dispatched_and_not_paced(world)
    world.pipeline.reconcile()
    assert alarms(caught) == []
    world.clock.advance(180_000)
    world.pipeline.reconcile()
    assert alarms(caught) == ["due_not_started"]


def test_a_stop_is_a_reason_and_status_says_it(world: World, caught: pytest.LogCaptureFixture) -> None:
    world.people(3)
    broadcast = world.launched()
    world.webhook({"event": "ACCOUNT_DELETED"}, field="account_update")
    world.at("2026-12-01T09:10:00Z")
    world.run_for(seconds=300, step=10)
    world.pipeline.reconcile()
    assert alarms(caught) == []
    found = world.api("GET", f"/api/broadcasts/{broadcast}")
    assert "ACCOUNT_DELETED" in found["idle_because"]


def test_every_idle_broadcast_says_why(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    world.step()
    for order, idle in ((None, "scheduled"), ("pause", "paused")):
        if order:
            world.api("POST", f"/api/broadcasts/{broadcast}/{order}")
        found = world.api("GET", f"/api/broadcasts/{broadcast}")
        assert found["idle"] == idle
        assert found["idle_because"]


def test_the_queues_tell_how_much_lies_on_them(world: World) -> None:
    world.ports.queues.send("inbound", ["a", "b"])
    found = {q["queue"]: q for q in world.api("GET", "/api/queues")["queues"]}
    assert (found["inbound"]["waiting"], found["send"]["waiting"]) == (2, 0)


def test_a_wave_that_the_timeline_lost_is_put_back_and_nobody_waits_for_ever(world: World) -> None:
    """As two pacers can make it: one put a chunk down while the other found the wave spent."""
    world.people(3)
    broadcast = world.launched()
    world.step()
    world.at("2026-12-01T09:00:00Z")
    found = world.ports.broadcasts.get(broadcast)
    assert found is not None
    for wave in found.waves:
        world.pipeline.dispatch(f'{{"v":1,"broadcast":"{broadcast}","wave":{wave}}}')
    for entry in world.ports.timelines.page(found.sender):
        world.ports.timelines.remove(entry)
    world.run_for(seconds=120, step=2)
    assert world.report(broadcast)["accepted"] == 3
