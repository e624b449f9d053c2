"""One message to one person, asked for by another system: POST /api/campaigns/{campaign}/sends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import partial
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import pytest

from chalicelib.audience.instant import Instant
from chalicelib.errors import Refused
from chalicelib.planning.single import digest_of, single_name
from chalicelib.ports import BACKED_UP_AT, RELEASED_AT, RESTORED, RESTORED_AT, Ports
from chalicelib.sending.broadcast import Broadcast, BroadcastState
from chalicelib.steps import single
from chalicelib.steps.home import Home
from tests.contracts.threads import side_by_side
from tests.scenarios.world import SECRETS, EmbeddedStage, World

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


def ask(world: World, contact: str = "ma0", key: str = "order-1-shipped", **parameters: Any) -> Any:
    body = {"contact": contact, "key": key, "parameters": {"order": "4711", **parameters}}
    return world.api("POST", "/api/campaigns/parcel-shipped/sends", body)


def status(world: World, answer: Any) -> Any:
    return world.api("GET", answer["status"])


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
    assert shop.status == 202
    assert set(answer) == {"send", "campaign", "person", "requested_at", "status"}
    assert status(shop, answer)["outcome"] == "waiting"
    shop.run_for(seconds=2)
    assert texts(shop) == [("+212612000000", ("Name0", "4711", "mardi"))]
    assert shop.platform.sent[0][0] - asked_at <= 2_000
    shop.run_for(seconds=10)
    report = shop.report(answer["send"])
    assert (report["audience"], report["accepted"], report["complete"]) == (1, 1, True)
    assert report["state"] == "completed"
    gates = {gate["gate"]: gate["passed"] for gate in shop.explain(answer["send"], "ma0")["gates"]}
    assert gates["consent"]
    assert not any(gate.startswith("segment") or "attr." in gate for gate in gates)


def test_its_status_follows_the_message_and_says_so_in_words(shop: World) -> None:
    answer = ask(shop)
    before = status(shop, answer)
    assert (shop.status, before["outcome"], before["reason"]) == (200, "waiting", "throttle")
    assert before["text"] == "it waits for its place behind what goes first"
    shop.run_for(seconds=2)
    shop.receipt(shop.status_of(0, "delivered"))
    shop.run_for(seconds=2)
    after = status(shop, answer)
    assert (after["outcome"], after["text"]) == ("accepted", "WhatsApp has taken it")
    assert [event["what"] for event in after["events"]] == ["claimed", "accepted", "sent", "delivered"]
    assert {name: after[name] for name in answer} == answer


@pytest.mark.parametrize("send", ["parcel-shipped.k0", "test-campaign.1"])
def test_the_status_of_what_is_no_single_send_is_not_found(shop: World, send: str) -> None:
    shop.launched()
    answer = shop.api("GET", f"/api/sends/{send}")
    assert (shop.status, answer["problems"][0]["code"]) == (404, "single_unknown")


def test_what_the_request_says_goes_over_what_is_known_for_this_one_send(shop: World) -> None:
    shop.api("PUT", "/api/contacts/ma0", {"attributes": {"order": "old", "day": "lundi"}})
    ask(shop)
    shop.run_for(seconds=5)
    assert texts(shop) == [("+212612000000", ("Name0", "4711", "lundi"))]
    assert shop.api("GET", "/api/contacts/ma0")["attributes"] == {"order": "old", "day": "lundi"}


def test_the_same_request_has_the_same_answer_and_is_one_message_for_ever(shop: World) -> None:
    first = ask(shop, day="mardi")
    body = {"parameters": {"day": "mardi", "order": "4711"}, "key": "order-1-shipped", "contact": "ma0"}
    again = shop.api("POST", "/api/campaigns/parcel-shipped/sends", body)
    shop.run_for(seconds=10)
    shop.upload(**SHIPPED, title="Another version")
    shop.clock.advance(40 * 86_400_000)
    later = ask(shop, day="mardi")
    shop.run_for(seconds=10)
    assert (first, shop.status) == (again, 202)
    assert first == later
    assert texts(shop) == [("+212612000000", ("Name0", "4711", "mardi"))]
    ask(shop, key="order-1-delivered")
    shop.run_for(seconds=10)
    assert len(shop.platform.sent) == 2


OTHERS: list[dict[str, Any]] = [
    {"contact": "ma1"},
    {"contact": "+212612000000"},
    {"parameters": {"order": "4712"}},
    {"parameters": {"order": 4711}},
    {"parameters": {}},
    {"contact": "nobody-we-know"},
]


@pytest.mark.parametrize("other", OTHERS)
def test_a_key_that_was_used_for_another_request_is_refused(shop: World, other: dict[str, Any]) -> None:
    first = ask(shop)
    body = {"contact": "ma0", "key": "order-1-shipped", "parameters": {"order": "4711"}} | other
    answer = shop.api("POST", "/api/campaigns/parcel-shipped/sends", body)
    assert (shop.status, answer["problems"][0]["code"]) == (409, "single_key_taken")
    assert answer["problems"][0]["params"]["send"] == first["send"]
    shop.run_for(seconds=10)
    assert shop.platform.to() == {"+212612000000": 1}


def test_a_key_is_one_of_its_campaign(shop: World) -> None:
    shop.upload(**{**SHIPPED, "campaign": "parcel-lost"})
    one = ask(shop)
    body = {"contact": "ma0", "key": "order-1-shipped", "parameters": {"order": "4711"}}
    other = shop.api("POST", "/api/campaigns/parcel-lost/sends", body)
    assert (shop.status, one["send"] == other["send"]) == (202, False)


def test_an_opt_out_between_the_request_and_the_slot_prevents_the_send(shop: World) -> None:
    answer = ask(shop)
    no = {"channel": "whatsapp", "topic": "all", "change": "opt_out", "source": "account page"}
    shop.api("PUT", "/api/contacts/ma0", {"consents": [{**no, "at": "2026-12-01T08:00:00Z"}]})
    shop.run_for(seconds=10)
    assert not shop.platform.sent
    assert shop.report(answer["send"])["excluded"] == {"consent.revoked": 1}
    told = status(shop, answer)
    assert (told["outcome"], told["text"]) == ("excluded", "this person has opted out")


def opted_out(world: World) -> None:
    no = {"channel": "whatsapp", "topic": "all", "change": "opt_out", "source": "account page"}
    world.api("PUT", "/api/contacts/ma0", {"consents": [{**no, "at": "2026-12-01T07:00:00Z"}]})


def on_a_list(world: World) -> None:
    world.import_csv("phone,external_id,lists\n+212612000000,ma0,staff\n")


def had_one(world: World) -> None:
    cap = {"scope": "this_campaign", "max": 1, "per": "24h", "on_block": "skip"}
    world.upload(**SHIPPED, frequency=[cap])
    ask(world, key="an earlier one")
    world.run_for(seconds=10)


def too_low(world: World) -> None:
    order = {"value": "{{ attr.order }}", "type": "integer", "min": 5000, "fallback": "5001"}
    parameters = {**SHIPPED["template"]["parameters"], "order": order}
    world.upload(**{**SHIPPED, "template": {**SHIPPED["template"], "parameters": parameters}})


def quiet_and_short(world: World) -> None:
    world.upload(**SHIPPED, quiet_hours=[{"from": "06:00", "to": "22:00", "on_block": "skip"}])


GATES: list[tuple[Callable[[World], None], str, str]] = [
    (opted_out, "consent.revoked", "this person has opted out"),
    (on_a_list, "exclude_list", "the campaign leaves this person out (list:staff)"),
    (had_one, "frequency", "this person has had as many messages as the rules allow (1 in 24 h already)"),
    (too_low, "parameter_invalid", "a parameter's value cannot be sent"),
    (quiet_and_short, "expired", "it would have been too late"),
]


@pytest.mark.parametrize(("given", "reason", "words"), GATES)
def test_a_gate_that_says_no_is_told_in_words_and_kept_under_the_key(
    shop: World, given: Callable[[World], None], reason: str, words: str
) -> None:
    given(shop)
    before = len(shop.platform.sent)
    answer = ask(shop)
    assert (shop.status, answer["code"]) == (422, "ineligible")
    assert [p["code"] for p in answer["problems"]] == [f"reason.{reason}"]
    assert answer["message"].startswith(words)
    assert ask(shop) == answer
    send = answer["problems"][0]["params"]["send"]
    report = shop.report(send)
    assert (report["excluded"], report["complete"], report["state"]) == ({reason: 1}, True, "completed")
    assert shop.explain(send, "ma0")["reason"] == reason
    told = shop.api("GET", f"/api/sends/{send}")
    assert (told["outcome"], told["reason"], told["text"]) == ("excluded", reason, answer["message"])
    shop.run_for(seconds=5)
    assert len(shop.platform.sent) == before


def test_in_quiet_hours_it_waits_for_their_end(shop: World) -> None:
    shop.upload(
        **{**SHIPPED, "quiet_hours": [{"from": "21:00", "to": "08:00"}], "delivery": {"expires": "12h"}}
    )
    shop.at("2026-12-01T23:00:00Z")
    answer = ask(shop)
    shop.run_for(seconds=10)
    assert shop.report(answer["send"])["waiting"] == {"quiet_hours": 1}
    assert status(shop, answer)["text"].startswith("it is quiet time")
    shop.at("2026-12-02T08:00:00Z")
    shop.run_for(seconds=10)
    assert shop.platform.to() == {"+212612000000": 1}
    assert shop.report(answer["send"])["accepted"] == 1


BAD: list[tuple[dict[str, Any], int, list[tuple[str, str]]]] = [
    ({"key": ""}, 422, [("key", "single_key")]),
    ({"key": None}, 422, [("key", "statement.not_text")]),
    ({"key": "k" * 129}, 422, [("key", "single_key")]),
    ({"contact": "nobody"}, 404, [("", "contact_unknown")]),
    ({"contact": ""}, 422, [("contact", "single_contact")]),
    (
        {"contact": 7, "hurry": 1},
        422,
        [("hurry", "statement.unknown_field"), ("contact", "statement.not_text")],
    ),
    ({"hurry": True}, 422, [("hurry", "statement.unknown_field")]),
    ({"parameters": ["a"]}, 422, [("parameters", "statement.not_object")]),
    ({"parameters": {f"p{n}": "x" for n in range(51)}}, 422, [("parameters", "statement.too_many")]),
    ({"parameters": {"order": "x" * 70_000}}, 413, [("", "body_too_large")]),
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


@pytest.mark.parametrize(("changes", "code", "problems"), BAD)
def test_a_request_that_makes_no_sense_is_refused_and_its_key_stays_free(
    shop: World, changes: dict[str, Any], code: int, problems: list[tuple[str, str]]
) -> None:
    body = {"contact": "ma0", "key": "order-1-shipped", "parameters": {"order": "4711"}} | changes
    answer = shop.api("POST", "/api/campaigns/parcel-shipped/sends", body)
    assert (shop.status, [(p["path"], p["code"]) for p in answer["problems"]]) == (code, problems)
    ask(shop)
    assert shop.status == 202


def test_marketing_needs_consent_and_waits_behind_utility_but_is_sent_too(shop: World) -> None:
    shop.upload()
    body = {"contact": "ma0", "key": "welcome"}
    answer = shop.api("POST", "/api/campaigns/test-campaign/sends", body)
    assert shop.status == 202
    ask(shop, "ma1")
    shop.run_for(seconds=10)
    assert [m.template for _, m in shop.platform.sent] == ["commande_expediee", "soldes_hiver_2027"]
    assert status(shop, answer)["outcome"] == "accepted"
    shop.import_csv("phone,external_id,country\n+212612999999,stranger,MA\n")
    body = {"contact": "stranger", "key": "welcome-2"}
    refused = shop.api("POST", "/api/campaigns/test-campaign/sends", body)
    assert (shop.status, refused["problems"][0]["code"]) == (422, "reason.consent.missing")
    shop.api("POST", "/api/campaigns/nothing-here/sends", body)
    assert shop.status == 404


def test_without_a_token_of_the_platform_it_is_refused_and_the_key_stays_free(shop: World) -> None:
    shop.runtime.set_secrets({})
    shop.open_worker()
    assert (ask(shop)["problems"][0]["code"], shop.status) == ("sender_without_token", 422)
    shop.runtime.set_secrets(SECRETS)
    shop.open_worker()
    ask(shop)
    assert shop.status == 202


def test_a_template_that_the_platform_stopped_is_told_and_the_key_stays_free(shop: World) -> None:
    name, language = "commande_expediee", "fr"
    word = {"message_template_id": 1, "message_template_name": name, "message_template_language": language}
    shop.webhook({**word, "event": "PAUSED"}, field="message_template_status_update")
    shop.run_for(seconds=2)
    answer = ask(shop)
    assert (shop.status, answer["problems"][0]["code"]) == (422, "template_not_approved")
    assert answer["problems"][0]["params"]["status"] == "PAUSED"


def test_listings_are_not_flooded_and_each_is_found_by_name(shop: World) -> None:
    names = {ask(shop, key=f"k{n}")["send"] for n in range(3)}
    assert shop.api("GET", "/api/broadcasts")["broadcasts"] == []
    assert {b.id for b in shop.ports.broadcasts.open().items} == names
    shop.run_for(seconds=15)
    assert shop.api("GET", "/api/broadcasts")["broadcasts"] == []
    assert {shop.api("GET", f"/api/broadcasts/{name}")["state"] for name in names} == {"completed"}


class Killed(BaseException):
    """The process is gone; no handler may catch it."""


class Fated:
    """All ports of a home, of which the n-th call, of whatever port, is the process's last."""

    def __init__(self, dies_at: int, *, after: bool) -> None:
        self.calls, self._dies_at, self._after = 0, dies_at, after

    def around(self, ports: Ports) -> Ports:
        kept = ("clock", "channel_by_mode")
        names = [f.name for f in fields(ports) if f.name not in kept]
        watched: dict[str, Any] = {name: _Watched(self, getattr(ports, name)) for name in names}
        return replace(ports, **watched)

    def call(self, real: Callable[..., Any], *args: Any, **more: Any) -> Any:
        self.calls += 1
        if self.calls == self._dies_at and not self._after:
            raise Killed
        answer = real(*args, **more)
        if self.calls == self._dies_at:
            raise Killed
        return answer


