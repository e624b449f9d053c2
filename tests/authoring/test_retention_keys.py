"""What `retention` may say, in a campaign and in policy.yaml, and which of the two counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.audience.instant import DAY_MS
from chalicelib.authoring.definition import Retention
from chalicelib.authoring.policy import Policy, parse_policy
from chalicelib.authoring.reading import read
from chalicelib.authoring.validation import check
from chalicelib.errors import InvalidSettings
from tests.authoring.test_definition_table import SMALLEST, problems, with_line


def days(personal_data: int | None, evidence: int | None) -> Retention:
    """Return a retention of so many days."""
    return Retention(
        personal_data_ms=None if personal_data is None else personal_data * DAY_MS,
        evidence_ms=None if evidence is None else evidence * DAY_MS,
    )


def campaigns(fields: str) -> Retention:
    return read(with_line("retention", f"retention: {{{fields}}}")).retention


def policys(fields: str) -> Retention:
    return parse_policy(f"retention: {{{fields}}}", "policy.yaml").retention


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("personal_data: 400d, evidence: 5y", days(400, 1_825)),
        ("personal_data: 1d", days(1, None)),
        ("evidence: 50y", days(None, 18_250)),
        ("personal_data: 12mo, evidence: 1y", days(365, 365)),
        ("personal_data: 365d, evidence: 12mo", days(365, 365)),
        ("", days(None, None)),
    ],
)
def test_a_campaign_says_how_long_in_days_months_or_years(fields: str, expected: Retention) -> None:
    assert campaigns(fields) == expected


def test_a_policy_that_says_nothing_keeps_400_days_and_five_years() -> None:
    assert Policy().retention == policys("") == days(400, 1_825)
    assert policys("personal_data: 30d") == days(30, 1_825)
    assert policys("evidence: 10y") == days(400, 3_650)
    assert read(SMALLEST).retention == Retention()


FAULTS = [
    ("personal_data: 400", "not_a_period", "retention.personal_data"),
    ("personal_data: 4 weeks", "not_a_period", "retention.personal_data"),
    ("personal_data: 1.5y", "not_a_period", "retention.personal_data"),
    ("personal_data: -1d", "not_a_period", "retention.personal_data"),
    ("personal_data: 999999d", "not_a_period", "retention.personal_data"),
    ("personal_data: 0d", "out_of_bounds", "retention.personal_data"),
    ("evidence: 51y", "out_of_bounds", "retention.evidence"),
    ("evidence: 99999y", "out_of_bounds", "retention.evidence"),
    ("personal_data: 30d, evidence: 29d", "retention_evidence_shorter", "retention.evidence"),
    ("words: 30d", "key_unknown", "retention.words"),
    ("audits: 30d", "key_unknown", "retention.audits"),
    ("personal_data: [30d]", "not_text", "retention.personal_data"),
]


@pytest.mark.parametrize(("fields", "code", "path"), FAULTS)
def test_a_faulty_retention_is_refused_at_its_place_in_a_campaign(fields: str, code: str, path: str) -> None:
    found = problems(with_line("retention", f"retention: {{{fields}}}"))
    assert [(c, p) for c, p, _, _ in found] == [(code, path)]


@pytest.mark.parametrize(("fields", "code", "path"), FAULTS)
def test_a_faulty_retention_is_refused_at_its_place_in_the_policy(fields: str, code: str, path: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        policys(fields)
    assert [(p.code, p.path) for p in caught.value.problems] == [(code, path)]


def test_a_policy_whose_evidence_would_go_before_the_usual_personal_data_is_refused() -> None:
    with pytest.raises(InvalidSettings) as caught:
        policys("evidence: 399d")
    assert [p.code for p in caught.value.problems] == ["retention_evidence_shorter"]
    with pytest.raises(InvalidSettings) as caught:
        policys("personal_data: 6y")
    assert [p.path for p in caught.value.problems] == ["retention.personal_data"]


@pytest.mark.parametrize(
    ("fields", "policy", "code"),
    [
        ("personal_data: 401d", days(400, 1_825), "retention_longer"),
        ("evidence: 6y", days(400, 1_825), "retention_longer"),
        ("evidence: 100d", days(400, 1_825), "retention_evidence_shorter"),
        ("personal_data: 400d, evidence: 5y", days(400, 1_825), None),
        ("personal_data: 30d", days(400, 1_825), None),
        ("evidence: 100d", days(100, 1_825), None),
    ],
)
def test_a_campaign_may_keep_for_shorter_than_the_policy_never_longer(
    fields: str, policy: Retention, code: str | None
) -> None:
    definition = read(with_line("retention", f"retention: {{{fields}}}"))
    found = check(definition, senders={}, templates={}, policy=Policy(retention=policy))
    assert [p.code for p in found if p.path.startswith("retention")] == ([code] if code else [])


@pytest.mark.parametrize(
    ("own", "policy", "kept"),
    [
        (days(None, None), days(400, 1_825), days(400, 1_825)),
        (days(30, None), days(400, 1_825), days(30, 1_825)),
        (days(30, 90), days(400, 1_825), days(30, 90)),
        pytest.param(days(400, 1_825), days(30, 90), days(30, 90), id="the policy was tightened since"),
        pytest.param(days(None, 90), days(400, 1_825), days(400, 400), id="evidence never goes first"),
    ],
)
def test_the_shorter_of_both_counts(own: Retention, policy: Retention, kept: Retention) -> None:
    definition = replace(read(SMALLEST), retention=own)
    assert Policy(retention=policy).retention_for(definition) == kept


def test_how_long_the_audit_trail_is_kept_is_the_policys_alone() -> None:
    assert Policy().audit_ms == parse_policy("retention: {evidence: 6y}", "p").audit_ms == 5 * 365 * DAY_MS
    assert parse_policy("retention: {audit: 2y}", "p").audit_ms == 730 * DAY_MS
    with pytest.raises(InvalidSettings) as caught:
        policys("audit: 0d")
    assert [(p.code, p.path) for p in caught.value.problems] == [("out_of_bounds", "retention.audit")]
    found = problems(with_line("retention", "retention: {audit: 2y}"))
    assert [(c, p) for c, p, _, _ in found] == [("key_unknown", "retention.audit")]
