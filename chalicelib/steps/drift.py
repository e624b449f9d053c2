"""Drift: before each wave the zone data are compared with the plan's; who would move stops the wave."""

from __future__ import annotations

from chalicelib.audience.instant import Instant
from chalicelib.errors import Problem
from chalicelib.log import log
from chalicelib.planning.drift import evidence, facts, moved_clocks
from chalicelib.planning.plan import Plan
from chalicelib.sending.broadcast import Broadcast, BroadcastState
from chalicelib.steps.guarding import pause
from chalicelib.steps.home import Home

CODE = "plan_stale_zones"


def _plan_of(home: Home, broadcast: Broadcast) -> Plan | None:
    """Return the plan where the zone data are others than it was made with."""
    planning = home.ports.plans.get(broadcast.plan_id)
    plan = planning.plan if planning is not None else None
    return plan if plan is not None and plan.versions.tzdata != home.zones.version else None


def may_dispatch(home: Home, broadcast: Broadcast, wave: Instant) -> bool:
    """Compare, and pause the broadcast where somebody of the wave would move.

    False when it is still launching and cannot be paused: its wave comes again.
    """
    plan = _plan_of(home, broadcast)
    if plan is None:
        return True
    definition = home.definition(broadcast.campaign, broadcast.campaign_version)
    clocks = moved_clocks(plan, definition, wave, home.zones)
    seen = {"broadcast": broadcast.id, "wave": wave, "was": plan.versions.tzdata, "now": home.zones.version}
    log.info("zone_data_changed", extra={**seen, "moved": list(clocks)})
    if not clocks:
        return True
    if broadcast.state is BroadcastState.RUNNING:
        why = evidence(plan.versions.tzdata, home.zones, clocks)
        pause(home, broadcast, why, home.ports.clock.now())
    return broadcast.state is not BroadcastState.LAUNCHING


def resume_refusals(home: Home, broadcast: Broadcast) -> list[Problem]:
    """Return why a paused broadcast may not go on: somebody who still waits for a slot would move."""
    plan = _plan_of(home, broadcast)
    if plan is None:
        return []
    definition = home.definition(broadcast.campaign, broadcast.campaign_version)
    waiting = (w for w in sorted(broadcast.dispatched) if home.ports.chunks.ready(broadcast.id, w))
    clocks = {clock for wave in waiting for clock in moved_clocks(plan, definition, wave, home.zones)}
    if not clocks:
        return []
    return [Problem(code=CODE, params=facts(plan.versions.tzdata, home.zones, sorted(clocks)))]
