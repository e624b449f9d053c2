"""Handoff: a reply that asks for nothing we know goes to the people who can answer it.

What is posted is one JSON object, signed over its raw bytes. It may come more
than once and in any order: `id` is the same each time, `at` tells the order.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass

from chalicelib.audience.instant import Instant, to_iso
from chalicelib.tracking.inbound import Reply

LONGEST_TEXT = 4_096
"""Characters; as many as WhatsApp lets somebody write."""
LONGEST_FIELD = 256
SIGNATURE = "X-Carillon-Signature"
EVENT = "X-Carillon-Event"
NO_REPLIES = frozenset({"system"})
"""Kinds of messages that nobody wrote: news of a changed number."""

WAITS_SECONDS = (10, 60, 300, 900, 900, 900, 900, 900, 900, 900)
"""Before each further try: two hours in all. After them the queue's own tries, then the dead letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """A reply on its way to the endpoint `to`. `attempt` counts the posts that failed before."""

    to: str
    person: str
    broadcast: str
    wamid: str
    at: Instant
    kind: str
    text: str
    payload: str
    attempt: int = 0

    @property
    def event(self) -> str:
        """What the receiver knows it by when it comes again."""
        return hashlib.sha256(f"{self.to}|{self.wamid}".encode()).hexdigest()[:32]


def handoff_of(reply: Reply, *, to: str, person: str, broadcast: str) -> Handoff | None:
    """Return what is handed off of a reply, cut to size; None for what nobody wrote."""
    if reply.kind in NO_REPLIES:
        return None
    return Handoff(
        to=to,
        person=person,
        broadcast=broadcast,
        wamid=reply.wamid[:LONGEST_FIELD],
        at=reply.at,
        kind=reply.kind[:LONGEST_FIELD],
        text=reply.text[:LONGEST_TEXT],
        payload=reply.payload[:LONGEST_FIELD],
    )


def body_of(handoff: Handoff, *, external_id: str | None) -> bytes:
    """Return the bytes that are posted and signed."""
    fields = {
        "v": 1,
        "id": handoff.event,
        "event": "reply",
        "kind": handoff.kind,
        "person": handoff.person,
        "external_id": external_id,
        "wamid": handoff.wamid,
        "at": to_iso(handoff.at),
        "text": handoff.text,
        "payload": handoff.payload,
        "broadcast": handoff.broadcast,
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def signature_of(raw: bytes, secret: str) -> str:
    """Return the header's value: "sha256=" and the HMAC-SHA256 of the raw bytes, in hex."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def wait_after(failed: int) -> int | None:
    """Return the seconds until the next try after so many that failed; None: the queue decides."""
    return WAITS_SECONDS[failed - 1] if failed <= len(WAITS_SECONDS) else None
