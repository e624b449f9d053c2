"""Quiet hours: half-open, overnight, in every candidate zone, across changes of the clocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.instant import DAY_MS, MINUTE_MS, from_iso, to_iso
from chalicelib.authoring.definition import QuietInterval
from chalicelib.planning.local_time import local_parts
from chalicelib.planning.send_window import FARTHEST_MS, blocked_until, is_quiet

NIGHT = QuietInterval(opens=21 * 60, closes=8 * 60)
LUNCH = QuietInterval(opens=12 * 60, closes=14 * 60)
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
