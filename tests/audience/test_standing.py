import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.standing import (
    Send,
    Standing,
    appended,
    claimed_attempt,
    last_touch_at,
    may_be_reached,
    sends_within,
    withdrawn,
)


def send(at: int, *, broadcast: str = "news.1", attempt: int = 1, category: str = "marketing") -> Send:
    return Send(broadcast=broadcast, chunk="000-00000", attempt=attempt, at=at, category=category)


def standing(*sends: Send) -> Standing:
    return Standing(person="p", phone="+212612345678", sends=sends)


def test_a_claim_is_appended_and_old_sends_are_forgotten() -> None:
    after = appended(standing(send(10), send(50)), send(100), keep_ms=50)
    assert [s.at for s in after.sends] == [50, 100]


def test_sends_stay_in_order_of_time_when_a_clock_is_behind() -> None:
    after = appended(standing(send(10), send(50)), send(40), keep_ms=1000)
    assert [s.at for s in after.sends] == [10, 40, 50]


def test_a_withdrawn_claim_leaves_no_trace_and_touches_no_other() -> None:
    before = standing(send(10), send(20, attempt=2), send(30, broadcast="other.1", attempt=2))
    assert withdrawn(before, "news.1", 2).sends == (before.sends[0], before.sends[2])


@given(st.lists(st.integers(0, 1000)), st.integers(0, 1000))
def test_withdrawing_undoes_claiming(times: list[int], now: int) -> None:
    before = standing(*(send(at, broadcast="other.1") for at in sorted(times)))
    assert withdrawn(appended(before, send(now), keep_ms=2000), "news.1", 1) == before


def test_the_claimed_attempt_is_the_highest_of_the_broadcast() -> None:
    known = standing(send(10), send(20, attempt=3), send(30, broadcast="other.1", attempt=9))
    assert [claimed_attempt(known, b) for b in ("news.1", "other.1", "none.1")] == [3, 9, 0]


@pytest.mark.parametrize(
    ("at", "category", "seen"),
    [
        (100, None, [20, 60, 100]),
        (100, "marketing", [20, 100]),
        (109, None, [20, 60, 100]),
        (110, None, [60, 100]),
    ],
)
def test_a_rolling_window_is_half_open(at: int, category: str | None, seen: list[int]) -> None:
    known = standing(send(10), send(20), send(60, category="utility"), send(100))
    assert [s.at for s in sends_within(known, at, 90, category)] == seen


def test_a_send_dated_in_the_future_by_another_clock_counts() -> None:
    assert len(sends_within(standing(send(105)), 100, 10)) == 1


@pytest.mark.parametrize(
    ("inbound", "echo", "latest"), [(None, None, None), (5, None, 5), (None, 7, 7), (5, 7, 7), (9, 7, 9)]
)
def test_a_conversation_is_as_live_as_its_latest_touch(
    inbound: int | None, echo: int | None, latest: int | None
) -> None:
    assert last_touch_at(Standing(person="p", last_inbound_at=inbound, last_echo_at=echo)) == latest


def test_only_somebody_with_an_address_and_nothing_against_it_may_be_reached() -> None:
    phone = "+212612345678"
    assert may_be_reached(Standing(person="p", phone=phone))
    assert not may_be_reached(Standing(person="p"))
    assert not may_be_reached(Standing(person="p", phone=phone, erased=True))
    assert not may_be_reached(Standing(person="p", phone=phone, suppressed={"manual": 1}))
