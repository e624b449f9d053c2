"""The answers about broadcasts at work and ended: their state, stops, reports, and one person's story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.audience.instant import Instant, to_iso
from chalicelib.pipeline import Pipeline
from chalicelib.planning.drift import told
from chalicelib.sending.broadcast import ENDED, Broadcast
from chalicelib.sending.gap import gap_of
from chalicelib.sending.pacing import effective_rate, limit_now
from chalicelib.sending.stops import Stop
from chalicelib.steps.control import Ordered
from chalicelib.steps.stops import Stopped, holding
from chalicelib.steps.template_check import why_stopped
from chalicelib.steps.watchdog import why_idle
from chalicelib.tracking.explanation import Explanation, worded_as
from chalicelib.tracking.report import Report
from chalicelib.tracking.verification import MOST_FAULTS, Verification
from chalicelib.web.shapes import instant, waves, worded
from chalicelib.wording import say

HAPPENED = frozenset(["claimed", "accepted", "sent", "delivered", "read", "failed", "replied", "opted out"])
"""Events of the message itself; an explanation has the person's consents and other messages too."""

IDLE_CODES = {
    name: f"idle.{name}" for name in ("launching", "paused", "cancelling", "scheduled", "finishing", "tier")
}
"""Reasons for being idle that have a sentence of their own; trouble of the home is a problem's code."""


def ordered(done: Ordered, language: str) -> dict[str, Any]:
    """Return a broadcast's state after an order, and what a restored home cannot know of it."""
    answer: dict[str, Any] = {
        "broadcast": done.broadcast.id,
        "state": done.broadcast.state.value,
        "already_handed_over": list(done.already_handed_over),
        "warnings": [],
    }
    if done.gap is not None:
        since, until = map(to_iso, done.gap)
        people = {"waiting": done.waiting, "uncertain": done.uncertain}
        answer["restored"] = {"backed_up_at": since, "unknown_until": until, **people}
        params = {"since": since, "until": until, **{name: str(n) for name, n in people.items()}}
        answer["warnings"].append(worded("restored_gap", params, language))
    return answer


def broadcasts(pipeline: Pipeline, *, after: str | None) -> dict[str, Any]:
    """Return a page of broadcasts, newest first."""
    page = pipeline.home.ports.broadcasts.page(after=after)
    return {"broadcasts": [_head(b) for b in page.items], "next": page.next}


def _head(value: Broadcast) -> dict[str, Any]:
    return {
        "broadcast": value.id,
        "campaign": value.campaign,
        "run": value.run,
        "state": value.state.value,
        "sender": value.sender,
        "launched_at": instant(value.launched_at),
        "ended_at": instant(value.ended_at),
        "audience": value.audience,
        "planned": value.planned,
        "paused_because": value.paused_because,
        "paused_at": instant(value.paused_at),
        "held": held(value),
    }


def held(value: Broadcast) -> dict[str, Any] | None:
    """Return the gap that a restored home holds a broadcast for, None for any other."""
    gap = gap_of(value)
    return gap and {"backed_up_at": to_iso(gap[0]), "unknown_until": to_iso(gap[1])}


def stop(value: Stop, language: str) -> dict[str, Any]:
    """Return a stop, with why it is and what lets it go on in words."""
    why = say(f"stop.{value.cause}", {}, language) if value.cause else ""
    params = {
        "of": value.of,
        "why": why,
        "cause": value.cause,
        "since": to_iso(value.since),
        "stop": value.id,
    }
    if value.by_platform:
        how = "stop_until_approved"
    elif value.until is not None:
        how, params["until"] = "stop_until", to_iso(value.until)
    else:
        how = "stop_until_resumed"
    what = "unapproved" if value.by_platform else value.scope.value
    texts = [say(f"stopped.{what}", params, language), say(how, params, language)]
    return {
        "stop": value.id,
        "scope": value.scope.value,
        "of": value.of,
        "cause": value.cause,
        "since": instant(value.since),
        "until": instant(value.until),
        "text": "; ".join(texts),
    }


def stops(found: Sequence[Stopped], language: str) -> dict[str, Any]:
    """Return every stop, with the senders that it holds."""
    return {"stops": [stop(one.stop, language) | {"senders": list(one.senders)} for one in found]}


