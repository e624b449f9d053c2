"""Quiet hours: half-open, overnight, in every candidate zone, across changes of the clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.instant import DAY_MS, MINUTE_MS, from_iso, to_iso
from chalicelib.authoring.definition import ALL_DAYS, OnBlock, QuietInterval
from chalicelib.planning.local_time import local_parts
from chalicelib.planning.send_window import FARTHEST_MS, blocked_until, is_quiet, is_skipped

NIGHT = QuietInterval(opens=21 * 60, closes=8 * 60)
LUNCH = QuietInterval(opens=12 * 60, closes=14 * 60)
FRIDAY = QuietInterval(opens=12 * 60, closes=14 * 60 + 30, days=(4,))
SATURDAY_NIGHT = QuietInterval(opens=22 * 60, closes=6 * 60, days=(5,))
SUNDAY = QuietInterval(opens=0, closes=0, days=(6,))
RAMADAN = QuietInterval(opens=18 * 60, closes=2 * 60, first_day=date(2027, 2, 8), last_day=date(2027, 3, 9))
EVENING = QuietInterval(opens=20 * 60, closes=0)
SMALL_HOURS = QuietInterval(opens=0, closes=7 * 60)
START = from_iso("2026-11-01T00:00:00Z")

# zones, intervals, now, until when it is quiet
CASES = [
    ("before the night", ["Europe/Paris"], [NIGHT], "2027-01-14T19:59:59.999Z", None),
    ("the night opens", ["Europe/Paris"], [NIGHT], "2027-01-14T20:00:00Z", "2027-01-15T07:00:00Z"),
    ("after midnight", ["Europe/Paris"], [NIGHT], "2027-01-15T02:00:00Z", "2027-01-15T07:00:00Z"),
    ("its last moment", ["Europe/Paris"], [NIGHT], "2027-01-15T06:59:59.999Z", "2027-01-15T07:00:00Z"),
    ("the night closes", ["Europe/Paris"], [NIGHT], "2027-01-15T07:00:00Z", None),
    ("an hour is lost", ["Europe/Paris"], [NIGHT], "2027-03-27T20:00:00Z", "2027-03-28T06:00:00Z"),
    ("an hour comes twice", ["Europe/Paris"], [NIGHT], "2027-10-30T19:00:00Z", "2027-10-31T07:00:00Z"),
    ("a union", ["Etc/UTC"], [NIGHT, LUNCH], "2027-01-14T12:30:00Z", "2027-01-14T14:00:00Z"),
    (
        "two that touch are one",
        ["Etc/UTC"],
        [NIGHT, QuietInterval(opens=8 * 60, closes=9 * 60)],
        "2027-01-14T07:30:00Z",
        "2027-01-14T09:00:00Z",
    ),
    (
        "quiet in any candidate",
        ["America/New_York", "America/Los_Angeles"],
        [NIGHT],
        "2027-01-14T14:00:00Z",
        "2027-01-14T16:00:00Z",
    ),
    (
        "it falls quiet here before it ends there",
        ["Etc/GMT-12", "Etc/UTC"],
        [NIGHT],
        "2027-01-14T07:30:00Z",
        "2027-01-14T08:00:00Z",
    ),
    ("on its day of the week", ["Etc/UTC"], [FRIDAY], "2027-01-15T12:00:00Z", "2027-01-15T14:30:00Z"),
    ("on another day", ["Etc/UTC"], [FRIDAY], "2027-01-14T12:00:00Z", None),
    (
        "its day by the local clock",
        ["Pacific/Auckland"],
        [FRIDAY],
        "2027-01-14T23:00:00Z",
        "2027-01-15T01:30:00Z",
    ),
    ("the evening it starts", ["Etc/UTC"], [SATURDAY_NIGHT], "2027-01-16T22:00:00Z", "2027-01-17T06:00:00Z"),
    ("the morning after", ["Etc/UTC"], [SATURDAY_NIGHT], "2027-01-17T05:59:00Z", "2027-01-17T06:00:00Z"),
    ("the morning before", ["Etc/UTC"], [SATURDAY_NIGHT], "2027-01-16T05:59:00Z", None),
    ("the evening after", ["Etc/UTC"], [SATURDAY_NIGHT], "2027-01-17T22:00:00Z", None),
    ("the day before the dates", ["Africa/Casablanca"], [RAMADAN], "2027-02-07T19:00:00Z", None),
    ("before the first evening", ["Africa/Casablanca"], [RAMADAN], "2027-02-08T01:00:00Z", None),
    ("the first evening", ["Africa/Casablanca"], [RAMADAN], "2027-02-08T18:00:00Z", "2027-02-09T02:00:00Z"),
    ("the last evening", ["Africa/Casablanca"], [RAMADAN], "2027-03-09T18:00:00Z", "2027-03-10T02:00:00Z"),
    (
        "the morning after the last",
        ["Africa/Casablanca"],
        [RAMADAN],
        "2027-03-10T01:59:00Z",
        "2027-03-10T02:00:00Z",
    ),
    ("the evening after the last", ["Africa/Casablanca"], [RAMADAN], "2027-03-10T18:00:00Z", None),
    ("a whole day", ["Europe/Paris"], [SUNDAY], "2027-01-17T10:00:00Z", "2027-01-17T23:00:00Z"),
    ("a whole day of 23 hours", ["Europe/Paris"], [SUNDAY], "2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z"),
    (
        "a night into a whole day",
        ["Etc/UTC"],
        [SUNDAY, NIGHT],
        "2027-01-16T21:00:00Z",
        "2027-01-18T08:00:00Z",
    ),
    (
        "three in a chain",
        ["Etc/UTC"],
        [SMALL_HOURS, EVENING, SUNDAY],
        "2027-01-16T20:00:00Z",
        "2027-01-18T07:00:00Z",
    ),
    ("overlapping", ["Etc/UTC"], [RAMADAN, NIGHT], "2027-02-10T18:30:00Z", "2027-02-11T08:00:00Z"),
    ("the dates of one are over", ["Etc/UTC"], [RAMADAN, NIGHT], "2027-03-10T18:30:00Z", None),
    (
        "a day of the week in another zone",
        ["Pacific/Kiritimati", "Etc/UTC"],
        [SUNDAY],
        "2027-01-16T10:00:00Z",
        "2027-01-18T00:00:00Z",
    ),
    ("no zone known", [], [NIGHT], "2027-01-14T02:00:00Z", None),
    ("no quiet hours", ["Europe/Paris"], [], "2027-01-14T02:00:00Z", None),
]


@pytest.mark.parametrize(
    ("zones", "intervals", "now", "until"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_quiet_hours_end_when_every_candidate_clock_allows(
    zones: list[str], intervals: list[QuietInterval], now: str, until: str | None
) -> None:
    found = blocked_until(from_iso(now), intervals, zones)
    assert (None if found is None else to_iso(found)) == until


def test_the_gap_of_a_clock_may_be_what_ends_the_quiet_hours() -> None:
    nearly_all_night = QuietInterval(opens=0, closes=2 * 60 + 30)
    until = blocked_until(from_iso("2027-03-28T00:30:00Z"), [nearly_all_night], ["Europe/Paris"])
    assert until is not None
    assert to_iso(until) == "2027-03-28T01:00:00Z"


@pytest.mark.parametrize(
    "all_day",
    [
        [QuietInterval(opens=0, closes=12 * 60), QuietInterval(opens=12 * 60, closes=0)],
        [QuietInterval(opens=0, closes=0)],
    ],
)
def test_quiet_hours_that_cover_the_day_end_beyond_any_deadline(all_day: list[QuietInterval]) -> None:
    until = blocked_until(START, all_day, ["Europe/Paris"])
    assert until is not None
    assert until - START > FARTHEST_MS


intervals = st.builds(QuietInterval, opens=st.integers(0, 1439), closes=st.integers(0, 1439)).filter(
    lambda q: 0 < (q.closes - q.opens) % 1440 < 900
)
zones = st.sampled_from(
    ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Africa/Cairo"]
)


@given(interval=intervals, zone=zones, minute=st.integers(0, 400 * 1440))
def test_the_end_of_quiet_is_the_first_free_minute(interval: QuietInterval, zone: str, minute: int) -> None:
    now = START + minute * MINUTE_MS
    until = blocked_until(now, [interval], [zone])
    end = now if until is None else until
    assert not is_quiet(*local_parts(end, zone), interval)
    steps = range(now, end, 7 * MINUTE_MS)
    assert all(is_quiet(*local_parts(step, zone), interval) for step in steps)
    assert end - now < DAY_MS + 60 * MINUTE_MS


some_days = st.sets(st.sampled_from(ALL_DAYS), min_size=1).map(lambda days: tuple(sorted(days)))
bounds = st.none() | st.dates(date(2026, 10, 1), date(2027, 12, 31))
any_interval = st.builds(
    QuietInterval,
    opens=st.integers(0, 1439),
    closes=st.integers(0, 1439),
    days=some_days,
    first_day=bounds,
    last_day=bounds,
)


@given(
    union=st.lists(any_interval, min_size=1, max_size=4),
    among=st.lists(zones, min_size=1, max_size=2),
    minute=st.integers(0, 400 * 1440),
)
def test_a_union_ends_at_the_first_minute_that_none_of_it_covers(
    union: list[QuietInterval], among: list[str], minute: int
) -> None:
    def covered(instant: int) -> bool:
        return any(is_quiet(*local_parts(instant, zone), one) for zone in among for one in union)

    now = START + minute * MINUTE_MS
    until = blocked_until(now, union, among)
    end = now if until is None else until
    assert (until is not None) == covered(now)
    assert all(covered(step) for step in range(now, min(end, now + 3 * DAY_MS), 29 * MINUTE_MS))
    assert end == now or covered(end - MINUTE_MS)
    assert end - now > FARTHEST_MS or not covered(end)


def test_the_order_of_intervals_and_zones_does_not_matter() -> None:
    union = [SMALL_HOURS, EVENING, SUNDAY, RAMADAN]
    now = from_iso("2027-02-13T20:00:00Z")
    assert len({blocked_until(now, order, ["Etc/UTC"]) for order in permutations(union)}) == 1


def test_only_an_interval_that_covers_the_instant_can_skip() -> None:
    union = [NIGHT, replace(FRIDAY, on_block=OnBlock.SKIP)]
    assert is_skipped(from_iso("2027-01-15T13:00:00Z"), union, ["Etc/UTC"])
    assert not is_skipped(from_iso("2027-01-15T22:00:00Z"), union, ["Etc/UTC"])
    assert not is_skipped(from_iso("2027-01-14T13:00:00Z"), union, ["Etc/UTC"])
