"""Webhooks and the journal: what is told, how often, in which order, and what is counted."""

from __future__ import annotations

import asyncio
import hmac
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any

import orjson
import pytest

from infra.local.simulator.in_process import InProcessChannel, deliver_due
from infra.local.simulator.outbox import Webhook
from infra.local.simulator.people import STOP_WORDS
from infra.local.simulator.platform import Platform
from infra.local.simulator.state import Answer, Request
from tests.simulator.worlds import NOW, NUMBER, WHOLE_PROMO, calm, catalogue, platform, request, send

FULL = NOW + 3_600_000


def fill(world: Platform, people: int = 200, gap_ms: float = 20.0) -> None:
    """Send to so many people, at a pace that passes."""
    for n in range(people):
        answer = world.receive(NOW + n * gap_ms, request(send(to=f"+33612345{n:03d}")))
        assert answer.status != 400


def drained(world: Platform, *, until: float = FULL, step_ms: float = 50.0, status: int = 200) -> list[Any]:
    """Return the bodies of all webhooks until then, each answered with `status`."""
    bodies: list[Any] = []

    def post(webhook: Webhook) -> int:
        bodies.append(orjson.loads(webhook.raw))
        return status

    now: float | None = NOW
    while now is not None and now <= until:
        deliver_due(world, now, post)
        following = world.next_due()
        now = None if following is None else max(now + step_ms, following)
    return bodies


def items(bodies: list[Any], kind: str) -> list[Any]:
    """Return all statuses, messages or user_preferences in some bodies, in order."""
    changes = [change["value"] for raw in bodies for entry in raw["entry"] for change in entry["changes"]]
    return [item for value in changes for item in value.get(kind, ())]


def asked(path: str, *, method: str = "GET", raw: bytes = b"", **query: str) -> Request:
    return Request(method=method, path=f"/_simulator/{path}", query=query, body=raw)


def decoded(answer: Answer) -> Any:
    return orjson.loads(answer.body)


def test_statuses_carry_the_echo_the_price_and_the_recipient() -> None:
    world = platform(read=1.0, delivered_omitted=1.0)
    fill(world, 1)
    sent, read = items(drained(world), "statuses")
    price = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"}
    assert (sent["status"], read["status"]) == ("sent", "read")
    assert sent["pricing"] == read["pricing"] == price
    assert sent["biz_opaque_callback_data"] == "1|b|c|p|1"
    assert sent["recipient_id"] == "33612345000"
    assert sent["timestamp"] == str(int(sent["timestamp"]))


def test_a_read_after_a_delivered_carries_no_price() -> None:
    world = platform(read=1.0)
    fill(world, 1)
    priced = ["pricing" in status for status in items(drained(world), "statuses")]
    assert priced == [True, True, False]


def test_a_failed_status_has_its_code_and_no_contacts() -> None:
    world = platform(failed={131049: 1.0})
    fill(world, 3)
    bodies = drained(world)
    assert {status["errors"][0]["code"] for status in items(bodies, "statuses")} == {131049}
    assert not items(bodies, "contacts")
    assert not any("recipient_user_id" in status for status in items(bodies, "statuses"))


def test_being_on_whatsapp_is_a_trait_of_the_number_not_of_the_attempt() -> None:
    world = platform(not_on_whatsapp=0.3)
    for attempt in range(2):
        for n in range(60):
            world.receive(NOW + attempt * 60_000 + n * 20, request(send(to=f"+336123450{n:02d}")))
    failed = Counter(s["recipient_id"] for s in items(drained(world), "statuses") if s["status"] == "failed")
    assert failed
    assert set(failed.values()) == {2}


def test_webhooks_are_signed_over_their_raw_bytes() -> None:
    world, seen = platform(), list[Webhook]()
    fill(world, 1)

    def post(webhook: Webhook) -> int:
        seen.append(webhook)
        return 200

    deliver_due(world, FULL, post)
    deliver_due(world, FULL + 1_000, post)
    assert seen
    for webhook in seen:
        expected = hmac.new(b"secret", webhook.raw, sha256).hexdigest()
        assert webhook.signature == "sha256=" + expected


