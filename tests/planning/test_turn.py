"""A person's turn: skipped and repeated hours, allowed days, holidays, and the days after a closed window."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.instant import HOUR_MS, Instant, from_iso, to_iso
from chalicelib.authoring.definition import (
    ALL_DAYS,
    Dst,
    Fold,
    Gap,
    Holidays,
    OnHoliday,
    Past,
)
from chalicelib.authoring.holiday_calendar import holiday_on
from chalicelib.planning.allowed_days import Objection, allowed_days
from chalicelib.planning.local_time import local_parts
from chalicelib.planning.plan import ExcludedRow, Planned
from chalicelib.planning.turn import AT_LAUNCH, MOST_DAYS_MOVED, Turn
from tests.planning.building import DEFINITION, eligibility, person
from tests.planning.test_local_time import FOLDS, GAPS, ORDINARY

LONG_BEFORE = from_iso("2026-07-01T00:00:00Z")
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def judged(
    zone: str = "Etc/UTC", *, at: Instant = LONG_BEFORE, country: str | None = None, **changes: Any
) -> Planned | ExcludedRow:
    """Return the row of a person with that clock; `send_at` may be text."""
    if isinstance(changes.get("send_at"), str):
        changes["send_at"] = datetime.fromisoformat(changes["send_at"])
    row = eligibility(at=at, quiet_hours=(), **changes).judge(person(timezone=zone, country=country))
    assert row is not None
    return row


def outcome(*args: Any, **changes: Any) -> str:
    row = judged(*args, **changes)
    return to_iso(row.instant) if isinstance(row, Planned) else row.reason


@pytest.mark.parametrize(("zone", "text", "expected"), ORDINARY)
@pytest.mark.parametrize("dst", [Dst(gap=gap, fold=fold) for gap in Gap for fold in Fold])
def test_an_ordinary_time_is_the_same_whatever_is_said_of_changes(
    zone: str, text: str, expected: str, dst: Dst
) -> None:
    assert outcome(zone, send_at=text, dst=dst) == expected


@pytest.mark.parametrize(("zone", "text", "shifted", "first_valid"), GAPS)
def test_a_skipped_time_is_shifted_put_first_or_costs_the_message(
    zone: str, text: str, shifted: str, first_valid: str
) -> None:
    assert outcome(zone, send_at=text) == shifted
    assert outcome(zone, send_at=text, dst=Dst(gap=Gap.FIRST_VALID)) == first_valid
    row = judged(zone, send_at=text, dst=Dst(gap=Gap.SKIP))
    assert isinstance(row, ExcludedRow)
    assert (row.reason, row.saw) == ("dst_gap", f"{text} does not exist in {zone}")


@pytest.mark.parametrize(("zone", "text", "first", "second"), FOLDS)
def test_a_repeated_time_is_the_first_or_the_second_and_never_both(
    zone: str, text: str, first: str, second: str
) -> None:
    assert outcome(zone, send_at=text) == first
    assert outcome(zone, send_at=text, dst=Dst(fold=Fold.SECOND)) == second


MOROCCO = Holidays(calendar="MA")  # 2027-01-11 Monday and 2027-01-14 Thursday are holidays
MOVES: list[tuple[str, dict[str, Any], str]] = [
    ("an allowed day", {"days": (THU,)}, "2027-01-14T09:00:00Z"),
    ("not that day of the week", {"days": (MON, TUE)}, "2027-01-18T09:00:00Z"),
    ("the day before is allowed", {"days": (WED,)}, "2027-01-20T09:00:00Z"),
    ("a holiday", {"holidays": MOROCCO}, "2027-01-15T09:00:00Z"),
    ("a holiday and then not that day", {"holidays": MOROCCO, "days": (THU, SAT)}, "2027-01-16T09:00:00Z"),
    ("no holiday there", {"holidays": Holidays(calendar="FR")}, "2027-01-14T09:00:00Z"),
    (
        "a holiday that costs it",
        {"holidays": Holidays(calendar="MA", on_holiday=OnHoliday.SKIP)},
        "no_day",
    ),
    (
        "not that day of the week, then a holiday that costs it",
        {
            "send_at": "2027-01-10T09:00",
            "days": (MON,),
            "holidays": Holidays(calendar="MA", on_holiday=OnHoliday.SKIP),
        },
        "no_day",
    ),
    (
        "a holiday on a day of the week that is not allowed only moves",
        {"days": (FRI,), "holidays": Holidays(calendar="MA", on_holiday=OnHoliday.SKIP)},
        "2027-01-15T09:00:00Z",
    ),
    (
        "two holidays in a row",
        {"send_at": "2027-03-09T09:00", "holidays": MOROCCO},
        "2027-03-11T09:00:00Z",
    ),
    (
        "over new year",
        {"send_at": "2027-12-31T09:00", "days": (SAT, SUN), "holidays": MOROCCO},
        "2028-01-02T09:00:00Z",
    ),
]


@pytest.mark.parametrize(("changes", "expected"), [m[1:] for m in MOVES], ids=[m[0] for m in MOVES])
def test_the_date_moves_day_by_day_to_the_first_that_is_allowed(
    changes: dict[str, Any], expected: str
) -> None:
    assert outcome(**changes) == expected


def test_a_moved_date_has_the_wall_time_of_its_own_day() -> None:
    """Friday before the clocks change to Monday after: 9:00 on both, 71 hours apart."""
    assert outcome("Europe/Paris", send_at="2027-03-26T09:00") == "2027-03-26T08:00:00Z"
    assert outcome("Europe/Paris", send_at="2027-03-26T09:00", days=(MON,)) == "2027-03-29T07:00:00Z"


def test_a_date_may_move_onto_a_day_that_skips_the_hour() -> None:
    friday = {"send_at": "2027-03-26T02:30", "days": (SUN,)}
    assert outcome("Europe/Paris", **friday) == "2027-03-28T01:30:00Z"
    assert outcome("Europe/Paris", **friday, dst=Dst(gap=Gap.SKIP)) == "dst_gap"


def test_an_hour_that_is_skipped_into_another_day_counts_as_that_day() -> None:
    """Samoa had no 30 December 2011, a Friday: what was meant for it came on Saturday."""

    def instant(*days: int) -> str:
        turn = Turn(
            definition=replace(DEFINITION, send_at=datetime.fromisoformat("2011-12-30T09:00")),
            clock="Pacific/Apia",
            days=allowed_days(days, None, None),
            launch=from_iso("2011-12-01T00:00:00Z"),
        )
        return to_iso(turn.timing().instant)

    assert instant(SAT) == "2011-12-30T19:00:00Z"
    assert instant(FRI) == "2012-01-05T19:00:00Z"


def test_why_a_day_was_not_allowed_is_kept() -> None:
    row = judged(holidays=Holidays(calendar="MA", on_holiday=OnHoliday.SKIP))
    assert isinstance(row, ExcludedRow)
    assert row.saw == "2027-01-14 is a holiday in MA: Amazigh New Year"


def test_more_than_fourteen_moves_are_too_many() -> None:
    row = judged(days=())
    assert isinstance(row, ExcludedRow)
    assert (row.reason, row.saw) == (
        "no_day",
        "2027-01-28 is a thu, which is not allowed; nor is any of the 14 days before",
    )


def test_people_whose_day_moved_are_counted() -> None:
    core = eligibility(days=(SAT,), quiet_hours=())
    core.judge(person())
    assert core.tally().concerns == {"day_moved": 1}


def test_the_recipients_own_holidays_count() -> None:
    theirs = {"holidays": Holidays(calendar=None)}
    assert outcome(country="MA", **theirs) == "2027-01-15T09:00:00Z"
    assert outcome(country="ES", **theirs) == "2027-01-14T09:00:00Z"
    assert outcome(**theirs) == "2027-01-15T09:00:00Z", "the number is Moroccan"


def test_somebody_of_no_known_country_has_no_holidays_and_is_warned_of() -> None:
    core = eligibility(holidays=Holidays(calendar=None), quiet_hours=())
    row = core.judge(person(phone="+88213300655", timezone="Etc/UTC"))
    assert isinstance(row, Planned)
    assert to_iso(row.instant) == "2027-01-14T09:00:00Z"
    assert core.tally().concerns == {"holidays_unknown": 1}


def test_days_are_those_of_the_clock_that_send_at_is_written_for() -> None:
    row = judged("Pacific/Kiritimati", timezone="Etc/UTC", send_at="2027-01-14T12:00", days=(THU,))
    assert isinstance(row, Planned)
    assert to_iso(row.instant) == "2027-01-14T12:00:00Z"


THURSDAY_NOON = from_iso("2027-01-14T12:00:00Z")  # 9:00 and its two hours are over
AFTER: list[tuple[str, dict[str, Any], str]] = [
    ("the next day", {}, "2027-01-15T09:00:00Z"),
    ("the next allowed day", {"days": (THU, SUN)}, "2027-01-17T09:00:00Z"),
    (
        "holidays move it too",
        {"at": THURSDAY_NOON - 96 * HOUR_MS, "send_at": "2027-01-10T09:00", "holidays": MOROCCO},
        "2027-01-12T09:00:00Z",
    ),
    (
        "a holiday may cost it",
        {
            "at": THURSDAY_NOON - 96 * HOUR_MS,
            "send_at": "2027-01-10T09:00",
            "holidays": Holidays(calendar="MA", on_holiday=OnHoliday.SKIP),
        },
        "no_day",
    ),
    (
        "a holiday that is past costs nothing",
        {
            "at": THURSDAY_NOON - 48 * HOUR_MS,
            "send_at": "2027-01-10T09:00",
            "holidays": Holidays(calendar="MA", on_holiday=OnHoliday.SKIP),
        },
        "2027-01-13T09:00:00Z",
    ),
    ("no other day", {"days": (THU,), "at": THURSDAY_NOON + 168 * HOUR_MS}, "2027-01-28T09:00:00Z"),
    ("no other day in time", {"days": (THU,), "at": THURSDAY_NOON + 336 * HOUR_MS}, "no_day"),
    ("moved, and open there", {"days": (FRI,)}, "2027-01-15T09:00:00Z"),
    ("moved, and past there", {"days": (WED, FRI), "send_at": "2027-01-12T09:00"}, "2027-01-15T09:00:00Z"),
]


@pytest.mark.parametrize(("changes", "expected"), [a[1:] for a in AFTER], ids=[a[0] for a in AFTER])
def test_whoever_is_late_is_planned_on_the_next_allowed_day(changes: dict[str, Any], expected: str) -> None:
    assert outcome(**{"at": THURSDAY_NOON, "past": Past.NEXT_DAY, **changes}) == expected


def test_a_skipped_hour_on_a_day_after_is_no_day_for_it() -> None:
    assert (
        outcome(
            "Europe/Paris",
            send_at="2027-03-27T02:30",
            at=from_iso("2027-03-27T12:00:00Z"),
            past=Past.NEXT_DAY,
            dst=Dst(gap=Gap.SKIP),
        )
        == "2027-03-29T00:30:00Z"
    )


def test_whoever_is_late_is_written_to_at_launch_only_on_an_allowed_day() -> None:
    late: dict[str, Any] = {"at": THURSDAY_NOON, "past": Past.SEND_NOW}
    row = judged(**late, days=(THU, SAT))
    assert isinstance(row, Planned)
    assert row.instant == AT_LAUNCH
    assert outcome(**late, send_at="2027-01-13T09:00", days=(WED, SAT)) == "2027-01-16T09:00:00Z"
    assert outcome(**late, send_at="2027-01-13T09:00", holidays=MOROCCO) == "2027-01-15T09:00:00Z"


@pytest.mark.parametrize("past", [Past.SKIP, Past.FAIL_PLAN])
def test_whoever_is_late_on_the_day_moved_to_is_past(past: Past) -> None:
    assert outcome(at=THURSDAY_NOON, past=past, send_at="2027-01-12T09:00", days=(WED,)) == "past"


@given(
    days=st.sets(st.integers(0, 6)),
    calendar=st.sampled_from([None, "MA", "FR", "SA"]),
    zone=st.sampled_from(["Europe/Paris", "Africa/Casablanca", "Africa/Cairo", "Australia/Lord_Howe"]),
    start=st.integers(0, 800),
    minute=st.integers(0, 1439),
    late_hours=st.integers(0, 400),
)
def test_the_day_of_a_turn_is_always_allowed_and_within_fourteen_days(
    days: set[int], calendar: str | None, zone: str, start: int, minute: int, late_hours: int
) -> None:
    wall = datetime(2026, 12, 1) + timedelta(days=start, minutes=minute)  # noqa: DTZ001 - a wall time
    holidays = Holidays(calendar=calendar) if calendar else None
    launch = from_iso(f"{wall:%Y-%m-%dT%H:%M}:00Z") + (late_hours - 30) * HOUR_MS
    definition = replace(DEFINITION, send_at=wall, past=Past.NEXT_DAY)
    timing = Turn(
        definition=definition, clock=zone, days=allowed_days(days, holidays, None), launch=launch
    ).timing()
    if timing.refusal is not None:
        assert timing.refusal[0] == "no_day"
        return
    day, _ = local_parts(timing.instant, zone)
    assert day.weekday() in days
    assert calendar is None or holiday_on(calendar, day) is None
    assert 0 <= (day - wall.date()).days <= MOST_DAYS_MOVED
    assert timing.instant + definition.window_ms > launch


def test_an_objection_says_what_it_saw() -> None:
    days = allowed_days(ALL_DAYS, Holidays(calendar="MA"), None)
    assert days.objection_to(date(2027, 1, 13)) is None
    assert days.objection_to(date(2027, 1, 11)) == Objection(
        saw="2027-01-11 is a holiday in MA: Proclamation of Independence Day"
    )
