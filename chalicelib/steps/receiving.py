"""Receive: a webhook comes in, is verified and queued at once.

Nothing is decided before the signature on the raw bytes holds, and nothing but
queueing happens before the answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.errors import Problem, Unauthorized
from chalicelib.ports import MOST_ITEMS
from chalicelib.steps import messages
from chalicelib.steps.home import Home
from chalicelib.steps.matching import WEBHOOKS
from chalicelib.tracking.webhook import split, verify_handshake, verify_signature


def receive(home: Home, raw: bytes, signature: str | None) -> None:
    """Verify and queue one webhook. Raises Unauthorized; valid JSON of unknown shape is kept aside."""
    secrets = [
        s
        for s in (home.ports.secrets.get(n) for n in ("WHATSAPP_APP_SECRET", "WHATSAPP_APP_SECRET_OLD"))
        if s
    ]
    if not secrets:
        raise Unauthorized(Problem(code="webhook_secret_missing"))
    if not verify_signature(raw, signature, secrets):
        home.ports.counters.add(WEBHOOKS, {"bad_signature": 1})
        raise Unauthorized(Problem(code="signature_wrong"))
    parts = split(raw, home.ports.clock.now())
    for queue, bodies in (
        (messages.INBOUND, parts.inbound),
        (messages.RECEIPTS, parts.receipts),
        (messages.ASIDE, parts.aside),
    ):
        for start in range(0, len(bodies), MOST_ITEMS):
            home.ports.queues.send(queue, bodies[start : start + MOST_ITEMS])
    if parts.aside:
        home.ports.counters.add(WEBHOOKS, {"aside": len(parts.aside)})


def handshake(home: Home, query: Mapping[str, str]) -> str:
    """Return the challenge when Meta's verify token is ours. Raises Unauthorized."""
    token = home.ports.secrets.get("WHATSAPP_VERIFY_TOKEN")
    challenge = verify_handshake(query, token) if token else None
    if challenge is None:
        raise Unauthorized(Problem(code="verify_token_wrong"))
    return challenge
