from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.sending.answer import Accepted, Answer, NotSent, Refused, Unknown
from chalicelib.sending.delivery import Delivery, DeliveryKey, Outcome, Rank, outcome_of
from chalicelib.sending.outcome import judge
from chalicelib.sending.settling import left_out, left_uncertain, settled

NOW = 1_800_000_000_000
DEADLINE = NOW + 3_600_000
EMPTY = Delivery(key=DeliveryKey(broadcast="news.1", chunk="000-00000", person="p"))


def after(answer: Answer, delivery: Delivery = EMPTY, attempt: int = 1) -> Delivery:
    verdict = judge(answer, attempt=attempt, now=NOW, deadline_at=DEADLINE)
    return settled(delivery, attempt, verdict, now=NOW, deadline_at=DEADLINE)


def test_an_accepted_call_is_recorded_with_its_id_and_time() -> None:
    row = after(Accepted(wamid="wamid.A"))
    assert (row.wamid, row.rank, row.accepted_at, row.attempt) == ("wamid.A", Rank.ACCEPTED, NOW, 1)
    assert outcome_of(row) is Outcome.ACCEPTED


def test_a_definite_refusal_is_a_failure_with_its_code() -> None:
    row = after(Refused(code=131026))
    assert (row.failed_code, row.failed_at, outcome_of(row)) == (131026, NOW, Outcome.FAILED)


def test_a_call_without_an_answer_is_uncertain() -> None:
    assert outcome_of(after(Unknown(why="reset"))) is Outcome.UNCERTAIN


def test_whoever_is_called_again_waits_with_due_instant_and_deadline() -> None:
    row = after(Refused(code=130429))
    assert (row.waiting, row.deadline_at, outcome_of(row)) == ("retry", DEADLINE, Outcome.WAITING)


def test_a_retry_that_is_accepted_clears_the_failure_before_it() -> None:
    row = after(Accepted(wamid="wamid.B"), after(Refused(code=130429)), attempt=2)
    assert (row.failed_code, row.waiting, row.due_at, row.attempt) == (0, "", None, 2)
    assert outcome_of(row) is Outcome.ACCEPTED


def test_a_receipt_that_overtook_its_answer_is_not_lowered() -> None:
    read = replace(EMPTY, attempt=1, rank=Rank.READ, wamid="wamid.A")
    assert after(Accepted(wamid="wamid.A"), read).rank is Rank.READ
    assert after(Unknown(why="reset"), read).rank is Rank.READ
    assert not after(Unknown(why="reset"), read).uncertain


def test_a_failure_reported_before_the_answer_stands_beside_the_rank() -> None:
    failed = replace(EMPTY, attempt=1, failed_code=131026, failed_at=NOW - 5)
    row = after(Accepted(wamid="wamid.A"), failed)
    assert (row.rank, row.failed_code, row.failed_at) == (Rank.ACCEPTED, 131026, NOW - 5)
    assert outcome_of(row) is Outcome.FAILED


def test_an_answer_to_an_older_attempt_changes_nothing() -> None:
    row = after(Accepted(wamid="wamid.B"), attempt=2)
    assert after(Refused(code=131026), row, attempt=1) == row


answers = st.one_of(
    st.builds(Accepted, wamid=st.just("wamid.A")),
    st.builds(Refused, code=st.sampled_from([1, 4, 100, 130429, 130403, 131026, 131049, 131056, 999])),
    st.builds(NotSent, why=st.just("dns")),
    st.builds(Unknown, why=st.just("reset")),
)
rows = st.builds(
    lambda rank, failed, waiting, uncertain: replace(
        EMPTY,
        attempt=1,
        rank=rank,
        failed_code=failed,
        waiting="retry" if waiting else "",
        due_at=NOW + 1_000 if waiting else None,
        uncertain=uncertain,
    ),
    st.sampled_from(Rank),
    st.sampled_from([0, 131026]),
    st.booleans(),
    st.booleans(),
)


@given(rows, answers)
def test_an_answer_never_lowers_what_a_row_says_and_always_leaves_an_outcome(
    row: Delivery, answer: Answer
) -> None:
    settled_row = after(answer, row)
    assert settled_row.rank >= row.rank
    assert outcome_of(settled_row) is not Outcome.CLAIMED
    if outcome_of(settled_row) is Outcome.WAITING:
        assert settled_row.due_at is not None


