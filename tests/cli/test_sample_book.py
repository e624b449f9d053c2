"""The sample book is what the demonstration promises of it."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import phonenumbers
import pytest
import pytz

from cli.demo_campaign import AWAKE_FROM, AWAKE_UNTIL, brief
from cli.sample_book import COLUMNS, DIRT, PANELS, Row, sample_csv, sample_rows

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return sample_rows(TODAY)


def is_clean(row: Row) -> bool:
    return not row.cells.get("external_id", "").strip().endswith("-x") and bool(row.cells.get("phone"))


def test_it_holds_enough_people_from_enough_countries(rows: list[Row]) -> None:
    assert 10_000 <= len(rows) <= 25_000
    assert len({row.country.code for row in rows}) >= 60


def test_the_same_day_gives_the_same_bytes(rows: list[Row]) -> None:
    assert sample_csv(rows) == sample_csv(sample_rows(TODAY))


def test_every_clean_number_is_valid_and_nobody_else_has_it(rows: list[Row]) -> None:
    promising = [row for row in rows if row.promising]
    seen = set()
    for row in promising[::7]:
        phone = re.sub("^00", "+", row.cells["phone"])
        number = phonenumbers.parse(phone, row.country.code)
        assert phonenumbers.is_valid_number_for_region(number, row.country.code), row
        seen.add((number.country_code, number.national_number))
    assert len(seen) == len(promising[::7])


def test_about_three_rows_in_a_hundred_are_dirty_in_every_way(rows: list[Row]) -> None:
    clean = sum(row.promising or is_clean(row) for row in rows)
    assert 0.02 < 1 - clean / len(rows) < 0.04
    assert len(rows) / 34 > 10 * len(DIRT)


def test_names_come_in_many_scripts(rows: list[Row]) -> None:
    letters = "".join(row.cells.get("first_name", "") for row in rows)
    for sample in "éمΓДप美さ민ส":
        assert sample.lower() in letters.lower(), sample


def test_consents_are_of_every_sort(rows: list[Row]) -> None:
    sorts: Counter[str] = Counter()
    old = (TODAY - timedelta(days=731)).isoformat()
    for row in rows:
        whatsapp, sms = (row.cells.get(f"consent_{c}_promotions", "") for c in ("whatsapp", "sms"))
        sorts["recent" if whatsapp > old else "old" if whatsapp else "sms only" if sms else "none"] += 1
    assert all(sorts[sort] > 300 for sort in ("recent", "old", "sms only", "none"))


def test_the_file_is_csv_with_a_bom_that_reads_back(rows: list[Row]) -> None:
    raw = sample_csv(rows)
    assert raw.startswith(b"\xef\xbb\xbf")
    read = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(read) == len(rows)
    assert set(read[0]) == set(COLUMNS)


def test_panels_hold_a_tenth_each(rows: list[Row]) -> None:
    sizes = Counter(row.panel for row in rows)
    assert len(sizes) == PANELS
    assert max(sizes.values()) < 1.1 * min(sizes.values())


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2027, 3, 14), date(2027, 7, 1), date(2027, 10, 31)])
def test_at_any_minute_some_group_is_awake_and_large_enough(rows: list[Row], day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for minutes in range(0, 24 * 60, 37):
        now = midnight + timedelta(minutes=minutes)
        chosen = brief(rows, now)
        assert 1_500 <= chosen.expected_due <= 2_500
        assert AWAKE_FROM <= (now + chosen.offset).time() <= AWAKE_UNTIL
        assert chosen.wall == (now + chosen.offset).replace(second=0, tzinfo=None)


def test_at_any_time_at_least_2500_promising_people_share_a_whole_hour_clock_by_day(rows: list[Row]) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    zones = Counter(row.country.zone for row in rows if row.promising)
    for hour in range(24):
        at = now + timedelta(hours=hour)
        sizes: Counter[timedelta] = Counter()
        for zone, people in zones.items():
            sizes[at.astimezone(pytz.timezone(zone)).utcoffset() or timedelta()] += people
        awake = [n for o, n in sizes.items() if AWAKE_FROM <= (at + o).time() <= AWAKE_UNTIL]
        assert max(awake) >= 2_500


def test_the_definition_names_the_panels_and_the_hour(rows: list[Row]) -> None:
    chosen = brief(rows, datetime(2026, 11, 20, 12, 34, 56, tzinfo=UTC))
    text = chosen.definition()
    assert f'send_at: "{chosen.wall:%Y-%m-%d %H:%M}"' in text
    assert text.count('tag("panel-') == chosen.panels
