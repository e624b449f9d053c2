"""Launch, schedule, dispatch: a sealed plan becomes a running broadcast, once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from chalicelib.audience.instant import Instant
from chalicelib.authoring.definition import Definition
from chalicelib.errors import NotFound, Problem, Refused
from chalicelib.log import unit
from chalicelib.planning.plan import ChunkRange, Plan, Planning, PlanState
from chalicelib.planning.wave import staleness
from chalicelib.ports import MOST_ITEMS
from chalicelib.sending.broadcast import Broadcast, BroadcastState, Chunk, entry_of
from chalicelib.steps import approvals, drift, handoff, holding, messages, tolerance
from chalicelib.steps.announcing import amend_broadcast
from chalicelib.steps.enrolling import enrol
from chalicelib.steps.home import Home
from chalicelib.steps.media import keep_files
from chalicelib.steps.plan import chunk_ranges, media_version, versions_now
from chalicelib.steps.template_check import agreed_words, launch_refusals, may_dispatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """Which broadcast a hash started, and whether it had been started before."""

    broadcast: Broadcast
    already: bool


def launch(home: Home, plan_hash: str) -> Launched:
    """Start the plan's broadcast, or return the one it started before.

    The broadcast's key is the campaign's run, so two launches at once, of one
    hash or of two, start one broadcast. Raises NotFound, or Refused with every reason.
    """
    home.look_again()
    planning, plan = sealed_plan(home, plan_hash)
    existing = home.ports.broadcasts.get(broadcast_id(plan))
    if existing is None:
        problems = refusals(home, plan) + approvals.refusals(home, planning, plan)
        problems += tolerance.refusals(home, planning, plan)
        if problems:
            raise Refused(*problems)
        wanted = broadcast_of(home, planning, plan)
        if media_version(wanted.media) != plan.versions.media:  # changed while it was being launched
            raise Refused(Problem(code="plan_stale_media"))
        if home.ports.broadcasts.put(wanted, expected_version=None):
            home.ports.queues.send(messages.LAUNCH, [messages.encode(broadcast=wanted.id)])
            return Launched(broadcast=wanted, already=False)
        existing = home.ports.broadcasts.get(wanted.id)
    if existing is None or existing.plan_hash != plan.hash:
        raise Refused(
            Problem(code="run_already_launched", params={"campaign": plan.campaign, "run": str(plan.run)})
        )
    if existing.state is BroadcastState.LAUNCHING:  # its message may have been lost with the process
        home.ports.queues.send(messages.LAUNCH, [messages.encode(broadcast=existing.id)])
    return Launched(broadcast=existing, already=True)


def sealed_plan(home: Home, plan_hash: str) -> tuple[Planning, Plan]:
    """Return the plan sealed under `plan_hash`, or raise what is wrong with asking for it."""
    plan_id = home.ports.plans.by_hash(plan_hash)
    planning = home.ports.plans.get(plan_id) if plan_id else None
    if planning is None:
        raise NotFound(Problem(code="plan_unknown", params={"hash": plan_hash}))
    if planning.plan is None or planning.state is not PlanState.SEALED:
        raise Refused(Problem(code="plan_not_sealed", params={"hash": plan_hash}))
    return planning, planning.plan


def refusals(home: Home, plan: Plan) -> list[Problem]:
    """Return every reason why this plan may not start now, each with what to do."""
    definition = home.definition(plan.campaign, plan.version)
    latest = home.ports.campaigns.latest(plan.campaign)
    problems = holding.refusals(holding.restoring(home), plan)
    problems += [
        Problem(code=code, params=params)
        for code, params in staleness(
            plan,
            latest_version=latest.number if latest else plan.version,
            versions_now=versions_now(home, definition),
            now=home.ports.clock.now(),
        )
    ]
    return problems + unsendable(home, definition, agreed_words(plan))


def unsendable(home: Home, definition: Definition, agreed: Mapping[str, str]) -> list[Problem]:
    """Return why a message of this definition could not leave now; `agreed` as in `Plan.components`."""
    problems = launch_refusals(home, definition, agreed)
    if not home.ports.secrets.get("WHATSAPP_TOKEN"):
        problems.append(Problem(code="sender_without_token", params={"sender": definition.sender}))
    return problems + handoff.refusals(home, definition)


def broadcast_id(plan: Plan) -> str:
    """Return "CAMPAIGN.n": the run's name in a form that is safe in an address."""
    return f"{plan.campaign}.{plan.run}"


def broadcast_of(home: Home, planning: Planning, plan: Plan) -> Broadcast:
    """Return the broadcast this plan starts now. Instant 0 of `send_at: now` becomes now."""
    definition = home.definition(plan.campaign, plan.version)
    now = home.ports.clock.now()
    waves: dict[Instant, int] = {}
    for instant, people in plan.waves.items():
        waves[instant or now] = waves.get(instant or now, 0) + people
    return Broadcast(
        id=broadcast_id(plan),
        campaign=plan.campaign,
        run=plan.run,
        campaign_version=plan.version,
        plan_hash=plan.hash,
        plan_id=planning.id,
        sender=definition.sender,
        category=definition.category.value,
        state=BroadcastState.LAUNCHING,
        launched_at=now,
        audience=plan.audience,
        planned=plan.planned,
        excluded=plan.excluded,
        waves=waves,
        window_ms=definition.window_ms,
        expires_ms=definition.expires_ms,
        max_per_second=definition.max_per_second,
        priority=definition.priority,
        share=definition.share,
        media=keep_files(home, definition),
        languages=tuple(sorted(plan.languages)),
    )


