"""A frame: the slots that one round of the pacer hands out, on the lanes of one sender.

A lane's slots stand on a grid that begins where its timeline ended; whoever is
throttled takes some of its places and leaves the others free, for whoever is
served after them in the same round. Places that nobody took behind the last
taken one are the next round's; those before it are lost, which is what being
alone and throttled means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

EPSILON_MS = 0.01
"""Closer than this is the same place: an instant as a float has a quarter of a microsecond's grain."""
ROOMY = 0.5
"""Of the horizon: a frame that several share is filled when this much of it is free, not chunk by chunk."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The send instants of one chunk: first + k * step for k < count (milliseconds), or each by `offsets`.

    `lane` is the one they are on; a worker keeps up with one lane, not with more.
    """

    first_ms: float
    step_ms: float
    count: int
    offsets: tuple[float, ...] = ()
    lane: int = 0

    @property
    def instants(self) -> list[float]:
        """The send instants, in order."""
        return [
            self.first_ms + step for step in self.offsets or [k * self.step_ms for k in range(self.count)]
        ]

    @property
    def end_ms(self) -> float:
        """The end of the timeline these slots take up."""
        last = self.offsets[-1] if self.offsets else self.step_ms * (self.count - 1)
        return self.first_ms + last + self.step_ms


@dataclass(slots=True)
class Clocks:
    """A throttled broadcast's own turns: when the next one of each clock is, and how far apart they are."""

    next_ms: list[float]
    gap_ms: float


@dataclass(slots=True)
class _Lane:
    """Places by number: `origin_ms + k * step`. From `next` on none was looked at; `free` was passed over."""

    end_ms: float
    origin_ms: float
    step: float
    next: int = 0
    free: list[int] = field(default_factory=list)

    def at(self, place: int) -> float:
        """Return a place's instant."""
        return self.origin_ms + place * self.step

    def first_at(self, not_before: float) -> int:
        """Return the first place at or after `not_before` that is free."""
        found = next((place for place in self.free if self.at(place) >= not_before - EPSILON_MS), None)
        if found is not None:
            return found
        return max(self.next, math.ceil((not_before - EPSILON_MS - self.origin_ms) / self.step))

    def take(self, place: int) -> None:
        """Take a place; those before it, which nobody looked at, are free."""
        if place < self.next:
            self.free.remove(place)
        else:
            self.free.extend(range(self.next, place))
            self.next = place + 1
        self.end_ms = max(self.end_ms, self.at(place + 1))

    def room(self, until: float) -> int:
        """Return how many places before `until` are free."""
        ahead = math.ceil((until - self.at(self.next)) / self.step)
        return max(0, ahead) + sum(self.at(place) < until for place in self.free)


class Frame:
    """One round's slots. Lanes that begin together begin a step of the whole apart, for an even flow."""

    def __init__(self, lanes_ms: Sequence[float], *, rate: float, earliest: float, until: float) -> None:
        """`earliest` is the first instant anybody can be ready for, `until` the horizon (milliseconds)."""
        self.step = 1_000.0 * len(lanes_ms) / rate
        self.until = until
        self._earliest = earliest
        even = 1_000.0 / rate
        self._lanes = [_Lane(end, max(end, earliest + i * even), self.step) for i, end in enumerate(lanes_ms)]
        self.capacity = sum(lane.room(until) for lane in self._lanes)
        """How many slots the frame had at its beginning."""

    @property
    def lanes_ms(self) -> tuple[float, ...]:
        """The ends of the lanes, as far as slots were taken."""
        return tuple(lane.end_ms for lane in self._lanes)

    @property
    def is_full(self) -> bool:
        """Whether no place is left before the horizon."""
        return all(lane.room(self.until) == 0 for lane in self._lanes)

    @property
    def is_roomy(self) -> bool:
        """Whether enough of the horizon was free at the beginning to be worth sharing out."""
        whole = (self.until - self._earliest) / self.step * len(self._lanes)
        return self.capacity >= ROOMY * whole

    def give(
        self,
        count: int,
        *,
        not_before: float,
        clocks: Clocks | None = None,
        end_by: float = math.inf,
        besides: Slots | None = None,
    ) -> Slots | None:
        """Return at most `count` slots on one lane, at least one before the horizon, or None.

        With `clocks` each slot waits for its turn. A chunk that began before the
        horizon goes on after it, but not after `end_by`. `besides` are slots that the
        chunk got earlier in this round: the new ones are on their lane, and
        returned together with them.
        """
        turn = 0 if clocks is None else min(range(len(clocks.next_ms)), key=lambda i: clocks.next_ms[i])
        wanted = not_before if clocks is None else max(not_before, clocks.next_ms[turn])
        lanes = range(len(self._lanes)) if besides is None else [besides.lane]
        number = min(lanes, key=lambda n: self._lanes[n].at(self._lanes[n].first_at(wanted)))
        lane = self._lanes[number]
        places: list[float] = []
        while len(places) < count:
            place = lane.first_at(wanted)
            instant = lane.at(place)
            if instant >= (max(self.until, end_by) if places else self.until):
                break
            lane.take(place)
            places.append(instant)
            if clocks is not None:
                # Counted from the turn, not from the slot; but a turn missed is not made up for.
                clocks.next_ms[turn] = max(wanted, instant - self.step) + clocks.gap_ms
                wanted = max(not_before, clocks.next_ms[turn])
        if not places:
            return None
        return _slots(sorted([*places, *(besides.instants if besides else [])]), self.step, number)


def _slots(places: list[float], step: float, lane: int) -> Slots:
    """Return the places as an even row where they are one."""
    first, count = places[0], len(places)
    if count == 1:
        return Slots(first, step, 1, lane=lane)
    even = (places[-1] - first) / (count - 1)
    if all(abs(first + k * even - place) < EPSILON_MS for k, place in enumerate(places)):
        return Slots(first, even, count, lane=lane)
    return Slots(first, step, count, tuple(round(place - first, 3) for place in places), lane)
