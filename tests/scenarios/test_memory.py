"""Segments that ask what an earlier campaign came to, lists for whoever lacks consent, and holdouts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.world import World

pytestmark = pytest.mark.long

AMINA, OMAR, SALMA = "+212612000000", "+212612000001", "+212612000002"


def first_campaign(world: World, **changes: Any) -> str:
    """Send to three people: Amina read it, Omar said stop, Salma's failed."""
    world.people(3)
    broadcast = world.launched(**changes)
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    by_number = {message.to: n for n, (_, message) in enumerate(world.platform.sent)}
    assert set(by_number) == {AMINA, OMAR, SALMA}
    world.clock.advance(5_000)
    world.receipt(
        world.status_of(by_number[AMINA], "read"),
        world.status_of(by_number[OMAR], "delivered"),
        world.status_of(by_number[SALMA], "failed", code=131026),
    )
    world.says(OMAR, "STOP")
    world.run_for(seconds=2)
    world.at("2026-12-04T08:00:00Z")
    return broadcast


def planned(world: World, segment: str) -> Any:
    world.upload(campaign="second", send_at="2026-12-04 09:00", audience={"segment": segment})
    return world.plan("second")


def test_a_second_campaign_goes_to_those_whom_the_first_one_reached(world: World) -> None:
    first_campaign(world)
    plan = planned(world, 'campaign("test-campaign").read')
    assert (plan["audience"], plan["planned"]) == (1, 1)
    broadcast = str(world.launch(plan["hash"])["broadcast"])
    explained = world.explain(broadcast, "ma1")
    assert explained["reason"] == "not_in_segment"
    assert explained["gates"][0]["saw"] == "accepted, delivered, opted_out, replied"
    assert world.explain(broadcast, "ma0")["gates"][0]["saw"] == "accepted, delivered, read"


def test_relaunching_to_those_who_did_not_read_leaves_out_nobody_silently(world: World) -> None:
    first_campaign(world)
    plan = planned(world, 'country = "MA" and not campaign("test-campaign").read')
    assert (plan["audience"], plan["planned"], plan["excluded"]) == (2, 1, {"consent.revoked": 1})
    assert planned(world, 'campaign("test-campaign").failed')["planned"] == 1
    nobody = planned(world, 'campaign("test-campaign").opted_out')
    assert [problem["code"] for problem in nobody["problems"]] == ["nobody_planned"]


def test_a_campaign_that_was_never_stored_is_warned_of(world: World) -> None:
    world.people(1)
    world.api("POST", "/api/templates/sync")
    segment = 'country = "MA" and not campaign("soldes-ete").opted_out'
    uploaded = world.upload(audience={"segment": segment})
    assert [w["code"] for w in uploaded["warnings"]] == ["segment_campaign_unknown"]
    assert [w["code"] for w in world.plan()["warnings"]] == ["segment_campaign_unknown"]


def test_every_run_of_a_campaign_counts(world: World) -> None:
    first_campaign(world, audience={"segment": 'first_name in ["Name0", "Name1", "Name2"]'})
    world.people(4)
    world.upload(send_at="2026-12-04 09:00", audience={"segment": 'first_name = "Name3"'})
    world.launch(world.plan(again=True)["hash"])
    world.at("2026-12-04T09:00:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 4
    world.at("2026-12-06T08:00:00Z")
    world.upload(
        campaign="second",
        send_at="2026-12-06 09:00",
        audience={"segment": 'campaign("test-campaign").accepted'},
    )
    assert world.plan("second")["audience"] == 3  # all but Salma, whose message failed


def test_whoever_lacks_consent_is_listed_at_launch_and_gets_nothing(world: World) -> None:
    world.people(2)
    world.import_csv("phone,external_id,country\n+212612999001,no-consent,MA\n")
    world.upload(consent={"on_missing": "re_permission"})
    plan = world.plan()
    assert plan["excluded"] == {"consent.missing": 1}
    assert "re_permission_people" in [w["code"] for w in plan["warnings"]]
    assert world.api("GET", "/api/contacts/no-consent")["lists"] == []
    world.launch(plan["hash"])
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.api("GET", "/api/contacts/no-consent")["lists"] == ["re-permission"]
    assert world.api("GET", "/api/contacts/ma0")["lists"] == []
    assert "+212612999001" not in world.platform.to()


def test_the_held_out_get_nothing_and_another_salt_is_refused_once_it_was_sent(world: World) -> None:
    world.people(40)
    broadcast = world.launched(experiment={"salt": "a", "holdout": "50%"})
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    report = world.report(broadcast)
    assert report["excluded"]["holdout"] + report["accepted"] == 40
    assert 8 < report["accepted"] < 32
    assert len(world.platform.sent) == report["accepted"]
    refused = world.upload(experiment={"salt": "b", "holdout": "50%"})
    assert [p["code"] for p in refused["problems"]] == ["salt_changed"]
    assert world.upload(experiment={"salt": "a", "holdout": "60%"})["version"] == 2
