"""A restored home is held as a whole: it launches nothing until somebody releases it.

The home that was lost may have launched, in the gap, what this one has never
heard of. Only a person can know.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.audience.instant import Instant, to_iso
from chalicelib.errors import Problem, Refused
from chalicelib.log import log
from chalicelib.planning.plan import Plan
from chalicelib.ports import BACKED_UP_AT, RELEASED_AT, RESTORED, RESTORED_AT
from chalicelib.steps.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """The ends of a home's gap, and when somebody released it, None while it is held."""

    backed_up_at: Instant
    restored_at: Instant
    released_at: Instant | None = None


def restoring(home: Home) -> Restoring | None:
    """Return when this home was restored, None when it never was."""
    found = home.ports.counters.get(RESTORED)
    if not found:
        return None
    return Restoring(
        backed_up_at=found[BACKED_UP_AT],
        restored_at=found[RESTORED_AT],
        released_at=found.get(RELEASED_AT),
    )


def release(home: Home) -> Restoring:
    """Let a restored home launch again; releasing it twice changes nothing. Raises Refused."""
    found = restoring(home)
    if found is None:
        raise Refused(Problem(code="home_not_restored"))
    if found.released_at is not None:
        return found
    now = home.ports.clock.now()
    home.ports.counters.set(
        RESTORED, {BACKED_UP_AT: found.backed_up_at, RESTORED_AT: found.restored_at, RELEASED_AT: now}
    )
    log.info("home_released", extra={"backed_up_at": found.backed_up_at, "restored_at": found.restored_at})
    return replace(found, released_at=now)


def refusals(found: Restoring | None, plan: Plan | None) -> list[Problem]:
    """Return why a restored home may not start this plan: held, or started by the lost one maybe.

    With no plan yet: why it may start none.
    """
    if found is None:
        return []
    params = {"since": to_iso(found.backed_up_at), "until": to_iso(found.restored_at)}
    problems = []
    if found.released_at is None:
        problems.append(Problem(code="home_held", params=params))
    if plan is not None and plan.sealed_at < found.restored_at:
        problems.append(Problem(code="plan_stale_restored", params=params))
    return problems


def may_have_retried(home: Home, claimed_at: Instant) -> bool:
    """Say whether a call claimed then, whose failure is told now, may have been made again by a lost home."""
    found = restoring(home)
    return found is not None and claimed_at <= found.restored_at
