"""Quota: a portfolio's unique-recipient tier over a rolling 24 hours, taken before anything is released.

Conservative twice: every send counts as a new person, and a ten-minute bucket
leaves the window only when all of it is older than 24 hours.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.audience.instant import DAY_MS, MINUTE_MS, Instant
from chalicelib.sending.broadcast import Quota

BUCKET_MS = 10 * MINUTE_MS


def used(quota: Quota, now: Instant) -> int:
    """Return what counts against the tier at `now`."""
    return sum(n for bucket, n in quota.buckets.items() if (bucket + 1) * BUCKET_MS > now - DAY_MS)


def take(quota: Quota, count: int, tier: int | None, now: Instant) -> Quota | None:
    """Return the quota with `count` more taken, or None when the tier has no room for them."""
    if tier is not None and used(quota, now) + count > tier:
        return None
    kept = {b: n for b, n in quota.buckets.items() if (b + 1) * BUCKET_MS > now - DAY_MS}
    bucket = now // BUCKET_MS
    kept[bucket] = kept.get(bucket, 0) + count
    return replace(quota, buckets=kept)


def give_back(quota: Quota, count: int, taken_at: Instant) -> Quota:
    """Return the quota with `count` unused takings of `taken_at`'s bucket returned."""
    bucket = taken_at // BUCKET_MS
    left = max(0, quota.buckets.get(bucket, 0) - count)
    return replace(quota, buckets={**quota.buckets, bucket: left})


def room(quota: Quota, tier: int | None, now: Instant) -> int | None:
    """Return how many more may be taken now; None means no limit."""
    return None if tier is None else max(0, tier - used(quota, now))
