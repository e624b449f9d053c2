"""Instants: UTC moments as whole milliseconds since 1970.

One integer type everywhere inside, so that nothing compares a naive time with
an aware one, items stay small, and both homes store the same number. Wall
times become instants in `planning/local_time.py` alone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

Instant = int

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_datetime(moment: datetime) -> Instant:
    """Return the instant of an aware datetime. Raises ValueError on a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"expected an aware datetime, got {moment!r}")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def to_datetime(instant: Instant) -> datetime:
    """Return `instant` as an aware UTC datetime."""
    return _EPOCH + timedelta(milliseconds=instant)


def to_iso(instant: Instant) -> str:
    """Return `2027-01-14T09:00:00Z`, with milliseconds only where there are any."""
    text = to_datetime(instant).isoformat(timespec="milliseconds")
    return text.replace(".000+00:00", "Z").replace("+00:00", "Z")


def from_iso(text: str) -> Instant:
    """Parse ISO 8601 with an offset or `Z`. Raises ValueError on anything else."""
    return from_datetime(datetime.fromisoformat(text))
