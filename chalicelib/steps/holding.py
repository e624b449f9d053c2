"""A restored home is held as a whole: it launches nothing until somebody releases it.

The home that was lost may have launched, in the gap, what this one has never
heard of. Only a person can know.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.audience.instant import Instant, to_iso
from chalicelib.errors import InvalidRequest, Problem, Refused
from chalicelib.log import log
from chalicelib.planning.plan import Plan
from chalicelib.ports import BACKED_UP_AT, RELEASED_AT, RESTORED, RESTORED_AT
from chalicelib.sending.broadcast import Broadcast
from chalicelib.sending.gap import gap_of, held
from chalicelib.steps.amending import amend
from chalicelib.steps.home import Home
from chalicelib.steps.pages import open_broadcasts


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


def hold(home: Home, backed_up_at: Instant) -> tuple[Restoring, tuple[Broadcast, ...]]:
    """Hold a home whose tables are those of an earlier instant; returns the gap, and what is held for it.

    First the mark, by which nothing new is launched, then every broadcast that has
    not ended: safe to repeat after a crash. Raises InvalidRequest for an instant to come.
    """
    now = home.ports.clock.now()
    if backed_up_at > now:
        raise InvalidRequest(Problem(code="held_from_the_future", path="since", params={"now": to_iso(now)}))
    home.ports.counters.set(RESTORED, {BACKED_UP_AT: backed_up_at, RESTORED_AT: now})
    found = [_held(home, broadcast, backed_up_at, now) for broadcast in open_broadcasts(home)]
    waiting = tuple(broadcast for broadcast in found if broadcast is not None and gap_of(broadcast))
    log.warning(
        "home_held", extra={"backed_up_at": backed_up_at, "restored_at": now, "broadcasts": len(waiting)}
    )
    return Restoring(backed_up_at=backed_up_at, restored_at=now), waiting


def _held(home: Home, broadcast: Broadcast, backed_up_at: Instant, now: Instant) -> Broadcast | None:
    return amend(
        lambda: home.ports.broadcasts.get(broadcast.id),
        home.ports.broadcasts.put,
        lambda current: current and held(current, backed_up_at, now),
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
