"""The gap of a restored home: who is held, who is in doubt, and what a person can vouch for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.instant import to_iso
from chalicelib.sending.broadcast import Broadcast, BroadcastState
from chalicelib.sending.delivery import Delivery, Outcome, outcome_of
from chalicelib.sending.gap import gap_of, held, left_in_doubt, let_go, may_have_been_called, presumed
from tests.contracts.values import AT, BROADCAST, DELIVERY

NOW = AT + 60_000
RUNNING = replace(
    BROADCAST,
    state=BroadcastState.RUNNING,
    ended_at=None,
    held_from=None,
    unknown_until=None,
    paused_because="",
    paused_at=None,
)
ROW = Delivery(key=DELIVERY.key)


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (BroadcastState.LAUNCHING, BroadcastState.LAUNCHING),  # and paused by the end of its launch
        (BroadcastState.RUNNING, BroadcastState.PAUSED),
        (BroadcastState.PAUSED, BroadcastState.PAUSED),
    ],
)
def test_what_could_send_is_held_with_the_reason(state: BroadcastState, after: BroadcastState) -> None:
    found = held(replace(RUNNING, state=state), AT, NOW)
    assert (found.state, gap_of(found), found.paused_at) == (after, (AT, NOW), NOW)
    assert f"restored from a backup of {to_iso(AT)}" in found.paused_because


@pytest.mark.parametrize(
    "state", [BroadcastState.CANCELLING, BroadcastState.CANCELLED, BroadcastState.COMPLETED]
)
def test_what_sends_nothing_any_more_stays_as_it_is_and_knows_of_the_gap(state: BroadcastState) -> None:
    found = held(replace(RUNNING, state=state), AT, NOW)
    assert found == replace(RUNNING, state=state, unknown_until=NOW)
    assert gap_of(found) is None


def test_a_clock_that_is_behind_the_backup_makes_no_gap_that_ends_before_it_begins() -> None:
    assert held(RUNNING, AT, AT - 5_000).unknown_until == AT


def test_restored_twice_the_gap_begins_with_the_first_backup_and_ends_with_the_last_restoring() -> None:
    twice = held(held(RUNNING, AT, NOW), AT + 120_000, NOW + 120_000)
    assert gap_of(twice) == (AT, NOW + 120_000)


def test_restored_again_after_it_was_resumed_nobody_of_the_first_gap_can_be_vouched_for() -> None:
    resumed = replace(let_go(held(RUNNING, AT, NOW), None), state=BroadcastState.RUNNING)
    again = held(resumed, NOW + 60_000, NOW + 120_000)
    assert may_have_been_called(let_go(again, NOW + 60_000), NOW)


@pytest.mark.parametrize(
    ("lost_at", "until"),
    [
        (None, NOW),
        (NOW + 1, NOW),  # a later word than the restoring says nothing
        (NOW, NOW),
        (AT + 1, AT + 1),
        (AT, None),  # it called nobody after the backup, and all before is in the backup
        (AT - 1, None),
    ],
)
def test_who_resumes_may_vouch_for_when_the_lost_home_stopped(lost_at: int | None, until: int | None) -> None:
    found = let_go(held(RUNNING, AT, NOW), lost_at)
    assert (found.unknown_until, found.held_from) == (until, None)


def test_what_is_not_held_is_let_go_unchanged() -> None:
    resumed = replace(RUNNING, unknown_until=NOW)
    assert let_go(resumed, AT) == resumed
    assert let_go(RUNNING, AT) == RUNNING


@given(st.integers(-5, 5), st.integers(0, 5), st.integers(-7, 7) | st.none(), st.integers(-10, 10))
def test_nobody_due_in_what_remains_of_the_gap_is_sure(
    since: int, length: int, lost_at: int | None, due: int
) -> None:
    since += AT
    vouched = None if lost_at is None else since + lost_at
    broadcast = let_go(held(RUNNING, since, since + length), vouched)
    end = since + length if vouched is None else min(since + length, vouched)
    assert may_have_been_called(broadcast, since + due) == (end > since and since + due <= end)


AFTER_GAP: Broadcast = replace(RUNNING, unknown_until=NOW)


@pytest.mark.parametrize(
    ("row", "outcome", "attempt"),
    [
        (replace(ROW, waiting="quiet_hours", due_at=NOW), Outcome.UNCERTAIN, 1),
        (replace(ROW, waiting="retry", due_at=NOW, attempt=1, failed_code=1), Outcome.UNCERTAIN, 2),
        (replace(ROW, waiting="quiet_hours", due_at=NOW + 1), Outcome.WAITING, 0),
        (replace(ROW, excluded="expired"), Outcome.EXCLUDED, 0),
        (replace(ROW, attempt=1, failed_code=1), Outcome.FAILED, 1),
    ],
)
def test_a_row_is_in_doubt_when_its_wait_ended_in_the_gap(
    row: Delivery, outcome: Outcome, attempt: int
) -> None:
    found = presumed(AFTER_GAP, row)
    assert (outcome_of(found), found.attempt) == (outcome, attempt)


def test_without_a_gap_every_row_is_what_it_says() -> None:
    row = replace(ROW, waiting="quiet_hours", due_at=0)
    assert presumed(RUNNING, row) == row


def test_a_person_without_a_row_is_left_in_doubt_with_the_reason_and_one_with_an_outcome_is_not() -> None:
    found = left_in_doubt(AFTER_GAP, ROW, 1)
    assert (outcome_of(found), found.attempt) == (Outcome.UNCERTAIN, 1)
    assert to_iso(NOW) in found.saw
    assert left_in_doubt(AFTER_GAP, DELIVERY, 3) == DELIVERY