def open_broadcast(home: Home, broadcast_id: str) -> None:
    """Write the chunks, create one schedule per wave, then let it run. Safe to repeat at any point."""
    broadcast = home.ports.broadcasts.get(broadcast_id)
    if broadcast is None or broadcast.state is not BroadcastState.LAUNCHING:
        return
    with unit("broadcast_opened", home.ports.clock.now, broadcast=broadcast.id) as line:
        chunks = _open(home, broadcast)
        line.add(audience=broadcast.audience, planned=broadcast.planned)
        line.add(waves=len(broadcast.waves), chunks=chunks)


def _open(home: Home, broadcast: Broadcast) -> int:
    """Write chunks and schedules, and let it run; returns how many chunks it has."""
    planning = home.ports.plans.get(broadcast.plan_id)
    if planning is None or planning.plan is None:
        raise NotFound(Problem(code="plan_unknown", params={"hash": broadcast.plan_hash}))
    stored = home.ports.objects.get(planning.plan.chunks)
    if stored is None:
        raise NotFound(Problem(code="plan_unknown", params={"hash": broadcast.plan_hash}))
    chunks = 0
    for some in batched(home_chunks(broadcast, chunk_ranges(stored))):
        home.ports.chunks.add_all(some)
        chunks += len(some)
    for wave in broadcast.waves:
        schedule_wave(home, broadcast, wave)
    if home.definition(broadcast.campaign, broadcast.campaign_version).re_permission:
        enrol(home, planning)

    def running(current: Broadcast | None) -> Broadcast | None:
        if current is None or current.state is not BroadcastState.LAUNCHING:
            return None
        held = current.held_from is not None
        return replace(current, state=BroadcastState.PAUSED if held else BroadcastState.RUNNING)

    amend_broadcast(home, broadcast.id, running)
    return chunks


def home_chunks(broadcast: Broadcast, ranges: Iterable[tuple[str, ChunkRange]]) -> Iterator[Chunk]:
    """Yield the broadcast's chunks, named by their place in the plan."""
    for chunk_id, place in ranges:
        wave = place.wave or broadcast.launched_at
        yield Chunk(
            broadcast=broadcast.id,
            id=chunk_id,
            wave=wave,
            people=place.people,
            remaining=place.people,
            part=place.part,
            start=place.start,
            end=place.end,
            window_until=wave + broadcast.window_ms,
        )


def batched(chunks: Iterator[Chunk]) -> Iterator[list[Chunk]]:
    """Yield lists of at most MOST_ITEMS."""
    while some := list(islice(chunks, MOST_ITEMS)):
        yield some


def schedule_name(broadcast_id: str, wave: Instant) -> str:
    """Return the schedule's name, which is its idempotency key: at most 64 characters."""
    return "wave-" + hashlib.sha256(f"{broadcast_id}|{wave}".encode()).hexdigest()[:40]


def schedule_wave(home: Home, broadcast: Broadcast, wave: Instant) -> None:
    """Have the wave dispatched a little before its instant; at once when that is past."""
    payload = messages.encode(broadcast=broadcast.id, wave=wave)
    at = wave - home.settings.schedule_lead_ms
    if at <= home.ports.clock.now():
        home.ports.queues.send(messages.DISPATCH, [payload])
    else:
        home.ports.schedules.create(schedule_name(broadcast.id, wave), at, payload)


def dispatch(home: Home, broadcast_id: str, wave: Instant) -> None:
    """Put a due wave on its sender's timeline. Repeating it changes nothing.

    The timeline entry is written before the wave is marked dispatched, so that
    a crash between the two leaves a wave that is dispatched again, never one
    that is marked and absent. A wave whose template is no longer what was planned,
    or whose people would have their hour elsewhere by newer zone data, pauses its
    broadcast first.
    """
    broadcast = home.ports.broadcasts.get(broadcast_id)
    if broadcast is None or wave not in broadcast.waves or wave in broadcast.dispatched:
        return
    if broadcast.state in (BroadcastState.CANCELLED, BroadcastState.COMPLETED):
        return
    now = home.ports.clock.now
    with unit("wave_dispatched", now, broadcast=broadcast.id, wave=wave) as line:
        if not (may_dispatch(home, broadcast) and drift.may_dispatch(home, broadcast, wave)):
            line.add(outcome="held")
            return
        home.ports.timelines.add(entry_of(broadcast, wave))

        def marked(current: Broadcast | None) -> Broadcast | None:
            if current is None:
                return None
            return replace(current, dispatched=current.dispatched | {wave})

        amend_broadcast(home, broadcast_id, marked)
        line.add(people=broadcast.waves[wave], late_ms=max(0, now() - wave))
