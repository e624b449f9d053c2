"""Webhooks at the door: signature on the raw bytes, then two piles: statuses and everything else."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.audience.instant import SECOND_MS, Instant

MOST_STATUSES = 100
"""Statuses in one queue message: a hundred people are one call of the ledger."""
ENVELOPE_BYTES = 100
LARGEST_BODY = 200_000
"""Bytes of one queue message: a fifth of what SQS takes, so that no later escaping makes it too large."""
MOST_SECONDS = 10**11
"""Beyond every time that is told in seconds."""
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


def split(raw: bytes, received_at: Instant = 0) -> Split:
    """Cut a webhook into queue messages small enough for SQS. Never raises, whatever the bytes are.

    News of an account say which one (`waba`) and when (`at`, milliseconds): the
    entry's own time, else when it was received.
    """
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
    for field, value, entry in changes:
        if not isinstance(field, str) or not isinstance(value, dict):
            aside.extend(_aside(_dump(value)))
            continue
        statuses = value.get("statuses")
        if field == "messages" and isinstance(statuses, list):
            for body in _bodies(statuses):
                _keep(receipts, aside, body)
        rest = {k: v for k, v in value.items() if k != "statuses"}
        if field != "messages" or "messages" in rest or "errors" in rest:
            about = {} if field == "messages" else _about(entry, received_at)
            _keep(inbound, aside, _dump({"v": 1, "field": field, "value": rest, **about}))
    return Split(receipts=tuple(receipts), inbound=tuple(inbound), aside=tuple(aside))


def _keep(wanted: list[str], aside: list[str], body: str) -> None:
    if len(body.encode()) <= LARGEST_BODY:
        wanted.append(body)
    else:
        aside.extend(_aside(body))


def _bodies(statuses: Sequence[Any]) -> Iterator[str]:
    """Yield queue messages of as many statuses as each holds, measured one by one only where they must be."""
    for start in range(0, len(statuses), MOST_STATUSES):
        some = statuses[start : start + MOST_STATUSES]
        body = _dump({"v": 1, "statuses": some})
        if len(body.encode()) <= LARGEST_BODY:
            yield body
        else:
            yield from (_dump({"v": 1, "statuses": fewer}) for fewer in _by_size(some))


def _by_size(statuses: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield as many statuses as one queue message holds; one that is too large for any comes alone."""
    some: list[Any] = []
    size = 0
    for status in statuses:
        length = len(_dump(status).encode()) + 1
        if some and size + length > LARGEST_BODY - ENVELOPE_BYTES:
            yield some
            some, size = [], 0
        some.append(status)
        size += length
    if some:
        yield some


def _about(entry: Mapping[str, Any], received_at: Instant) -> dict[str, Any]:
    """Return whose an entry is, and of when: seconds since 1970, where it is a time at all."""
    waba, time = entry.get("id"), entry.get("time")
    told = type(time) is int and 0 < time <= MOST_SECONDS
    at = time * SECOND_MS if told and isinstance(time, int) else received_at
    return {"waba": str(waba)[:40] if isinstance(waba, str | int) else "", "at": at}


def _changes(envelope: Any) -> Iterator[tuple[Any, Any, Mapping[str, Any]]]:
    """Yield (field, value, entry) of every change of every entry."""
    entries = envelope.get("entry") if isinstance(envelope, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else []:
            if isinstance(change, dict):
                yield change.get("field"), change.get("value"), entry


def _dump(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _NO_CHARACTERS.sub("\ufffd", text)


def _aside(text: str) -> list[str]:
    """Return as much of a text as one queue message holds."""
    kept = text[:LARGEST_BODY]
    while len((body := _dump({"v": 1, "raw": kept})).encode()) > LARGEST_BODY:
        kept = kept[: len(kept) // 2]
    return [body]
