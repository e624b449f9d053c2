"""policy.yaml: what every campaign keeps, per country where the law or the platform differs."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from chalicelib.authoring.definition import QuietInterval
from chalicelib.authoring.policy import CountryRule, Policy, parse_policy
from chalicelib.authoring.reading import read
from chalicelib.errors import InvalidSettings
from chalicelib.rules import digest
from tests.authoring.test_definition_table import SMALLEST, with_line

NIGHT = QuietInterval(opens=20 * 60, closes=8 * 60)


def problems(source: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidSettings) as caught:
        parse_policy(source, "policy.yaml")
    return [(p.code, p.path) for p in caught.value.problems]


def test_an_empty_policy_says_nothing_of_any_country() -> None:
    assert parse_policy("{}", "policy.yaml") == Policy()
    assert Policy().countries == {}


def test_a_country_has_blocked_categories_quiet_hours_and_days() -> None:
    policy = parse_policy(
        "countries:\n"
        "  US: {blocked_categories: [marketing]}\n"
        "  FR: {quiet_hours: [{from: 20:00, to: 08:00}], days: [mon, fri]}\n"
        "  NO: {}\n",
        "policy.yaml",
    )
    assert policy.countries == {
        "US": CountryRule(blocked_categories=("marketing",)),
        "FR": CountryRule(quiet_hours=(NIGHT,), days=(0, 4)),
        "NO": CountryRule(),
    }


def test_an_empty_list_is_a_rule_and_an_absent_key_is_none() -> None:
    policy = parse_policy("countries: {US: {blocked_categories: []}, FR: {quiet_hours: []}}", "p")
    assert policy.countries["US"] == CountryRule(blocked_categories=())
    assert policy.countries["FR"] == CountryRule(quiet_hours=())


@pytest.mark.parametrize(
    ("source", "code", "path"),
    [
        ("countries: [FR]", "not_a_mapping_at", "countries"),
        ("countries: {FR: [mon]}", "not_a_mapping_at", "countries.FR"),
        ("countries: {FRA: {}}", "country_unknown", "countries.FRA"),
        ("countries: {fr: {}}", "country_unknown", "countries.fr"),
        ("countries: {FR: {blocked_categories: [ads]}}", "not_a_choice", "countries.FR.blocked_categories"),
        ("countries: {FR: {days: [funday]}}", "not_a_choice", "countries.FR.days"),
        ("countries: {FR: {days: []}}", "days_empty", "countries.FR.days"),
        ("countries: {FR: {hours: []}}", "key_unknown", "countries.FR.hours"),
        (
            "countries: {FR: {quiet_hours: [{from: 9 pm, to: 08:00}]}}",
            "not_a_clock_time",
            "countries.FR.quiet_hours[0].from",
        ),
        ("approval: {approvers: -1}", "out_of_bounds", "approval.approvers"),
        ("approval: {approvers: 1, tolerance: {cost: 2%}}", "not_available_yet", "approval.tolerance.cost"),
        ("require_ceiling_above: 1000", "not_available_yet", "require_ceiling_above"),
    ],
)
def test_a_fault_has_its_code_and_its_path(source: str, code: str, path: str) -> None:
    assert problems(source) == [(code, path)]


def test_rules_of_countries_are_in_the_policys_hash() -> None:
    sources = ["{}", "countries: {FR: {days: [mon]}}", "countries: {FR: {days: [tue]}}"]
    assert len({digest(asdict(parse_policy(source, "p"))) for source in sources}) == len(sources)


QUIET = "quiet_hours: [{from: 22:00, to: 07:00}, {days: [fri], from: 12:00, to: 14:00}]"


def test_a_campaign_adds_to_the_policys_quiet_hours_and_takes_nothing_away() -> None:
    policy = Policy(quiet_hours=(NIGHT,))
    for line in ("quiet_hours: []", QUIET):
        definition = read(with_line("quiet_hours", line))
        assert definition.quiet_hours is not None
        assert set(policy.quiet_hours_for(definition)) == {NIGHT, *definition.quiet_hours}


def test_where_the_policy_is_silent_a_campaigns_hours_stand_for_the_formats() -> None:
    night = QuietInterval(opens=21 * 60, closes=8 * 60)
    assert Policy().quiet_hours_for(read(SMALLEST)) == (night,)
    assert Policy().quiet_hours_for(read(with_line("quiet_hours", "quiet_hours: []"))) == ()
