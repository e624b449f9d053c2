"""The judge of every limit is judged itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.seconds import most_in_a_second


@pytest.mark.parametrize(
    ("instants", "most"),
    [
        ([], 0),
        ([7.0], 1),
        ([0, 999.9], 2),
        ([0, 1_000], 1),
        ([2_000, 500, 0, 1_499, 1_500], 3),
        ([5, 5, 5], 3),
    ],
)
def test_a_second_holds_its_beginning_and_not_its_end(instants: list[float], most: int) -> None:
    assert most_in_a_second(instants) == most


@given(st.lists(st.integers(0, 5_000), max_size=40))
def test_it_is_the_fullest_of_the_seconds_that_begin_with_an_instant(instants: list[int]) -> None:
    fullest = max((sum(a <= b < a + 1_000 for b in instants) for a in instants), default=0)
    assert most_in_a_second(instants) == fullest
