"""Record: webhooks in, verified and queued at once; then statuses to the ledger, the rest to consents.

Nothing is decided before the signature on the raw bytes holds, and nothing but
queueing happens before the answer. Both queues may deliver twice, late and in
any order: every write is a fold that does not mind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.audience.consent import EVERYTHING, MARKETING, WHATSAPP, ConsentChange, ConsentEvent
from chalicelib.audience.contact import Contact
from chalicelib.audience.identity import PHONE, Identity
from chalicelib.audience.instant import HOUR_MS, Instant
from chalicelib.audience.standing import Standing
from chalicelib.errors import Problem, Unauthorized
from chalicelib.log import log
from chalicelib.ports import MOST_ITEMS, Write
from chalicelib.sending.broadcast import Broadcast, SenderControl
from chalicelib.sending.delivery import Delivery, DeliveryKey
from chalicelib.steps import effects, messages
from chalicelib.steps.amending import amend
from chalicelib.steps.counting import count_changes
from chalicelib.steps.home import Home
from chalicelib.tracking import inbound as inbound_stage
from chalicelib.tracking.receipt import Status, apply, parse_statuses
from chalicelib.tracking.webhook import split, verify_handshake, verify_signature

REPLY_WINDOW_MS = 72 * HOUR_MS
"""A reply without a quoted message belongs to our last send to that person, if it is younger than this."""
WEBHOOKS = "webhooks"


def receive(home: Home, raw: bytes, signature: str | None) -> None:
    """Verify and queue one webhook. Raises Unauthorized; valid JSON of unknown shape is kept aside."""
    secrets = [s for s in (home.ports.secrets.get(n) for n in ("WHATSAPP_APP_SECRET", "WHATSAPP_APP_SECRET_OLD")) if s]
    if not secrets:
        raise Unauthorized(Problem(code="webhook_secret_missing"))
    if not verify_signature(raw, signature, secrets):
        home.ports.counters.add(WEBHOOKS, {"bad_signature": 1})
        raise Unauthorized(Problem(code="signature_wrong"))
    parts = split(raw)
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


def receipts(home: Home, body: str) -> None:
    """Fold one message's statuses into the ledger, a hundred people at a time."""
    statuses = parse_statuses(body)
    unkeyed = [s.wamid for s in statuses if s.key is None]
    key_by_wamid: dict[str, DeliveryKey] = {}
    for start in range(0, len(unkeyed), MOST_ITEMS):
        key_by_wamid |= home.ports.ledger.by_wamids(unkeyed[start : start + MOST_ITEMS])
    by_key: dict[DeliveryKey, list[Status]] = {}
    unknown = 0
    for status in statuses:
        key = status.key or key_by_wamid.get(status.wamid)
        if key is None or broadcast_of(home, key.broadcast) is None:
            unknown += 1
            continue
        by_key.setdefault(key, []).append(status)
    if unknown:  # other software on the same number, or a home that was reset
        home.ports.counters.add(WEBHOOKS, {"unmatched": unknown})
    keys = list(by_key)
    for start in range(0, len(keys), MOST_ITEMS):
        _fold_statuses(home, {key: by_key[key] for key in keys[start : start + MOST_ITEMS]})


def broadcast_of(home: Home, broadcast_id: str) -> Broadcast | None:
    """Return the broadcast a receipt names."""
    return home.ports.broadcasts.get(broadcast_id)
