"""Why one person did or did not get it: the gates in their order, each with what it saw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.audience.consent import ConsentEvent
from chalicelib.audience.instant import Instant, to_iso
from chalicelib.audience.standing import Standing
from chalicelib.planning.plan import Planned, Row
from chalicelib.sending.delivery import Delivery, Outcome, Rank, outcome_of

PLAN_GATES = (
    "exclude_list",
    "duplicate_person",
    "invalid_address",
    "suppressed",
    "consent.missing",
    "consent.expired",
    "consent.revoked",
    "consent.wrong_channel",
    "country_blocked",
    "timezone.unknown",
    "timezone.invalid",
    "dst_gap",
    "past",
    "no_day",
    "language_missing",
    "parameter_missing",
    "parameter_invalid",
    "holdout",
)
SEND_GATES = (
    "contact_erased",
    "suppressed",
    "consent",
    "contact_changed",
    "window_closed",
    "expired",
    "country_stopped",
    "quiet_hours",
    "frequency",
    "live_conversation",
)

SWEPT = "swept"
"""In place of an outcome, once the evidence of it has been kept for long enough."""


def worded_as(reason: str) -> str:
    """Return the code under which a reason's sentence is found."""
    return f"reason.{reason}"


Terms = Sequence[tuple[str, bool | None, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSeen:
    """One gate: whether it was passed (None: not reached), and the value it saw."""

    gate: str
    passed: bool | None
    saw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to this person, and when."""

    at: Instant
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The whole answer for one person."""

    person: str
    outcome: str
    reason: str
    instant: Instant | None
    gates: tuple[GateSeen, ...]
    events: tuple[Event, ...]


def explain_unselected(person: str, terms: Terms) -> Explanation:
    """Explain somebody who was never in the audience, from the segment's terms as they stand now."""
    return Explanation(
        person=person,
        outcome="not_in_audience",
        reason="not_in_segment",
        instant=None,
        gates=tuple(_segment_gates(terms))
        or (GateSeen(gate="segment", passed=False, saw="not selected when planned"),),
        events=(),
    )


def explain_person(
    row: Row,
    *,
    terms: Terms,
    delivery: Delivery | None,
    claimed: bool,
    wave: Instant | None,
    waiting_reason: str,
    standing: Standing | None,
    consent_events: Sequence[ConsentEvent],
) -> Explanation:
    """Explain somebody the plan has a row for."""
    consents = [
        Event(at=e.at, what=f"{e.change.value} {e.channel}/{e.topic} ({e.source})") for e in consent_events
    ]
    if not isinstance(row, Planned):
        return Explanation(
            person=row.person,
            outcome=Outcome.EXCLUDED.value,
            reason=row.reason,
            instant=None,
            gates=(*_segment_gates(terms), *_excluded_gates(row.reason, row.saw)),
            events=tuple(consents),
        )
    outcome, reason = _outcome(delivery, claimed, waiting_reason)
    return Explanation(
        person=row.person,
        outcome=outcome.value,
        reason=reason,
        instant=wave,
        gates=(*_segment_gates(terms), *_planned_gates(row), *_send_gates(delivery, claimed)),
        events=tuple(sorted([*consents, *_events(delivery, standing)], key=lambda e: e.at)),
    )


def explain_swept(
    person: str,
    *,
    terms: Terms,
    delivery: Delivery | None,
    excluded: str,
    personal_data_gone_at: Instant,
    evidence_gone_at: Instant | None,
    consent_events: Sequence[ConsentEvent],
) -> Explanation:
    """Explain somebody of a broadcast whose words and numbers, or all its rows, were kept for long enough.

    `excluded` is the plan's reason, "" for none. Without its rows nobody can tell
    any more what became of a person.
    """
    what = "the words and the number"
    if evidence_gone_at is not None:
        what = "everything but the report's numbers"
    swept = f"{what}: swept on {to_iso(evidence_gone_at or personal_data_gone_at)}"
    if delivery is not None:
        outcome, reason = _outcome(delivery, False, "")
        named, wire = outcome.value, tuple(_send_gates(delivery, False))
    elif excluded:
        named, reason, wire = Outcome.EXCLUDED.value, excluded, tuple(_excluded_gates(excluded, ""))
    elif evidence_gone_at is not None:
        named, reason, wire = SWEPT, "retention", ()
    else:
        named, reason, wire = "not_in_audience", "not_in_segment", ()
    consents = [
        Event(at=e.at, what=f"{e.change.value} {e.channel}/{e.topic} ({e.source})") for e in consent_events
    ]
    return Explanation(
        person=person,
        outcome=named,
        reason=reason,
        instant=None,
        gates=(*_segment_gates(terms), GateSeen(gate="retention", passed=None, saw=swept), *wire),
        events=tuple(sorted([*consents, *_events(delivery, None)], key=lambda e: e.at)),
    )


def explain_erased(found: Explanation, at: Instant) -> Explanation:
    """Explain somebody who was erased: what became of them, without what any gate saw."""
    is_refused = found.reason == "contact_erased"
    gate = GateSeen(
        gate="contact_erased",
        passed=False if is_refused else None,
        saw=f"erased on request on {to_iso(at)}",
    )
    return replace(found, gates=(gate,))


def _segment_gates(terms: Terms) -> Iterator[GateSeen]:
    for text, answer, saw in terms:
        yield GateSeen(gate=f"segment: {text}", passed=answer, saw=saw)


def _excluded_gates(reason: str, saw: str) -> Iterator[GateSeen]:
    """Yield the gates up to the one that said no, which is where planning stopped."""
    for gate in PLAN_GATES:
        yield GateSeen(gate=gate, passed=gate != reason, saw=saw if gate == reason else "")
        if gate == reason:
            return
    if reason not in PLAN_GATES:
        yield GateSeen(gate=reason, passed=False, saw=saw)


def _planned_gates(row: Planned) -> Iterator[GateSeen]:
    consent = f"granted {to_iso(row.consent_at)}" if row.consent_at is not None else "not needed"
    above = [("header", row.header[1])] if row.header else []
    saw = {
        "invalid_address": "a valid number",
        "consent.missing": consent,
        "consent.expired": consent,
        "timezone.unknown": f"{row.zone} ({row.zone_from})",
        "timezone.invalid": row.zone,
        "past": to_iso(row.instant) if row.instant else "at launch",
        "language_missing": row.language,
        "parameter_missing": ", ".join(f"{name}={value}" for name, value in (*above, *row.parameters)),
    }
    for gate in PLAN_GATES:
        yield GateSeen(gate=gate, passed=True, saw=saw.get(gate, ""))


def _send_gates(delivery: Delivery | None, claimed: bool) -> Iterator[GateSeen]:
    """Yield the gates at the wire: not reached, all passed, or up to the one that said no."""
    if delivery is None and not claimed:
        yield from (GateSeen(gate=g, passed=None, saw="not reached yet") for g in SEND_GATES)
        return
    refusal = (
        (delivery.excluded or (delivery.waiting if not delivery.failed_code else "")) if delivery else ""
    )
    for gate in SEND_GATES:
        no = bool(refusal) and (refusal == gate or refusal.split(".")[0] == gate)
        yield GateSeen(gate=gate, passed=not no, saw=delivery.saw if no and delivery else "")
        if no:
            return
    if refusal:
        yield GateSeen(gate=refusal, passed=False, saw=delivery.saw if delivery else "")
    elif delivery is not None and delivery.saw:
        yield GateSeen(gate="provider", passed=delivery.rank >= Rank.ACCEPTED, saw=delivery.saw)


def _outcome(delivery: Delivery | None, claimed: bool, waiting_reason: str) -> tuple[Outcome, str]:
    if delivery is None:
        return (Outcome.CLAIMED, "") if claimed else (Outcome.WAITING, waiting_reason)
    outcome = outcome_of(delivery)
    if outcome is Outcome.WAITING and claimed:
        return Outcome.CLAIMED, ""
    reason = {
        Outcome.EXCLUDED: delivery.excluded,
        Outcome.WAITING: delivery.waiting,
        Outcome.FAILED: str(delivery.failed_code),
        Outcome.UNCERTAIN: delivery.saw,
    }.get(outcome, "")
    return outcome, reason


def _events(delivery: Delivery | None, standing: Standing | None) -> Iterator[Event]:
    if delivery is not None:
        for what, at in (
            ("claimed", delivery.claimed_at),
            ("accepted", delivery.accepted_at),
            ("sent", delivery.sent_at),
            ("delivered", delivery.delivered_at),
            ("read", delivery.read_at),
            ("failed", delivery.failed_at),
            ("replied", delivery.replied_at),
            ("opted out", delivery.opted_out_at),
        ):
            if at is not None:
                yield Event(at=at, what=what)
        for send in standing.sends if standing else ():
            if send.broadcast != delivery.key.broadcast:
                yield Event(at=send.at, what=f"another broadcast: {send.broadcast}")
