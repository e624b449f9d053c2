"""Receipts: statuses folded into the ledger. Any order, any number, any delay: the same row.

Matched on the key that we put into every send and the platform echoes, else on
the wamid. `read` implies `delivered`; a failure stands beside the rank and
counts only below `delivered`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.audience.instant import SECOND_MS, Instant
from chalicelib.authoring.definition import Retries
from chalicelib.sending.delivery import Delivery, DeliveryKey, Outcome, Rank, outcome_of
from chalicelib.sending.outcome import Verdict, judge_code

ECHO_FORMAT = "1"
RANK_BY_STATUS = {
    "sent": Rank.SENT,
    "delivered": Rank.DELIVERED,
    "read": Rank.READ,
    "played": Rank.READ,
}
FAILED = "failed"
COUNTED = frozenset({Outcome.EXCLUDED, Outcome.ACCEPTED, Outcome.FAILED, Outcome.UNCERTAIN})
"""Outcomes that end in a row; waiting and claimed are read from chunks and standings."""


def echo_of(key: DeliveryKey, attempt: int) -> str:
    """Return `biz_opaque_callback_data`: where the receipt belongs, in one piece of text."""
    return "|".join((ECHO_FORMAT, key.broadcast, key.chunk, key.person, str(attempt)))


def parse_echo(text: str) -> tuple[DeliveryKey, int] | None:
    """Return the key and the attempt, or None when the text is not ours."""
    parts = text.split("|")
    if len(parts) != 5 or parts[0] != ECHO_FORMAT or not parts[4].isascii() or not parts[4].isdigit():
        return None
    _, broadcast, chunk, person, attempt = parts
    return DeliveryKey(broadcast=broadcast, chunk=chunk, person=person), int(attempt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One reported status. `key` is None when nothing was echoed; `code` is 0 unless it failed.

    `phone` (E.164) and `bsuid` say who the message was for, as far as the platform tells.
    """

    wamid: str
    status: str
    at: Instant
    key: DeliveryKey | None = None
    attempt: int = 0
    code: int = 0
    category: str = ""
    phone: str = ""
    bsuid: str = ""


def parse_statuses(body: str) -> list[Status]:
    """Return a queue message's statuses; those without a known status, id or time are passed over.

    Raises ValueError for what is no such message, so that it is not taken for done.
    """
    envelope = json.loads(body)
    found = envelope.get("statuses") if isinstance(envelope, dict) and envelope.get("v") == 1 else None
    if not isinstance(found, list):
        raise ValueError("not a message of statuses of format 1")
    return [s for s in (_status(item) for item in found if isinstance(item, dict)) if s is not None]


def _status(item: Mapping[str, Any]) -> Status | None:
    wamid, status = item.get("id"), item.get("status")
    if not isinstance(wamid, str) or not isinstance(status, str):
        return None
    if status not in RANK_BY_STATUS and status != FAILED:
        return None
    try:
        at = int(item.get("timestamp", "")) * SECOND_MS
    except (TypeError, ValueError):
        return None
    echoed = parse_echo(str(item.get("biz_opaque_callback_data") or ""))
    pricing = item.get("pricing")
    return Status(
        wamid=wamid,
        status=status,
        at=at,
        key=echoed[0] if echoed else None,
        attempt=echoed[1] if echoed else 0,
        code=_code(item) if status == FAILED else 0,
        category=str(pricing.get("category") or "") if isinstance(pricing, dict) else "",
        phone=_phone(item.get("recipient_id")),
        bsuid=_text(item.get("recipient_user_id")),
    )


def _phone(value: Any) -> str:
    digits = _text(value).removeprefix("+")
    return f"+{digits}" if digits.isascii() and digits.isdigit() else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _code(item: Mapping[str, Any]) -> int:
    """Return the first error's code; 131000 ("unknown error") stands for a failure without one."""
    errors = item.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    code = first.get("code") if isinstance(first, dict) else None
    return code if isinstance(code, int) and code > 0 else 131000


