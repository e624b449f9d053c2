"""Tolerance: a launch is compared with a fresh plan, where the campaign or the company asks for that."""

from __future__ import annotations

from chalicelib.errors import Problem
from chalicelib.planning.plan import Plan, Planning
from chalicelib.planning.tolerance import FRESH_MS, beyond, is_fresh
from chalicelib.steps.home import Home


def freshest_key(campaign: str) -> str:
    """Return under which key the id of a campaign's latest sealed plan is kept."""
    return f"freshest/{campaign}"


def note_sealed(home: Home, planning: Planning) -> None:
    """Remember a plan that was just sealed as its campaign's latest, where launches are compared with it."""
    if _is_asked(home, planning):
        home.ports.objects.put(freshest_key(planning.campaign), planning.id.encode())


def refusals(home: Home, planning: Planning, plan: Plan) -> list[Problem]:
    """Return why a plan that was agreed to is too far from what planning now gives, or was not compared."""
    rule = home.rules().policy.approval_for(home.definition(planning.campaign, planning.campaign_version))
    now = home.ports.clock.now()
    if rule.tolerance is None or is_fresh(plan, now):
        return []
    fresh = _freshest(home, planning)
    if fresh is None or not is_fresh(fresh, now):
        params = {"campaign": plan.campaign, "minutes": str(FRESH_MS // 60_000)}
        return [Problem(code="tolerance_not_compared", params=params)]
    return [Problem(code=code, params=params) for code, params in beyond(plan, fresh, rule.tolerance)]


def _is_asked(home: Home, planning: Planning) -> bool:
    definition = home.definition(planning.campaign, planning.campaign_version)
    return home.rules().policy.approval_for(definition).tolerance is not None


def _freshest(home: Home, planning: Planning) -> Plan | None:
    """Return the latest sealed plan of the same run and definition."""
    stored = home.ports.objects.get(freshest_key(planning.campaign))
    found = home.ports.plans.get(stored.decode()) if stored else None
    if found is None or (found.run, found.campaign_version) != (planning.run, planning.campaign_version):
        return None
    return found.plan
