import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.instant import MINUTE_MS
from chalicelib.sending.broadcast import SenderControl, TimelineEntry
from chalicelib.sending.pacing import (
    LATE_SHARE,
    LEAST_FACTOR,
    Slots,
    allocate,
    effective_rate,
    factor_now,
    lanes_for,
    leased,
    may_leave,
    order,
    rate_and_lanes,
    slots_for,
    slowed,
    throttled_rate,
)

NOW = 1_800_000_000_000
CONTROL = SenderControl(sender="boutique")

frames = st.lists(
    st.tuples(st.integers(1, 100), st.integers(0, 3_000), st.floats(LEAST_FACTOR, 1.0)),
    min_size=1,
    max_size=12,
)
"""What a pacer does one after the other: people in the chunk, silence before it, the brake at the time."""


def slots_of(slots: Slots) -> list[float]:
    return [slots.first_ms + k * slots.step_ms for k in range(slots.count)]


def most_in_a_second(arrivals: list[float]) -> int:
    arrivals = sorted(arrivals)
    most = first = 0
    for last, at in enumerate(arrivals):
        while at - arrivals[first] >= 1_000:
            first += 1
        most = max(most, last - first + 1)
    return most


def arrived(slots: list[float], tolerance_ms: float, seed: int) -> list[float]:
    """Delay each message within the tolerance, so as to crowd a second: a stall, then on time."""
    chance = random.Random(seed)  # a test's own dice: hypothesis draws the seed
    stall = chance.choice(slots)
    early = [s + chance.uniform(0, tolerance_ms) if chance.random() < 0.3 else s for s in slots]
    return [
        max(e, stall) if stall - tolerance_ms <= s <= stall else e for s, e in zip(slots, early, strict=True)
    ]


@given(frames, st.integers(5, 1_000), st.integers(0, 3), st.sampled_from([30, 170]), st.integers())
def test_no_sliding_second_passes_the_limit_however_late_within_the_tolerance(
    frames: list[tuple[int, int, float]], limit: int, reserve: int, tolerance_ms: int, seed: int
) -> None:
    lanes: tuple[float, ...] = (float(NOW),)
    slots: list[float] = []
    for count, silence, factor in frames:
        rate = effective_rate(limit, reserve, factor, tolerance_ms / 1000)
        chunk, lanes = allocate(lanes, not_before=lanes[0] + silence, rate=rate, count=count)
        slots += slots_of(chunk)
    assert most_in_a_second(arrived(slots, tolerance_ms, seed)) <= limit - reserve


@given(frames, st.integers(2, 6), st.integers(80, 1_000), st.integers())
def test_several_lanes_together_keep_to_the_limit_also_while_the_rate_changes(
    frames: list[tuple[int, int, float]], lane_count: int, limit: int, seed: int
) -> None:
    lanes: tuple[float, ...] = (float(NOW),) * lane_count
    slots: list[float] = []
    for count, _, factor in frames:
        rate = effective_rate(limit, 0, factor, 0.170, lanes=lane_count)
        chunk, lanes = allocate(lanes, not_before=NOW, rate=rate, count=count)
        slots += slots_of(chunk)
    assert most_in_a_second(arrived(slots, 170, seed)) <= limit


@given(frames, st.integers(1, 80), st.integers())
def test_a_campaign_keeps_to_its_own_throttle_in_every_sliding_second(
    frames: list[tuple[int, int, float]], throttle: int, seed: int
) -> None:
    lanes: tuple[float, ...] = (float(NOW),)
    slots: list[float] = []
    for count, silence, _ in frames:
        chunk, lanes = allocate(
            lanes, not_before=lanes[0] + silence, rate=throttled_rate(throttle, 0.030), count=count
        )
        slots += slots_of(chunk)
    assert most_in_a_second(arrived(slots, 30, seed)) <= throttle


@given(frames, st.integers(1, 4))
def test_a_lane_only_moves_forward_and_its_slots_are_a_step_apart(
    frames: list[tuple[int, int, float]], lane_count: int
) -> None:
    lanes: tuple[float, ...] = (float(NOW),) * lane_count
    for count, silence, factor in frames:
        before = lanes
        rate = 76.7 * factor
        chunk, lanes = allocate(lanes, not_before=NOW + silence, rate=rate, count=count)
        moved = [i for i in range(lane_count) if lanes[i] != before[i]]
        assert len(moved) == 1
        assert chunk.first_ms >= max(before[moved[0]], NOW + silence)
        assert lanes[moved[0]] == chunk.end_ms
        assert chunk.step_ms == pytest.approx(lane_count * 1_000 / rate)


@pytest.mark.parametrize(
    ("limit", "tolerance", "share"),
    [(80, 0.030, 0.955), (1_000, 0.030, 0.965), (80, 0.170, 0.84), (1_000, 0.170, 0.85)],
)
def test_the_rate_is_close_to_the_limit(limit: int, tolerance: float, share: float) -> None:
    assert share * limit <= effective_rate(limit, 0, 1.0, tolerance) < limit


def test_a_sender_whose_limit_is_all_reserved_still_creeps() -> None:
    assert effective_rate(5, 5, 1.0, 0.03) == pytest.approx(0.1)


def test_lanes_that_begin_together_begin_a_step_apart() -> None:
    first, lanes = allocate((0.0, 0.0), not_before=1_000, rate=10, count=5)
    second, _ = allocate(lanes, not_before=1_000, rate=10, count=5)
    assert (first.first_ms, second.first_ms) == (1_000, 1_100)


@pytest.mark.parametrize(
    ("now", "may"),
    [(998, False), (1_000, True), (1_001, True), (1_015, True), (1_016, False), (1_030, False)],
    ids=["early", "to the millisecond", "on time", "late", "too late", "as late as the tolerance"],
)
def test_a_slot_stands_for_its_share_of_the_tolerance(now: int, may: bool) -> None:
    assert LATE_SHARE * 30 == 15
    assert may_leave(1_000.7, now, 30) is may


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
    ("people", "rate", "lanes", "slots"),
    [(100, 76.0, 2, 100), (100, 4.0, 1, 80), (100, 2.0, 2, 20), (100, 0.01, 1, 1), (7, 76.0, 1, 7)],
)
def test_a_chunk_gets_no_more_slots_than_its_worker_has_time_for(
    people: int, rate: float, lanes: int, slots: int
) -> None:
    assert slots_for(people, rate, lanes, longest_ms=20_000) == slots


def entry(broadcast: str, *, priority: int = 1, wave: int = 0) -> TimelineEntry:
    return TimelineEntry(sender="boutique", priority=priority, wave=wave, broadcast=broadcast)


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
