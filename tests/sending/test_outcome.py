from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.instant import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from chalicelib.authoring.definition import Retries
from chalicelib.sending.answer import Accepted, Answer, NotSent, Refused, Unknown
from chalicelib.sending.delivery import Delivery, DeliveryKey
from chalicelib.sending.outcome import MEANING_BY_CODE, Reaction, Scope, Verdict, judge, judge_code
from chalicelib.wording import tables

NOW = 1_800_000_000_000
DEADLINE = NOW + 7 * DAY_MS

# Meta's error page as read on 2026-09-11: every code, whom it is about, what it does.
TABLE = [
    (Scope.SENDER, Reaction.STOP, [0, 190, 3, 10, 200, 250, 299, 131005, 33, 133010, 131045, 131048, 131037]),
    (Scope.WABA, Reaction.STOP, [368, 131031, 131042, 131064]),
    (Scope.PERSON, Reaction.UNCERTAIN, [1, 131000]),
    (Scope.PERSON, Reaction.RETRY_LATER, [2, 131016, 133004, 131057, 131052, 131053, 134101, 134102, 133016]),
    (Scope.SENDER, Reaction.SLOW_DOWN, [130429]),
    (Scope.PORTFOLIO, Reaction.SLOW_DOWN, [4]),
    (Scope.WABA, Reaction.SLOW_DOWN, [80007]),
    (Scope.PERSON, Reaction.RETRY_PAIR, [131056]),
    (Scope.PERSON, Reaction.RETRY_DAY, [131049]),
    (Scope.PERSON, Reaction.OPT_OUT, [131050]),
    (Scope.PERSON, Reaction.SUPPRESS, [130403]),
    (Scope.PERSON, Reaction.GIVE_UP, [131026, 131047, 130472, 131021, 131030, 132005, 131062, 137000]),
    (Scope.COUNTRY, Reaction.STOP, [130497]),
    (Scope.TEMPLATE, Reaction.DOUBT, [131008, 131009, 100]),
    (Scope.TEMPLATE, Reaction.STOP, [132000, 132008, 132012, 132018, 135000, 132001]),
    (Scope.TEMPLATE, Reaction.STOP, [132007, 132015, 132016, 131051, 131055, 134100, 131061, 131063]),
]
CODES = [(scope, reaction, code) for scope, reaction, codes in TABLE for code in codes]


def by_code(code: int, *, attempt: int = 1, deadline_at: int = DEADLINE) -> Verdict:
    return judge_code(code, attempt=attempt, now=NOW, deadline_at=deadline_at)


@pytest.mark.parametrize(("scope", "reaction", "code"), CODES, ids=str)
def test_each_known_code_has_its_scope_and_its_reaction(scope: Scope, reaction: Reaction, code: int) -> None:
    assert (MEANING_BY_CODE[code].scope, MEANING_BY_CODE[code].reaction) == (scope, reaction)
    assert MEANING_BY_CODE[code].meaning


@pytest.mark.parametrize(
    "code", [code for code, row in MEANING_BY_CODE.items() if row.reaction in (Reaction.STOP, Reaction.DOUBT)]
)
def test_each_code_that_stops_something_says_why_in_words(code: int) -> None:
    assert f"stop.{code}" in tables()


def test_the_table_says_nothing_of_codes_that_are_not_in_its_source() -> None:
    assert set(MEANING_BY_CODE) == {code for _, _, code in CODES} | set(range(200, 300))


def test_an_accepted_message_is_known_by_its_id() -> None:
    answer = Accepted(wamid="wamid.A", status="held_for_quality_assessment")
    verdict = judge(answer, attempt=1, now=NOW, deadline_at=DEADLINE)
    assert verdict == Verdict(wamid="wamid.A", saw="held_for_quality_assessment")


def test_a_call_without_an_understood_answer_is_uncertain_and_never_called_again() -> None:
    verdict = judge(Unknown(why="reset"), attempt=1, now=NOW, deadline_at=DEADLINE)
    assert verdict == Verdict(uncertain=True, saw="reset")


def test_what_never_left_is_called_again_soon_and_is_no_failure() -> None:
    verdict = judge(NotSent(why="refused"), attempt=1, now=NOW, deadline_at=DEADLINE)
    assert (verdict.waiting, verdict.due_at, verdict.failed_code) == ("retry", NOW + 2 * SECOND_MS, 0)


def test_what_never_left_before_the_deadline_is_expired() -> None:
    verdict = judge(NotSent(why="refused"), attempt=9, now=NOW, deadline_at=NOW + 60 * SECOND_MS)
    assert (verdict.excluded, verdict.waiting) == ("expired", "")


def test_a_refusal_is_judged_by_its_code_alone_and_its_details_are_not_kept() -> None:
    answer = Refused(code=131026, details="+212612345678 is not on WhatsApp")
    verdict = judge(answer, attempt=1, now=NOW, deadline_at=DEADLINE)
    assert verdict == by_code(131026)
    assert "+212" not in verdict.saw


