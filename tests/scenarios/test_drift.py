"""Zone data that change while a broadcast runs: a wave whose people would move is stopped, any other goes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from chalicelib import bootstrap
from chalicelib.audience.instant import MINUTE_MS
from chalicelib.pipeline import Pipeline
from chalicelib.web.local import call
from tests.planning.test_drift import FRANCE, MOROCCO, newer
from tests.scenarios.world import STAGES, World

BOTH = 'country = "MA" or country = "FR"'


@pytest.fixture
def world() -> Any:
    made = World(stage=STAGES["embedded"])
    yield made
    made.close()


def updated(world: World, shifted: dict[str, int]) -> None:
    """Begin a worker's life with other zone data, as after an upgrade."""
    world.open_worker()
    world.home = replace(world.home, zones=newer(shifted))
    world.pipeline = Pipeline(world.home, world.run)
    bootstrap.install(world.pipeline)


def two_waves(world: World) -> str:
    """Launch to a French wave at 11:00 UTC and a Moroccan one at 12:00."""
    world.people(3, country="FR")
    world.import_csv(
        "phone,external_id,first_name,language,country,consent_whatsapp_promotions\n"
        + "".join(f"+21261300000{n},m{n},Name{n},fr,MA,2026-06-01\n" for n in range(2))
    )
    return world.launched(audience={"segment": BOTH}, send_at="2026-12-01 12:00")


def status(world: World, broadcast: str) -> Any:
    return world.api("GET", f"/api/broadcasts/{broadcast}")


def test_a_wave_whose_people_would_move_stops_and_says_why_and_those_before_it_went(world: World) -> None:
    broadcast = two_waves(world)
    updated(world, {MOROCCO: 60})
    world.at("2026-12-01T10:59:59Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 3
    assert status(world, broadcast)["state"] == "running"
    world.at("2026-12-01T11:59:50Z")
    world.run_for(seconds=30)
    assert len(world.platform.sent) == 3
    found = status(world, broadcast)
    assert (found["state"], found["idle"]) == ("paused", "paused")
    tzdata = world.ports.plans.get(world.ports.broadcasts.get(broadcast).plan_id).plan.versions.tzdata
    assert found["paused_because"] == f"tzdata {tzdata} -> 2099z ({MOROCCO})"
    said = {language: call_in(world, broadcast, language)["idle_because"] for language in ("en", "fr", "ar")}
    assert len(set(said.values())) == 3
    assert all(MOROCCO in text and "2099z" in text for text in said.values())
    assert "plan again" in said["en"]
    refused = world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    assert (world.status, refused["problems"][0]["code"]) == (409, "plan_stale_zones")
    updated(world, {})
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    assert world.status == 200
    world.run_until_idle()
    assert len(world.platform.sent) == 5
    assert world.report(broadcast)["complete"]


def call_in(world: World, broadcast: str, language: str) -> Any:
    headers = {"content-type": "application/json", "accept-language": language}
    return orjson.loads(call("GET", f"/api/broadcasts/{broadcast}", "", headers, b"")[2])


def test_whoever_is_planned_again_gets_it_at_the_hour_that_it_is_now(world: World) -> None:
    broadcast = two_waves(world)
    updated(world, {MOROCCO: 60, FRANCE: 60})
    world.at("2026-12-01T10:59:50Z")
    world.run_for(seconds=30)
    assert status(world, broadcast)["state"] == "paused"
    world.api("POST", f"/api/broadcasts/{broadcast}/cancel")
    world.run_for(seconds=20)
    assert world.report(broadcast)["excluded"] == {"cancelled": 5}
    assert world.platform.sent == []
    planned = world.plan(again=True, at="2026-12-01T11:00:10Z")
    assert planned["tzdata"] == "2099z"


@pytest.mark.parametrize("shifted", [{}, {"Asia/Kathmandu": 60}])
def test_zone_data_that_move_nobody_stop_nothing(world: World, shifted: dict[str, int]) -> None:
    broadcast = two_waves(world)
    updated(world, shifted)
    world.at("2026-12-01T10:59:59Z")
    world.run_until_idle()
    world.at("2026-12-01T11:59:59Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 5
    assert world.report(broadcast)["complete"]


def test_a_wave_that_comes_due_before_its_broadcast_runs_is_held_until_it_can_be_paused(world: World) -> None:
    world.people(3)
    world.upload(send_at="2026-12-01 12:00")
    broadcast = world.launch(world.plan()["hash"])["broadcast"]
    launching = world.ports.broadcasts.get(broadcast)
    assert launching is not None
    assert launching.state.value == "launching"
    updated(world, {MOROCCO: 60})
    [wave] = launching.waves
    world.pipeline.dispatch(f'{{"v": 1, "broadcast": "{broadcast}", "wave": {wave}}}')
    assert world.ports.broadcasts.get(broadcast).dispatched == frozenset()
    world.clock.advance_to(wave - MINUTE_MS)
    world.run_for(seconds=90)
    assert status(world, broadcast)["state"] == "paused"
    assert world.platform.sent == []