def test_no_body_holds_more_updates_than_a_batch() -> None:
    world = platform(webhooks={"batch": 7})
    fill(world, 50)
    bodies = drained(world, step_ms=500)
    sizes = [len(items([raw], "statuses")) for raw in bodies]
    assert sum(sizes) == 100
    assert max(sizes) == 7


def test_whatever_is_not_a_200_is_told_again_until_it_is_taken() -> None:
    world, now = platform(webhooks={"linger_ms": 0}, delivered=0.0), NOW
    fill(world, 1)
    answers = iter((500, None, 302, 202, 200))
    for posts in range(5):
        assert (world.summary()["sent"], world.summary()["webhooks"]["posts"]) == (0, posts)
        now = world.next_due() or now
        while not (due := world.due_webhooks(now)):
            now = world.next_due() or now
        world.answered(due[0], next(answers), now)
    assert world.summary()["sent"] == 1


def test_pauses_between_retries_double() -> None:
    world = platform(webhooks={"retry_ms": 1_000, "linger_ms": 0}, delivered=0.0)
    fill(world, 1)
    times, now = list[float](), NOW
    while len(times) < 5:
        now = world.next_due() or now
        for webhook in world.due_webhooks(now):
            times.append(now)
            world.answered(webhook, 503, now)
    gaps = [round(later - earlier) for earlier, later in pairwise(times)]
    assert gaps == [1_000, 2_000, 4_000, 8_000]


def test_a_subscriber_that_is_away_for_a_week_is_given_up() -> None:
    world = platform(delivered=0.0)
    fill(world, 1)
    drained(world, until=NOW + 9 * 86_400_000, status=500)
    assert world.summary()["webhooks"]["given_up"] == 1
    assert world.next_due() is None


def test_duplicates_are_told_again_and_counted_once() -> None:
    world = platform(webhooks={"duplicated": 1.0})
    fill(world, 20)
    told = Counter((s["id"], s["status"]) for s in items(drained(world), "statuses"))
    assert set(told.values()) == {2}
    assert world.summary()["delivered"] == 20


def test_reordering_lets_later_statuses_arrive_first_with_true_timestamps() -> None:
    world = platform(webhooks={"reordered": 0.5, "reordered_by": {"median": 30_000}})
    fill(world, 100)
    statuses = items(drained(world), "statuses")
    order: dict[str, list[str]] = {}
    for status in statuses:
        order.setdefault(status["id"], []).append(status["status"])
    assert ["delivered", "sent"] in order.values()
    stamps = {(s["id"], s["status"]): int(s["timestamp"]) for s in statuses}
    assert all(stamps[i, "sent"] <= stamps[i, "delivered"] for i in order)


def test_replies_name_the_message_and_stops_come_in_three_ways() -> None:
    world = platform(stops=1.0)
    fill(world, 150)
    bodies = drained(world)
    messages, preferences = items(bodies, "messages"), items(bodies, "user_preferences")
    kinds = Counter(message["type"] for message in messages)
    assert kinds["button"]
    assert kinds["text"]
    assert len(messages) + len(preferences) == 150
    assert {m["button"]["payload"] for m in messages if m["type"] == "button"} == {"STOP_MKT"}
    assert {m["text"]["body"] for m in messages if m["type"] == "text"} <= set(STOP_WORDS["fr"])
    assert {p["value"] for p in preferences} == {"stop"}
    assert all(isinstance(p["timestamp"], int) for p in preferences)
    assert all(message["context"]["id"].startswith("wamid.") for message in messages)
    assert world.summary()["stopped"] == 150


