"""Guarding: whether a running broadcast must be paused, from its counters now and before.

Rates are differences between two looks at the same counters, so nothing has to
be counted a second time while messages leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.audience.instant import MINUTE_MS, Instant
from chalicelib.authoring.definition import Guard, Watched

LEAST_OUTCOMES = 50
"""With fewer calls in the window, a share says nothing yet."""
MOST_SAMPLES = 60
COUNTER_BY_COUNTED = {"failed": "failed", "opt_out": "opt_outs", "uncertain": "uncertain"}
KEPT = ("accepted", "failed", "uncertain", "opt_outs")
SAME_BILL = {"marketing_lite": "marketing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The counters of a broadcast at one instant."""

    at: Instant
    counts: Mapping[str, int]


def sampled(
    samples: Sequence[Sample], now: Instant, counts: Mapping[str, int], longest_ms: int
) -> list[Sample]:
    """Return the samples to keep, oldest first, with one of now when the last is old enough.

    Of a window of `longest_ms` about MOST_SAMPLES are kept, and one from before it.
    """
    step = max(MINUTE_MS, longest_ms // MOST_SAMPLES)
    kept = list(samples)
    if not kept or now - kept[-1].at >= step:
        kept.append(Sample(at=now, counts={name: counts.get(name, 0) for name in KEPT}))
    while len(kept) > 1 and kept[1].at <= now - longest_ms:
        del kept[0]
    return kept


def longest_window_ms(guards: Iterable[Guard]) -> int:
    """Return the longest window that any guard looks back over."""
    return max((guard.window_ms for guard in guards), default=0)


def evidence(
    guards: Iterable[Guard],
    *,
    now: Instant,
    counts: Mapping[str, int],
    samples: Sequence[Sample],
    quality: str,
    category: str,
) -> str | None:
    """Return the first guard that trips, with what it saw; None when all is well.

    The template's status is not looked at here: a template that is stopped holds
    its broadcasts by itself, and lets them go on by itself.
    """
    for guard in guards:
        saw = None
        if guard.watched is Watched.QUALITY and quality == guard.value:
            saw = f"the sender's quality is {quality}"
        elif guard.watched is Watched.BILLED:
            saw = _billed(counts, category)
        elif guard.watched is Watched.RATE:
            saw = _rate(guard, now, counts, samples)
        if saw is not None:
            return f"{guard.text}: {saw}"
    return None


def _billed(counts: Mapping[str, int], category: str) -> str | None:
    """Return what was billed as something else than the campaign's category."""
    for name, people in sorted(counts.items()):
        billed = name.removeprefix("billed_")
        if billed != name and people > 0 and SAME_BILL.get(billed, billed) not in (category, "service"):
            return f"{people} billed as {billed}"
    return None


def _rate(guard: Guard, now: Instant, counts: Mapping[str, int], samples: Sequence[Sample]) -> str | None:
    before = [s for s in samples if s.at <= now - guard.window_ms] or list(samples[:1])
    if not before:
        return None
    base = before[-1].counts
    grown = {name: counts.get(name, 0) - base.get(name, 0) for name in KEPT}
    number = grown[COUNTER_BY_COUNTED[guard.counted]]
    of = grown["accepted"] + grown["failed"] + grown["uncertain"]
    if of < LEAST_OUTCOMES or number <= guard.most * of:
        return None
    return f"{number} of {of} ({100 * number / of:.1f} %)"
