"""What `approval` may say in a campaign and in policy.yaml, and that a campaign only tightens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.audience.instant import DAY_MS, HOUR_MS, MINUTE_MS
from chalicelib.authoring.approval_reading import USUAL, as_written
from chalicelib.authoring.canonical import definition_hash
from chalicelib.authoring.definition import ApprovalRule, Tolerance
from chalicelib.authoring.policy import Policy, parse_policy
from chalicelib.authoring.reading import read
from chalicelib.authoring.validation import check
from chalicelib.errors import InvalidSettings
from chalicelib.wording import say
from tests.authoring.test_definition_table import SMALLEST, problems, with_line


def with_approval(fields: str) -> str:
    return with_line("approval", f"approval: {{{fields}}}")


def rule(
    approvers: int | None = None, not_author: bool | None = None, hours: float | None = None
) -> ApprovalRule:
    expires = None if hours is None else int(hours * HOUR_MS)
    return ApprovalRule(approvers=approvers, not_author=not_author, expires_ms=expires)


def test_nobody_has_to_agree_where_nothing_is_said() -> None:
    assert read(SMALLEST).approval is None
    assert Policy().approval_for(read(SMALLEST)) == USUAL == rule(0, True, 72)


def test_every_key_is_read_and_what_is_left_out_is_not_said() -> None:
    assert read(with_approval("approvers: 2, not_author: false, expires: 24h")).approval == rule(2, False, 24)
    assert read(with_approval("approvers: 1")).approval == rule(1)
    assert read(with_approval("")).approval == rule()
    policy = parse_policy("approval: {approvers: 2, not_author: true, expires: 90m}", "policy.yaml")
    assert policy.approval == rule(2, True, 1.5)


FAULTS = [
    ("approvers: -1", "out_of_bounds", "approval.approvers"),
    ("approvers: 11", "out_of_bounds", "approval.approvers"),
    ("approvers: 1.5", "not_a_whole_number", "approval.approvers"),
    ("approvers: two", "not_a_number", "approval.approvers"),
    ("not_author: yes", "not_a_choice", "approval.not_author"),
    ("expires: soon", "not_a_duration", "approval.expires"),
    ("expires: 14m", "out_of_bounds", "approval.expires"),
    ("expires: 31d", "out_of_bounds", "approval.expires"),
    ("tolerance: {cost: 5%}", "not_available_yet", "approval.tolerance.cost"),
    ("tolerance: {people: 2}", "not_a_share", "approval.tolerance.people"),
    ("tolerance: {people: 101%}", "out_of_bounds", "approval.tolerance.people"),
    ("tolerance: {finish: soon}", "not_a_duration", "approval.tolerance.finish"),
    ("tolerance: {persons: 2%}", "key_unknown", "approval.tolerance.persons"),
    ("tolerance: 2%", "not_a_mapping_at", "approval.tolerance"),
    ("approver: 1", "key_unknown", "approval.approver"),
]


@pytest.mark.parametrize(("fields", "code", "path"), FAULTS)
def test_a_fault_is_refused_at_its_place_in_a_campaign_and_in_the_policy(
    fields: str, code: str, path: str
) -> None:
    assert [(c, p) for c, p, _, _ in problems(with_approval(fields))] == [(code, path)]
    with pytest.raises(InvalidSettings) as caught:
        parse_policy(f"approval: {{{fields}}}", "policy.yaml")
    assert [(p.code, p.path) for p in caught.value.problems] == [(code, path)]


def tolerated(fields: str) -> Tolerance | None:
    return Policy().approval_for(read(with_approval(f"tolerance: {{{fields}}}"))).tolerance


def test_a_tolerance_is_read_and_of_two_the_narrower_counts_in_each_key() -> None:
    assert Policy().approval_for(read(SMALLEST)).tolerance is None
    assert tolerated("people: 2%, finish: 30m") == Tolerance(people=0.02, finish_ms=30 * MINUTE_MS)
    assert tolerated("finish: 1h") == Tolerance(finish_ms=HOUR_MS)
    policy = parse_policy("approval: {tolerance: {people: 1%, finish: 2h}}", "policy.yaml")
    campaign = read(with_approval("tolerance: {people: 5%, finish: 1h}"))
    assert policy.approval_for(campaign).tolerance == Tolerance(people=0.01, finish_ms=HOUR_MS)
    assert policy.approval_for(read(SMALLEST)).tolerance == Tolerance(people=0.01, finish_ms=2 * HOUR_MS)


TOGETHER: list[tuple[ApprovalRule | None, ApprovalRule | None, ApprovalRule]] = [
    (None, rule(2), rule(2, True, 72)),
    (None, rule(1, False, 100), rule(1, False, 100)),
    (rule(2), None, rule(2, True, 72)),
    (rule(1, False), None, rule(1, False, 72)),
    (rule(1), rule(2), rule(2, True, 72)),
    (rule(2), rule(1), rule(2, True, 72)),
    (rule(1, False), rule(1, True), rule(1, True, 72)),
    (rule(1, True), rule(1, False), rule(1, True, 72)),
    (rule(1), rule(None, False), rule(1, True, 72)),
    (rule(1, None, 24), rule(1, None, 48), rule(1, True, 24)),
    (rule(1, None, 24), rule(1, None, 12), rule(1, True, 12)),
    (rule(1), rule(1, None, 100), rule(1, True, 72)),
]


@pytest.mark.parametrize(("ours", "own", "together"), TOGETHER)
def test_the_stricter_word_counts_in_every_key(
    ours: ApprovalRule | None, own: ApprovalRule | None, together: ApprovalRule
) -> None:
    definition = replace(read(SMALLEST), approval=own)
    assert Policy(approval=ours).approval_for(definition) == together


LOOSER: list[tuple[ApprovalRule | None, ApprovalRule, list[str]]] = [
    (None, rule(0, False, 700), []),
    (rule(1), rule(1, True, 72), []),
    (rule(1), rule(3, True, 1), []),
    (rule(2), rule(1), ["approval.approvers"]),
    (rule(1), rule(1, False), ["approval.not_author"]),
    (rule(1, False), rule(1, False), []),
    (rule(1), rule(1, None, 73), ["approval.expires"]),
    (
        rule(2, True, 24),
        rule(0, False, 48),
        ["approval.approvers", "approval.not_author", "approval.expires"],
    ),
]


@pytest.mark.parametrize(("ours", "own", "paths"), LOOSER)
def test_a_campaign_that_asks_for_less_is_refused_with_what_to_write(
    ours: ApprovalRule | None, own: ApprovalRule, paths: list[str]
) -> None:
    definition: Any = replace(read(SMALLEST), approval=own)
    found = [p for p in check(definition, {}, Policy(approval=ours), {}) if p.path.startswith("approval")]
    assert [p.path for p in found] == paths
    for problem in found:
        assert problem.code == "approval_looser"
        for language in ("en", "fr", "ar"):
            assert problem.params["policy"] in say(problem.code, problem.params, language)


def test_it_is_part_of_what_a_definition_means() -> None:
    sources = [SMALLEST, with_approval("approvers: 1"), with_approval("approvers: 2")]
    assert len({definition_hash(read(source)) for source in sources}) == 3


@pytest.mark.parametrize(
    ("period", "words"), [(72 * HOUR_MS, "72h"), (90 * MINUTE_MS, "90m"), (DAY_MS, "24h")]
)
def test_a_period_is_said_as_a_file_writes_it(period: int, words: str) -> None:
    assert as_written(period) == words
