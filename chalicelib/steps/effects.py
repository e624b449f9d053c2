"""What a verdict asks beyond the one person: brakes on the sender, opt-outs, suppressions, quota."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.audience.consent import MARKETING, WHATSAPP, ConsentChange, ConsentEvent
from chalicelib.audience.consent import apply as apply_event
from chalicelib.audience.standing import Standing
from chalicelib.audience.suppression import BLOCKED
from chalicelib.log import log
from chalicelib.sending import quota
from chalicelib.sending.broadcast import Broadcast, Chunk, Doubt, Quota
from chalicelib.sending.delivery import Outcome, outcome_of
from chalicelib.sending.doubting import doubted, is_templates_fault, who_of
from chalicelib.sending.outcome import Scope, Verdict
from chalicelib.sending.pacing import slowed
from chalicelib.sending.stops import country_key, within
from chalicelib.steps import stops
from chalicelib.steps.amending import amend
from chalicelib.steps.announcing import announce_opt_out
from chalicelib.steps.home import Home


def apply(
    home: Home,
    *,
    sender: str,
    template: str,
    person: str,
    echo: str,
    verdict: Verdict,
    broadcast: Broadcast,
    to: str = "",
) -> None:
    """Act on a verdict. Repeating it changes nothing more.

    `to` is the number of whom the message was for, where that is known.
    """
    if verdict.slow_down:
        slow_down(home, sender, verdict.scope)
    if verdict.stop:
        country = country_key(to, broadcast.category) if verdict.scope is Scope.COUNTRY else ""
        stops.stop(home, sender, verdict.scope, verdict.stop, template=template, country=country)
    if verdict.doubt and template and _is_its_fault(home, broadcast, template, person):
        stops.stop(home, sender, Scope.TEMPLATE, str(verdict.failed_code), template=template)
    if verdict.opt_out:
        record_opt_out(home, person, topic=MARKETING, source="131050", detail=echo, event_id=f"131050-{echo}")
    if verdict.suppress:
        suppress(home, person)
    if verdict.unknown_code:
        log.error("unknown_provider_code", extra={"code": verdict.failed_code, "sender": sender})


def _is_its_fault(home: Home, broadcast: Broadcast, template: str, person: str) -> bool:
    """Note a refusal that may be one person's data; says whether the template has to be at fault.

    A single send is its caller's to mend: one person proves nothing of a template.
    """
    if broadcast.recipient:
        return False
    found = Doubt(broadcast=broadcast.id, who=who_of(person), accepted=_accepted_now(home, broadcast.id))
    stops.change_all(home, [broadcast.sender], lambda control: doubted(control, template, found))
    control = home.ports.senders.get(broadcast.sender)
    return control is not None and is_templates_fault(control.doubts.get(template, ()))


def _accepted_now(home: Home, broadcast: str) -> int:
    """Return how many were accepted: the counters, which move when a chunk ends, and the chunks under way."""
    rows = [
        row
        for chunk in home.ports.chunks.in_flight(broadcast)
        for row in home.ports.ledger.of_chunk(broadcast, chunk.id)
    ]
    accepted = sum(outcome_of(row) is Outcome.ACCEPTED for row in rows)
    return home.ports.counters.get(broadcast).get("accepted", 0) + accepted


def slow_down(home: Home, sender: str, scope: Scope) -> None:
    """Slow down every sender that a rate answer is about."""
    now = home.ports.clock.now()
    senders = within(home.rules().senders, sender, scope)
    if stops.change_all(home, senders, lambda control: slowed(control, now)):
        log.warning("senders_slowed", extra={"senders": list(senders), "scope": scope.value})


def record_opt_out(
    home: Home, person: str, *, topic: str, source: str, detail: str, event_id: str, at: int | None = None
) -> None:
    """Write the evidence of an opt-out, then the standing that makes the next claim fail."""
    now = home.ports.clock.now()
    event = ConsentEvent(
        id=event_id,
        person=person,
        channel=WHATSAPP,
        topic=topic,
        change=ConsentChange.OPT_OUT,
        at=now if at is None else at,
        recorded_at=now,
        source=source,
        detail=detail,
    )
    record_consent(home, event)


def record_consent(home: Home, event: ConsentEvent) -> None:
    """Append a consent event and fold it into the person's standing; of somebody erased nothing is kept."""
    known = home.ports.standings.get(event.person)
    if known is not None and known.erased:
        return
    announce_opt_out(home, event)
    home.ports.consents.append([event])

    def folded(current: Standing | None) -> Standing | None:
        standing = current or Standing(person=event.person)
        if standing.erased:
            return None
        return replace(standing, consents=apply_event(standing.consents, event))

    amend(lambda: home.ports.standings.get(event.person), home.ports.standings.put, folded)


def suppress(home: Home, person: str) -> None:
    """Never write to this person again: they blocked the business."""
    now = home.ports.clock.now()

    def suppressed(current: Standing | None) -> Standing | None:
        standing = current or Standing(person=person)
        if standing.erased:
            return None
        return replace(standing, suppressed={BLOCKED: now, **standing.suppressed})

    amend(lambda: home.ports.standings.get(person), home.ports.standings.put, suppressed)


def give_back_quota(home: Home, sender_key: str, chunk: Chunk, unused: int) -> None:
    """Return the tier's places that a chunk took and did not use."""
    sender = home.rules().senders.get(sender_key)
    if unused <= 0 or sender is None:
        return
    taken_at = int(chunk.slot0_ms)

    def returned(current: Quota | None) -> Quota | None:
        return current and quota.give_back(current, unused, taken_at)

    portfolio = sender.portfolio
    amend(lambda: home.ports.senders.quota(portfolio), home.ports.senders.put_quota, returned)
