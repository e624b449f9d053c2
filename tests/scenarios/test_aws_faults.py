"""AWS throttles, does not answer, and does half: nothing is lost, nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from chalicelib.adapters.aws.calls import MOST_TRIES
from chalicelib.audience.standing import Standing
from chalicelib.errors import HomeUnavailable
from tests.contracts.aws_home import client_maker, on_moto
from tests.scenarios.aws_faults import Faults
from tests.scenarios.aws_stage import AwsStage
from tests.scenarios.world import World

PEOPLE = 40
ODDS: Mapping[str, Mapping[str, float]] = {
    "throttled": {"throttled": 0.15},
    "refused connections": {"refused": 0.15},
    "lost answers": {"lost": 0.12},
    "half-done batches": {"half": 0.6},
    "everything": {"throttled": 0.06, "refused": 0.05, "lost": 0.05, "half": 0.3},
}


@pytest.fixture(params=ODDS)
def faults(request: pytest.FixtureRequest) -> Iterator[Faults]:
    made = Faults(seed=7, odds=ODDS[request.param])
    with made.without_waiting():
        yield made


@pytest.fixture
def faulty(faults: Faults) -> Iterator[World]:
    world = World(stage=partial(AwsStage, new_client=faults.around(client_maker())))
    yield world
    world.close()


def asked_again(world: World, ask: Callable[[], Any]) -> Any:
    """Ask the API as a client does: again when it says 503."""
    for _ in range(50):
        answer = ask()
        if world.status != 503:
            return answer
    raise AssertionError("the API never answered")


def worked_again(work: Callable[[], Any]) -> None:
    """Let time pass; a timer's event that fails in all its tries, one in some thousands, comes again."""
    for _ in range(50):
        try:
            work()
            return
        except HomeUnavailable:
            continue
    raise AssertionError("the timers never got through")


def launched(world: World) -> str:
    """Import, upload, plan and launch, each until it is done."""
    asked_again(world, lambda: world.people(PEOPLE))
    asked_again(world, lambda: world.upload())
    planned = asked_again(world, lambda: world.api("POST", "/api/campaigns/test-campaign/plans", {}))
    for _ in range(100):
        worked_again(world.step)
        shown = asked_again(world, lambda: world.api("GET", f"/api/plans/{planned['plan']}"))
        if shown["state"] == "sealed":
            break
    return str(asked_again(world, lambda: world.launch(shown["hash"]))["broadcast"])


def receipts_of_all(world: World) -> None:
    """Deliver `delivered` for every call, each until it is taken."""
    for index in range(len(world.platform.sent)):
        while world.receipt(world.status_of(index, "delivered")) != 200:
            pass


def test_a_campaign_under_faults_calls_everybody_at_most_once_and_accounts_for_each(
    faulty: World, faults: Faults
) -> None:
    faults.enabled = True
    broadcast = launched(faulty)
    worked_again(lambda: faulty.at("2026-12-01T09:00:00Z"))
    for _ in range(4):
        worked_again(faulty.run_until_idle)
        faulty.clock.advance(61_000)  # leases end, redelivery comes
    receipts_of_all(faulty)
    worked_again(lambda: faulty.run_for(seconds=700, step=20))
    faults.enabled = False
    faulty.run_for(seconds=700, step=20)
    report = faulty.report(broadcast)
    assert sum(faults.met.values()) > 20
    assert set(faulty.platform.to().values()) == {1}
    assert report["audience"] == PEOPLE
    assert report["accepted"] == len(faulty.platform.sent)
    assert report["accepted"] + report["uncertain"] == PEOPLE
    assert report["delivered"] == report["accepted"]
    assert report["complete"]
    assert report["uncertain"] <= 2  # a claim that went unanswered five times is never called


def test_an_outage_in_the_middle_of_sending_costs_time_and_nothing_else() -> None:
    faults = Faults(seed=7, odds={"refused": 1.0})
    with faults.without_waiting():
        world = World(stage=partial(AwsStage, new_client=faults.around(client_maker())))
        world.people(PEOPLE)
        broadcast = world.launched()
        world.at("2026-12-01T09:00:00Z")
        while len(world.platform.sent) < 1:
            world.step()
        world.platform.script = lambda message: begin_outage(faults)
        with pytest.raises(HomeUnavailable):
            world.run_for(seconds=5)  # the timer's own event fails, and comes again
        faults.enabled = False
        world.platform.script = lambda message: None
        for _ in range(4):
            world.run_until_idle()
            world.clock.advance(61_000)
        receipts_of_all(world)
        world.run_for(seconds=700, step=20)
        report = world.report(broadcast)
        world.close()
    assert set(world.platform.to().values()) == {1}
    assert report["accepted"] == len(world.platform.sent)
    assert report["accepted"] + report["uncertain"] == PEOPLE
    assert report["complete"]


def begin_outage(faults: Faults) -> None:
    """From this call on AWS cannot be reached."""
    faults.enabled = True


def test_tries_wait_longer_each_time_and_not_in_step() -> None:
    faults = Faults(seed=7, odds={"throttled": 1.0})
    with faults.without_waiting(), on_moto(new_client=faults.around(client_maker())) as deployment:
        ports = deployment.home.ports({})
        faults.enabled = True
        for _ in range(20):
            with pytest.raises(HomeUnavailable):
                ports.standings.get("p1")
        faults.enabled = False
    tries = MOST_TRIES - 1
    assert len(faults.pauses) == 20 * tries
    by_try = [faults.pauses[k::tries] for k in range(tries)]
    assert [max(pauses) <= 2.0**k for k, pauses in enumerate(by_try)] == [True] * tries
    assert sum(by_try[-1]) > 2 * sum(by_try[0])
    assert len(set(faults.pauses)) == len(faults.pauses)


def test_a_counter_is_not_added_to_twice_when_an_answer_is_lost() -> None:
    faults = Faults(seed=7, odds={"lost": 1.0})
    with faults.without_waiting(), on_moto(new_client=faults.around(client_maker())) as deployment:
        ports = deployment.home.ports({})
        faults.enabled = True
        with pytest.raises(HomeUnavailable):
            ports.counters.add("soldes.1", {"accepted": 1})
        faults.enabled = False
        assert dict(ports.counters.get("soldes.1")) == {"accepted": 1}


def test_a_claim_whose_answer_was_lost_is_known_as_ours_when_it_is_tried_again() -> None:
    faults = Faults(seed=7, odds={"lost": 0.3})
    with faults.without_waiting(), on_moto(new_client=faults.around(client_maker())) as deployment:
        standings = deployment.home.ports({}).standings
        faults.enabled = True
        stored = [standings.put(Standing(person=f"p{k}"), expected_version=None) for k in range(20)]
        again = [standings.put(Standing(person=f"p{k}"), expected_version=None) for k in range(20)]
    assert faults.met["lost"] > 5
    assert stored == [True] * 20
    assert again == [False] * 20
