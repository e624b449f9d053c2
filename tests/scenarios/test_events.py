"""Events that other systems tell, and the campaigns that count them."""

from __future__ import annotations

from tests.scenarios.world import World

PAID = {"person": "ma0", "event": "order_paid", "key": "order-1", "at": "2026-11-30T10:00:00Z"}


def test_an_event_decides_who_is_planned_and_explain_says_how_often_it_was(world: World) -> None:
    world.people(3)
    assert world.api("POST", "/api/events", PAID)["recorded"]
    assert world.api("POST", "/api/events", {**PAID, "person": "+212612000001", "key": "order-2"})["recorded"]
    broadcast = world.launched(audience={"segment": 'event("order_paid").count(365d) >= 1'})
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert set(world.platform.to()) == {"+212612000000", "+212612000001"}
    seen = world.explain(broadcast, "ma2")
    assert (seen["gates"][0]["passed"], seen["gates"][0]["saw"]) == (False, "0")


def test_the_same_key_is_one_event_however_often_it_is_told(world: World) -> None:
    world.people(1)
    first = world.api("POST", "/api/events", PAID)
    again = world.api("POST", "/api/events", {**PAID, "at": "2026-11-30T11:00:00Z"})
    assert (first["recorded"], again["recorded"]) == (True, False)
    assert first["person"] == again["person"]


def test_an_event_that_is_none_is_refused_with_everything_that_is_wrong(world: World) -> None:
    world.people(1)
    answer = world.api("POST", "/api/events", {"person": "ma0", "event": "Order paid!", "key": ""})
    assert world.status == 409
    assert [p["code"] for p in answer["problems"]] == ["event_name", "event_key"]
    world.api("POST", "/api/events", {**PAID, "at": "2027-12-01T10:00:00Z"})
    assert world.status == 409
    world.api("POST", "/api/events", {**PAID, "person": "nobody"})
    assert world.status == 404


def test_a_person_has_a_bounded_number_of_events(world: World) -> None:
    world.people(1)
    for n in range(20):
        world.api("POST", "/api/events", {**PAID, "event": f"e{n}"})
    answer = world.api("POST", "/api/events", {**PAID, "event": "one_more"})
    assert answer["problems"][0]["code"] == "too_many_events"


def test_an_import_leaves_the_events_of_a_person(world: World) -> None:
    world.people(1)
    world.api("POST", "/api/events", PAID)
    world.people(1, extra="")
    again = world.api("POST", "/api/events", PAID)
    assert not again["recorded"]
