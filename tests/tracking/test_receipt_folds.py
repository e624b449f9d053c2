"""Receipts fold: any order, any number, any delay, the same row."""

from __future__ import annotations

from collections import Counter
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.sending.delivery import Delivery, DeliveryKey, Outcome, Rank, outcome_of
from chalicelib.sending.outcome import Verdict
from chalicelib.sending.settling import settled
from chalicelib.tracking.receipt import Status, apply, counts_of, deltas, echo_of, parse_echo, parse_statuses

KEY = DeliveryKey(broadcast="b.1", chunk="000-000000", person="c1")


def status(word: str, *, at: int = 1_000, code: int = 0, attempt: int = 1) -> Status:
    wamid = f"wamid.{attempt}"
    return Status(wamid=wamid, status=word, at=at, key=KEY, attempt=attempt, code=code)


statuses = st.lists(
    st.one_of(
        st.builds(
            status,
            st.sampled_from(["sent", "delivered", "read"]),
            at=st.integers(1, 9),
            attempt=st.integers(1, 2),
        ),
        st.builds(
            status,
            st.just("failed"),
            at=st.integers(1, 9),
            code=st.sampled_from([131026, 131049]),
            attempt=st.integers(1, 2),
        ),
    ),
    min_size=1,
    max_size=8,
)


def folded(received: list[Status], start: Delivery | None = None) -> Delivery:
    row = reduce(lambda row, s: apply(row, KEY, s), received, start)
    assert row is not None
    return row


@given(statuses, st.randoms())
def test_the_same_statuses_in_any_order_and_number_give_the_same_row(
    received: list[Status], random: object
) -> None:
    shuffled = [*received, *received]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert folded(shuffled) == folded(received)


@given(statuses)
def test_the_counters_moved_along_the_way_are_those_of_the_last_row(received: list[Status]) -> None:
    moved: Counter[str] = Counter()
    row: Delivery | None = None
    for one in received:
        after = apply(row, KEY, one)
        moved.update(deltas(row, after))
        row = after
    assert {name: n for name, n in moved.items() if n} == counts_of(row)


@pytest.mark.parametrize(
    ("words", "outcome", "rank"),
    [
        (["sent"], Outcome.ACCEPTED, Rank.SENT),
        (["read"], Outcome.ACCEPTED, Rank.READ),
        (["read", "sent"], Outcome.ACCEPTED, Rank.READ),
        (["failed"], Outcome.FAILED, Rank.CLAIMED),
        (["sent", "failed"], Outcome.FAILED, Rank.SENT),
        (["failed", "delivered"], Outcome.ACCEPTED, Rank.DELIVERED),
        (["delivered", "failed"], Outcome.ACCEPTED, Rank.DELIVERED),
    ],
)
def test_ranks_rise_and_a_failure_counts_only_below_delivered(
    words: list[str], outcome: Outcome, rank: Rank
) -> None:
    row = folded([status(word, code=131026 if word == "failed" else 0) for word in words])
    assert (outcome_of(row), row.rank) == (outcome, rank)


def test_read_implies_delivered() -> None:
    row = folded([status("read", at=5)])
    assert (row.sent_at, row.delivered_at, row.read_at) == (5, 5, 5)


def test_a_receipt_settles_what_was_uncertain() -> None:
    uncertain = Delivery(key=KEY, attempt=1, uncertain=True)
    assert outcome_of(folded([status("sent")], uncertain)) is Outcome.ACCEPTED
    assert outcome_of(folded([status("failed", code=131026)], uncertain)) is Outcome.FAILED


def test_a_failure_of_an_older_attempt_does_not_touch_the_newer_one() -> None:
    newer = Delivery(key=KEY, attempt=2, rank=Rank.ACCEPTED)
    assert folded([status("failed", code=131026, attempt=1)], newer) == newer.__class__(
        key=KEY, attempt=2, rank=Rank.ACCEPTED
    )


def test_what_is_told_of_a_call_before_its_row_is_written_is_not_let_go() -> None:
    """Somebody waits for the second call; its worker made it and died; the platform tells of it."""
    waits = Delivery(
        key=KEY, attempt=1, wamid="wamid.1", waiting="retry", due_at=5, deadline_at=9, failed_code=131049
    )
    failed = folded([status("failed", code=131026, attempt=2, at=7)], waits)
    assert outcome_of(failed) is Outcome.FAILED
    assert (failed.attempt, failed.failed_code, failed.failed_at, failed.wamid) == (2, 131026, 7, "wamid.2")
    sent = folded([status("sent", attempt=2, at=7)], waits)
    assert (outcome_of(sent), sent.attempt, sent.wamid) == (Outcome.ACCEPTED, 2, "wamid.2")


def test_an_older_attempts_failure_told_again_does_not_undo_what_the_newer_one_came_to() -> None:
    waits = Delivery(key=KEY, attempt=1, waiting="retry", due_at=5, deadline_at=9, failed_code=131049)
    told = [status("sent", attempt=2), status("failed", code=131049, attempt=1)]
    assert outcome_of(folded(told, waits)) is Outcome.ACCEPTED


def test_no_receipt_and_no_answer_brings_back_the_message_id_of_somebody_erased() -> None:
    erased = Delivery(key=KEY, attempt=1, erased=True)
    for word in ("sent", "read", "failed"):
        for attempt in (0, 1, 2):
            row = apply(erased, KEY, status(word, code=131026 if word == "failed" else 0, attempt=attempt))
            assert (row.wamid, row.erased) == ("", True)
    for attempt in (1, 2):
        row = settled(erased, attempt, Verdict(wamid="wamid.B"), now=8, deadline_at=9)
        assert (row.wamid, row.erased, outcome_of(row)) == ("", True, Outcome.ACCEPTED)


def test_the_echo_leads_back_to_the_row_and_anything_else_to_nothing() -> None:
    assert parse_echo(echo_of(KEY, 3)) == (KEY, 3)
    assert len(echo_of(KEY, 3)) < 512
    for text in ("", "test|x|y", "1|a|b|c|x", "2|a|b|c|1", "1|a|b|c|1|d", "1|a|b|c|²"):
        assert parse_echo(text) is None


def test_statuses_of_unknown_shape_are_passed_over_and_their_neighbours_kept() -> None:
    body = (
        '{"v":1,"statuses":[{"id":"w1","status":"sent","timestamp":"1795000000"},{"id":"w2"},7,'
        '{"id":"w3","status":"of_tomorrow","timestamp":"1"},{"id":"w4","status":"read","timestamp":"soon"},'
        '{"id":"w5","status":"failed","timestamp":1795000001,"errors":[]}]}'
    )
    assert [(s.wamid, s.code) for s in parse_statuses(body)] == [("w1", 0), ("w5", 131000)]
