"""Rules of countries: blocked numbers, hours and days of rest, the policy's word before the table's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from chalicelib.audience.instant import HOUR_MS, from_iso, to_iso
from chalicelib.authoring.definition import Category, QuietInterval
from chalicelib.authoring.policy import CountryRule, Policy
from chalicelib.planning.country_rules import CountryRules, default_rules
from chalicelib.planning.manifest import decode_row, encode_row
from chalicelib.planning.plan import ExcludedRow, Planned
from chalicelib.planning.send_window import blocked_until
from chalicelib.planning.zones import NumberRegions, country_table
from tests.planning.building import eligibility, person

US, CANADA, FRANCE, MOROCCO = "+12125550123", "+14165550123", "+33612345678", "+212612345678"
NIGHT = QuietInterval(opens=20 * 60, closes=8 * 60)
SUNDAY = QuietInterval(opens=0, closes=0, days=(6,))
MARKETING, UTILITY = Category.MARKETING, Category.UTILITY
REGION_OF = NumberRegions()


def policy(**countries: CountryRule) -> Policy:
    return Policy(countries=countries)


def test_every_default_rule_has_a_date_and_a_source() -> None:
    for rule in country_table("country_rules.json")["rules"]:
        assert datetime.fromisoformat(rule["date"])
        assert "https://" in rule["source"]
        assert Category(rule["category"])


def test_the_defaults_are_the_united_states_and_france_for_marketing() -> None:
    assert set(default_rules(MARKETING)) == {"US", "FR"}
    assert default_rules(UTILITY) == {}
    assert default_rules(MARKETING)["FR"].quiet_hours == (NIGHT,)
    assert default_rules(MARKETING)["FR"].days == (0, 1, 2, 3, 4, 5)


BLOCKED: list[tuple[Policy, Category, str, str | None]] = [
    (Policy(), MARKETING, US, "US"),
    (Policy(), MARKETING, CANADA, None),
    (Policy(), UTILITY, US, None),
    (Policy(), MARKETING, MOROCCO, None),
    (policy(US=CountryRule(blocked_categories=())), MARKETING, US, None),
    (policy(US=CountryRule(blocked_categories=("utility",))), MARKETING, US, None),
    (policy(US=CountryRule(blocked_categories=("utility",))), UTILITY, US, "US"),
    (policy(US=CountryRule(days=(0,))), MARKETING, US, "US"),
    (policy(MA=CountryRule(blocked_categories=("marketing",))), MARKETING, MOROCCO, "MA"),
    (policy(MA=CountryRule(blocked_categories=("marketing",))), MARKETING, US, "US"),
]


@pytest.mark.parametrize(("rules", "category", "phone", "blocked"), BLOCKED)
def test_numbers_are_blocked_by_policy_or_else_by_default(
    rules: Policy, category: Category, phone: str, blocked: str | None
) -> None:
    assert CountryRules(rules, category).blocks(phone, REGION_OF) == blocked
    row = eligibility(policy=rules, category=category, quiet_hours=()).judge(person(phone=phone))
    found = (row.reason, row.saw) if isinstance(row, ExcludedRow) else None
    assert found == (None if blocked is None else ("country_blocked", blocked))


def test_an_address_abroad_does_not_block_a_number() -> None:
    assert isinstance(eligibility().judge(person(country="US", phone=MOROCCO)), Planned)


OVER: list[tuple[Policy, Category, str | None, str, str]] = [
    (Policy(), MARKETING, None, FRANCE, "FR"),
    (Policy(), MARKETING, "FR", MOROCCO, "FR"),
    (Policy(), MARKETING, "MA", FRANCE, "FR"),
    (Policy(), MARKETING, "MA", MOROCCO, ""),
    (Policy(), UTILITY, "FR", FRANCE, ""),
    (policy(MA=CountryRule(days=(0,))), MARKETING, "MA", FRANCE, "FR|MA"),
    (policy(FR=CountryRule(quiet_hours=(), days=(0, 1, 2, 3, 4, 5, 6))), MARKETING, "FR", FRANCE, ""),
    (policy(FR=CountryRule(quiet_hours=())), MARKETING, "FR", FRANCE, "FR"),
    (policy(MA=CountryRule(blocked_categories=("utility",))), MARKETING, "MA", MOROCCO, ""),
]


@pytest.mark.parametrize(("rules", "category", "country", "phone", "over"), OVER)
def test_the_rules_of_the_number_and_of_the_address_bind(
    rules: Policy, category: Category, country: str | None, phone: str, over: str
) -> None:
    assert CountryRules(rules, category).over(country, phone, REGION_OF) == over


REST: list[tuple[Policy, str, tuple[QuietInterval, ...], tuple[int, ...]]] = [
    (Policy(), "", (), (0, 1, 2, 3, 4, 5, 6)),
    (Policy(), "FR", (NIGHT, SUNDAY), (0, 1, 2, 3, 4, 5)),
    (policy(FR=CountryRule(quiet_hours=())), "FR", (SUNDAY,), (0, 1, 2, 3, 4, 5)),
    (policy(FR=CountryRule(days=(0, 1, 2, 3, 4, 5, 6))), "FR", (NIGHT,), (0, 1, 2, 3, 4, 5, 6)),
    (
        policy(MA=CountryRule(days=(0, 1, 2, 3), quiet_hours=(NIGHT,))),
        "FR|MA",
        (NIGHT, SUNDAY, QuietInterval(opens=0, closes=0, days=(4, 5, 6))),
        (0, 1, 2, 3),
    ),
]


@pytest.mark.parametrize(("rules", "countries", "quiet", "days"), REST)
def test_days_of_rest_are_quiet_all_day_and_several_countries_are_a_union(
    rules: Policy, countries: str, quiet: tuple[QuietInterval, ...], days: tuple[int, ...]
) -> None:
    found = CountryRules(rules, MARKETING)
    assert found.quiet_hours_of(countries) == quiet
    assert found.days_of(countries) == days


def french(send_at: str, **changes: Any) -> tuple[str, dict[str, int]]:
    core = eligibility(send_at=datetime.fromisoformat(send_at), **changes)
    row = core.judge(person(phone=FRANCE))
    assert isinstance(row, Planned)
    assert row.countries == "FR"
    return to_iso(row.instant), dict(core.tally().concerns)


def test_a_french_sunday_moves_to_monday() -> None:
    assert french("2027-01-17T10:00") == ("2027-01-18T09:00:00Z", {"day_moved": 1})


@pytest.mark.parametrize(
    ("send_at", "expires_hours", "concerns"),
    [
        ("2027-01-14T19:59", 2, {}),
        ("2027-01-14T20:00", 2, {"quiet_hours_exclude": 1}),
        ("2027-01-14T20:00", 14, {"quiet_hours_defer": 1}),
        ("2027-01-16T20:30", 14, {"quiet_hours_exclude": 1}),
        ("2027-01-16T20:30", 36, {"quiet_hours_defer": 1}),
    ],
)
def test_french_evenings_and_sundays_are_quiet_whatever_the_campaign_says(
    send_at: str, expires_hours: int, concerns: dict[str, int]
) -> None:
    assert french(send_at, quiet_hours=(), expires_ms=expires_hours * HOUR_MS)[1] == concerns


def test_a_campaign_may_tighten_what_a_country_asks() -> None:
    lunch = QuietInterval(opens=12 * 60, closes=14 * 60)
    assert french("2027-01-14T12:30", quiet_hours=(lunch,))[1] == {"quiet_hours_defer": 1}
    assert french("2027-01-16T10:00", days=(0, 5))[0] == "2027-01-16T09:00:00Z"
    assert french("2027-01-15T10:00", days=(0, 6))[0] == "2027-01-18T09:00:00Z"


def test_a_campaign_for_a_day_of_rest_only_has_no_day() -> None:
    row = eligibility(days=(6,)).judge(person(phone=FRANCE))
    assert isinstance(row, ExcludedRow)
    assert row.reason == "no_day"


def test_a_row_keeps_whose_rules_bind_so_that_sending_can_heed_them() -> None:
    row = eligibility().judge(person(phone=FRANCE))
    assert isinstance(row, Planned)
    stored = decode_row(encode_row(row))
    assert stored == row
    assert isinstance(stored, Planned)
    quiet = CountryRules(Policy(), MARKETING).quiet_hours_of(stored.countries)
    until = blocked_until(from_iso("2027-01-16T19:30:00Z"), quiet, stored.zone.split("|"))
    assert until is not None
    assert to_iso(until) == "2027-01-18T07:00:00Z"


def test_people_of_other_countries_have_the_row_they_always_had() -> None:
    row = eligibility().judge(person())
    assert isinstance(row, Planned)
    assert row.countries == ""
    assert encode_row(row).count(b'"ana"') == 1
    assert decode_row(encode_row(row)) == row
