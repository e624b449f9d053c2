"""The forecast: waves queue behind each other, and a window may end before one's turn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.instant import DAY_MS, HOUR_MS, SECOND_MS
from chalicelib.planning.forecast import (
    forecast,
    most_in_a_day,
    rate_per_second,
    safe_launch_until,
)

NINE = 1_800_000_000_000
LAUNCH = NINE - DAY_MS


@pytest.mark.parametrize(
    ("limit", "reserve", "lateness_ms", "campaign", "rate"),
    [
        (80, 0, 0, None, 79),
        (80, 2, 30, None, 77 / 1.03),
        (80, 2, 30, 20, 20),
        (1000, 0, 170, None, 999 / 1.17),
        (2, 5, 30, None, 0),
    ],
)
def test_the_rate_is_the_one_the_pacer_will_use(
    limit: float, reserve: float, lateness_ms: int, campaign: float | None, rate: float
) -> None:
    assert rate_per_second(limit, reserve, lateness_ms, campaign) == pytest.approx(rate)


def test_a_wave_takes_its_people_over_the_rate() -> None:
    ahead = forecast({NINE: 101}, 10, HOUR_MS, LAUNCH)
    assert (ahead.first_send, ahead.last_send) == (NINE, NINE + 10 * SECOND_MS)


def test_a_wave_waits_for_the_one_before_it() -> None:
    ahead = forecast({NINE: 100, NINE + 5 * SECOND_MS: 1}, 10, HOUR_MS, LAUNCH)
    assert ahead.last_send == NINE + 10 * SECOND_MS


def test_the_launch_instant_stands_for_now() -> None:
    ahead = forecast({0: 1}, 10, HOUR_MS, LAUNCH)
    assert (ahead.first_send, ahead.last_send) == (LAUNCH, LAUNCH)


def test_whoever_is_late_but_open_leaves_at_the_launch() -> None:
    ahead = forecast({NINE: 5}, 10, HOUR_MS, NINE + 600 * SECOND_MS)
    assert ahead.first_send == NINE + 600 * SECOND_MS


def test_people_whose_turn_comes_after_the_window_are_counted() -> None:
    ahead = forecast({NINE: 40_000}, 10, HOUR_MS, LAUNCH)
    assert ahead.too_late == 4_000
    assert ahead.last_send is not None
    assert ahead.last_send < NINE + HOUR_MS


@pytest.mark.parametrize(("waves", "rate"), [({}, 10), ({NINE: 3}, 0)])
def test_nothing_is_forecast_where_nothing_leaves(waves: dict[int, int], rate: float) -> None:
    ahead = forecast(waves, rate, HOUR_MS, LAUNCH)
    assert (ahead.first_send, ahead.last_send) == (None, None)
    assert ahead.too_late == sum(waves.values())


waves = st.dictionaries(st.integers(0, 300).map(lambda m: NINE + m * 60 * SECOND_MS), st.integers(1, 9_000))


@given(waves=waves, rate=st.integers(1, 200))
def test_everybody_either_leaves_inside_their_window_or_is_counted(waves: dict[int, int], rate: int) -> None:
    ahead = forecast(waves, rate, HOUR_MS, LAUNCH)
    assert 0 <= ahead.too_late <= sum(waves.values())
    if ahead.first_send is not None and ahead.last_send is not None:
        assert min(waves) <= ahead.first_send <= ahead.last_send < max(waves) + HOUR_MS
        sent = sum(waves.values()) - ahead.too_late
        assert ahead.last_send - ahead.first_send >= (sent - 1) * SECOND_MS / rate - 1


@pytest.mark.parametrize(
    ("waves", "most"),
    [
        ({}, 0),
        ({NINE: 5}, 5),
        ({NINE: 5, NINE + DAY_MS - 1: 5}, 10),
        ({NINE: 5, NINE + DAY_MS: 6}, 6),
        ({0: 5, NINE - 1: 7}, 12),
        ({0: 5, NINE: 7}, 7),
    ],
)
def test_the_busiest_day_is_any_twenty_four_hours(waves: dict[int, int], most: int) -> None:
    assert most_in_a_day(waves, LAUNCH) == most


def test_it_is_safe_to_launch_until_the_first_window_closes() -> None:
    assert safe_launch_until({NINE: 1, NINE + 5: 1}, HOUR_MS) == NINE + HOUR_MS
    assert safe_launch_until({0: 1}, HOUR_MS) is None
