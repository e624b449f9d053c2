"""The pace of one sender, its punctuality and its pause: `python -m bench pacing`.

Real processes: `carillon up` on a fresh embedded home and the platform
simulator, which posts every receipt back, over HTTP on this machine. A campaign
is planned for the next whole minute and launched before it; the platform's log
says when each call arrived. Then another is launched and paused by the API. And
three campaigns of one sender are launched together, and one of them is paused
and resumed while they share it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench._figures import Figure
from bench._stage import Call, Crowd, Stage, next_minute, seconds_of, staged

RUNS = 1
"""A run is minutes, and tens of thousands of calls already."""
LEAST_PERCENT = 95.0
MOST_LATE_SECONDS = 2.0
LATEST_SHARE = 1.05
LEAD_SECONDS = 12
"""Between planning and the minute: several times what planning and launching take."""
PAUSE_SECONDS = 3.0
"""From the launch to the order, and from the order until it is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A sender's limit a second, how many people are sent to, and how many more for the pause."""

    rate: int
    people: int
    paused: int


SIZES = (Size(rate=80, people=4_800, paused=1_200), Size(rate=1_000, people=20_000, paused=12_000))
FEW = (Size(rate=80, people=40, paused=400),)
SHARING = ("first", "second", "third")


def measure(quick: bool) -> list[Figure]:
    """Return pace, punctuality and pause at each limit."""
    figures: list[Figure] = []
    for size in FEW if quick else SIZES:
        with tempfile.TemporaryDirectory() as directory:
            figures += measured(Path(directory), size, punctual=not quick)
        with tempfile.TemporaryDirectory() as directory:
            figures += shared(Path(directory), size)
    return figures


def measured(home: Path, size: Size, *, punctual: bool) -> list[Figure]:
    """Return the figures of one limit. Where not `punctual`, the campaign starts at once."""
    crowds = (Crowd(tag="steady", count=size.people), Crowd(tag="paused", count=size.paused))
    with staged(home, rates={"boutique": size.rate}, crowds=crowds) as stage:
        plan = stage.planned("steady", next_minute(LEAD_SECONDS) if punctual else None)
        broadcast = stage.launched(plan)
        launched_ms = time.time() * 1_000
        stage.completed(broadcast)
        due_ms = plan.at.timestamp() * 1_000 if plan.at else launched_ms
        calls = stage.calls()
        accepted = [call for call in calls if call.broadcast == broadcast]
        sent = [call.at_ms for call in accepted]
        assert len({call.person for call in accepted}) == len(sent) == size.people
        figures = [*paced(size, calls, sent, stage.stalled_ms()), *kept_time(size, sent, due_ms)]
        stage.quiet()
        return figures + pause(stage, size, PAUSE_SECONDS if punctual else PAUSE_SECONDS / 2)


def shared(home: Path, size: Size) -> list[Figure]:
    """Return the pace of one sender that three campaigns share, the second with a pause in its middle."""
    each = size.people // len(SHARING)
    crowds = [Crowd(tag=tag, count=each) for tag in SHARING]
    with staged(home, rates={"boutique": size.rate}, crowds=crowds) as stage:
        plans = [stage.planned(tag) for tag in SHARING]
        broadcasts = [stage.launched(plan) for plan in plans]
        time.sleep(0.2 * size.people / size.rate)
        stage.ask("POST", "broadcasts", broadcasts[1], "pause")
        time.sleep(0.2 * size.people / size.rate)
        stage.ask("POST", "broadcasts", broadcasts[1], "resume")
        for broadcast in broadcasts:
            stage.completed(broadcast)
        calls = stage.calls()
        accepted = [call for call in calls if call.accepted]
        assert len({(call.broadcast, call.person) for call in accepted}) == len(accepted) == 3 * each
        figures = paced(size, calls, [call.at_ms for call in accepted], stage.stalled_ms())
    return [
        replace(figure, what=f"three campaigns, one paused and resumed: {figure.what}") for figure in figures
    ]


def paced(size: Size, calls: Sequence[Call], sent: Sequence[float], stalled_ms: float) -> list[Figure]:
    """Return how much of the limit was used, and how often it was passed; refused calls count for that."""
    per_second = (len(sent) - 1) / (sent[-1] - sent[0]) * 1_000
    seconds = seconds_of([call.at_ms for call in calls], size.rate)
    refused = sum(not call.accepted for call in calls)
    return [
        Figure(
            row="pacing",
            what=f"of a limit of {size.rate:,}/s, sustained",
            value=100 * per_second / size.rate,
            unit="%",
            at_least=LEAST_PERCENT,
            how=f"{per_second:,.1f}/s over {len(sent):,} messages",
        ),
        Figure(
            row="pacing",
            what=f"sliding seconds above {size.rate:,} calls",
            value=seconds.above,
            unit="",
            at_most=0,
            how=f"most in one: {seconds.busiest:,}; refused by the platform: {refused:,}, "
            f"whose process stood still for at most {stalled_ms:,.0f} ms",
        ),
    ]


def kept_time(size: Size, sent: Sequence[float], due_ms: float) -> list[Figure]:
    """Return when the first and the last message arrived, from the instant at which they were due."""
    first, last = (sent[0] - due_ms) / 1_000, (sent[-1] - due_ms) / 1_000
    ideal = size.people / size.rate
    return [
        Figure(
            row="punctuality",
            what=f"first message after its minute, at {size.rate:,}/s",
            value=first,
            unit="s",
            at_most=MOST_LATE_SECONDS,
        ),
        Figure(
            row="punctuality",
            what=f"last of {size.people:,} messages after it, at {size.rate:,}/s",
            value=last,
            unit="s",
            at_most=LATEST_SHARE * ideal,
            how=f"audience ÷ rate is {ideal:.1f} s",
        ),
    ]


def pause(stage: Stage, size: Size, seconds: float) -> list[Figure]:
    """Return how long after the order to pause the last message arrived."""
    broadcast = stage.launched(stage.planned("paused"))
    time.sleep(seconds)
    ordered_ms = time.time() * 1_000
    answer = stage.ask("POST", "broadcasts", broadcast, "pause")
    answered_ms = time.time() * 1_000
    time.sleep(seconds)
    calls = [call for call in stage.calls() if call.broadcast == broadcast]
    sent = [call.at_ms for call in calls]
    after = {call.person for call in calls if call.at_ms > answered_ms}
    named = set(answer["already_handed_over"])
    assert 0 < len(sent) < size.paused, f"{len(sent)} of {size.paused} were sent to: nothing was paused"
    stage.ask("POST", "broadcasts", broadcast, "cancel")
    return [
        Figure(
            row="pause",
            what=f"last message after the order, at {size.rate:,}/s",
            value=max(0.0, sent[-1] - ordered_ms) / 1_000,
            unit="s",
            at_most=MOST_LATE_SECONDS,
            how=f"answered after {(answered_ms - ordered_ms) / 1_000:.2f} s, naming {len(named):,} people",
        ),
        Figure(
            row="pause",
            what=f"people sent to after the answer whom it had not named, at {size.rate:,}/s",
            value=len(after - named),
            unit="",
            at_most=0,
            how=f"sent to after the answer: {len(after):,}",
        ),
    ]