def test_a_rate_answer_slows_the_sender_and_is_never_a_failure() -> None:
    for attempt in (1, 5, 500):
        verdict = by_code(130429, attempt=attempt)
        assert verdict.slow_down
        assert verdict.waiting == "retry"
        assert verdict.due_at is not None
        assert verdict.due_at <= NOW + MINUTE_MS
    late = by_code(130429, deadline_at=NOW + 1_000)
    assert (late.excluded, late.failed_code, late.slow_down) == ("expired", 0, True)


@pytest.mark.parametrize(
    ("code", "attempt", "wait"),
    [
        (131016, 1, 2 * MINUTE_MS),
        (131056, 1, 4 * SECOND_MS),
        (131056, 3, 64 * SECOND_MS),
        (131049, 1, DAY_MS),
        (131026, 1, None),
        (132015, 1, 5 * MINUTE_MS),
    ],
)
def test_retries_come_when_the_code_says_and_end(code: int, attempt: int, wait: int | None) -> None:
    verdict = by_code(code, attempt=attempt)
    assert verdict.due_at == (None if wait is None else NOW + wait)
    assert verdict.waiting == ("" if wait is None else "retry")
    assert verdict.failed_code == code


KEY = DeliveryKey(broadcast="news.1", chunk="000-000000", person="p")


@pytest.mark.parametrize(
    ("code", "row", "retries", "wait"),
    [
        (131016, {"transient_retries": 1}, Retries(), 4 * MINUTE_MS),
        (131016, {"transient_retries": 2}, Retries(), 8 * MINUTE_MS),
        (131016, {"transient_retries": 3}, Retries(), None),
        (131016, {"per_user_retries": 9}, Retries(), 2 * MINUTE_MS),
        (131016, {}, Retries(transient_most=0), None),
        (131016, {"transient_retries": 1}, Retries(transient_backoff_ms=HOUR_MS), 2 * HOUR_MS),
        (131049, {"per_user_retries": 1}, Retries(), DAY_MS),
        (131049, {"per_user_retries": 2}, Retries(), None),
        (131049, {"transient_retries": 9}, Retries(), DAY_MS),
        (131049, {}, Retries(per_user_most=0), None),
        (131049, {}, Retries(per_user_wait_ms=2 * DAY_MS), 2 * DAY_MS),
        (130429, {"transient_retries": 9, "per_user_retries": 9}, Retries(transient_most=0), 2 * SECOND_MS),
    ],
)
def test_retries_are_counted_by_class_as_the_campaign_allows_them(
    code: int, row: dict[str, int], retries: Retries, wait: int | None
) -> None:
    known = replace(Delivery(key=KEY), **row)  # type: ignore[arg-type]
    deadline = NOW + 30 * DAY_MS
    verdict = judge_code(code, attempt=1, now=NOW, deadline_at=deadline, retries=retries, known=known)
    assert verdict.due_at == (None if wait is None else NOW + wait)


def test_a_long_wait_for_a_slow_sender_uses_up_nobodys_tries() -> None:
    assert by_code(131016, attempt=40).waiting == "retry"


def test_a_per_user_limit_with_less_than_a_day_left_is_a_failure_with_its_code() -> None:
    verdict = by_code(131049, deadline_at=NOW + 23 * HOUR_MS)
    assert (verdict.failed_code, verdict.waiting, verdict.due_at) == (131049, "", None)


def test_code_zero_is_recorded_as_the_failure_it_means() -> None:
    verdict = by_code(0, deadline_at=NOW)
    assert (verdict.failed_code, verdict.stop) == (190, "190")


def test_codes_about_more_than_one_person_say_so() -> None:
    assert (by_code(190).stop, by_code(190).scope) == ("190", Scope.SENDER)
    assert (by_code(132015).stop, by_code(132015).scope) == ("132015", Scope.TEMPLATE)
    assert (by_code(368).stop, by_code(368).scope) == ("368", Scope.WABA)
    assert by_code(131050).opt_out
    assert by_code(130403).suppress


def test_an_unlisted_code_fails_the_person_and_alarms() -> None:
    verdict = by_code(999_999)
    assert (verdict.failed_code, verdict.unknown_code) == (999_999, True)


answers = st.one_of(
    st.builds(Accepted, wamid=st.just("wamid.A")),
    st.builds(Refused, code=st.one_of(st.sampled_from(sorted(MEANING_BY_CODE)), st.integers(300, 140_000))),
    st.builds(NotSent, why=st.just("dns")),
    st.builds(Unknown, why=st.just("reset")),
)


@given(answers, st.integers(1, 50), st.integers(-HOUR_MS, 10 * DAY_MS))
def test_every_answer_leaves_the_person_in_exactly_one_place(answer: Answer, attempt: int, left: int) -> None:
    verdict = judge(answer, attempt=attempt, now=NOW, deadline_at=NOW + left)
    places = [
        bool(verdict.wamid),
        bool(verdict.failed_code) and not verdict.waiting,
        verdict.uncertain,
        bool(verdict.excluded),
        bool(verdict.waiting),
    ]
    assert places.count(True) == 1
    if verdict.waiting:
        assert verdict.due_at is not None
        assert NOW < verdict.due_at < NOW + left
    else:
        assert verdict.due_at is None
