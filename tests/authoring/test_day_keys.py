"""Changes of the clocks, allowed days, holidays, and the days and dates of quiet hours."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from chalicelib.authoring.canonical import definition_hash
from chalicelib.authoring.definition import (
    ALL_DAYS,
    Dst,
    Fold,
    Gap,
    Holidays,
    OnBlock,
    OnHoliday,
    QuietInterval,
)
from chalicelib.authoring.holiday_calendar import calendar_named, holiday_on, holidays_version
from chalicelib.authoring.reading import read
from tests.authoring.test_definition_table import SMALLEST, problems, with_line

RAMADAN = 'quiet_hours: [{from: "18:00", to: "02:00", dates: {from: "2027-02-08", to: "2027-03-09"}}]'


def test_by_default_every_day_is_allowed_and_no_holiday_is_heeded() -> None:
    definition = read(SMALLEST)
    assert definition.dst == Dst(gap=Gap.SHIFT_FORWARD, fold=Fold.FIRST)
    assert (definition.days, definition.holidays) == (ALL_DAYS, None)


@pytest.mark.parametrize(
    ("line", "dst"),
    [
        ("dst: {}", Dst()),
        ("dst: {gap: first_valid}", Dst(gap=Gap.FIRST_VALID)),
        ("dst: {gap: skip, fold: second}", Dst(gap=Gap.SKIP, fold=Fold.SECOND)),
    ],
)
def test_a_file_says_what_a_skipped_and_a_repeated_hour_mean(line: str, dst: Dst) -> None:
    assert read(with_line("dst", line)).dst == dst


def test_days_are_a_set_whatever_their_order() -> None:
    assert read(with_line("days", "days: [sat, mon, mon, fri]")).days == (0, 4, 5)
    assert read(with_line("days", "days: sun")).days == (6,)


@pytest.mark.parametrize(
    ("line", "holidays"),
    [
        ("holidays: {calendar: MA}", Holidays(calendar="MA")),
        ("holidays: {calendar: NO}", Holidays(calendar="NO")),
        ("holidays: {calendar: fr-6ae}", Holidays(calendar="FR-6AE")),
        ("holidays: {calendar: recipient}", Holidays(calendar=None)),
        (
            "holidays: {calendar: MA, on_holiday: skip}",
            Holidays(calendar="MA", on_holiday=OnHoliday.SKIP),
        ),
    ],
)
def test_a_holiday_calendar_is_a_country_a_part_of_it_or_the_recipients(
    line: str, holidays: Holidays
) -> None:
    assert read(with_line("holidays", line)).holidays == holidays


@pytest.mark.parametrize(
    ("line", "interval"),
    [
        (
            'quiet_hours: [{days: [fri], from: "12:00", to: "14:30"}]',
            QuietInterval(opens=720, closes=870, days=(4,)),
        ),
        (
            RAMADAN,
            QuietInterval(opens=1080, closes=120, first_day=date(2027, 2, 8), last_day=date(2027, 3, 9)),
        ),
        (
            'quiet_hours: [{days: [sun], from: "00:00", to: "24:00", on_block: skip}]',
            QuietInterval(opens=0, closes=0, days=(6,), on_block=OnBlock.SKIP),
        ),
        (
            'quiet_hours: [{from: "0:00", to: "24:00", dates: {from: "2027-03-10", to: "2027-03-10"}}]',
            QuietInterval(opens=0, closes=0, first_day=date(2027, 3, 10), last_day=date(2027, 3, 10)),
        ),
    ],
)
def test_quiet_hours_may_be_of_some_days_or_dates(line: str, interval: QuietInterval) -> None:
    assert read(with_line("quiet_hours", line)).quiet_hours == (interval,)


def quiet(fields: str) -> str:
    return f"quiet_hours: [{{from: 18:00, to: 20:00, {fields}}}]"


@pytest.mark.parametrize(
    ("line", "code", "path"),
    [
        ("dst: {gap: shift_back}", "not_a_choice", "dst.gap"),
        ("dst: {fold: both}", "not_a_choice", "dst.fold"),
        ("dst: skip", "not_a_mapping_at", "dst"),
        ("days: [monday]", "not_a_choice", "days"),
        ("days: []", "days_empty", "days"),
        ("days: {mon: yes}", "not_a_list", "days"),
        ("holidays: MA", "not_a_mapping_at", "holidays"),
        ("holidays: {}", "key_required", "holidays.calendar"),
        ("holidays: {calendar: XX}", "holiday_calendar_unknown", "holidays.calendar"),
        ("holidays: {calendar: FR-75011}", "holiday_calendar_unknown", "holidays.calendar"),
        ("holidays: {calendar: Morocco}", "holiday_calendar_unknown", "holidays.calendar"),
        ("holidays: {calendar: MA, on_holiday: move}", "not_a_choice", "holidays.on_holiday"),
        (quiet("days: [friday]"), "not_a_choice", "quiet_hours[0].days"),
        (quiet("days: []"), "days_empty", "quiet_hours[0].days"),
        (quiet("dates: {from: 2027-02-08}"), "key_required", "quiet_hours[0].dates.to"),
        (quiet("dates: {from: 2027-02-08, to: 8 March}"), "not_a_date", "quiet_hours[0].dates.to"),
        (quiet("dates: {from: 20270208, to: 2027-03-09}"), "not_a_date", "quiet_hours[0].dates.from"),
        (quiet("dates: {from: 2027-02-30, to: 2027-03-09}"), "not_a_date", "quiet_hours[0].dates.from"),
        (quiet("dates: {from: 2027-03-09, to: 2027-02-08}"), "dates_reversed", "quiet_hours[0].dates.to"),
        (quiet("dates: 2027-03-09"), "not_a_mapping_at", "quiet_hours[0].dates"),
        ("quiet_hours: [{from: 00:00, to: 24:00}]", "quiet_all_day", "quiet_hours[0].to"),
        (
            "quiet_hours: [{from: 08:00, to: 08:00, days: [sun]}]",
            "quiet_all_day",
            "quiet_hours[0].to",
        ),
    ],
)
def test_a_fault_has_its_code_and_its_path(line: str, code: str, path: str) -> None:
    found = [(c, p) for c, p, *_ in problems(with_line(line.split(":")[0], line))]
    assert (code, path) in found
    assert {p for _, p in found} == {path}


@pytest.mark.parametrize("line", ["days: [mon]", "holidays: {calendar: MA}"])
def test_only_a_written_date_can_be_moved_by_days_and_holidays(line: str) -> None:
    source = with_line(line.split(":")[0], line).replace('"2027-04-03 10:00"', "now")
    assert [code for code, *_ in problems(source)] == ["days_without_date"]


def test_all_seven_days_may_stand_beside_now() -> None:
    line = "days: [mon, tue, wed, thu, fri, sat, sun]"
    assert read(with_line("days", line).replace('"2027-04-03 10:00"', "now")).send_at is None


SAID = [
    "dst: {gap: skip}",
    "dst: {fold: second}",
    "days: [mon]",
    "holidays: {calendar: MA}",
    "holidays: {calendar: recipient}",
    "holidays: {calendar: MA, on_holiday: skip}",
    "quiet_hours: [{from: 18:00, to: 20:00}]",
    "quiet_hours: [{from: 18:00, to: 20:00, days: [mon]}]",
    RAMADAN,
    RAMADAN.replace("2027-03-09", "2027-03-10"),
]
DEFAULTS = [
    "dst: {gap: shift_forward, fold: first}",
    "days: [sun, sat, fri, thu, wed, tue, mon]",
    "holidays:",
]


def test_the_hash_covers_all_that_is_said() -> None:
    hashes = {definition_hash(read(with_line(line.split(":")[0], line))) for line in SAID}
    assert len(hashes | {definition_hash(read(SMALLEST))}) == len(SAID) + 1


@pytest.mark.parametrize("line", DEFAULTS)
def test_saying_a_default_does_not_change_the_hash(line: str) -> None:
    source = with_line(line.split(":")[0], line)
    assert definition_hash(read(source)) == definition_hash(read(SMALLEST))


def test_a_calendar_is_known_whatever_the_case() -> None:
    assert [calendar_named(n) for n in ("ma", "fr-57", "US-ca", "XX", "", "MA-", "MAR")] == [
        "MA",
        "FR-57",
        "US-CA",
        None,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("calendar", "day", "feast"),
    [
        ("MA", date(2027, 1, 11), "Proclamation of Independence Day"),
        ("MA", date(2027, 1, 12), None),
        ("FR", date(2027, 12, 26), None),
        ("FR-57", date(2027, 12, 26), "Saint Stephen's Day"),
        ("XX", date(2027, 1, 1), None),
    ],
)
def test_a_calendar_knows_its_days_off(calendar: str, day: date, feast: str | None) -> None:
    found = holiday_on(calendar, day)
    assert (found is None) == (feast is None)


def test_the_holiday_data_has_a_version() -> None:
    assert holidays_version().count(".") >= 1


def test_importing_the_app_does_not_import_the_holidays() -> None:
    script = "import sys, app; print('holidays' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
