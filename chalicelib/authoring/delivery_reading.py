"""Reading how long and how often a campaign tries: expiry, retries, and calls without an answer."""

from __future__ import annotations

import re
from typing import Any

from chalicelib.audience.instant import DAY_MS, MINUTE_MS
from chalicelib.authoring.definition import Retries
from chalicelib.authoring.fields import Reader, duration_ms
from chalicelib.authoring.nodes import Fields
from chalicelib.authoring.time_reading import LONGEST_MS

MOST_RETRIES = 10
UNTIL_EXPIRY = "until_expiry"
REPORT = "report"
_RESEND = re.compile(r"resend_after\s+(\S+)")


def read_delivery(root: Reader, window: int) -> dict[str, Any]:
    """Return `expires_ms`, `retries` and `resend_after_ms` of a definition."""
    one = root.mapping("delivery")
    if one is None:
        return {"expires_ms": window}
    expires = _expires(one, window)
    found = {
        "expires_ms": expires,
        "retries": _retries(one, expires),
        "resend_after_ms": _resend_after(one, expires),
    }
    one.finish(later=("fallback",))
    return found


def _expires(one: Reader, window: int) -> int:
    """Return for how many milliseconds after its instant a deferred send may start."""
    expires = one.duration("expires", window)
    if expires < window:
        one.note("expires_before_window", "expires")
    if expires > LONGEST_MS:
        one.note("too_long", "expires")
    return expires


def _retries(one: Reader, expires: int) -> Retries:
    inner = one.mapping("retry")
    if inner is None:
        return Retries()
    word = inner.text("rate_limited", UNTIL_EXPIRY)
    if word != UNTIL_EXPIRY:
        inner.note("not_a_choice", "rate_limited", value=str(word), choices=UNTIL_EXPIRY, guess=UNTIL_EXPIRY)
    usual = Retries()
    most, backoff = _one_kind(inner, "transient", "backoff", usual.transient_most, usual.transient_backoff_ms)
    per_user, wait = _one_kind(inner, "per_user_limit", "wait", usual.per_user_most, usual.per_user_wait_ms)
    for key, name, value, least in (
        ("transient", "backoff", backoff, MINUTE_MS // 60),
        ("per_user_limit", "wait", wait, DAY_MS),
    ):
        kind = inner.fields.by_key.get(key)
        if not isinstance(kind, Fields) or name not in kind.by_key:
            continue  # a default longer than `expires` is simply never reached
        at = inner.mapping(key)
        if at is None:
            continue
        if value < least:
            at.note("wait_too_short", name, least="24h" if least == DAY_MS else "1s")
        elif value > expires:
            at.note("wait_after_expiry", name)
    inner.finish()
    return Retries(
        transient_most=most,
        transient_backoff_ms=backoff,
        per_user_most=per_user,
        per_user_wait_ms=wait,
    )


def _one_kind(inner: Reader, key: str, wait: str, most: int, wait_ms: int) -> tuple[int, int]:
    """Return (retries, wait) of one class of failures."""
    kind = inner.mapping(key)
    if kind is None:
        return most, wait_ms
    number = kind.number("max", most, least=0, most=MOST_RETRIES)
    if number is not None and number != int(number):
        kind.note("not_a_whole_number", "max", value=str(kind.text("max")))
    found = int(number or 0), kind.duration(wait, wait_ms)
    kind.finish()
    return found


def _resend_after(one: Reader, expires: int) -> int | None:
    """Return after how long an unanswered call is made again, None for never."""
    word = one.text("on_uncertain", REPORT)
    if word in (None, REPORT):
        return None
    found = _RESEND.fullmatch(str(word))
    after = duration_ms(found[1]) if found else None
    if after is None:
        choices = f"{REPORT}, resend_after 48h"
        one.note("not_a_choice", "on_uncertain", value=str(word), choices=choices, guess="")
        return None
    if after < DAY_MS:
        one.note("wait_too_short", "on_uncertain", least="24h")
    elif after > expires:
        one.note("wait_after_expiry", "on_uncertain")
    return after