class _Watched:
    def __init__(self, fate: Fated, port: Any) -> None:
        self._fate, self._port = fate, port

    def __getattr__(self, name: str) -> Any:
        return partial(self._fate.call, getattr(self._port, name))


def send_order(home: Home, number: int, key: str = "") -> Broadcast:
    parameters = {"order": str(number)}
    return single.send(home, "parcel-shipped", "ma0", key=key or f"k{number}", parameters=parameters)


def dies(world: World, number: int, *, after: bool) -> bool:
    """Ask for order `number`, and be killed at the call of that number; False when there are fewer calls."""
    fate = Fated(number, after=after)
    home = replace(world.home, ports=fate.around(world.ports))
    try:
        send_order(home, number)
    except Killed:
        return True
    return False


def orders(world: World) -> Counter[str]:
    return Counter(message.parameters[1][1] for _, message in world.platform.sent)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.long
def test_killed_before_or_after_any_call_the_same_request_is_sent_once(shop: World, after: bool) -> None:
    numbers = list(takewhile(lambda n: dies(shop, n, after=after), count(1)))
    assert len(numbers) > 20
    shop.run_for(seconds=1)
    for number in numbers:
        again = send_order(shop.home, number)
        assert again.state is not BroadcastState.LAUNCHING
    shop.run_until_idle()
    shop.run_for(seconds=15)
    assert orders(shop) == {str(number): 1 for number in [*numbers, len(numbers) + 1]}
    ids = [single_name("parcel-shipped", f"k{number}") for number in numbers]
    assert all(shop.report(name)["complete"] for name in ids)


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_call_and_never_asked_again_it_is_sent_once_or_not_at_all(
    shop: World, after: bool
) -> None:
    numbers = list(takewhile(lambda n: dies(shop, n, after=after), count(1)))
    shop.run_for(seconds=30)
    stored = {
        number
        for number in numbers
        if shop.ports.broadcasts.get(single_name("parcel-shipped", f"k{number}")) is not None
    }
    assert 0 < len(stored) < len(numbers)
    assert orders(shop) == {str(number): 1 for number in [*stored, len(numbers) + 1]}


