"""What lies on the queues: one small JSON object each, with a version so that shapes may grow."""

from __future__ import annotations

from typing import Any

import orjson

PLAN = "plan"
LAUNCH = "launch"
DISPATCH = "dispatch"
SEND = "send"
RECEIPTS = "receipts"
INBOUND = "inbound"
HANDOFF = "handoff"
ASIDE = "aside"
"""Webhook bodies of a shape we do not know: kept, counted, consumed by nobody."""
CONSUMED = (PLAN, LAUNCH, DISPATCH, SEND, RECEIPTS, INBOUND, HANDOFF)
"""Queues that a handler works; each has a queue of dead letters beside it."""


def encode(**fields: Any) -> str:
    """Return a message body of format 1."""
    return orjson.dumps({"v": 1, **fields}).decode()


def decode(body: str) -> dict[str, Any]:
    """Return a body's fields. Raises ValueError on anything but a JSON object of format 1."""
    fields = orjson.loads(body)
    if not isinstance(fields, dict) or fields.get("v") != 1:
        raise ValueError("not a message of format 1")
    return fields
