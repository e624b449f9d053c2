"""A round of the pacer: its frame and its sender's room, and what was given of both so far."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from chalicelib.audience.instant import Instant
from chalicelib.authoring.senders import Sender
from chalicelib.sending import pacing, quota
from chalicelib.sending.broadcast import MOST_PRIORITY, Broadcast, Chunk, Quota, SenderControl, turn_of
from chalicelib.sending.frame import Clocks, Frame, Slots
from chalicelib.steps.home import Home

OVERHANG = 0.2
"""Of the horizon: what a chunk may take of the next frame rather than be cut; its rest waits for its end."""
MOST_TRIES = 20
"""How often a quota is read again that others move meanwhile."""


@dataclass(slots=True)
class Release:
    """A chunk with the slots it was given."""

    chunk: Chunk
    slots: Slots


@dataclass(slots=True)
class Round:
    """One round of one sender. `day` is its portfolio's quota as read in this round, None before."""

    sender: Sender
    control: SenderControl
    now: Instant
    earliest: float
    rate: float
    lateness_seconds: float
    frame: Frame
    in_frames: bool
    day: Quota | None = None
    releases: dict[tuple[str, str], Release] = field(default_factory=dict)
    given: Counter[str] = field(default_factory=Counter)
    clocks: dict[str, Clocks] = field(default_factory=dict)

    @staticmethod
    def of(home: Home, sender: Sender, control: SenderControl, *, in_frames: bool) -> Round:
        """Return a round that begins now."""
        settings, now = home.settings, home.ports.clock.now()
        rate, wanted = pacing.rate_and_lanes(
            pacing.limit_now(sender, control),
            float(sender.inbound_reserve),
            pacing.factor_now(control, now),
            settings.lateness_ms / 1000,
            settings.worker_rate,
        )
        # Not sooner than a worker can have taken the chunk and claimed its first person.
        earliest = now + settings.claim_lead_ms + settings.hand_over_ms
        lanes = pacing.lanes_for(wanted, control.lanes_ms, now)
        return Round(
            sender=sender,
            control=control,
            now=now,
            earliest=earliest,
            rate=rate,
            lateness_seconds=settings.lateness_ms / 1000,
            frame=Frame(lanes, rate=rate, earliest=earliest, until=now + settings.horizon_ms),
            in_frames=in_frames,
        )

    def clocks_of(self, broadcast: Broadcast) -> Clocks | None:
        """Return a throttled broadcast's own clocks, None for one that is not slower than its sender."""
        most = broadcast.max_per_second
        if most is None:
            return None
        if broadcast.id not in self.clocks:
            lanes = len(self.frame.lanes_ms)
            gap, wanted = pacing.throttled_clocks(most, self.rate, lanes, self.lateness_seconds)
            known = pacing.lanes_for(wanted, self.control.turns_ms.get(broadcast.id, ()), 0)
            self.clocks[broadcast.id] = Clocks(next_ms=list(known), gap_ms=gap)
        return self.clocks[broadcast.id]

    def turns_ms(self) -> dict[str, tuple[float, ...]]:
        """Return the turns to remember: those still to come."""
        turns = {**self.control.turns_ms, **{name: tuple(c.next_ms) for name, c in self.clocks.items()}}
        return {name: times for name, times in turns.items() if max(times) > self.now}

    def got(self, chunk: Chunk) -> int:
        """Return how many slots a chunk got in this round."""
        release = self.releases.get((chunk.broadcast, chunk.id))
        return release.slots.count if release else 0

    def most_for(self, broadcast: Broadcast, chunk: Chunk, *, in_shares: bool) -> int:
        """Return how many more of a chunk's people may have a slot, by the broadcast's share of the frame."""
        waiting = chunk.remaining - self.got(chunk)
        if not in_shares or broadcast.share >= 1:
            return waiting
        allowed = math.ceil(broadcast.share * self.frame.capacity) - self.given[broadcast.id]
        return min(waiting, allowed)

    def slots_for(
        self, home: Home, broadcast: Broadcast, chunk: Chunk, people: int, *, not_before: float
    ) -> Slots | None:
        """Return a chunk's slots with more for some of its people, as many as its worker has time for."""
        clocks = self.clocks_of(broadcast)
        step = max(self.frame.step, clocks.gap_ms) if clocks else self.frame.step
        before = self.releases.get((chunk.broadcast, chunk.id))
        return self.frame.give(
            pacing.slots_for(people, step, home.settings.longest_send_ms),
            not_before=not_before,
            clocks=clocks,
            end_by=self.end_by(broadcast),
            besides=before.slots if before else None,
        )

    def end_by(self, broadcast: Broadcast) -> float:
        """Return when a chunk is cut: one that shares the sender ends with its frame, or little later."""
        if self.in_frames and turn_of(broadcast) > MOST_PRIORITY:
            return self.frame.until + OVERHANG * (self.frame.until - self.now)
        return math.inf

    def release(self, chunk: Chunk, slots: Slots) -> None:
        """Note the slots a chunk got, all together."""
        self.given[chunk.broadcast] += slots.count - self.got(chunk)
        self.releases[chunk.broadcast, chunk.id] = Release(chunk=chunk, slots=slots)

    def room(self, home: Home) -> int | None:
        """Return how many more people the portfolio's rolling 24 hours have room for; None means no limit."""
        if self.day is None:
            self.day = self._read_day(home)
        room = quota.room(self.day, self._tier(self.day), self.now)
        return None if room is None else max(0, room - self.given.total())

    def take_quota(self, home: Home) -> bool:
        """Take what the round gave of the portfolio's rolling 24 hours; False when others took it meanwhile.

        Counted under an unlimited tier too: the platform may lower it within the day.
        """
        day = self.day or self._read_day(home)
        for _ in range(MOST_TRIES):
            taken = quota.take(day, self.given.total(), self._tier(day), self.now)
            if taken is None:
                return False
            if home.ports.senders.put_quota(taken, expected_version=day.version or None):
                return True
            day = self._read_day(home)
        return False

    def _read_day(self, home: Home) -> Quota:
        portfolio = self.sender.portfolio
        return home.ports.senders.quota(portfolio) or Quota(portfolio=portfolio, version=0)

    def _tier(self, day: Quota) -> int | None:
        return quota.tier_now(day, self.sender.tier)
