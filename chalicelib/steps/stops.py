"""Stops over the senders of a scope: set by codes and webhooks, lifted by a rule or by a human."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chalicelib.audience.instant import Instant
from chalicelib.errors import NotFound, Problem, Refused
from chalicelib.log import log
from chalicelib.sending import stops
from chalicelib.sending.broadcast import Broadcast, SenderControl
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
    return found


def lift_ended(home: Home) -> None:
    """Lift the stops that lasted as long as the platform said."""
    now = home.ports.clock.now()
    changed = change_all(home, sorted(home.rules().senders), lambda control: stops.ended(control, now))
    if changed:
        log.warning("scope_resumed", extra={"senders": changed, "by": "time"})


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
