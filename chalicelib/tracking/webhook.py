"""Webhooks at the door: signature on the raw bytes, then two piles: statuses and everything else."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_STATUSES = 100
"""Statuses in one queue message: a hundred people are one call of the ledger."""
LARGEST_BODY = 200_000


def verify_signature(raw: bytes, header: str | None, secrets: Sequence[str]) -> bool:
    """Say whether `X-Hub-Signature-256` is the HMAC of the raw bytes under one of the app secrets.

    Every secret is tried and compared in constant time, so that two are valid
    while they are rotated and nothing tells which one failed.
    """
    given = (header or "").removeprefix("sha256=").strip().lower().encode("utf-8", "replace")
    good = False
    for secret in secrets:
        wanted = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest().encode()
        good |= hmac.compare_digest(wanted, given)
    return good


def verify_handshake(query: Mapping[str, str], token: str) -> str | None:
    """Return the challenge of Meta's subscription request when its token is ours, else None."""
    given = str(query.get("hub.verify_token", "")).encode()
    if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(given, token.encode()):
        return None
    return str(query.get("hub.challenge", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A webhook as queue messages: statuses, everything else, and what we do not understand."""

    receipts: tuple[str, ...]
    inbound: tuple[str, ...]
    aside: tuple[str, ...]


def split(raw: bytes) -> Split:
    """Cut a webhook into queue messages small enough for SQS. Never raises, whatever the bytes are."""
    try:
        envelope = json.loads(raw)
    except (ValueError, RecursionError):
        return Split(receipts=(), inbound=(), aside=tuple(_aside(raw.decode("utf-8", "replace"))))
    receipts: list[str] = []
    inbound: list[str] = []
    aside: list[str] = []
    changes = list(_changes(envelope))
    if not changes:
        aside.extend(_aside(raw.decode("utf-8", "replace")))
    for field, value in changes:
        if not isinstance(field, str) or not isinstance(value, dict):
            aside.extend(_aside(_dump(value)))
            continue
        statuses = value.get("statuses")
        if field == "messages" and isinstance(statuses, list):
            for start in range(0, len(statuses), MOST_STATUSES):
                receipts.append(_dump({"v": 1, "statuses": statuses[start : start + MOST_STATUSES]}))
        rest = {k: v for k, v in value.items() if k != "statuses"}
        if field != "messages" or "messages" in rest or "errors" in rest:
            _keep(inbound, aside, _dump({"v": 1, "field": field, "value": rest}))
    return Split(receipts=tuple(receipts), inbound=tuple(inbound), aside=tuple(aside))


def _keep(wanted: list[str], aside: list[str], body: str) -> None:
    if len(body) <= LARGEST_BODY:
        wanted.append(body)
    else:
        aside.extend(_aside(body))


def _changes(envelope: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (field, value) of every change of every entry."""
    entries = envelope.get("entry") if isinstance(envelope, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else []:
            if isinstance(change, dict):
                yield change.get("field"), change.get("value")


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _aside(text: str) -> list[str]:
    return [_dump({"v": 1, "raw": text[:LARGEST_BODY]})]
