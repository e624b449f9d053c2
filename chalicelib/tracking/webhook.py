"""Webhooks at the door: signature on the raw bytes, then two piles: statuses and everything else."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_STATUSES = 100
"""Statuses in one queue message: a hundred people are one call of the ledger."""
ENVELOPE_BYTES = 100
LARGEST_BODY = 200_000
"""Bytes of one queue message: a fifth of what SQS takes, so that no later escaping makes it too large."""
_NO_CHARACTERS = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""Halves of a pair and Unicode's two non-characters: no database and no queue takes them."""


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
            for some in _by_size(statuses):
                _keep(receipts, aside, _dump({"v": 1, "statuses": some}))
        rest = {k: v for k, v in value.items() if k != "statuses"}
        if field != "messages" or "messages" in rest or "errors" in rest:
            _keep(inbound, aside, _dump({"v": 1, "field": field, "value": rest}))
    return Split(receipts=tuple(receipts), inbound=tuple(inbound), aside=tuple(aside))


def _keep(wanted: list[str], aside: list[str], body: str) -> None:
    if len(body.encode()) <= LARGEST_BODY:
        wanted.append(body)
    else:
        aside.extend(_aside(body))


def _by_size(statuses: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield as many statuses as one queue message holds; one that is too large for any comes alone."""
    some: list[Any] = []
    size = 0
    for status in statuses:
        length = len(_dump(status).encode()) + 1
        if some and (len(some) == MOST_STATUSES or size + length > LARGEST_BODY - ENVELOPE_BYTES):
            yield some
            some, size = [], 0
        some.append(status)
        size += length
    if some:
        yield some


def _changes(envelope: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (field, value) of every change of every entry."""
    entries = envelope.get("entry") if isinstance(envelope, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else []:
            if isinstance(change, dict):
                yield change.get("field"), change.get("value")


def _dump(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _NO_CHARACTERS.sub("\ufffd", text)


def _aside(text: str) -> list[str]:
    """Return as much of a text as one queue message holds."""
    kept = text[:LARGEST_BODY]
    while len((body := _dump({"v": 1, "raw": kept})).encode()) > LARGEST_BODY:
        kept = kept[: len(kept) // 2]
    return [body]
