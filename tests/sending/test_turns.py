"""Whose turn it is on a sender's timeline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.sending.broadcast import turn_of
from tests.contracts.values import BROADCAST


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (("utility", 0), ("marketing", 100)),
        (("utility", 60), ("utility", 50)),
        (("marketing", 100), ("marketing", 99)),
        (("marketing", 1), ("marketing", 0)),
    ],
)
def test_utility_is_before_marketing_and_then_the_higher_priority_first(
    first: tuple[str, int], then: tuple[str, int]
) -> None:
    turns = [turn_of(replace(BROADCAST, category=c, priority=p)) for c, p in (first, then)]
    assert turns[0] < turns[1] <= 999  # three digits in a key