def test_a_key_that_a_restored_home_may_have_sent_is_refused(shop: World) -> None:
    number = next(n for n in count(1) if not dies(shop, n, after=False) or planned(shop, n))
    gap = {BACKED_UP_AT: shop.clock.now() + 1_000, RESTORED_AT: shop.clock.now() + 60_000}
    gap[RELEASED_AT] = gap[RESTORED_AT] + 1_000
    shop.ports.counters.set(RESTORED, gap)
    shop.clock.advance(120_000)
    answer = ask(shop, key=f"k{number}", order=str(number))
    assert (shop.status, answer["problems"][0]["code"]) == (409, "plan_stale_restored")
    ask(shop, key="another")
    assert shop.status == 202


def planned(world: World, number: int) -> bool:
    """Whether the plan of order `number` is stored, and its broadcast is not."""
    name = single_name("parcel-shipped", f"k{number}")
    plan = f"{name}.{digest_of('ma0', {'order': str(number)})}"
    return world.ports.plans.get(plan) is not None and world.ports.broadcasts.get(name) is None


@pytest.mark.long
def test_utility_goes_first_while_marketing_is_running(shop: World) -> None:
    people = shop.people(600)
    assert people["invalid"] == 0
    shop.launched()
    shop.at("2026-12-01T09:00:00Z")
    shop.run_for(seconds=1.5)
    before = len(shop.platform.sent)
    assert 0 < before < 400
    for n in range(200):
        ask(shop, f"ma{n}", key=f"order-{n}")
        assert shop.status == 202
    shop.run_until_idle()
    templates = [message.template for _, message in shop.platform.sent[before:]]
    last = max(n for n, template in enumerate(templates) if template == "commande_expediee")
    assert templates.count("commande_expediee") == 200
    assert templates.count("soldes_hiver_2027") == 600 - before
    assert last < 200 + 60, "utility waited behind marketing"
    assert shop.platform.busiest_second() <= 80


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[World]:
    made = World(stage=lambda clock, secrets: EmbeddedStage(clock, secrets, str(tmp_path / "home.db")))
    made.people(1)
    made.upload(**SHIPPED)
    yield made
    made.close()


