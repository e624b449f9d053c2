"""Wall time to instant: the format's golden vectors, then every change of every clock."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import pytz
import tzdata  # type: ignore[import-untyped]  # data with one constant

from chalicelib.audience.instant import HOUR_MS, MINUTE_MS, from_datetime, from_iso, to_iso
from chalicelib.authoring.definition import Fold, Gap
from chalicelib.planning.local_time import (
    local_parts,
    next_local_minute,
    resolve,
    tzdata_version,
    zone_named,
)

ORDINARY = [
    ("Africa/Casablanca", "2026-08-01 09:00", "2026-08-01T08:00:00Z"),
    ("Africa/Casablanca", "2026-12-15 09:00", "2026-12-15T09:00:00Z"),
    ("Africa/Casablanca", "2027-02-20 09:00", "2027-02-20T09:00:00Z"),
    ("America/Vancouver", "2026-12-15 09:00", "2026-12-15T16:00:00Z"),
    ("America/Edmonton", "2026-12-15 09:00", "2026-12-15T15:00:00Z"),
    ("Asia/Kathmandu", "2027-03-14 09:00", "2027-03-14T03:15:00Z"),
    ("Pacific/Kiritimati", "2027-03-14 09:00", "2027-03-13T19:00:00Z"),
    ("Etc/GMT+12", "2027-03-14 09:00", "2027-03-14T21:00:00Z"),
]
# zone, skipped wall time, shift_forward, first_valid
GAPS = [
    ("America/New_York", "2027-03-14 02:30", "2027-03-14T07:30:00Z", "2027-03-14T07:00:00Z"),
    ("Europe/Paris", "2027-03-28 02:30", "2027-03-28T01:30:00Z", "2027-03-28T01:00:00Z"),
    ("Africa/Cairo", "2027-04-30 00:30", "2027-04-29T22:30:00Z", "2027-04-29T22:00:00Z"),
    ("Australia/Lord_Howe", "2027-10-03 02:15", "2027-10-02T15:45:00Z", "2027-10-02T15:30:00Z"),
]
# zone, repeated wall time, first, second
FOLDS = [
    ("America/New_York", "2027-11-07 01:30", "2027-11-07T05:30:00Z", "2027-11-07T06:30:00Z"),
    ("Europe/Paris", "2027-10-31 02:30", "2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z"),
    ("Europe/Dublin", "2027-10-31 01:30", "2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z"),
    ("Africa/Cairo", "2027-10-28 23:30", "2027-10-28T20:30:00Z", "2027-10-28T21:30:00Z"),
]
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 731


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def resolved(zone: str, text: str, **choice: Gap | Fold) -> str | None:
    instant = resolve(wall(text), zone, **choice)
    return None if instant is None else to_iso(instant)


@pytest.fixture
def independent_clock() -> Iterator[type[zoneinfo.ZoneInfo]]:
    """zoneinfo, reading the tzdata package instead of this machine's files."""
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()
    yield zoneinfo.ZoneInfo
    zoneinfo.reset_tzpath(to=before)
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.parametrize(("zone", "text", "expected"), ORDINARY)
def test_a_wall_time_that_happens_once_is_one_instant(zone: str, text: str, expected: str) -> None:
    assert resolved(zone, text) == expected


@pytest.mark.parametrize(("zone", "text", "shifted", "first_valid"), GAPS)
def test_a_skipped_wall_time_moves_forward_by_the_gap(
    zone: str, text: str, shifted: str, first_valid: str
) -> None:
    assert resolved(zone, text) == shifted
    assert resolved(zone, text, gap=Gap.FIRST_VALID) == first_valid
    assert resolved(zone, text, gap=Gap.SKIP) is None


@pytest.mark.parametrize(("zone", "text", "first", "second"), FOLDS)
def test_a_repeated_wall_time_is_its_first_occurrence(zone: str, text: str, first: str, second: str) -> None:
    assert resolved(zone, text) == first
    assert resolved(zone, text, fold=Fold.SECOND) == second


