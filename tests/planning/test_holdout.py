"""Who is held out: a stable, even draw, after every other gate."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.authoring.definition import Experiment
from chalicelib.planning.experiment import draw
from chalicelib.planning.plan import ExcludedRow, Planned
from tests.planning.building import DEFINITION, eligibility, person

PEOPLE = [f"c{n}" for n in range(4_000)]


def rows(holdout: float, salt: str = "s", **changes: Any) -> dict[str, Planned | ExcludedRow | None]:
    core = eligibility(experiment=Experiment(salt=salt, holdout=holdout), **changes)
    return {name: core.judge(person(name)) for name in PEOPLE}


def held(holdout: float, salt: str = "s") -> set[str]:
    return {
        name
        for name, row in rows(holdout, salt).items()
        if isinstance(row, ExcludedRow) and row.reason == "holdout"
    }


def test_about_the_share_is_held_out_and_each_says_when_it_would_have_been_sent() -> None:
    found = rows(0.05)
    out = [row for row in found.values() if isinstance(row, ExcludedRow)]
    assert 140 < len(out) < 260
    assert {row.reason for row in out} == {"holdout"}
    (saw,) = {row.saw for row in out}
    instant = next(row for row in found.values() if isinstance(row, Planned)).instant
    assert instant
    assert saw.startswith("would have been sent at 20")


def test_the_same_people_are_held_out_whenever_it_is_planned_and_more_of_them_with_a_larger_share() -> None:
    assert held(0.05) == held(0.05)
    assert held(0.05) < held(0.2)
    assert held(0.0) == set()


def test_another_salt_draws_others() -> None:
    both = held(0.2) & held(0.2, salt="t")
    assert len(both) < 0.3 * len(held(0.2))


@pytest.mark.parametrize("salt", ["a", "hiver27", "x" * 64])
def test_a_draw_is_even(salt: str) -> None:
    numbers = [draw(salt, name) for name in PEOPLE]
    assert all(0 <= n < 1 for n in numbers)
    assert all(abs(sum(low <= n < low + 0.1 for n in numbers) - 400) < 90 for low in (0, 0.3, 0.6, 0.9))


def test_whoever_another_gate_leaves_out_is_never_counted_as_held_out() -> None:
    core = eligibility(experiment=Experiment(salt="s", holdout=0.9))
    nobody = [core.judge(person(name, standing={"consents": {}})) for name in PEOPLE[:50]]
    assert {row.reason for row in nobody if isinstance(row, ExcludedRow)} == {"consent.missing"}


def test_without_an_experiment_nobody_is() -> None:
    assert DEFINITION.experiment is None
    assert isinstance(eligibility().judge(person()), Planned)
