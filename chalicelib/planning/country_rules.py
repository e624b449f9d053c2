"""What a country asks of a category: numbers never messaged, hours and days of rest.

policy.yaml says it per country and key; where it says nothing, the dated table
does. A person stands under the rules of their number's country and of their
address's; whether a number may be messaged at all is for its own country.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from chalicelib.authoring.definition import ALL_DAYS, DAY_WORDS, Category, QuietInterval
from chalicelib.authoring.fields import clock_minutes
from chalicelib.authoring.policy import CountryRule, Policy
from chalicelib.planning.zones import calling_prefixes, country_table

RegionOf = Callable[[str], str | None]
NO_RULE = CountryRule()
DAY_MINUTES = 24 * 60


@lru_cache(maxsize=4)
def default_rules(category: Category) -> Mapping[str, CountryRule]:
    """Return the dated table's rules for a category, by country."""
    rules = country_table("country_rules.json")["rules"]
    return {rule["country"]: _default(rule) for rule in rules if rule["category"] == category.value}


def _default(rule: Mapping[str, Any]) -> CountryRule:
    return CountryRule(
        blocked_categories=(rule["category"],) if rule.get("blocked") else None,
        quiet_hours=tuple(
            QuietInterval(
                opens=(clock_minutes(hours["from"]) or 0) % DAY_MINUTES,
                closes=(clock_minutes(hours["to"]) or 0) % DAY_MINUTES,
            )
            for hours in rule.get("quiet_hours", ())
        ),
        days=tuple(DAY_WORDS.index(word) for word in rule.get("days", DAY_WORDS)),
    )


class CountryRules:
    """The rules of every country for one category, policy and defaults together."""

    def __init__(self, policy: Policy, category: Category) -> None:
        defaults = default_rules(category)
        countries = {*policy.countries, *defaults}
        rules = {
            c: _joined(policy.countries.get(c, NO_RULE), defaults.get(c, NO_RULE)) for c in sorted(countries)
        }
        self._rest_by_country = {c: _rest(rule) for c, rule in rules.items() if _rest(rule)}
        self._days_by_country = {c: rule.days for c, rule in rules.items() if rule.days is not None}
        self.blocked = frozenset(
            c for c, r in rules.items() if category.value in (r.blocked_categories or ())
        )
        """Countries whose numbers get nothing of this category."""
        self._blocked_prefixes = calling_prefixes(self.blocked)
        self._resting_prefixes = calling_prefixes(frozenset(self._rest_by_country))

    def blocks(self, phone: str, region_of: RegionOf) -> str | None:
        """Return the country because of which this number gets nothing, None when it may."""
        if not phone.startswith(self._blocked_prefixes):
            return None
        region = region_of(phone)
        return region if region in self.blocked else None

    def over(self, country: str | None, phone: str, region_of: RegionOf) -> str:
        """Return the countries whose hours and days bind a person, joined with "|"; mostly ""."""
        numbers = region_of(phone) if phone.startswith(self._resting_prefixes) else None
        found = {c for c in (country, numbers) if c is not None and c in self._rest_by_country}
        return "|".join(sorted(found))

    def quiet_hours_of(self, countries: str) -> tuple[QuietInterval, ...]:
        """Return the hours of rest of `countries`, as `over` gives them; days of rest are whole ones."""
        found: dict[QuietInterval, None] = {}
        for country in countries.split("|"):
            found.update(dict.fromkeys(self._rest_by_country.get(country, ())))
        return tuple(found)

    def days_of(self, countries: str) -> tuple[int, ...]:
        """Return the days of the week that all of `countries`, as `over` gives them, allow."""
        days = set(ALL_DAYS)
        for country in countries.split("|"):
            days &= set(self._days_by_country.get(country, ALL_DAYS))
        return tuple(sorted(days))


def _joined(said: CountryRule, default: CountryRule) -> CountryRule:
    """Return what the policy says, key by key, else the default."""
    return CountryRule(
        blocked_categories=(
            default.blocked_categories if said.blocked_categories is None else said.blocked_categories
        ),
        quiet_hours=default.quiet_hours if said.quiet_hours is None else said.quiet_hours,
        days=default.days if said.days is None else said.days,
    )


def _rest(rule: CountryRule) -> tuple[QuietInterval, ...]:
    """Return the hours of rest with the days of rest, so that what is deferred heeds them too."""
    rest = tuple(day for day in ALL_DAYS if day not in (rule.days or ALL_DAYS))
    whole_days = (QuietInterval(opens=0, closes=0, days=rest),) if rest else ()
    return (rule.quiet_hours or ()) + whole_days
