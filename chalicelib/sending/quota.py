"""Quota: a portfolio's unique-recipient tier over a rolling 24 hours, taken before anything is released.

Conservative three times: every send counts as a new person; a ten-minute bucket
leaves the window only when all of it is older than 24 hours; and it stays one
bucket longer, because what is taken now leaves within the next ten minutes.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.audience.instant import DAY_MS, MINUTE_MS, Instant
from chalicelib.sending.broadcast import Quota

BUCKET_MS = 10 * MINUTE_MS


def used(quota: Quota, now: Instant) -> int:
    """Return what counts against the tier at `now`."""
    return sum(n for bucket, n in quota.buckets.items() if _counts(bucket, now))


def _counts(bucket: int, now: Instant) -> bool:
    """Say whether something taken in `bucket` may have left within the last 24 hours."""
    return (bucket + 2) * BUCKET_MS > now - DAY_MS


def take(quota: Quota, count: int, tier: int | None, now: Instant) -> Quota | None:
    """Return the quota with `count` more taken, or None when the tier has no room for them."""
    kept = {bucket: n for bucket, n in quota.buckets.items() if _counts(bucket, now)}
    if tier is not None and sum(kept.values()) + count > tier:
        return None
    bucket = now // BUCKET_MS
    return replace(quota, buckets={**kept, bucket: kept.get(bucket, 0) + count})


def give_back(quota: Quota, count: int, taken_at: Instant) -> Quota:
    """Return the quota with `count` unused takings of about `taken_at` returned.

    `taken_at` may be the first slot's instant, a little after the taking. The
    bucket before is emptied first: what remains then counts longer than it must,
    never shorter.
    """
    buckets = dict(quota.buckets)
    for bucket in (taken_at // BUCKET_MS - 1, taken_at // BUCKET_MS):
        returned = min(count, buckets.get(bucket, 0))
        if returned:
            buckets[bucket] -= returned
            count -= returned
    return replace(quota, buckets=buckets)


def told(quota: Quota, tier: int, at: Instant) -> Quota:
    """Return the quota with the platform's word on the tier (-1: unlimited), unless a newer one is known."""
    return quota if at < quota.told_at else replace(quota, told_tier=tier, told_at=at)


def tier_now(quota: Quota | None, written: int | None) -> int | None:
    """Return the tier that binds: the platform's last word, else what senders.yaml says; None: no limit."""
    if quota is None or not quota.told_tier:
        return written
    return None if quota.told_tier < 0 else quota.told_tier


def room(quota: Quota, tier: int | None, now: Instant) -> int | None:
    """Return how many more may be taken now; None means no limit."""
    return None if tier is None else max(0, tier - used(quota, now))
