"""The webhook's function URL: Meta's handshake, and signatures over the bytes as they were sent."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

import app
from chalicelib.web.events import LARGEST_WEBHOOK_BYTES
from tests.lambda_events.account import Account, BrokenQueues, invoke, rewired
from tests.lambda_events.shapes import function_url
from tests.scenarios.world import SECRETS, World

HANDSHAKE = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "verify-me"}


def signature(raw: bytes, secret: str = "app-secret") -> dict[str, str]:
    """Return Meta's header; a function URL hands it over in lower case."""
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}


def envelope(text: str) -> bytes:
    """Return a webhook as Meta writes it: not ASCII, and everything outside of it escaped or not."""
    message = {"from": "212612000000", "id": "wamid.in", "timestamp": "1796112000", "type": "text"}
    change = {"field": "messages", "value": {"messages": [{**message, "text": {"body": text}}]}}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "W", "changes": [change]}]}
    return json.dumps(body, ensure_ascii=False).encode()


def ask(method: str, body: str | bytes | None = None, **more: Any) -> tuple[int, str]:
    """Send a request; returns the status and the text."""
    answer = invoke(app.webhook, function_url(method, body, **more))
    assert answer["headers"]["Content-Type"].startswith("text/plain")
    assert answer["isBase64Encoded"] is False
    return answer["statusCode"], answer["body"]


def test_the_handshake_is_answered_with_the_challenge_alone(world: World) -> None:
    assert ask("GET", query=HANDSHAKE) == (200, "1158201444")


@pytest.mark.parametrize(
    "query",
    [{**HANDSHAKE, "hub.verify_token": "guess"}, {**HANDSHAKE, "hub.mode": "unsubscribe"}, {}],
    ids=["another token", "another mode", "nothing"],
)
def test_a_handshake_with_anything_else_is_refused(world: World, query: dict[str, str]) -> None:
    assert ask("GET", query=query) == (401, "verify_token_wrong")


@pytest.mark.parametrize("text", ["STOP", "arrêt 🛑", "توقف"])
@pytest.mark.parametrize("encoded", [True, False], ids=["base64", "plain"])
def test_a_signed_body_is_queued_however_it_travels(account: Account, text: str, encoded: bool) -> None:
    raw = envelope(text)
    assert ask("POST", raw if encoded else raw.decode(), headers=signature(raw)) == (200, "")
    [body] = account.take("inbound")
    assert json.loads(body)["value"]["messages"][0]["text"]["body"] == text


def test_spaces_and_escapes_count_because_the_signature_is_over_the_bytes(account: Account) -> None:
    raw = b' {"entry" : [ ], "note":"caf\\u00e9" }\r\n'
    assert ask("POST", raw, headers=signature(raw)) == (200, "")
    again = json.dumps(json.loads(raw)).encode()
    assert ask("POST", again, headers=signature(raw)) == (401, "signature_wrong")


def test_bytes_that_are_not_utf_8_are_verified_as_they_are_and_kept_aside(account: Account) -> None:
    raw = b'{"entry":"caf\xe9\xff\x00"}'
    assert ask("POST", raw, headers=signature(raw)) == (200, "")
    assert len(account.take("aside")) == 1


@pytest.mark.parametrize(
    "headers",
    [signature(b"another body"), signature(envelope("STOP"), "guess"), {"X-Hub-Signature-256": "é"}, {}],
    ids=["another body's", "another secret's", "no signature at all", "none"],
)
def test_a_wrong_signature_is_refused_and_queues_nothing(account: Account, headers: dict[str, str]) -> None:
    assert ask("POST", envelope("STOP"), headers=headers) == (401, "signature_wrong")
    assert not account.queues.bodies_by_queue


def test_the_old_secret_counts_while_secrets_are_rotated(account: Account) -> None:
    account.world.runtime.set_secrets({**SECRETS, "WHATSAPP_APP_SECRET_OLD": "last-year"})
    raw = envelope("STOP")
    assert ask("POST", raw, headers=signature(raw, "last-year")) == (200, "")


def test_without_an_app_secret_nothing_is_believed(account: Account) -> None:
    account.world.runtime.set_secrets({})
    raw = envelope("STOP")
    assert ask("POST", raw, headers=signature(raw, "")) == (401, "webhook_secret_missing")


@pytest.mark.parametrize("encoded", [True, False], ids=["base64", "plain"])
def test_a_body_that_is_too_large_is_refused_by_its_decoded_size(account: Account, encoded: bool) -> None:
    raw = b"x" * (LARGEST_WEBHOOK_BYTES + 1)
    assert ask("POST", raw if encoded else raw.decode(), headers=signature(raw)) == (413, "too large")
    fits = raw[1:]
    assert ask("POST", fits if encoded else fits.decode(), headers=signature(fits)) == (200, "")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"])
def test_only_get_and_post_are_answered(account: Account, method: str) -> None:
    raw = envelope("STOP")
    assert ask(method, raw, headers=signature(raw))[0] == 405
    assert not account.queues.bodies_by_queue


def test_a_post_without_a_body_is_no_crash(world: World) -> None:
    assert ask("POST") == (401, "signature_wrong")


def test_what_cannot_be_queued_is_not_acknowledged_so_that_meta_sends_it_again(world: World) -> None:
    raw = envelope("STOP")
    rewired(world, queues=BrokenQueues())
    assert ask("POST", raw, headers=signature(raw)) == (503, "try again")
    account = Account(world)
    assert ask("POST", raw, headers=signature(raw)) == (200, "")
    assert len(account.take("inbound")) == 1