def broadcast(pipeline: Pipeline, value: Broadcast, language: str = "en") -> dict[str, Any]:
    """Return the live state of a broadcast, from counters, and why it is idle when it is."""
    now = pipeline.home.ports.clock.now()
    counts = dict(pipeline.home.ports.counters.get(value.id))
    sender = pipeline.home.rules().senders.get(value.sender)
    limit = limit_now(sender, pipeline.home.ports.senders.get(value.sender)) if sender else 0.0
    reserve = sender.inbound_reserve if sender else 0
    rate = effective_rate(limit, reserve, 1.0, pipeline.home.settings.lateness_ms / 1000) if sender else 0.0
    upcoming = sorted(at for at in value.waves if at > now)
    idle = idle_reason(pipeline, value, upcoming)
    held_by = [] if value.state in ENDED else [stop(s, language) for s in holding(pipeline.home, value)]
    return _head(value) | {
        "plan_hash": value.plan_hash,
        "counts": counts,
        "excluded_at_plan": dict(value.excluded),
        "waves": [
            {
                "at": instant(at),
                "people": value.waves[at],
                "state": "waiting" if at > now else ("dispatched" if at in value.dispatched else "due"),
            }
            for at in sorted(value.waves)
        ],
        "rate_per_second": round(min(rate, value.max_per_second or rate), 2),
        "limit_per_second": limit,
        "next_wave": instant(upcoming[0]) if upcoming else None,
        "idle": idle,
        "idle_because": idle_because(pipeline, value, idle, held_by, language),
        "stops": held_by,
    }


def idle_because(
    pipeline: Pipeline, value: Broadcast, idle: str, held_by: Sequence[Mapping[str, Any]], language: str
) -> str:
    """Say in words why nothing leaves; of a template the platform's own word."""
    if idle == "template_paused" and (words := why_stopped(pipeline.home, value)):
        return words
    if idle in ("template_paused", "sender_stopped"):
        return "; ".join(s["text"] for s in held_by)
    if not idle or idle in ("completed", "cancelled"):
        return ""
    if idle == "paused" and value.paused_because:
        moved = told(value.paused_because)
        return value.paused_because if moved is None else say("plan_stale_zones", moved, language)
    code = IDLE_CODES.get(idle, idle)
    return say(code, {"sender": value.sender}, language)


def idle_reason(pipeline: Pipeline, value: Broadcast, upcoming: list[Instant]) -> str:
    """Say in one word why nothing leaves now; empty while something can."""
    if reason := why_idle(pipeline.home, value):
        return reason
    entries = pipeline.home.ports.timelines.page(value.sender)
    if any(entry.broadcast == value.id for entry in entries):
        return ""
    if pipeline.home.ports.chunks.in_flight(value.id):
        return ""
    return "scheduled" if upcoming else "finishing"


def report(found: Broadcast, value: Report) -> dict[str, Any]:
    """Return the exact report; every rate names its denominator."""
    return _head(found) | value.as_dict() | {"waves": waves(found.waves)}


def verification(value: Verification, language: str) -> dict[str, Any]:
    """Return whether a broadcast adds up, and everything that does not."""
    return {
        "broadcast": value.broadcast.id,
        "state": value.broadcast.state.value,
        "adds_up": value.adds_up,
        "audience": value.report.audience,
        "accounted": value.report.accounted,
        "complete": value.report.complete,
        "faults": [worded(code, params, language) for code, params in value.faults[:MOST_FAULTS]],
        "fault_count": len(value.faults),
        "counters": {
            "differ": {name: {"stored": s, "folded": f} for name, (s, f) in value.drift.items()},
            "rewritten": value.is_rewritten,
        },
        "receipts": {
            "accepted": value.receipts.accepted,
            "confirmed": value.receipts.confirmed,
            "unconfirmed": value.receipts.unconfirmed,
            "only_by_receipt": value.receipts.only_by_receipt,
            "billed": dict(sorted(value.receipts.billed.items())),
        },
    }


def explanation(value: Explanation) -> dict[str, Any]:
    """Return why one person did or did not get it."""
    return {
        "person": value.person,
        "outcome": value.outcome,
        "reason": value.reason,
        "instant": instant(value.instant),
        "gates": [{"gate": g.gate, "passed": g.passed, "saw": g.saw} for g in value.gates],
        "events": [{"at": instant(e.at), "what": e.what} for e in value.events],
    }


def single_accepted(value: Broadcast) -> dict[str, Any]:
    """Return a single send as its request is answered, each time with the same words."""
    return {
        "send": value.id,
        "campaign": value.campaign,
        "person": value.recipient,
        "requested_at": instant(value.launched_at),
        "status": f"/api/sends/{value.id}",
    }


def single_status(value: Broadcast, found: Explanation, language: str) -> dict[str, Any]:
    """Return where a single send is, its reason in words, and what happened to it so far."""
    seen = next((gate.saw for gate in found.gates if gate.passed is False), "")
    wordy = found.outcome in ("excluded", "waiting") and bool(found.reason)
    code = worded_as(found.reason) if wordy else f"outcome.{found.outcome}"
    return single_accepted(value) | {
        "state": value.state.value,
        "outcome": found.outcome,
        "reason": found.reason,
        "text": say(code, {"reason": found.reason, "saw": seen}, language),
        "events": [{"at": instant(e.at), "what": e.what} for e in found.events if e.what in HAPPENED],
    }