def test_the_summary_equals_a_fold_over_the_log() -> None:
    lines: list[bytes] = []
    scenario = calm(
        read=0.5, delivered=0.8, failed={131049: 0.1}, refused={131016: 0.05}, lost_answers=0.05, replies=0.1
    )
    world = Platform(catalogue(), scenario, token="token", app_secret="secret", write=lines.append)
    fill(world, 300)
    drained(world)
    summary, facts = world.summary(), [orjson.loads(line) for line in lines]
    told: dict[str, set[str]] = {}
    for fact in facts:
        if fact["kind"] == "status":
            told.setdefault(fact["wamid"], set()).add(fact["status"])
    kinds = Counter(fact["kind"] for fact in facts)
    assert summary["accepted"] == kinds["accepted"]
    assert summary["refused"] == {"131016": kinds["refused"]}
    assert summary["replied"] == kinds["reply"]
    for name, at_least in (("sent", {"sent", "delivered", "read"}), ("read", {"read"})):
        assert summary[name] == sum(bool(statuses & at_least) for statuses in told.values())
    assert summary["failed"] == {"131049": sum("failed" in statuses for statuses in told.values())}
    assert summary["webhooks"]["pending"] == summary["webhooks"]["scheduled"] == 0
    assert summary["numbers"][NUMBER]["peak_accepted"] <= summary["numbers"][NUMBER]["limit"] == 80


def test_the_log_is_read_in_pages() -> None:
    world = platform()
    fill(world, 25)
    first = decoded(world.receive(FULL, asked("log", limit="20")))
    rest = decoded(world.receive(FULL, asked("log", after=str(first["next"]))))
    messages = first["messages"] + rest["messages"]
    assert len({message["wamid"] for message in messages}) == first["total"] == 25
    assert rest["next"] is None
    assert messages[0]["parameters"] == ["Lina", "20"]


def test_a_scenario_changes_while_it_runs_and_paused_templates_are_announced() -> None:
    world = platform()
    change = asked("scenario", method="POST", raw=orjson.dumps({"templates": {"promo.fr": "PAUSED"}}))
    assert world.receive(NOW, change).status == 200
    assert decoded(world.receive(NOW, request(send())))["error"]["code"] == 132015
    bodies = drained(world)
    (first, *_) = [change for raw in bodies for entry in raw["entry"] for change in entry["changes"]]
    assert first["field"] == "message_template_status_update"
    assert first["value"]["event"] == "PAUSED"
    assert decoded(world.receive(NOW, asked("scenario")))["templates"] == {"promo.fr": "PAUSED"}


@pytest.mark.parametrize("raw", [b"{", b'{"sed": 1}', b"[]"])
def test_a_faulty_change_of_scenario_is_refused_and_changes_nothing(raw: bytes) -> None:
    world = platform()
    before = world.state.scenario
    assert world.receive(NOW, asked("scenario", method="POST", raw=raw)).status == 400
    assert world.state.scenario == before


def test_an_unknown_route_of_the_simulator_is_not_found() -> None:
    assert platform().receive(NOW, asked("secrets")).status == 404


def test_without_a_subscriber_statuses_still_happen() -> None:
    world = Platform(catalogue(), calm(), token="token", app_secret="secret", subscribed=False)
    fill(world, 5)
    assert world.due_webhooks(FULL) == []
    assert world.summary()["delivered"] == 5


class SteppedClock:
    """A clock that jumps to whatever is slept for."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return int(self.at)

    async def sleep_until(self, instant: float) -> None:
        self.at = max(self.at, instant)


@dataclass(frozen=True)
class Letter:
    phone_number_id: str
    to: str


@pytest.mark.parametrize(("changes", "heard"), [({}, "200"), ({"lost_answers": 1.0}, "nothing")])
def test_the_channel_in_process_passes_its_latency_on_the_callers_clock(
    changes: dict[str, float], heard: str
) -> None:
    clock, world = SteppedClock(), platform(latency={"median": 70, "spread": 0}, **changes)
    channel = InProcessChannel[Letter, str](
        world,
        clock,
        token="token",
        body_of=lambda letter: orjson.loads(send(to=letter.to, components=WHOLE_PROMO)),
        understood=lambda status, raw: str(status),
        unanswered=lambda: "nothing",
    )
    assert asyncio.run(channel.send(Letter(NUMBER, "+33612345678"))) == heard
    assert clock.at == NOW + 70
    assert world.summary()["accepted"] == 1
    asyncio.run(channel.close())
