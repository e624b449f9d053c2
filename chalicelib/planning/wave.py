"""Waves and the plan's age: what a launch must look at before the first wave may go."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.audience.instant import HOUR_MS, Instant, to_iso
from chalicelib.planning.plan import Plan, Versions

KEEPS_MS = 72 * HOUR_MS
"""A sealed plan older than this is stale: the audience has moved on."""

_CODE_BY_VERSION = {
    "tzdata": "plan_stale_tzdata",
    "countries": "plan_stale_countries",
    "policy": "plan_stale_policy",
    "templates": "plan_stale_template",
    "media": "plan_stale_media",
    "sender": "plan_stale_sender",
}

Refusal = tuple[str, Mapping[str, str]]
"""A problem's code and its params."""


def staleness(plan: Plan, *, latest_version: int, versions_now: Versions, now: Instant) -> list[Refusal]:
    """Return every reason why this plan must be made anew, none when it may be launched.

    Contacts that changed are no reason: at the wire they can only be excluded.
    """
    reasons: list[Refusal] = []
    if latest_version != plan.version:
        params = {"campaign": plan.campaign, "planned": str(plan.version), "latest": str(latest_version)}
        reasons.append(("plan_stale_definition", params))
    if now - plan.sealed_at > KEEPS_MS:
        reasons.append(
            ("plan_stale_age", {"sealed": to_iso(plan.sealed_at), "hours": str(KEEPS_MS // HOUR_MS)})
        )
    for name, code in _CODE_BY_VERSION.items():
        was, current = getattr(plan.versions, name), getattr(versions_now, name)
        if was != current:
            reasons.append((code, {"was": was, "now": current}))
    if plan.last_safe_launch is not None and now >= plan.last_safe_launch:
        reasons.append(("plan_past_safe_launch", {"last": to_iso(plan.last_safe_launch)}))
    return reasons
