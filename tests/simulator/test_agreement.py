"""The product and the simulated platform understand each other: two readings of one documentation."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from chalicelib.adapters.channels.whatsapp_cloud import body_of, understood
from chalicelib.sending.answer import Accepted, Answer, Message, Refused
from chalicelib.sending.delivery import DeliveryKey
from chalicelib.tracking.inbound import Intent, Preference, Reply, intent_of, parse_inbound
from chalicelib.tracking.receipt import echo_of, parse_statuses
from chalicelib.tracking.webhook import split, verify_signature
from infra.local.simulator.outbox import Webhook
from infra.local.simulator.people import ANSWERS, STOP_WORDS
from infra.local.simulator.platform import Platform
from infra.local.simulator.state import Request
from tests.simulator.worlds import NOW, NUMBER, platform

HOUR_MS = 3_600_000
KEY = DeliveryKey(broadcast="PROMO.1", chunk="001-00002", person="c-3")
PROMO = Message(
    sender="boutique",
    phone_number_id=NUMBER,
    to="+33612345678",
    template="promo",
    language="fr",
    named=True,
    parameters=(("first_name", "Lina"), ("percent", "20")),
    buttons=(("url", 0, "p/42"), ("quick_reply", 1, "STOP_MKT")),
    echo=echo_of(KEY, 2),
)
UNKNOWN = replace(PROMO, template="nope", named=False, parameters=(), buttons=(), echo=echo_of(KEY, 1))
ORDER = replace(UNKNOWN, template="order", parameters=(("1", "A1"), ("2", "lundi")))


def call(world: Platform, message: Message) -> Answer:
    """Make the product's call and read the answer as the product does."""
    asked = Request(
        method="POST",
        path=f"/v25.0/{NUMBER}/messages",
        headers={"Authorization": "Bearer token"},
        body=orjson.dumps(body_of(message)),
    )
    answer = world.receive(NOW, asked)
    return understood(answer.status, answer.body)


def webhooks(world: Platform) -> list[Webhook]:
    """Return everything that the platform tells within the hour."""
    return [webhook for at in (0, 1) for webhook in world.due_webhooks(NOW + HOUR_MS + at * 1_000)]


@pytest.mark.parametrize("message", [PROMO, ORDER], ids=["named, with buttons", "positional"])
def test_what_the_product_writes_is_what_the_platform_takes(message: Message) -> None:
    assert isinstance(call(platform(), message), Accepted)


def test_what_the_platform_refuses_the_product_reads_with_its_code() -> None:
    answer = call(platform(), UNKNOWN)
    assert isinstance(answer, Refused)
    assert answer.code == 132001


@pytest.mark.parametrize(
    ("changes", "statuses", "codes"),
    [
        ({"read": 1.0}, ["sent", "delivered", "read"], [0, 0, 0]),
        ({"failed": {131049: 1.0}}, ["failed"], [131049]),
    ],
)
def test_the_product_verifies_and_reads_every_status(
    changes: dict[str, object], statuses: list[str], codes: list[int]
) -> None:
    world = platform(**changes)
    answer = call(world, PROMO)
    assert isinstance(answer, Accepted)
    told = []
    for webhook in webhooks(world):
        assert verify_signature(webhook.raw, webhook.signature, ["secret"])
        found = split(webhook.raw)
        assert found.aside == ()
        told += [status for body in found.receipts for status in parse_statuses(body)]
    assert [status.status for status in told] == statuses
    assert [status.code for status in told] == codes
    assert {(status.key, status.attempt, status.wamid) for status in told} == {(KEY, 2, answer.wamid)}


def test_the_product_understands_every_way_in_which_people_stop() -> None:
    seen: set[type] = set()
    for seed in range(12):
        world = platform(stops=1.0, seed=seed)
        call(world, PROMO)
        bodies = [body for webhook in webhooks(world) for body in split(webhook.raw).inbound]
        for news in [news for body in bodies for news in parse_inbound(body)]:
            seen.add(type(news))
            if isinstance(news, Reply):
                assert news.phone == "+33612345678"
                assert news.payload == "STOP_MKT" or intent_of(news.text) is Intent.STOP
            else:
                assert isinstance(news, Preference)
                assert news.stops
    assert seen == {Reply, Preference}


@pytest.mark.parametrize("word", sorted({word for words in STOP_WORDS.values() for word in words}))
def test_every_stop_word_that_people_use_is_a_stop(word: str) -> None:
    assert intent_of(word) is Intent.STOP


@pytest.mark.parametrize("text", sorted({text for texts in ANSWERS.values() for text in texts}))
def test_an_ordinary_answer_is_no_stop(text: str) -> None:
    assert intent_of(text) is Intent.NONE