def apply(delivery: Delivery | None, key: DeliveryKey, status: Status) -> Delivery:
    """Return the row with one status folded in."""
    row = _of_attempt(delivery or Delivery(key=key, attempt=max(1, status.attempt)), status)
    if status.category and not row.billed_category:
        row = replace(row, billed_category=status.category)
    if not row.wamid and not row.erased and status.attempt in (0, row.attempt):
        row = replace(row, wamid=status.wamid)
    if status.status == FAILED:
        return _failed(row, status)
    return _raised(row, RANK_BY_STATUS[status.status], status)


def _of_attempt(row: Delivery, status: Status) -> Delivery:
    """Return the row as of the attempt that a status tells of, which may not have been written yet.

    Its answer was overtaken or lost. What it is told to have come to is no news of an older attempt.
    """
    if status.attempt <= row.attempt:
        return row
    return replace(
        row,
        attempt=status.attempt,
        wamid="" if row.erased else status.wamid,
        waiting="",
        due_at=None,
        deadline_at=None,
        failed_code=0,
        failed_at=None,
    )


def _raised(row: Delivery, rank: Rank, status: Status) -> Delivery:
    """Raise the rank, whichever attempt it was: a message that arrived arrived."""
    sent = _earliest(row.sent_at, status.at)
    return replace(
        row,
        rank=max(row.rank, rank),
        uncertain=False,
        failed_code=0 if row.waiting else row.failed_code,  # it was refused, we thought; it arrived
        waiting="",
        due_at=None,
        deadline_at=None,
        excluded="",
        accepted_at=_earliest(row.accepted_at, status.at),
        sent_at=sent,
        delivered_at=_earliest(row.delivered_at, status.at) if rank >= Rank.DELIVERED else row.delivered_at,
        read_at=_earliest(row.read_at, status.at) if rank >= Rank.READ else row.read_at,
    )


def _earliest(known: Instant | None, at: Instant) -> Instant:
    return at if known is None else min(known, at)


def _failed(row: Delivery, status: Status) -> Delivery:
    """Note a failure of the current attempt; an older attempt's is known already."""
    if status.attempt and status.attempt < row.attempt:
        return row
    if row.waiting and row.failed_code:  # this attempt's failure came in the answer, and a retry is due
        return row
    return replace(
        row,
        failed_code=status.code if not row.failed_code else min(row.failed_code, status.code),
        failed_at=_earliest(row.failed_at, status.at),
        uncertain=False,
        excluded="",
    )


def verdict_of(
    status: Status, row: Delivery, *, now: Instant, deadline_at: Instant, retries: Retries
) -> Verdict:
    """Return what a failed status asks for: its code means the same as in an answer."""
    return judge_code(
        status.code, attempt=row.attempt, now=now, deadline_at=deadline_at, retries=retries, known=row
    )


def counts_of(delivery: Delivery | None) -> Mapping[str, int]:
    """Return what one row adds to the counters: its outcome, and how far it got within accepted."""
    if delivery is None:
        return {}
    outcome = outcome_of(delivery)
    counts = {outcome.value: 1} if outcome in COUNTED else {}
    if outcome is Outcome.ACCEPTED:
        for name, reached in (
            ("sent", delivery.rank >= Rank.SENT),
            ("delivered", delivery.rank >= Rank.DELIVERED),
            ("read", delivery.rank >= Rank.READ),
            ("replied", delivery.replied_at is not None),
        ):
            if reached:
                counts[name] = 1
    if delivery.opted_out_at is not None:
        counts["opt_outs"] = 1
    if delivery.billed_category:
        counts[f"billed_{delivery.billed_category}"] = 1
    return counts


def deltas(before: Delivery | None, after: Delivery) -> Mapping[str, int]:
    """Return how a write of the ledger moves the counters."""
    old, new = counts_of(before), counts_of(after)
    moved = {name: new.get(name, 0) - old.get(name, 0) for name in {*old, *new}}
    return {name: n for name, n in moved.items() if n}
