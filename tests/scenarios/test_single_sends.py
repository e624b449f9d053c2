"""One message to one person, asked for by another system: POST /api/campaigns/{campaign}/sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.audience.instant import Instant
from chalicelib.sending.broadcast import BroadcastState
from chalicelib.steps import single
from chalicelib.steps.single import Single
from tests.contracts.threads import side_by_side
from tests.scenarios.world import EmbeddedStage, World

SHIPPED: dict[str, Any] = {
    "campaign": "parcel-shipped",
    "category": "utility",
    "topic": None,
    "audience": {"segment": 'attr.parcel = "shipped"', "exclude": ["list:staff"]},
    "send_at": "now",
    "past": None,
    "template": {
        "name": "commande_expediee",
        "language": {"chain": {"*": ["fr"]}},
        "parameters": {
            "name": {"value": "{{ contact.first_name }}", "fallback": "cher client"},
            "order": {"value": "{{ attr.order }}", "fallback": "en cours"},
            "day": {"value": "{{ attr.day }}", "fallback": "bientôt"},
        },
    },
}


def ask(world: World, person: str = "ma0", key: str = "order-1-shipped", **parameters: Any) -> Any:
    body = {"person": person, "key": key, "parameters": {"order": "4711", **parameters}}
    return world.api("POST", "/api/campaigns/parcel-shipped/sends", body)


@pytest.fixture
def shop(world: World) -> World:
    """A shop with three people, none of whom its segment selects."""
    world.people(3)
    world.upload(**SHIPPED)
    return world


def texts(world: World) -> list[tuple[str, tuple[str, ...]]]:
    return [(m.to, tuple(value for _, value in m.parameters)) for _, m in world.platform.sent]


@pytest.mark.parametrize("name", ["ma0", "+212612000000"])
def test_a_person_gets_the_message_at_once_whatever_the_segment_says(shop: World, name: str) -> None:
    asked_at = shop.clock.now()
    answer = ask(shop, name, day="mardi")
    assert shop.status == 200
    assert (answer["already"], answer["outcome"], answer["reason"]) == (False, "planned", "")
    shop.run_for(seconds=2)
    assert texts(shop) == [("+212612000000", ("Name0", "4711", "mardi"))]
    assert shop.platform.sent[0][0] - asked_at <= 2_000
    shop.run_for(seconds=10)
    report = shop.report(answer["broadcast"])
    assert (report["audience"], report["accepted"], report["complete"]) == (1, 1, True)
    assert report["state"] == "completed"
    gates = {gate["gate"]: gate["passed"] for gate in shop.explain(answer["broadcast"], "ma0")["gates"]}
    assert gates["consent"]
    assert not any(gate.startswith("segment") or "attr." in gate for gate in gates)


def test_what_the_request_says_goes_over_what_is_known_for_this_one_send(shop: World) -> None:
    shop.api("PUT", "/api/contacts/ma0", {"attributes": {"order": "old", "day": "lundi"}})
    ask(shop)
    shop.run_for(seconds=5)
    assert texts(shop) == [("+212612000000", ("Name0", "4711", "lundi"))]
    assert shop.api("GET", "/api/contacts/ma0")["attributes"] == {"order": "old", "day": "lundi"}


def test_the_same_key_is_one_message_whatever_is_asked_later(shop: World) -> None:
    first = ask(shop)
    again = ask(shop, order="9999")
    shop.run_for(seconds=10)
    later = ask(shop, order="1234")
    shop.run_for(seconds=10)
    assert first | {"already": True} == again == later
    assert texts(shop) == [("+212612000000", ("Name0", "4711", "bientôt"))]
    ask(shop, key="order-1-delivered")
    shop.run_for(seconds=10)
    assert len(shop.platform.sent) == 2


def test_a_key_that_was_used_for_somebody_else_is_refused(shop: World) -> None:
    ask(shop)
    answer = ask(shop, "ma1")
    assert (shop.status, answer["problems"][0]["code"]) == (409, "single_key_taken")
    shop.run_for(seconds=10)
    assert set(shop.platform.to()) == {"+212612000000"}


def test_an_opt_out_between_the_request_and_the_slot_prevents_the_send(shop: World) -> None:
    broadcast = ask(shop)["broadcast"]
    no = {"channel": "whatsapp", "topic": "all", "change": "opt_out", "source": "account page"}
    shop.api("PUT", "/api/contacts/ma0", {"consents": [{**no, "at": "2026-12-01T08:00:00Z"}]})
    shop.run_for(seconds=10)
    assert not shop.platform.sent
    assert shop.report(broadcast)["excluded"] == {"consent.revoked": 1}


def test_who_may_not_be_written_to_is_excluded_and_stays_so_under_that_key(shop: World) -> None:
    shop.import_csv("phone,external_id,lists\n+212612000000,ma0,staff\n")
    answer = ask(shop)
    assert (answer["outcome"], answer["reason"]) == ("excluded", "exclude_list")
    assert ask(shop) == answer | {"already": True}
    report = shop.report(answer["broadcast"])
    assert (report["excluded"], report["complete"], report["state"]) == (
        {"exclude_list": 1},
        True,
        "completed",
    )
    assert shop.explain(answer["broadcast"], "ma0")["reason"] == "exclude_list"
    shop.run_for(seconds=5)
    assert not shop.platform.sent


def test_in_quiet_hours_it_waits_for_their_end(shop: World) -> None:
    shop.upload(
        **{**SHIPPED, "quiet_hours": [{"from": "21:00", "to": "08:00"}], "delivery": {"expires": "12h"}}
    )
    shop.at("2026-12-01T23:00:00Z")
    broadcast = ask(shop)["broadcast"]
    shop.run_for(seconds=10)
    assert shop.report(broadcast)["waiting"] == {"quiet_hours": 1}
    shop.at("2026-12-02T08:00:00Z")
    shop.run_for(seconds=10)
    assert shop.platform.to() == {"+212612000000": 1}
    assert shop.report(broadcast)["accepted"] == 1


def test_a_cap_of_the_campaign_counts_its_single_sends(shop: World) -> None:
    shop.upload(**SHIPPED, frequency=[{"scope": "this_campaign", "max": 1, "per": "24h", "on_block": "skip"}])
    ask(shop)
    shop.run_for(seconds=10)
    second = ask(shop, key="order-2-shipped")["broadcast"]
    shop.run_for(seconds=10)
    assert len(shop.platform.sent) == 1
    assert shop.report(second)["excluded"] == {"frequency": 1}


BAD: list[tuple[dict[str, Any], int, list[tuple[str, str]]]] = [
    ({"key": ""}, 422, [("key", "single_key")]),
    ({"key": "k" * 129}, 422, [("key", "single_key")]),
    ({"person": "nobody"}, 404, [("", "contact_unknown")]),
    ({"person": None}, 409, [("", "field_missing")]),
    ({"hurry": True}, 422, [("hurry", "statement.unknown_field")]),
    ({"parameters": ["a"]}, 422, [("parameters", "statement.not_object")]),
    ({"parameters": {f"p{n}": "x" for n in range(51)}}, 422, [("parameters", "statement.too_many")]),
    (
        {"parameters": {"ordre": "1", "order": " ", "day": "a\nb"}},
        422,
        [
            ("parameters.order", "single_parameter_empty"),
            ("parameters.ordre", "single_parameter_unused"),
            ("parameters.day", "single_parameter_unsendable"),
        ],
    ),
]


@pytest.mark.parametrize(("changes", "status", "problems"), BAD)
def test_a_request_that_makes_no_sense_is_refused_and_its_key_stays_free(
    shop: World, changes: dict[str, Any], status: int, problems: list[tuple[str, str]]
) -> None:
    body = {"person": "ma0", "key": "order-1-shipped", "parameters": {"order": "4711"}} | changes
    answer = shop.api("POST", "/api/campaigns/parcel-shipped/sends", body)
    assert (shop.status, [(p["path"], p["code"]) for p in answer["problems"]]) == (status, problems)
    assert ask(shop)["outcome"] == "planned"


def test_marketing_is_not_sent_one_by_one(shop: World) -> None:
    shop.upload()
    answer = shop.api("POST", "/api/campaigns/test-campaign/sends", {"person": "ma0", "key": "k"})
    assert (shop.status, answer["problems"][0]["code"]) == (409, "single_not_utility")
    assert "test-campaign is of category marketing" in answer["message"]
    shop.api("POST", "/api/campaigns/nothing-here/sends", {"person": "ma0", "key": "k"})
    assert shop.status == 404


def test_without_a_token_of_the_platform_it_is_refused_and_the_key_stays_free(shop: World) -> None:
    shop.runtime.set_secrets({})
    shop.open_worker()
    assert (ask(shop)["problems"][0]["code"], shop.status) == ("sender_without_token", 409)


def test_listings_are_not_flooded_and_each_is_found_by_name(shop: World) -> None:
    names = [ask(shop, key=f"k{n}")["broadcast"] for n in range(3)]
    assert shop.api("GET", "/api/broadcasts")["broadcasts"] == []
    assert [b.id for b in shop.ports.broadcasts.open().items] == sorted(
        names, key=[b.id for b in shop.ports.broadcasts.open().items].index
    )
    shop.run_for(seconds=15)
    assert shop.api("GET", "/api/broadcasts")["broadcasts"] == []
    assert {shop.api("GET", f"/api/broadcasts/{name}")["state"] for name in names} == {"completed"}


class Killed(BaseException):
    """The process is gone; no handler may catch it."""


class Dying:
    """A store whose n-th call of one method is the process's last."""

    def __init__(self, store: Any, method: str, *, call: int, after: bool) -> None:
        self._store, self._method, self._left, self._after = store, method, call, after

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        return self._dies(real) if name == self._method else real

    def _dies(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            self._left -= 1
            if self._left:
                return real(*args, **more)
            if self._after:
                real(*args, **more)
            raise Killed

        return call


def die(world: World, write: str, *, after: bool) -> None:
    """Ask for a send, and be killed before or after one of its writes."""
    call, port, method = write.split(" ")
    dying = Dying(getattr(world.ports, port), method, call=int(call), after=after)
    home = replace(world.home, ports=replace(world.ports, **{port: dying}))
    with pytest.raises(Killed):
        single.send(home, "parcel-shipped", "ma0", key="k", parameters={"order": "4711"})


FIRST = ["1 objects put", "3 objects put", "1 plans add"]
STORED = ["1 chunks add_all", "1 timelines add", "2 broadcasts put"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [*FIRST, "1 broadcasts put", *STORED])
def test_killed_at_any_write_the_same_request_completes_it(shop: World, write: str, after: bool) -> None:
    die(shop, write, after=after)
    again = shop.pipeline.send_single("parcel-shipped", "ma0", key="k", parameters={"order": "5"})
    assert again.broadcast.state is BroadcastState.RUNNING
    shop.run_for(seconds=15)
    assert len(shop.platform.sent) == 1
    assert shop.report(again.broadcast.id)["complete"]


@pytest.mark.parametrize("write", STORED)
def test_a_broadcast_that_was_stored_runs_without_another_request(shop: World, write: str) -> None:
    die(shop, write, after=False)
    shop.run_for(seconds=20)
    assert len(shop.platform.sent) == 1


def test_utility_goes_first_while_marketing_is_running(shop: World) -> None:
    people = shop.people(600)
    assert people["invalid"] == 0
    shop.launched()
    shop.at("2026-12-01T09:00:00Z")
    shop.run_for(seconds=1.5)
    before = len(shop.platform.sent)
    assert 0 < before < 400
    for n in range(200):
        assert ask(shop, f"ma{n}", key=f"order-{n}")["outcome"] == "planned"
    shop.run_until_idle()
    templates = [message.template for _, message in shop.platform.sent[before:]]
    last = max(n for n, template in enumerate(templates) if template == "commande_expediee")
    assert templates.count("commande_expediee") == 200
    assert templates.count("soldes_hiver_2027") == 600 - before
    assert last < 200 + 60, "utility waited behind marketing"
    assert shop.platform.busiest_second() <= 80


def both(work: Callable[[int], Single], times: int) -> list[Single]:
    done: list[Single] = []
    side_by_side([lambda n=n: done.append(work(n)) for n in range(times)])  # type: ignore[misc]
    return done


def test_one_key_told_by_many_threads_at_once_is_one_message(tmp_path: Path) -> None:
    made = World(stage=lambda clock, secrets: EmbeddedStage(clock, secrets, str(tmp_path / "home.db")))
    made.people(1)
    made.upload(**SHIPPED)

    def work(n: int) -> Single:
        return made.pipeline.send_single("parcel-shipped", "ma0", key="k", parameters={"order": str(n)})

    done = both(work, 8)
    assert len({each.broadcast.id for each in done}) == 1
    assert [each.already for each in done].count(False) == 1
    made.run_for(seconds=10)
    assert len(made.platform.sent) == 1
    made.close()


def test_a_time_between_the_request_and_the_slot_is_what_the_plan_says(shop: World) -> None:
    launched: Instant = shop.clock.now()
    broadcast = shop.ports.broadcasts.get(ask(shop)["broadcast"])
    assert broadcast is not None
    assert dict(broadcast.waves) == {launched: 1}
    assert broadcast.launched_at == launched
