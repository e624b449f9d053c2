"""Who is kept out to compare with, and who is asked for consent by other means."""

from __future__ import annotations

import pytest

from chalicelib.authoring.definition import Experiment
from chalicelib.authoring.policy import Policy, parse_policy
from chalicelib.authoring.reading import read
from chalicelib.authoring.validation import check
from tests.authoring.test_definition_table import SMALLEST, problems, with_line


def with_experiment(fields: str) -> str:
    return with_line("experiment", f"experiment: {{{fields}}}")


def test_nobody_is_kept_out_unless_the_author_says_so() -> None:
    assert read(SMALLEST).experiment is None
    assert read(with_experiment("salt: x")).experiment == Experiment(salt="x", holdout=0.0)


def test_the_salt_is_the_campaigns_name_unless_the_author_has_one() -> None:
    assert read(with_experiment("holdout: 5%")).experiment == Experiment(salt="spring-news", holdout=0.05)
    kept = read(with_experiment("salt: hiver27, holdout: 2.5%")).experiment
    assert kept == Experiment(salt="hiver27", holdout=0.025)


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ("holdout: 0.05", "not_a_share", "experiment.holdout"),
        ("holdout: many%", "not_a_share", "experiment.holdout"),
        ("holdout: -1%", "out_of_bounds", "experiment.holdout"),
        ("holdout: 91%", "out_of_bounds", "experiment.holdout"),
        ("holdout: nan%", "not_a_share", "experiment.holdout"),
        ("salt: un sel", "salt_invalid", "experiment.salt"),
        ("variants: []", "not_available_yet", "experiment.variants"),
        ("winner: {}", "not_available_yet", "experiment.winner"),
        ("control: 5%", "key_unknown", "experiment.control"),
    ],
)
def test_a_faulty_experiment_is_refused_at_its_place(fields: str, code: str, path: str) -> None:
    assert [(c, p) for c, p, _, _ in problems(with_experiment(fields))] == [(code, path)]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("consent: {max_age: 24mo}", False),
        ("consent: {on_missing: skip}", False),
        ("consent: {on_missing: re_permission}", True),
    ],
)
def test_people_without_consent_are_skipped_unless_they_are_to_be_asked(line: str, asked: bool) -> None:
    assert read(with_line("consent", line)).re_permission is asked


@pytest.mark.parametrize(
    ("policy", "refused"),
    [
        ("{}", []),
        ("allow_categories: [marketing, utility]", []),
        ("allow_categories: [utility]", ["category_not_allowed"]),
        ("allow_categories: []", ["category_not_allowed"]),
    ],
)
def test_a_policy_may_allow_one_category_alone(policy: str, refused: list[str]) -> None:
    found = check(read(SMALLEST), {}, parse_policy(policy, "policy.yaml"), {})
    assert [p.code for p in found if p.path == "category"] == refused
    assert Policy().allow_categories is None
