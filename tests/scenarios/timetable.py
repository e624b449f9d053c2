"""A pacer on its own: the real step and stores, and workers that do nothing but take their time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from chalicelib.sending.broadcast import Broadcast, BroadcastState, Chunk, ChunkState, entry_of
from chalicelib.sending.pacing import rate_and_lanes, throttled_clocks
from chalicelib.settings import Settings
from chalicelib.steps.pace import pace
from chalicelib.steps.people import put_down
from tests.scenarios.world import World

PEOPLE_OF_A_CHUNK = 100


class Timetable:
    """Broadcasts of so many people on one sender, and the instants at which they were sent (milliseconds)."""

    def __init__(self, world: World, settings: Settings) -> None:
        self.world = world
        self.home = replace(world.home, settings=settings)
        sender = self.home.sender("boutique")
        self.rate, self._lanes = rate_and_lanes(
            sender.max_per_second,
            sender.inbound_reserve,
            1.0,
            settings.lateness_ms / 1_000,
            settings.worker_rate,
        )
        self.sent: dict[str, list[float]] = defaultdict(list)
        self._busy: list[Chunk] = []

    def rate_at(self, most: float) -> float:
        """Return what a campaign throttled to `most` a second is given out."""
        gap, clocks = throttled_clocks(most, self.rate, self._lanes, self.home.settings.lateness_ms / 1_000)
        return 1_000 * clocks / gap

    def launch(self, broadcast: Broadcast, people: int) -> str:
        """Store a broadcast whose one wave is due now."""
        ports, now = self.world.ports, self.world.clock.now()
        ports.broadcasts.put(broadcast, expected_version=None)
        ports.chunks.add_all(
            [
                Chunk(
                    broadcast=broadcast.id,
                    id=f"000-{first:05}",
                    wave=now,
                    people=min(PEOPLE_OF_A_CHUNK, people - first),
                    remaining=min(PEOPLE_OF_A_CHUNK, people - first),
                    window_until=now + 86_400_000,
                )
                for first in range(0, people, PEOPLE_OF_A_CHUNK)
            ]
        )
        ports.timelines.add(entry_of(broadcast, now))
        return broadcast.id

    def run(self, seconds: int) -> None:
        """Let the pacer go round every second."""
        home, ports, clock = self.home, self.world.ports, self.world.clock
        for _ in range(seconds):
            pace(home, "boutique")
            for broadcast in list(self._broadcasts()):
                for chunk in ports.chunks.in_flight(broadcast):
                    if chunk.state is ChunkState.RELEASED and chunk not in self._busy:
                        self._busy.append(chunk)
                        self.sent[chunk.broadcast].extend(chunk.slot_instants())
            clock.advance(1_000)
            for chunk in [c for c in self._busy if c.slot_instants()[-1] < clock.now()]:
                self._busy.remove(chunk)
                assert put_down(home, chunk, chunk.remaining - chunk.slots)

    def _broadcasts(self) -> set[str]:
        return {entry.broadcast for entry in self.world.ports.timelines.page("boutique")}


def running(name: str, *, utility: bool = False, share: float = 1.0, most: float | None = None) -> Broadcast:
    """Return a broadcast that may send."""
    return Broadcast(
        id=f"{name}.1",
        campaign=name,
        run=1,
        campaign_version=1,
        plan_hash="",
        plan_id="",
        sender="boutique",
        category="utility" if utility else "marketing",
        state=BroadcastState.RUNNING,
        held_from=None,
        unknown_until=None,
        launched_at=0,
        audience=0,
        planned=0,
        excluded={},
        waves={},
        window_ms=86_400_000,
        expires_ms=86_400_000,
        max_per_second=most,
        share=share,
    )
