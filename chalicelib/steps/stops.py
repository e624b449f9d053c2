"""Stops over the senders of a scope: set by codes and webhooks, lifted by a rule or by a human."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chalicelib.audience.instant import Instant
from chalicelib.errors import NotFound, Problem, Refused
from chalicelib.log import log
from chalicelib.sending import portfolio_brake, stops
from chalicelib.sending.broadcast import Broadcast, SenderControl
from chalicelib.sending.joining import account_of, joined
from chalicelib.sending.outcome import Scope
from chalicelib.sending.stops import Stop
from chalicelib.sending.template_brake import key_of
from chalicelib.steps.amending import amend
from chalicelib.steps.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A stop and the senders that it holds, in order."""

    stop: Stop
    senders: tuple[str, ...]


def change_all(
    home: Home, senders: Iterable[str], change: Callable[[SenderControl], SenderControl]
) -> list[str]:
    """Store `change` of each sender's control; returns the senders for which it changed something."""
    return [key for key in senders if _change(home, key, change)]


def _change(home: Home, sender: str, change: Callable[[SenderControl], SenderControl]) -> bool:
    differs = False

    def changing(current: SenderControl | None) -> SenderControl | None:
        nonlocal differs
        known = current or SenderControl(sender=sender)
        after = change(known)
        differs = after != known
        return after if differs else None

    amend(lambda: home.ports.senders.get(sender), home.ports.senders.put, changing)
    return differs


def stop(
    home: Home,
    sender: str,
    scope: Scope,
    cause: str,
    *,
    template: str = "",
    country: str = "",
    until: Instant | None = None,
) -> None:
    """Stop everything in a scope, found through one of its senders. Repeating it changes nothing more."""
    now = home.ports.clock.now()
    changed = change_all(
        home,
        stops.within(home.rules().senders, sender, scope),
        lambda control: stops.stopped(
            control, scope, cause, template=template, country=country, now=now, until=until
        ),
    )
    if changed:
        log.error(
            "scope_stopped",
            extra={
                "scope": scope.value,
                "cause": cause,
                "senders": changed,
                "template": template,
                "country": country,
            },
        )
    if changed and scope is Scope.WABA:
        weigh_portfolios(home, changed, may_stop=True)


def weigh_portfolios(home: Home, senders: Iterable[str], *, may_stop: bool) -> None:
    """Pull or let go the brakes of these senders' portfolios, as their accounts' stops are now.

    Without `may_stop` they are let go at most: what a person lifted stays lifted
    until another account is stopped.
    """
    every = home.rules().senders
    key = stops.key_of(Scope.PORTFOLIO, portfolio_brake.CAUSE)
    for portfolio in sorted({every[name].portfolio for name in senders if name in every}):
        members = [sender for sender in every.values() if sender.portfolio == portfolio]
        controls = [(sender, home.ports.senders.get(sender.key)) for sender in members]
        is_pulled = portfolio_brake.is_pulled([(sender, found) for sender, found in controls if found])
        if is_pulled and may_stop:
            stop(home, members[0].key, Scope.PORTFOLIO, portfolio_brake.CAUSE)
        if is_pulled:
            continue
        freed = change_all(home, [m.key for m in members], lambda control: stops.without_keys(control, {key}))
        if freed:
            log.warning("scope_resumed", extra={"senders": freed, "by": "rule"})


def known(home: Home, sender: str) -> SenderControl | None:
    """Return a sender's control; one that senders.yaml has elsewhere now takes its place's stops over first.

    None for one that senders.yaml never had.
    """
    control = home.ports.senders.get(sender)
    every = home.rules().senders
    ours = every.get(sender)
    if ours is None or (control is not None and control.account == account_of(ours)):
        return control
    beside = [
        other
        for other in every.values()
        if other.key != sender and (other.waba_id == ours.waba_id or other.portfolio == ours.portfolio)
    ]
    controls = [(other, found) for other in beside if (found := home.ports.senders.get(other.key))]
    change_all(home, [sender], lambda current: joined(current, ours, controls))
    return home.ports.senders.get(sender)


def listed(home: Home) -> list[Stopped]:
    """Return every stop of this home, each once, with the senders that it holds."""
    senders_by_stop: dict[str, list[str]] = {}
    first: dict[str, Stop] = {}
    for key, sender in sorted(home.rules().senders.items()):
        control = home.ports.senders.get(key)
        for found in stops.stops_of(control, sender) if control else ():
            first.setdefault(found.id, found)
            senders_by_stop.setdefault(found.id, []).append(key)
    return [Stopped(stop=first[name], senders=tuple(keys)) for name, keys in sorted(senders_by_stop.items())]


def resume(home: Home, stop_id: str) -> Stopped:
    """Lift one stop wherever it holds. Raises NotFound, or Refused for what only the platform can lift."""
    found = next((one for one in listed(home) if one.stop.id == stop_id), None)
    if found is None:
        raise NotFound(Problem(code="stop_unknown", params={"stop": stop_id[:200]}))
    if found.stop.by_platform:
        raise Refused(Problem(code="stop_of_platform", params={"stop": stop_id[:200]}))
    senders = home.rules().senders
    for key in found.senders:
        change_all(home, [key], lambda control, key=key: stops.lifted(control, senders[key], stop_id))  # type: ignore[misc]
    log.warning("scope_resumed", extra={"stop": stop_id[:200], "senders": list(found.senders), "by": "human"})
    weigh_portfolios(home, found.senders, may_stop=False)
    return found


def look_after(home: Home) -> None:
    """Lift the stops that lasted as long as the platform said; new senders take their account's over."""
    now = home.ports.clock.now()
    senders = sorted(home.rules().senders)
    controls = {key: known(home, key) for key in senders}
    over = [key for key, control in controls.items() if control and stops.ended(control, now) != control]
    changed = change_all(home, over, lambda control: stops.ended(control, now))
    if changed:
        log.warning("scope_resumed", extra={"senders": changed, "by": "time"})
        weigh_portfolios(home, changed, may_stop=False)


def holding(home: Home, broadcast: Broadcast) -> list[Stop]:
    """Return the stops that hold this broadcast back, the widest first."""
    sender = home.rules().senders.get(broadcast.sender)
    control = home.ports.senders.get(broadcast.sender)
    if sender is None or control is None:
        return []
    name = home.definition(broadcast.campaign, broadcast.campaign_version).template.name
    keys = {name, *(key_of(name, language) for language in broadcast.languages)}
    order = (Scope.PORTFOLIO, Scope.WABA, Scope.SENDER, Scope.COUNTRY, Scope.TEMPLATE)
    ours = f"|{broadcast.category}"
    found = [
        stop
        for stop in stops.stops_of(control, sender)
        if (stop.scope is not Scope.TEMPLATE or stop.of.partition(":")[2] in keys)
        and (stop.scope is not Scope.COUNTRY or stop.of.endswith(ours))
    ]
    return sorted(found, key=lambda stop: (order.index(stop.scope), stop.since, stop.cause))
