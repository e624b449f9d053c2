"""Staleness: what makes a sealed plan unfit to launch, and what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.audience.instant import HOUR_MS, SECOND_MS
from chalicelib.planning.plan import Plan
from chalicelib.planning.wave import staleness
from tests.planning.building import VERSIONS

SEALED_AT = 1_800_000_000_000
PLAN = Plan(
    hash="h",
    campaign="soldes",
    run=1,
    version=3,
    evaluated_at=SEALED_AT,
    sealed_at=SEALED_AT,
    audience=1,
    planned=1,
    excluded={},
    waves={SEALED_AT + HOUR_MS: 1},
    countries={},
    languages={},
    first_send=None,
    last_send=None,
    last_safe_launch=SEALED_AT + 100 * HOUR_MS,
    parts=(),
    chunks="",
    root="",
    versions=VERSIONS,
)


def codes(plan: Plan = PLAN, **changes: Any) -> list[str]:
    world: dict[str, Any] = {"latest_version": 3, "versions_now": VERSIONS, "now": SEALED_AT + SECOND_MS}
    return [code for code, _ in staleness(plan, **{**world, **changes})]


def test_a_fresh_plan_may_be_launched() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("tzdata", "plan_stale_tzdata"),
        ("countries", "plan_stale_countries"),
        ("policy", "plan_stale_policy"),
        ("templates", "plan_stale_template"),
        ("sender", "plan_stale_sender"),
    ],
)
def test_a_plan_goes_stale_when_what_it_rests_on_changes(name: str, code: str) -> None:
    assert codes(versions_now=replace(VERSIONS, **{name: "new"})) == [code]


def test_a_newer_definition_makes_a_plan_stale() -> None:
    assert codes(latest_version=4) == ["plan_stale_definition"]


def test_a_plan_keeps_for_three_days() -> None:
    assert codes(now=SEALED_AT + 72 * HOUR_MS) == []
    assert codes(now=SEALED_AT + 72 * HOUR_MS + 1) == ["plan_stale_age"]


def test_a_plan_is_past_when_the_first_window_has_closed() -> None:
    soon = replace(PLAN, last_safe_launch=SEALED_AT + HOUR_MS)
    assert codes(soon, now=SEALED_AT + HOUR_MS - 1) == []
    assert codes(soon, now=SEALED_AT + HOUR_MS) == ["plan_past_safe_launch"]


def test_send_at_now_has_no_last_safe_launch() -> None:
    assert codes(replace(PLAN, last_safe_launch=None), now=SEALED_AT + 71 * HOUR_MS) == []


def test_all_reasons_are_given_at_once() -> None:
    changed = replace(VERSIONS, tzdata="2027a", policy="q")
    assert codes(versions_now=changed, latest_version=4, now=SEALED_AT + 101 * HOUR_MS) == [
        "plan_stale_definition",
        "plan_stale_age",
        "plan_stale_tzdata",
        "plan_stale_policy",
        "plan_past_safe_launch",
    ]