def test_the_zone_data_is_the_one_that_comes_with_pytz() -> None:
    assert tzdata_version() == pytz.OLSON_VERSION  # type: ignore[attr-defined]
    assert tzdata_version() == tzdata.IANA_VERSION, "the independent clock must read the same release"


def test_a_wall_time_with_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        resolve(datetime(2027, 1, 1, tzinfo=UTC), "Europe/Paris")


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Paris", "Europe/Paris"),
        (" europe/paris ", "Europe/Paris"),
        ("America/new_york", "America/New_York"),
        ("Europe/Pariss", None),
        ("+01:00", None),
        ("", None),
    ],
)
def test_zones_are_known_by_name_whatever_the_case(name: str, zone: str | None) -> None:
    assert zone_named(name) == zone


def changes(clock: zoneinfo.ZoneInfo) -> Iterator[datetime]:
    """Yield, in UTC, the first minute of each new offset of two years."""

    def offset(moment: datetime) -> timedelta | None:
        return moment.astimezone(clock).utcoffset()

    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    for day, following in pairwise(days):
        if offset(day) == offset(following):
            continue
        low, high = 0, 24 * 60
        while high - low > 1:
            middle = (low + high) // 2
            if offset(day + timedelta(minutes=middle)) == offset(day):
                low = middle
            else:
                high = middle
        yield day + timedelta(minutes=high)


def test_every_change_of_every_clock_agrees_with_an_independent_clock(
    independent_clock: type[zoneinfo.ZoneInfo],
) -> None:
    compared = 0
    for zone in pytz.all_timezones:
        clock = independent_clock(zone)
        for change in changes(clock):
            before = (change - timedelta(minutes=1)).astimezone(clock).replace(tzinfo=None)
            for minutes in range(-90, 151, 15):
                text = before + timedelta(minutes=1 + minutes)
                first, second = (from_datetime(text.replace(tzinfo=clock, fold=f)) for f in (0, 1))
                # Python's fold 0 is the earlier of two, and shifts forward out of a gap.
                assert resolve(text, zone) == first, (zone, text)
                skipped = first > second
                assert (resolve(text, zone, gap=Gap.SKIP) is None) == skipped, (zone, text)
                if skipped:
                    assert resolve(text, zone, gap=Gap.FIRST_VALID) == from_datetime(change), (zone, text)
                else:
                    assert resolve(text, zone, fold=Fold.SECOND) == second, (zone, text)
                compared += 1
    assert compared > 5_000


def test_local_parts_are_what_a_clock_on_the_wall_shows(
    independent_clock: type[zoneinfo.ZoneInfo],
) -> None:
    for zone in pytz.common_timezones:
        moment = datetime(2027, 3, 28, 11, 17, 40, tzinfo=UTC)
        shown = moment.astimezone(independent_clock(zone))
        expected = (shown.date(), shown.hour * 60 + shown.minute)
        assert local_parts(from_datetime(moment), zone) == expected, zone


def test_the_next_local_minute_is_when_the_clock_shows_it() -> None:
    evening = from_iso("2027-01-14T20:30:12.345Z")
    assert to_iso(next_local_minute(evening, "Europe/Paris", 8 * 60)) == "2027-01-15T07:00:00Z"


def test_a_minute_just_begun_comes_again_tomorrow() -> None:
    eight = from_iso("2027-01-14T07:00:00Z")
    assert next_local_minute(eight, "Europe/Paris", 8 * 60) == eight + 24 * HOUR_MS


def test_a_change_of_the_clocks_ends_the_search_for_a_local_minute() -> None:
    evening = from_iso("2027-03-27T22:00:00Z")
    assert to_iso(next_local_minute(evening, "Europe/Paris", 8 * 60)) == "2027-03-28T01:00:00Z"
    assert next_local_minute(evening, "Europe/Paris", 0) == evening + 60 * MINUTE_MS