@given(rows, answers)
def test_settling_twice_is_settling_once(row: Delivery, answer: Answer) -> None:
    once = after(answer, row)
    assert outcome_of(after(answer, once)) is outcome_of(once)


def test_each_retry_is_counted_by_its_class() -> None:
    row = after(Refused(code=131016))
    assert (row.transient_retries, row.per_user_retries) == (1, 0)
    row = after(Refused(code=130429), row, attempt=2)
    assert (row.transient_retries, row.waiting) == (1, "retry")
    late = judge(Refused(code=131049), attempt=3, now=NOW, deadline_at=NOW + 48 * 3_600_000)
    assert settled(row, 3, late, now=NOW, deadline_at=DEADLINE).per_user_retries == 1


UNANSWERED = replace(EMPTY, attempt=1, uncertain=True)


def test_a_call_made_again_and_refused_says_nothing_of_the_one_nobody_answered() -> None:
    row = after(Refused(code=131026), UNANSWERED, attempt=2)
    assert (outcome_of(row), row.attempt) == (Outcome.UNCERTAIN, 2)


def test_a_call_made_again_and_accepted_is_accepted() -> None:
    assert outcome_of(after(Accepted(wamid="wamid.B"), UNANSWERED, attempt=2)) is Outcome.ACCEPTED


def test_a_call_made_again_that_must_wait_is_uncertain_again_when_the_wait_leads_nowhere() -> None:
    row = after(Refused(code=130429), UNANSWERED, attempt=2)
    assert outcome_of(row) is Outcome.WAITING
    assert outcome_of(left_out(row, "expired", "late")) is Outcome.UNCERTAIN


def test_the_answer_that_was_given_up_on_still_settles_its_own_call() -> None:
    assert outcome_of(after(Refused(code=131026), UNANSWERED, attempt=1)) is Outcome.FAILED


def test_whoever_is_left_out_while_waiting_for_a_retry_keeps_no_failure() -> None:
    row = left_out(after(Refused(code=131016)), "cancelled", "now")
    assert (outcome_of(row), row.excluded, row.failed_code) == (Outcome.EXCLUDED, "cancelled", 0)


def test_whoever_may_have_been_called_by_a_lost_worker_is_uncertain_and_waits_for_nothing() -> None:
    row = left_uncertain(after(Refused(code=130429)), 2, "lost")
    assert outcome_of(row) is Outcome.UNCERTAIN
    assert (row.attempt, row.saw, row.waiting) == (2, "lost", "")
    assert (row.due_at, row.deadline_at, row.failed_code, row.failed_at) == (None, None, 0, None)


@given(rows)
def test_only_whoever_has_no_outcome_is_left_uncertain(row: Delivery) -> None:
    has_none = outcome_of(row) in (Outcome.WAITING, Outcome.CLAIMED)
    assert (left_uncertain(row, row.attempt + 1, "lost") != row) is has_none


def test_whoever_a_receipt_told_of_before_their_worker_was_given_up_keeps_waiting_for_the_next_call() -> None:
    assert left_uncertain(FAILED_EARLY, 1, "lost") == FAILED_EARLY
    assert outcome_of(left_uncertain(FAILED_EARLY, 2, "lost")) is Outcome.UNCERTAIN


FAILED_EARLY = replace(
    EMPTY, attempt=1, failed_code=131016, waiting="retry", due_at=NOW + 1_000, deadline_at=DEADLINE
)
"""A receipt told that the message failed for a while, before the answer to its own call came."""


@pytest.mark.parametrize("answer", [Accepted(wamid="wamid.A"), Unknown(why="cut"), Refused(code=131026)])
def test_an_answer_that_its_own_failure_overtook_takes_nobody_from_their_next_attempt(answer: Answer) -> None:
    row = after(answer, FAILED_EARLY)
    assert (outcome_of(row), row.due_at, row.deadline_at) == (Outcome.WAITING, NOW + 1_000, DEADLINE)
    assert outcome_of(after(Accepted(wamid="wamid.B"), row, attempt=2)) is Outcome.ACCEPTED
