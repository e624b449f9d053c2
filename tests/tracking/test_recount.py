"""What counters surely lost, and when they are compared again: in hours, days, and hourly while they move."""

from __future__ import annotations

import pytest

from chalicelib.audience.instant import DAY_MS, HOUR_MS
from chalicelib.sending.broadcast import Drift
from chalicelib.tracking.recount import APART_MS, PATIENCE_MS, judged, next_look

END = 1_796_115_600_000


@pytest.mark.parametrize(
    ("hours", "is_settled", "next_hours"),
    [
        (0, True, 1),
        (1, True, 24),
        (5, True, 24),  # a sweep that was late
        (24, True, None),
        (30, True, None),
        (1, False, 2),
        (23.5, False, 24.5),
        (71, False, 72),
        (71.5, False, None),
    ],
)
def test_looks_end(hours: float, is_settled: bool, next_hours: float | None) -> None:
    found = next_look(END, int(END + hours * HOUR_MS), is_settled=is_settled)
    assert found == (None if next_hours is None else END + next_hours * HOUR_MS)


def test_settled_at_every_look_there_are_two_and_never_settled_at_most_one_an_hour() -> None:
    for is_settled, most in ((True, 2), (False, 72)):
        at: int | None = next_look(END, END, is_settled=True)
        looks = 0
        while at is not None:
            looks += 1
            at = next_look(END, at, is_settled=is_settled)
        assert looks <= most
    assert next_look(END, END + DAY_MS, is_settled=True) is None


LOST = {"accepted": 3}
NOTED = Drift(by=LOST, seen_at=END, since=END - 20_000)


def test_counters_that_equal_the_ledger_let_a_broadcast_end() -> None:
    found = judged(NOTED, {}, END)
    assert (found.drift, found.lost, found.may_end) == (None, {}, True)


def test_a_difference_is_noted_first_for_a_receipt_may_be_between_its_row_and_its_count() -> None:
    found = judged(None, LOST, END)
    assert (found.drift, found.lost, found.may_end) == (Drift(by=LOST, seen_at=END, since=END), {}, False)


def test_the_same_difference_in_two_looks_is_a_loss() -> None:
    found = judged(NOTED, LOST, END + APART_MS)
    assert (found.drift, found.lost, found.may_end) == (None, LOST, True)


def test_two_looks_at_once_are_one() -> None:
    found = judged(NOTED, LOST, END + APART_MS - 1)
    assert (found.drift, found.lost, found.may_end) == (NOTED, {}, False)


def test_another_difference_is_noted_in_the_place_of_the_first() -> None:
    found = judged(NOTED, {"read": 1}, END + APART_MS)
    expected = Drift(by={"read": 1}, seen_at=END + APART_MS, since=NOTED.since)
    assert (found.drift, found.lost, found.may_end) == (expected, {}, False)


def test_an_end_does_not_wait_for_ever_for_counters_that_always_move() -> None:
    found = judged(NOTED, {"read": 1}, NOTED.since + PATIENCE_MS)
    assert (found.drift, found.lost, found.may_end) == (None, {}, True)