def test_one_request_told_by_many_threads_at_once_is_one_message(crowded: World) -> None:
    done: list[Broadcast] = []

    def work() -> None:
        done.append(send_order(crowded.home, 1))

    side_by_side([work] * 8)
    assert len({(each.id, each.launched_at) for each in done}) == 1
    crowded.run_for(seconds=10)
    assert len(crowded.platform.sent) == 1


def test_of_many_requests_under_one_key_at_once_one_is_sent_and_the_others_refused(crowded: World) -> None:
    done: list[str] = []

    def work(n: int) -> None:
        try:
            send_order(crowded.home, n, key="k")
        except Refused as error:
            done.append(error.problems[0].code)
        else:
            done.append(str(n))

    side_by_side([partial(work, n) for n in range(8)])
    won = [each for each in done if each != "single_key_taken"]
    assert (len(done), len(won)) == (8, 1)
    crowded.run_for(seconds=10)
    assert orders(crowded) == {won[0]: 1}


def test_it_is_due_at_the_moment_of_the_request(shop: World) -> None:
    launched: Instant = shop.clock.now()
    broadcast = shop.ports.broadcasts.get(ask(shop)["send"])
    assert broadcast is not None
    assert dict(broadcast.waves) == {launched: 1}
    assert broadcast.launched_at == launched
