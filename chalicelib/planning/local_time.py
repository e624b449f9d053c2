"""Local time: the only place where a wall time becomes an instant, or the reverse.

pytz brings its own tzdata, pinned with it; the host's files are not read. A
zone is never attached to a datetime (`tzinfo=pytz...` is local mean time), and
`is_dst` is never trusted: Ireland's winter is "DST" in tzdata.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

import pytz

from chalicelib.audience.instant import MINUTE_MS, Instant, from_datetime, to_datetime
from chalicelib.authoring.definition import Fold, Gap

DAY_MINUTES = 24 * 60


def tzdata_version() -> str:
    """Return the release of the zone data that every instant here rests on: "2026f"."""
    return str(pytz.OLSON_VERSION)  # type: ignore[attr-defined]  # the stubs have not heard of it


@lru_cache(maxsize=4096)
def zone_named(name: str) -> str | None:
    """Return the zone as tzdata spells it, whatever its case; None when there is no such zone."""
    tidy = name.strip()
    return tidy if tidy in pytz.all_timezones_set else _zone_by_folded_name().get(tidy.casefold())


@lru_cache(maxsize=1)
def _zone_by_folded_name() -> dict[str, str]:
    return {zone.casefold(): zone for zone in pytz.all_timezones}


@lru_cache(maxsize=65_536)
def resolve(
    wall: datetime, zone: str, *, gap: Gap = Gap.SHIFT_FORWARD, fold: Fold = Fold.FIRST
) -> Instant | None:
    """Return the instant at which clocks in `zone` show `wall`.

    None only for a skipped time under Gap.SKIP. Raises ValueError if `wall`
    carries a zone, and pytz.UnknownTimeZoneError for a name tzdata has not.
    """
    if wall.tzinfo is not None:
        raise ValueError(f"expected a naive wall time, got {wall!r}")
    clock = pytz.timezone(zone)
    # With an answer for each is_dst, pytz gives both sides of a transition.
    both = [from_datetime(clock.localize(wall, is_dst=d).astimezone(UTC)) for d in (True, False)]
    try:
        return from_datetime(clock.localize(wall, is_dst=None).astimezone(UTC))
    except pytz.NonExistentTimeError:
        if gap is Gap.SKIP:
            return None
        return max(both) if gap is Gap.SHIFT_FORWARD else _transition(zone, min(both), max(both))
    except pytz.AmbiguousTimeError:
        return min(both) if fold is Fold.FIRST else max(both)


def _transition(zone: str, before: Instant, until: Instant) -> Instant:
    """Return the first instant in (before, until] with another offset than at `before`."""
    offset = offset_minutes(before, zone)
    low, high = before, until
    while high - low > 1:
        middle = (low + high) // 2
        if offset_minutes(middle, zone) == offset:
            low = middle
        else:
            high = middle
    return high


def offset_minutes(instant: Instant, zone: str) -> float:
    """Return how far the clocks of `zone` are ahead of UTC at `instant`."""
    offset = to_datetime(instant).astimezone(pytz.timezone(zone)).utcoffset()
    return 0.0 if offset is None else offset.total_seconds() / 60


def local_parts(instant: Instant, zone: str) -> tuple[date, int]:
    """Return the local date and the whole minutes since local midnight."""
    local = to_datetime(instant).astimezone(pytz.timezone(zone))
    return local.date(), local.hour * 60 + local.minute


def next_local_minute(instant: Instant, zone: str, minute: int) -> Instant:
    """Return the first instant after `instant` at which the clock shows `minute`, or changes.

    `minute` counts from local midnight. A change of offset on the way ends the
    search at the change itself: what the clock shows from there is another question.
    """
    local = to_datetime(instant).astimezone(pytz.timezone(zone))
    shown = local.hour * 60 + local.minute
    away = (minute - shown) % DAY_MINUTES or DAY_MINUTES
    into_minute = local.second * 1000 + local.microsecond // 1000
    target = instant - into_minute + away * MINUTE_MS
    if offset_minutes(target, zone) == offset_minutes(instant, zone):
        return target
    return _transition(zone, instant, target)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneData:
    """A release of the zone data, and `resolve` by it: what a plan rests on, and a wave is compared with."""

    version: str
    resolve: Callable[..., Instant | None]


OURS = ZoneData(version=tzdata_version(), resolve=resolve)
"""Those that come with pytz."""
