"""Frames: slots of one round, between which no sliding second passes a limit, whoever shares them."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.sending.broadcast import Chunk
from chalicelib.sending.frame import Clocks, Frame, Slots
from chalicelib.sending.pacing import effective_rate, throttled_clocks
from tests.fakes.seconds import most_in_a_second

NOW = 1_800_000_000_000.0
HORIZON = 2_000.0

chunks = st.lists(
    st.tuples(st.integers(1, 100), st.integers(0, 2_500), st.sampled_from(["a", "b", "slow", "slower"])),
    min_size=1,
    max_size=12,
)
"""What is asked of one frame: people of the chunk, milliseconds until it may begin, whose it is."""
rounds = st.lists(st.tuples(chunks, st.integers(0, 3_000)), min_size=1, max_size=6)
"""Frames, and the silence before each."""


def arrived(slots: list[float], tolerance_ms: float, seed: int) -> list[float]:
    """Delay each message within the tolerance, so as to crowd a second: a stall, then on time."""
    chance = random.Random(seed)  # a test's own dice: hypothesis draws the seed
    stall = chance.choice(slots)
    early = [s + chance.uniform(0, tolerance_ms) if chance.random() < 0.3 else s for s in slots]
    return [
        max(e, stall) if stall - tolerance_ms <= s <= stall else e for s, e in zip(slots, early, strict=True)
    ]


class Pacer:
    """Plays rounds one after the other and keeps who got which slots."""

    def __init__(self, *, limit: float, lanes: int, tolerance: float, throttles: dict[str, float]) -> None:
        self.rate = effective_rate(limit, 0, 1.0, tolerance, lanes=lanes)
        self.lanes: tuple[float, ...] = (NOW,) * lanes
        self.now = NOW
        self.slots: dict[str, list[float]] = {}
        self.clocks: dict[str, Clocks] = {}
        for name, most in throttles.items():
            gap, count = throttled_clocks(most, self.rate, lanes, tolerance)
            self.clocks[name] = Clocks(next_ms=[0.0] * count, gap_ms=gap)

    def round(
        self, asked: list[tuple[int, int, str]], *, beyond: bool = False, in_halves: bool = False
    ) -> Frame:
        frame = Frame(self.lanes, rate=self.rate, earliest=self.now + 100, until=self.now + HORIZON)
        part = 2 if in_halves else 1
        first = [
            (count, later, name, self._given(frame, -(-count // part), later, name, beyond=beyond))
            for count, later, name in asked
        ]
        for count, later, name, slots in first:  # what the others left, for those whom a share held back
            more = slots
            if slots is not None and slots.count < count:
                rest = count - slots.count
                more = self._given(frame, rest, later, name, beyond=beyond, besides=slots) or slots
            if more is not None:
                self.slots.setdefault(name, []).extend(more.instants)
        assert all(after >= before for after, before in zip(frame.lanes_ms, self.lanes, strict=True))
        self.lanes = frame.lanes_ms
        return frame

    def _given(
        self, frame: Frame, wanted: int, later: int, name: str, *, beyond: bool, besides: Slots | None = None
    ) -> Slots | None:
        slots = frame.give(
            wanted,
            not_before=self.now + 100 + later,
            clocks=self.clocks.get(name),
            end_by=math.inf if beyond and name not in self.clocks else self.now + HORIZON,
            besides=besides,
        )
        if slots is not None:
            got = slots.instants
            assert len(got) == slots.count
            assert 1 <= len(got) - (besides.count if besides else 0) <= wanted
            assert besides is None or slots.lane == besides.lane
            assert got == sorted(got)
            assert got[0] >= self.now + 100 + later - 0.02
            assert got[0] < self.now + HORIZON
            assert beyond or got[-1] < self.now + HORIZON + 0.02
            assert slots.end_ms >= got[-1]
        return slots

    @property
    def every(self) -> list[float]:
        return sorted(slot for slots in self.slots.values() for slot in slots)


@given(
    rounds,
    st.integers(1, 6),
    st.integers(20, 1_000),
    st.sampled_from([30, 170]),
    st.integers(),
    st.booleans(),
)
def test_no_sliding_second_passes_the_limit_whoever_shares_the_lanes(
    played: list[tuple[list[tuple[int, int, str]], int]],
    lanes: int,
    limit: int,
    tolerance_ms: int,
    seed: int,
    beyond: bool,
) -> None:
    throttles = {"slow": limit / 4, "slower": 3.0}
    pacer = Pacer(limit=limit, lanes=lanes, tolerance=tolerance_ms / 1000, throttles=throttles)
    for asked, silence in played:
        pacer.now += silence
        pacer.round(asked, beyond=beyond, in_halves=True)
    if pacer.every:
        assert most_in_a_second(arrived(pacer.every, tolerance_ms, seed)) <= limit
    for name, most in throttles.items():
        if pacer.slots.get(name):
            assert most_in_a_second(arrived(pacer.slots[name], tolerance_ms, seed)) <= math.ceil(most)


@given(rounds, st.integers(20, 500))
def test_slots_of_one_lane_are_a_step_apart_and_never_given_twice(
    played: list[tuple[list[tuple[int, int, str]], int]], limit: int
) -> None:
    pacer = Pacer(limit=limit, lanes=1, tolerance=0.03, throttles={"slow": limit / 3, "slower": 2.0})
    for asked, silence in played:
        pacer.now += silence
        frame = pacer.round(asked, in_halves=True)
    every = pacer.every
    assert all(b - a >= frame.step - 0.03 for a, b in pairwise(every))


@pytest.mark.parametrize("throttle", [1.0, 5.0, 20.0, 30.0, 50.0, 70.0])
def test_a_throttled_campaign_gets_its_rate_and_the_others_what_it_leaves(throttle: float) -> None:
    pacer = Pacer(limit=80, lanes=1, tolerance=0.03, throttles={"slow": throttle})
    for _ in range(60):
        pacer.round([(100, 0, "slow"), (100, 0, "a"), (100, 0, "b")])
        pacer.now += 1_000
    seconds = 61.9
    assert len(pacer.slots["slow"]) / seconds > 0.93 * throttle
    assert len(pacer.every) / seconds > 0.94 * 80
    assert most_in_a_second(pacer.slots["slow"]) <= throttle


def test_a_missed_turn_is_not_made_up_for() -> None:
    pacer = Pacer(limit=80, lanes=1, tolerance=0.03, throttles={"slow": 10.0})
    pacer.round([(5, 0, "slow")])
    pacer.now += 60_000
    pacer.round([(100, 0, "slow")])
    assert most_in_a_second(pacer.slots["slow"]) <= 10


def test_a_wave_that_begins_later_leaves_the_time_before_it_to_the_others() -> None:
    pacer = Pacer(limit=80, lanes=1, tolerance=0.03, throttles={})
    pacer.round([(100, 1_500, "a"), (100, 0, "b")])
    assert min(pacer.slots["b"]) < NOW + 150
    assert min(pacer.slots["a"]) >= NOW + 1_600


def test_alone_and_not_throttled_slots_are_an_even_row_that_may_end_after_the_horizon() -> None:
    frame = Frame([NOW], rate=10.0, earliest=NOW + 100, until=NOW + 1_000)
    assert frame.capacity == 9
    assert frame.give(20, not_before=NOW) == Slots(NOW + 100, 100.0, 20)
    assert frame.is_full
    assert frame.give(1, not_before=NOW) is None
    assert frame.lanes_ms == (NOW + 2_100,)


@pytest.mark.parametrize(
    ("slots", "instants"),
    [
        (Slots(NOW, 12.5, 3), [NOW, NOW + 12.5, NOW + 25]),
        (Slots(NOW, 12.5, 3, (0.0, 12.5, 50.0)), [NOW, NOW + 12.5, NOW + 50]),
        (Slots(NOW, 0.0, 0), []),
    ],
)
def test_slots_are_an_even_row_or_each_by_its_offset_and_so_are_a_chunk_s(
    slots: Slots, instants: list[float]
) -> None:
    chunk = Chunk(
        broadcast="b",
        id="c",
        wave=0,
        people=3,
        slot0_ms=slots.first_ms,
        step_ms=slots.step_ms,
        slots=slots.count,
        offsets=slots.offsets,
    )
    assert slots.instants == chunk.slot_instants() == instants


def test_lanes_that_begin_together_begin_a_step_of_the_whole_apart() -> None:
    frame = Frame([0.0, 0.0], rate=10.0, earliest=1_000, until=2_000)
    first, second = frame.give(5, not_before=0), frame.give(5, not_before=0)
    assert first is not None
    assert second is not None
    assert (first.first_ms, second.first_ms, first.step_ms) == (1_000, 1_100, 200)


def test_a_frame_nobody_used_leaves_the_timeline_where_it_was() -> None:
    assert Frame([NOW - 5.0], rate=10.0, earliest=NOW, until=NOW + 100).lanes_ms == (NOW - 5.0,)


@pytest.mark.parametrize(("ahead", "roomy"), [(0.0, True), (900.0, True), (1_200.0, False), (5_000.0, False)])
def test_a_frame_is_worth_sharing_out_when_half_of_it_is_free(ahead: float, roomy: bool) -> None:
    frame = Frame([NOW + ahead], rate=76.7, earliest=NOW + 100, until=NOW + HORIZON)
    assert frame.is_roomy is roomy
