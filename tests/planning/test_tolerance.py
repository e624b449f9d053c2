"""How far a fresh plan may be from the one that was agreed to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.audience.instant import HOUR_MS, MINUTE_MS
from chalicelib.authoring.definition import Tolerance
from chalicelib.planning.plan import Plan
from chalicelib.planning.tolerance import FRESH_MS, beyond, is_fresh
from tests.contracts import values
from tests.contracts.values import AT

NINE, TEN = AT, AT + HOUR_MS


def plan(waves: dict[int, int], last_send: int = TEN) -> Plan:
    return replace(values.PLAN, waves=waves, planned=sum(waves.values()), first_send=AT, last_send=last_send)


AGREED = plan({NINE: 60, TEN: 40})


@pytest.mark.parametrize(
    ("waves", "people", "codes"),
    [
        ({NINE: 60, TEN: 40}, 0.0, []),
        ({NINE: 62, TEN: 40}, 0.02, []),
        ({NINE: 63, TEN: 40}, 0.02, ["tolerance_people"]),
        ({NINE: 58, TEN: 40}, 0.02, []),
        ({NINE: 57, TEN: 40}, 0.02, ["tolerance_people"]),
        ({NINE: 57, TEN: 43}, 0.02, ["tolerance_people"]),  # as many, but three have another hour
        ({NINE: 60}, 0.39, ["tolerance_people"]),
        ({NINE: 60, TEN: 40, TEN + 1: 1}, 0.0, ["tolerance_people"]),
        ({}, 1.0, []),
    ],
)
def test_people_are_compared_wave_by_wave(waves: dict[int, int], people: float, codes: list[str]) -> None:
    assert [code for code, _ in beyond(AGREED, plan(waves), Tolerance(people=people))] == codes


@pytest.mark.parametrize(
    ("minutes", "codes"), [(30, []), (-30, []), (31, ["tolerance_finish"]), (-31, ["tolerance_finish"])]
)
def test_the_end_is_compared_both_ways(minutes: int, codes: list[str]) -> None:
    fresh = plan({NINE: 60, TEN: 40}, TEN + minutes * MINUTE_MS)
    assert [code for code, _ in beyond(AGREED, fresh, Tolerance(finish_ms=30 * MINUTE_MS))] == codes


def test_a_plan_that_begins_with_its_launch_is_compared_by_how_long_it_takes() -> None:
    agreed = plan({0: 100}, AT + 10 * MINUTE_MS)
    later = replace(agreed, first_send=AT + HOUR_MS, last_send=AT + HOUR_MS + 10 * MINUTE_MS)
    longer = replace(agreed, last_send=AT + 12 * MINUTE_MS)
    tolerance = Tolerance(finish_ms=MINUTE_MS)
    assert list(beyond(agreed, later, tolerance)) == []
    assert [code for code, _ in beyond(agreed, longer, tolerance)] == ["tolerance_finish"]


def test_what_is_not_said_is_not_compared() -> None:
    assert list(beyond(AGREED, plan({}, TEN + 9 * HOUR_MS), Tolerance())) == []


def test_a_plan_is_fresh_for_a_quarter_of_an_hour() -> None:
    assert is_fresh(AGREED, AGREED.sealed_at + FRESH_MS)
    assert not is_fresh(AGREED, AGREED.sealed_at + FRESH_MS + 1)
