"""Frequency caps: what a campaign may say of its own, and what the policy makes of it."""

from __future__ import annotations

import pytest

from chalicelib.audience.instant import DAY_MS, HOUR_MS
from chalicelib.authoring.definition import THIS_CAMPAIGN, Frequency, OnBlock
from chalicelib.authoring.policy import DEFAULT_FREQUENCY, Policy, parse_policy
from chalicelib.authoring.reading import read
from tests.authoring.test_definition_table import SMALLEST, problems, with_line

DAILY = Frequency(scope="marketing", most=1, per_ms=DAY_MS)
OWN = Frequency(scope="all", most=2, per_ms=12 * HOUR_MS, on_block=OnBlock.SKIP)


def with_caps(line: str) -> str:
    return with_line("frequency", f"frequency: {line}")


def test_a_campaign_without_caps_has_those_of_the_format() -> None:
    definition = read(SMALLEST)
    assert definition.frequency is None
    assert Policy().frequency_for(definition) == DEFAULT_FREQUENCY
    assert [(f.scope, f.most, f.per_ms, f.on_block) for f in DEFAULT_FREQUENCY] == [
        ("marketing", 1, DAY_MS, OnBlock.DEFER),
        ("marketing", 4, 7 * DAY_MS, OnBlock.SKIP),
    ]


def test_caps_are_read_with_their_defaults() -> None:
    definition = read(with_caps("[{max: 1, per: 24h}, {scope: all, max: 2, per: 12h, on_block: skip}]"))
    assert definition.frequency == (DAILY, OWN)


def test_where_the_policy_says_nothing_a_campaigns_own_caps_stand_for_the_default() -> None:
    definition = read(with_caps("[{scope: all, max: 2, per: 12h, on_block: skip}]"))
    assert Policy().frequency_for(definition) == (OWN,)
    assert Policy().frequency_for(read(with_caps("[]"))) == ()


def test_the_policys_caps_can_only_be_tightened() -> None:
    policy = parse_policy("frequency: [{max: 1, per: 24h}]", "policy.yaml")
    assert policy.frequency_for(read(with_caps("[]"))) == (DAILY,)
    loose = read(with_caps("[{max: 50, per: 1h}]"))
    assert policy.frequency_for(loose) == (DAILY, Frequency(scope="marketing", most=50, per_ms=HOUR_MS))
    assert policy.frequency_for(read(with_caps("[{max: 1, per: 24h}]"))) == (DAILY,)


def test_a_cap_of_a_label_counts_for_the_campaigns_that_have_it() -> None:
    policy = parse_policy("frequency: [{scope: team=retail, max: 1, per: 7d}]", "policy.yaml")
    retail, other = (read(SMALLEST + f"labels: {{team: {team}}}\n") for team in ("retail", "care"))
    assert [f.label for f in policy.frequency_for(retail)] == [("team", "retail")]
    assert policy.frequency_for(other) == policy.frequency_for(read(SMALLEST)) == ()


def test_a_campaign_caps_itself_by_a_label_it_has_criticality_too() -> None:
    caps = "frequency: [{scope: team=retail, max: 2, per: 7d}, {scope: criticality=low, max: 1, per: 1d}]\n"
    definition = read(SMALLEST + "labels: {team: retail, criticality: low}\n" + caps)
    assert [f.label for f in Policy().frequency_for(definition)] == [
        ("team", "retail"),
        ("criticality", "low"),
    ]


def test_a_utility_message_is_not_bound_by_caps_of_marketing() -> None:
    utility = SMALLEST.replace("category: marketing", "category: utility")
    definition = read(utility + "frequency: [{max: 1, per: 24h}, {scope: this_campaign, max: 1, per: 8d}]\n")
    (kept,) = Policy().frequency_for(definition)
    assert (kept.scope, kept.per_ms) == (THIS_CAMPAIGN, 8 * DAY_MS)


@pytest.mark.parametrize(
    ("line", "code", "path"),
    [
        ("[{per: 24h}]", "key_required", "frequency[0].max"),
        ("[{max: 1}]", "key_required", "frequency[0].per"),
        ("[{max: 0, per: 24h}]", "out_of_bounds", "frequency[0].max"),
        ("[{max: 1, per: soon}]", "not_a_duration", "frequency[0].per"),
        ("[{max: 1, per: 9d}]", "frequency_per", "frequency[0].per"),
        ("[{max: 1, per: 0h}]", "frequency_per", "frequency[0].per"),
        ("[{scope: everyone, max: 1, per: 1d}]", "not_a_choice", "frequency[0].scope"),
        ("[{scope: team=, max: 1, per: 1d}]", "not_a_choice", "frequency[0].scope"),
        ("[{scope: Team=retail, max: 1, per: 1d}]", "not_a_choice", "frequency[0].scope"),
        ("[{scope: team=retail, max: 1, per: 1d}]", "frequency_label", "frequency[0].scope"),
        ("[{max: 1, per: 1d, on_block: drop}]", "not_a_choice", "frequency[0].on_block"),
        ("[{max: 1, per: 1d, when: never}]", "key_unknown", "frequency[0].when"),
        ("{max: 1, per: 1d}", "not_a_list", "frequency"),
    ],
)
def test_a_faulty_cap_is_refused_at_its_place(line: str, code: str, path: str) -> None:
    assert [(c, p) for c, p, _, _ in problems(with_caps(line))] == [(code, path)]
