from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.instant import MINUTE_MS
from chalicelib.sending.broadcast import SenderControl, TimelineEntry
from chalicelib.sending.pacing import (
    LATE_SHARE,
    LEAST_FACTOR,
    effective_rate,
    factor_now,
    is_missed,
    is_shared_out,
    lanes_for,
    leased,
    may_leave,
    order,
    rate_and_lanes,
    slots_for,
    slowed,
    throttled_clocks,
)

NOW = 1_800_000_000_000
CONTROL = SenderControl(sender="boutique")


@pytest.mark.parametrize(
    ("limit", "tolerance", "share"),
    [(80, 0.030, 0.955), (1_000, 0.030, 0.965), (80, 0.170, 0.84), (1_000, 0.170, 0.85)],
)
def test_the_rate_is_close_to_the_limit(limit: int, tolerance: float, share: float) -> None:
    assert share * limit <= effective_rate(limit, 0, 1.0, tolerance) < limit


def test_a_sender_whose_limit_is_all_reserved_still_creeps() -> None:
    assert effective_rate(5, 5, 1.0, 0.03) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("now", "may"),
    [(998, False), (1_000, True), (1_001, True), (1_015, True), (1_016, False), (1_030, False)],
    ids=["early", "to the millisecond", "on time", "late", "too late", "as late as the tolerance"],
)
def test_a_slot_stands_for_its_share_of_the_tolerance(now: int, may: bool) -> None:
    assert LATE_SHARE * 30 == 15
    assert may_leave(1_000.7, now, 30) is may
    assert is_missed(1_000.7, now, 30) is (now > 1_015)


def test_a_rate_answer_slows_the_sender_and_minutes_heal_it() -> None:
    braked = slowed(CONTROL, NOW)
    assert braked.factor == pytest.approx(0.8)
    assert factor_now(braked, NOW + 2 * MINUTE_MS) == pytest.approx(0.9)
    assert factor_now(braked, NOW + 60 * MINUTE_MS) == 1.0


def test_rate_answers_of_one_second_are_one_event() -> None:
    braked = slowed(CONTROL, NOW)
    assert slowed(braked, NOW + 999) == braked
    assert slowed(braked, NOW + 1_000).factor < braked.factor


def test_the_brake_never_stops_a_sender() -> None:
    control = CONTROL
    for k in range(50):
        control = slowed(control, NOW + k * 2_000)
    assert control.factor == LEAST_FACTOR


def test_a_lease_is_held_until_it_ends_and_a_new_holder_raises_the_fence() -> None:
    mine = leased(CONTROL, "a", NOW, 10_000)
    assert mine is not None
    assert (mine.owner, mine.fence, mine.lease_until) == ("a", 1, NOW + 10_000)
    assert leased(mine, "b", NOW + 9_999, 10_000) is None
    taken = leased(mine, "b", NOW + 10_000, 10_000)
    assert taken is not None
    assert (taken.owner, taken.fence) == ("b", 2)


def test_whoever_is_alone_takes_the_lease_of_a_dead_pacer_at_once_behind_what_it_handed_out() -> None:
    dead = leased(replace(CONTROL, lanes_ms=(NOW + 5.0,)), "a", NOW, 10_000)
    assert dead is not None
    mine = leased(dead, "b", NOW + 1, 10_000, is_alone=True)
    assert mine == replace(dead, owner="b", fence=2, lease_until=NOW + 10_001)


def test_renewing_a_lease_keeps_the_fence_and_the_timeline() -> None:
    mine = leased(replace(CONTROL, lanes_ms=(NOW + 5.0,)), "a", NOW, 10_000)
    assert mine is not None
    renewed = leased(mine, "a", NOW + 5_000, 10_000)
    assert renewed == replace(mine, lease_until=NOW + 15_000)


def test_a_changed_number_of_lanes_starts_behind_all_of_them() -> None:
    assert lanes_for(1, (), NOW) == (NOW,)
    assert lanes_for(1, (5.0,), NOW) == (5.0,)
    assert lanes_for(2, (5.0,), NOW) == (5.0, 5.0)
    assert lanes_for(1, (5.0, 9.0), NOW) == (9.0,)


