"""Tolerance: how far a fresh plan is from the one that people agreed to, and whether that is too far."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.audience.instant import MINUTE_MS, Instant
from chalicelib.authoring.definition import Tolerance
from chalicelib.planning.plan import Plan

FRESH_MS = 15 * MINUTE_MS
"""So old a plan still says what planning now would; to plan a whole book takes minutes."""
Finding = tuple[str, dict[str, str]]


def is_fresh(plan: Plan, now: Instant) -> bool:
    """Say whether a plan is as good as one made now."""
    return now - plan.sealed_at <= FRESH_MS


def beyond(agreed: Plan, fresh: Plan, tolerance: Tolerance) -> Iterator[Finding]:
    """Yield, as code and parameters, by what a fresh plan of the same run is beyond what is tolerated.

    People are compared wave by wave: somebody who came does not hide somebody who left
    at another hour.
    """
    if tolerance.people is not None:
        moved = _moved(agreed, fresh)
        if moved > tolerance.people * agreed.planned:
            yield (
                "tolerance_people",
                {
                    "agreed": str(agreed.planned),
                    "now": str(fresh.planned),
                    "moved": str(moved),
                    "most": f"{tolerance.people:.1%}",
                },
            )
    if tolerance.finish_ms is not None:
        late = abs(_finish(fresh) - _finish(agreed))
        if late > tolerance.finish_ms:
            minutes = {"minutes": str(-(-late // MINUTE_MS)), "most": str(tolerance.finish_ms // MINUTE_MS)}
            yield "tolerance_finish", minutes


def _moved(agreed: Plan, fresh: Plan) -> int:
    """Return the people by whom the waves differ: those who came, or those who left if they are more."""
    waves = agreed.waves.keys() | fresh.waves.keys()
    change = [fresh.waves.get(wave, 0) - agreed.waves.get(wave, 0) for wave in waves]
    return max(sum(n for n in change if n > 0), -sum(n for n in change if n < 0))


def _finish(plan: Plan) -> Instant:
    """Return when the last message leaves; of a plan that begins with its launch, how long it takes."""
    if plan.last_send is None or plan.first_send is None:
        return 0
    return plan.last_send - plan.first_send if 0 in plan.waves else plan.last_send
