"""policy.yaml: what every campaign of the company must keep. A campaign may tighten it, never loosen it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytz

from chalicelib.audience.instant import DAY_MS
from chalicelib.authoring.approval_reading import completed, read_approval, tighter
from chalicelib.authoring.definition import (
    THIS_CAMPAIGN,
    ApprovalRule,
    Category,
    Definition,
    Frequency,
    OnBlock,
    QuietInterval,
    Retention,
)
from chalicelib.authoring.fields import Reader, closest
from chalicelib.authoring.frequency_reading import read_frequency
from chalicelib.authoring.nodes import compose
from chalicelib.authoring.quiet_reading import read_days, read_quiet_hours
from chalicelib.authoring.retention_reading import (
    DEFAULT_AUDIT_MS,
    DEFAULT_EVIDENCE_MS,
    DEFAULT_PERSONAL_DATA_MS,
    read_audit,
    read_retention,
)
from chalicelib.errors import InvalidDefinition, InvalidSettings, Problem

QUIET_BY_CATEGORY: Mapping[Category, tuple[QuietInterval, ...]] = {
    Category.MARKETING: (QuietInterval(opens=21 * 60, closes=8 * 60),),
    Category.UTILITY: (),
}
LATER = frozenset({"require_ceiling_above"})


DEFAULT_FREQUENCY = (
    Frequency(scope="marketing", most=1, per_ms=DAY_MS),
    Frequency(scope="marketing", most=4, per_ms=7 * DAY_MS, on_block=OnBlock.SKIP),
)


DEFAULT_RETENTION = Retention(personal_data_ms=DEFAULT_PERSONAL_DATA_MS, evidence_ms=DEFAULT_EVIDENCE_MS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryRule:
    """What holds in one country, in each key; None: nothing is said, and the default counts.

    `blocked_categories` are those that its numbers never get. `days` are the
    allowed days of the week, Monday 0.
    """

    blocked_categories: tuple[str, ...] | None = None
    quiet_hours: tuple[QuietInterval, ...] | None = None
    days: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The company's rules; `quiet_hours` None means the format's defaults by category.

    `audit_ms` is how long the audit trail is kept. `countries` are rules by alpha-2
    country. `allow_categories` None allows both.
    """

    quiet_hours: tuple[QuietInterval, ...] | None = None
    frequency: tuple[Frequency, ...] | None = None
    countries: Mapping[str, CountryRule] = field(default_factory=dict)
    retention: Retention = DEFAULT_RETENTION
    audit_ms: int = DEFAULT_AUDIT_MS
    approval: ApprovalRule | None = None
    allow_categories: tuple[str, ...] | None = None

    def retention_for(self, definition: Definition) -> Retention:
        """Return how long a campaign's data is kept: the shorter of the company's word and its own.

        Evidence never goes before the personal data, whatever was changed since the campaign was written.
        """
        own, ours = definition.retention, self.retention
        personal_data = _shorter(own.personal_data_ms, ours.personal_data_ms or DEFAULT_PERSONAL_DATA_MS)
        evidence = _shorter(own.evidence_ms, ours.evidence_ms or DEFAULT_EVIDENCE_MS)
        return Retention(personal_data_ms=personal_data, evidence_ms=max(evidence, personal_data))

    def approval_for(self, definition: Definition) -> ApprovalRule:
        """Return who has to agree to a campaign's plans: the stricter word of the company's and its own.

        Where the policy says nothing, a campaign's own word stands for what is usual.
        """
        own = definition.approval
        if self.approval is None or own is None:
            return completed(self.approval or own)
        return tighter(completed(self.approval), own)

    def quiet_hours_for(self, definition: Definition) -> tuple[QuietInterval, ...]:
        """Return the union of the company's quiet hours and the campaign's.

        Where the policy says nothing, a campaign's own hours stand for the
        category's defaults.
        """
        own = definition.quiet_hours
        if self.quiet_hours is None:
            return QUIET_BY_CATEGORY[definition.category] if own is None else own
        return self.quiet_hours + tuple(q for q in own or () if q not in self.quiet_hours)

    def frequency_for(self, definition: Definition) -> tuple[Frequency, ...]:
        """Return the caps that count for a campaign: the company's and its own, every one of which must hold.

        Where the policy says nothing, a campaign's own stand for the format's default.
        """
        own = definition.frequency
        if self.frequency is None:
            every = DEFAULT_FREQUENCY if own is None else own
        else:
            every = self.frequency + tuple(f for f in own or () if f not in self.frequency)
        words = ("all", THIS_CAMPAIGN, definition.category.value)
        labels = [*definition.every_label.items()]
        return tuple(f for f in every if f.scope in words or f.label in labels)


def _shorter(own: int | None, ours: int) -> int:
    return ours if own is None else min(own, ours)


def parse_policy(text: str, file: str) -> Policy:
    """Return the policy. Raises InvalidSettings with every problem; an empty file is the defaults."""
    problems: list[Problem] = []
    try:
        root = Reader(compose(text, file=file), problems, file=file)
    except InvalidDefinition as error:
        raise InvalidSettings(*error.problems) from error
    quiet = read_quiet_hours(root, "quiet_hours") if root.node("quiet_hours") is not None else None
    policy = Policy(
        quiet_hours=quiet,
        frequency=read_frequency(root, ("marketing", "all")),
        retention=read_retention(root, DEFAULT_RETENTION),
        audit_ms=read_audit(root),
        approval=read_approval(root),
        countries=_countries(root),
        allow_categories=_categories(root, "allow_categories"),
    )
    root.finish(later=LATER)
    if problems:
        raise InvalidSettings(*problems)
    return policy


def _countries(root: Reader) -> dict[str, CountryRule]:
    """Return the rules by country; an empty list is a rule, an absent key is none."""
    by_country = root.mapping("countries")
    if by_country is None:
        return {}
    rules = {}
    for country, place in by_country.fields.key_places.items():
        one = by_country.mapping(country)
        if country not in pytz.country_names:
            by_country.note("country_unknown", country, place, value=country)
        if one is None:
            continue
        rules[country] = CountryRule(
            blocked_categories=_categories(one, "blocked_categories"),
            quiet_hours=read_quiet_hours(one, "quiet_hours") if one.node("quiet_hours") is not None else None,
            days=read_days(one, "days") if one.node("days") is not None else None,
        )
        one.finish()
    return rules


def _categories(one: Reader, key: str) -> tuple[str, ...] | None:
    """Return a list of categories in order of the alphabet, None where the key is absent."""
    if one.node(key) is None:
        return None
    categories = set()
    choices = [category.value for category in Category]
    for text in one.texts(key):
        word = text.value.strip()
        if word not in choices:
            guess, known = closest(word, choices), ", ".join(choices)
            one.note("not_a_choice", key, text.place, value=word, choices=known, guess=guess)
        categories.add(word)
    return tuple(sorted(categories))
