"""What a verdict asks beyond the one person: brakes on the sender, opt-outs, suppressions, quota."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.audience.consent import MARKETING, WHATSAPP, ConsentChange, ConsentEvent
from chalicelib.audience.consent import apply as apply_event
from chalicelib.audience.standing import Standing
from chalicelib.audience.suppression import BLOCKED
from chalicelib.log import log
from chalicelib.sending import quota
from chalicelib.sending.broadcast import Chunk, Quota
from chalicelib.sending.outcome import Scope, Verdict
from chalicelib.sending.pacing import slowed
from chalicelib.sending.stops import country_key, within
from chalicelib.steps import stops
from chalicelib.steps.amending import amend
from chalicelib.steps.home import Home


def apply(
    home: Home,
    *,
    sender: str,
    template: str,
    person: str,
    echo: str,
    verdict: Verdict,
    to: str = "",
    category: str = "",
) -> None:
    """Act on a verdict. Repeating it changes nothing more.

    `to` and `category` are the number and the category of the message that was refused.
    """
    if verdict.slow_down:
        slow_down(home, sender, verdict.scope)
    if verdict.stop:
        country = country_key(to, category) if verdict.scope is Scope.COUNTRY else ""
        stops.stop(home, sender, verdict.scope, verdict.stop, template=template, country=country)
    if verdict.opt_out:
        record_opt_out(home, person, topic=MARKETING, source="131050", detail=echo, event_id=f"131050-{echo}")
    if verdict.suppress:
        suppress(home, person)
    if verdict.unknown_code:
        log.error("unknown_provider_code", extra={"code": verdict.failed_code, "sender": sender})


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
    """Append a consent event and fold it into the person's standing."""
    home.ports.consents.append([event])

    def folded(current: Standing | None) -> Standing | None:
        standing = current or Standing(person=event.person)
        return replace(standing, consents=apply_event(standing.consents, event))

    amend(lambda: home.ports.standings.get(event.person), home.ports.standings.put, folded)


def suppress(home: Home, person: str) -> None:
    """Never write to this person again: they blocked the business."""
    now = home.ports.clock.now()

    def suppressed(current: Standing | None) -> Standing | None:
        standing = current or Standing(person=person)
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
