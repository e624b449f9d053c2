"""Guard: look at a running broadcast once a minute, and pause it when its author's conditions say so."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.audience.instant import Instant
from chalicelib.log import log
from chalicelib.sending.broadcast import Broadcast, BroadcastState
from chalicelib.sending.guarding import Sample, evidence, longest_window_ms, sampled
from chalicelib.steps.announcing import amend_broadcast
from chalicelib.steps.home import Home


def samples_key(broadcast: str) -> str:
    """Return under which subject the counters keep a broadcast's samples."""
    return f"{broadcast}/samples"


def forget_samples(home: Home, broadcast: Broadcast) -> None:
    """Begin anew: what was so before a human said "go on" does not stop it again."""
    counts = home.ports.counters.get(broadcast.id)
    _store(home, broadcast.id, sampled([], home.ports.clock.now(), counts, 0))


def guard(home: Home, broadcast: Broadcast) -> bool:
    """Pause the broadcast if a guard trips; says whether one did."""
    definition = home.definition(broadcast.campaign, broadcast.campaign_version)
    now = home.ports.clock.now()
    counts = home.ports.counters.get(broadcast.id)
    known = _samples(home, broadcast.id) or [Sample(at=broadcast.launched_at, counts={})]
    control = home.ports.senders.get(broadcast.sender)
    saw = evidence(
        definition.guards,
        now=now,
        counts=counts,
        samples=known,
        quality=control.quality if control else "",
        category=broadcast.category,
    )
    kept = sampled(known, now, counts, longest_window_ms(definition.guards))
    if kept != known:
        _store(home, broadcast.id, kept)
    return saw is not None and pause(home, broadcast, saw, now)


def pause(home: Home, broadcast: Broadcast, saw: str, now: Instant) -> bool:
    """Pause a running broadcast with what was seen, for a person to resume; says whether it is paused."""

    def paused(current: Broadcast | None) -> Broadcast | None:
        if current is None or current.state is not BroadcastState.RUNNING:
            return None
        return replace(current, state=BroadcastState.PAUSED, paused_because=saw, paused_at=now)

    after = amend_broadcast(home, broadcast.id, paused)
    log.warning("broadcast_guarded", extra={"broadcast": broadcast.id, "evidence": saw})
    return after is not None and after.state is BroadcastState.PAUSED


def _samples(home: Home, broadcast: str) -> list[Sample]:
    """Return what was stored as "INSTANT:NAME" counters, oldest first."""
    counts_by_instant: dict[int, dict[str, int]] = {}
    for place, number in home.ports.counters.get(samples_key(broadcast)).items():
        at, _, name = place.partition(":")
        counts_by_instant.setdefault(int(at), {})[name] = number
    return [Sample(at=at, counts=counts) for at, counts in sorted(counts_by_instant.items())]


def _store(home: Home, broadcast: str, samples: list[Sample]) -> None:
    flat = {f"{s.at}:{name}": number for s in samples for name, number in s.counts.items()}
    home.ports.counters.set(samples_key(broadcast), flat)
