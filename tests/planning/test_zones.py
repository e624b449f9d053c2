"""Whose clock: the rule that gives a zone, the country tables, and the regions of numbers."""

from __future__ import annotations

import phonenumbers
import pytest
import pytz
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from chalicelib.audience.identity import region_of
from chalicelib.audience.instant import DAY_MS, from_iso
from chalicelib.planning.zones import (
    NumberRegions,
    Zone,
    ZoneSource,
    countries_version,
    told_apart,
    zone_of,
    zones_of_country,
)

JANUARY = from_iso("2027-01-14T09:00:00Z")

ZONES = [
    ("what is stored", ("europe/madrid", "MA", "FR"), Zone(("Europe/Madrid",), ZoneSource.CONTACT)),
    ("else the country", (None, "MA", "FR"), Zone(("Africa/Casablanca",), ZoneSource.COUNTRY)),
    ("else the number", (None, None, "FR"), Zone(("Europe/Paris",), ZoneSource.PHONE)),
    ("a country without a clock", (None, "BV", "FR"), Zone(("Europe/Paris",), ZoneSource.PHONE)),
    ("Kosovo, which tzdata has not", (None, "XK", None), Zone(("Europe/Belgrade",), ZoneSource.COUNTRY)),
    ("nothing known", (None, None, None), None),
    ("stored and wrong", ("Mars/Base", "MA", "FR"), None),
]


@pytest.mark.parametrize(("known", "zone"), [case[1:] for case in ZONES], ids=[case[0] for case in ZONES])
def test_the_zone_comes_from_the_surest_thing_known(
    known: tuple[str | None, str | None, str | None], zone: Zone | None
) -> None:
    assert zone_of(*known) == zone


def test_every_country_of_several_zones_has_a_main_one() -> None:
    for country, zones in pytz.country_timezones.items():
        found = zones_of_country(country)
        assert sorted(found) == sorted(zones)
        if len(zones) > 1:
            assert found[0] in zones
    mains = {country: zones_of_country(country)[0] for country in ("ES", "US", "PT", "BR", "AU", "UA")}
    assert mains == {
        "ES": "Europe/Madrid",
        "US": "America/New_York",
        "PT": "Europe/Lisbon",
        "BR": "America/Sao_Paulo",
        "AU": "Australia/Sydney",
        "UA": "Europe/Kyiv",
    }


def test_the_main_zone_table_names_exactly_the_countries_that_need_it() -> None:
    several = {country for country, zones in pytz.country_timezones.items() if len(zones) > 1}
    firsts = {c for c in pytz.country_timezones if zones_of_country(c)[0] != pytz.country_timezones[c][0]}
    assert firsts <= several


def test_zones_whose_clocks_agree_are_told_apart_no_more() -> None:
    assert told_apart(zones_of_country("DE"), JANUARY, JANUARY + DAY_MS) == ("Europe/Berlin",)
    assert told_apart(zones_of_country("ES"), JANUARY, JANUARY + DAY_MS) == (
        "Europe/Madrid",
        "Atlantic/Canary",
    )


def test_zones_are_compared_over_the_time_that_matters() -> None:
    two = ("America/Denver", "America/Phoenix")
    change = from_iso("2027-03-14T09:00:00Z")
    assert told_apart(two, JANUARY, JANUARY + DAY_MS) == two[:1]
    assert told_apart(two, change - DAY_MS, change + DAY_MS) == two


def test_regions_of_numbers_are_those_of_libphonenumber() -> None:
    remembered = NumberRegions()
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in range(PhoneNumberType.FIXED_LINE, PhoneNumberType.VOICEMAIL + 1):
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                phone = phonenumbers.format_number(number, PhoneNumberFormat.E164)
                assert remembered(phone) == region_of(phone), phone


@pytest.mark.parametrize("phone", ["+80012345678", "+88213300655", "+999123", "+", ""])
def test_numbers_of_no_country_have_no_region(phone: str) -> None:
    assert NumberRegions()(phone) is None


def test_the_country_tables_have_a_version() -> None:
    assert len(countries_version()) == 64