@pytest.mark.parametrize(
    ("limit", "worker_rate", "lanes", "rate"),
    [
        (80, 100_000.0, 1, (80 - 2 - 1) / 1.17),
        (80, 40.0, 2, (80 - 2 - 2) / 1.17),
        (1_000, 40.0, 22, (1_000 - 2 - 22) / 1.17),
        (5, 40.0, 1, (5 - 2 - 1) / 1.17),
    ],
)
def test_a_sender_has_as_many_lanes_as_no_worker_is_above_its_rate_and_pays_one_message_for_each(
    limit: int, worker_rate: float, lanes: int, rate: float
) -> None:
    found, wanted = rate_and_lanes(limit, 2, 1.0, 0.170, worker_rate)
    assert (found, wanted) == (pytest.approx(rate), lanes)  # type: ignore[comparison-overlap]
    assert found / wanted <= worker_rate


@pytest.mark.parametrize(
    ("people", "step_ms", "slots"),
    [(100, 26.0, 100), (100, 250.0, 80), (100, 1_000.0, 20), (100, 1e6, 1), (7, 13.0, 7)],
)
def test_a_chunk_gets_no_more_slots_than_its_worker_has_time_for(
    people: int, step_ms: float, slots: int
) -> None:
    assert slots_for(people, step_ms, longest_ms=20_000) == slots


@pytest.mark.parametrize(
    ("most", "rate", "lanes", "clocks"),
    [(20, 76.7, 1, 1), (500, 76.7, 1, 1), (20, 66.0, 2, 1), (60, 66.0, 2, 2), (200, 830.0, 22, 6)],
)
def test_a_throttled_campaign_has_as_many_clocks_as_lanes_it_needs(
    most: float, rate: float, lanes: int, clocks: int
) -> None:
    gap, found = throttled_clocks(most, rate, lanes, 0.03)
    assert found == clocks
    assert 0.8 * min(most, 10**9) < clocks * 1_000 / gap < most


def entry(broadcast: str, *, priority: int = 1, wave: int = 0, **fields: Any) -> TimelineEntry:
    return TimelineEntry(sender="boutique", priority=priority, wave=wave, broadcast=broadcast, **fields)


def test_utility_is_served_first_and_a_broadcasts_oldest_wave_before_its_others() -> None:
    entries = [entry("b", wave=2), entry("b", wave=1), entry("a", wave=3), entry("u", priority=0, wave=9)]
    assert [(e.broadcast, e.wave) for e in order(entries)] == [("u", 9), ("b", 1), ("b", 2), ("a", 3)]


def test_broadcasts_of_one_priority_take_turns() -> None:
    entries = [entry("a"), entry("b"), entry("c"), entry("u", priority=0)]
    assert [[e.broadcast for e in order(entries, turn)][1] for turn in range(4)] == ["a", "b", "c", "a"]


@given(
    st.lists(st.builds(entry, st.sampled_from("abcd"), priority=st.integers(0, 1), wave=st.integers(0, 3))),
    st.integers(0, 99),
)
def test_ordering_loses_and_adds_nobody(entries: list[TimelineEntry], turn: int) -> None:
    served = order(entries, turn)
    assert sorted(map(repr, served)) == sorted(map(repr, entries))
    assert [e.priority for e in served] == sorted(e.priority for e in entries)


def test_whoever_is_throttled_comes_before_others_of_their_priority_and_after_higher_ones() -> None:
    entries = [entry("a"), entry("b"), entry("slow", max_per_second=5.0), entry("u", priority=0)]
    for turn in range(3):
        assert [e.broadcast for e in order(entries, turn)][:2] == ["u", "slow"]


@pytest.mark.parametrize(
    ("entries", "shared_out"),
    [
        ([], False),
        ([entry("a"), entry("b")], False),
        ([entry("a"), entry("b", share=0.6)], True),
        ([entry("a", max_per_second=20.0)], True),
    ],
)
def test_slots_are_shared_out_frame_by_frame_where_somebody_may_not_have_them_all(
    entries: list[TimelineEntry], shared_out: bool
) -> None:
    assert is_shared_out(entries) is shared_out
