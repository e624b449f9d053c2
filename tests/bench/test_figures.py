"""A figure and its target."""

from __future__ import annotations

import sys

import pytest

from bench._figures import Figure, figure_of, shown, spent_by, table


@pytest.mark.parametrize(
    ("value", "at_least", "at_most", "target", "verdict"),
    [
        (100.0, 100.0, None, "≥ 100", "reached"),
        (99.0, 100.0, None, "≥ 100", "**short by 1 %**"),
        (250.0, None, 200.0, "≤ 200", "**short by 25 %**"),
        (200.0, None, 200.0, "≤ 200", "reached"),
        (1.0, None, 0.0, "≤ 0", "**short**"),
        (0.0, None, 0.0, "≤ 0", "reached"),
        (7.0, None, None, "", ""),
    ],
)
def test_a_figure_says_whether_its_target_was_reached(
    value: float, at_least: float | None, at_most: float | None, target: str, verdict: str
) -> None:
    figure = Figure(row="r", what="w", value=value, unit="s", at_least=at_least, at_most=at_most)
    assert (figure.target, figure.verdict) == (target, verdict)
    assert figure.reached is not verdict.startswith("**short")


def test_a_figure_survives_json() -> None:
    figure = Figure(row="r", what="w", value=0.25, unit="ms", at_most=0.35, how="wall 3 s", runs=(0.2, 0.25))
    assert figure_of(figure.document()) == figure


def test_a_table_has_a_row_for_each_figure() -> None:
    figure = Figure(row="start", what="help", value=0.123456, unit="s", at_most=0.3, how="best of 7")
    assert table([figure]).splitlines()[2:] == [
        "| start: help | 0.123 s |  | ≤ 0.3 | 0.41 | reached | best of 7 |"
    ]


def test_a_table_shows_the_least_and_the_most_of_several_runs() -> None:
    figure = Figure(row="r", what="w", value=2, unit="s", runs=(2, 3, 1))
    assert table([figure]).splitlines()[2:] == ["| r: w | 2 s | 1 … 3 |  |  |  |  |"]


@pytest.mark.parametrize(
    ("value", "words"), [(0.0714, "0.0714"), (12.34, "12.3"), (97_812.4, "97,812"), (6, "6")]
)
def test_numbers_are_shown_to_three_digits(value: float, words: str) -> None:
    assert shown(value) == words


def test_what_a_command_spent_is_what_the_system_says() -> None:
    script = "import time\nwhile time.process_time() < 0.2: pass\nprint('out')"
    spent = spent_by([sys.executable, "-c", script])
    assert 0.2 <= spent.cpu_seconds < 2
    assert spent.wall_seconds >= 0.2
    assert spent.most_bytes > 4 * 2**20
    assert spent.output == b"out\n"


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="ended with 3"):
        spent_by([sys.executable, "-c", "raise SystemExit(3)"])
