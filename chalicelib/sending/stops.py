"""Stops: what nothing may leave for, why, since when, and what lets it go on.

A stop lies in the control of each sender of its scope, so that the wire reads
one item. Keys of `SenderControl.stopped`: CAUSE stopped that sender alone,
SCOPE:CAUSE every sender of its account or portfolio. A cause is a provider's
code, or Meta's word for what happened to the account.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from chalicelib.audience.identity import region_of
from chalicelib.audience.instant import SECOND_MS, Instant
from chalicelib.authoring.senders import Sender
from chalicelib.sending.broadcast import SenderControl
from chalicelib.sending.outcome import Scope

WIDE = (Scope.WABA, Scope.PORTFOLIO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stop. `of` is the sender, account, portfolio, ACCOUNT:TEMPLATE or ACCOUNT:COUNTRY|CATEGORY.

    `until` is when the platform said that it ends, None where it did not.
    `by_platform`: the platform's word about a template's language, which its
    next word lifts and nobody else.
    """

    scope: Scope
    of: str
    cause: str
    since: Instant
    until: Instant | None = None
    by_platform: bool = False

    @property
    def id(self) -> str:
        """The name by which it is lifted."""
        return f"{self.scope.value}:{self.of}:{self.cause}" if self.cause else f"{self.scope.value}:{self.of}"


def within(senders: Mapping[str, Sender], sender: str, scope: Scope) -> tuple[str, ...]:
    """Return the senders that a stop of this scope is about, when it came about one of them."""
    one = senders.get(sender)
    if one is None or scope in (Scope.PERSON, Scope.SENDER):
        return (sender,)
    if scope is Scope.PORTFOLIO:
        return tuple(key for key, other in senders.items() if other.portfolio == one.portfolio)
    return tuple(key for key, other in senders.items() if other.waba_id == one.waba_id)


def key_of(scope: Scope, cause: str) -> str:
    """Return the key of a stop in `SenderControl.stopped`."""
    return f"{scope.value}:{cause}" if scope in WIDE else cause


def country_key(phone: str, category: str) -> str:
    """Return under which key people like this one are stopped; "" for a number of no single country."""
    region = region_of(phone) if phone else None
    return f"{region}|{category}" if region else ""


def stopped(
    control: SenderControl,
    scope: Scope,
    cause: str,
    *,
    template: str = "",
    country: str = "",
    now: Instant,
    until: Instant | None = None,
) -> SenderControl:
    """Return the control with a stop; one that is there already keeps its beginning.

    `template` and `country` (COUNTRY|CATEGORY) say which, of a stop of that scope.
    """
    if scope is Scope.COUNTRY:
        if not country:
            return control
        return replace(
            control,
            stopped_countries={country: now, **control.stopped_countries},
            causes={country: cause, **control.causes},
        )
    if scope is Scope.TEMPLATE:
        if not template:
            return control
        return replace(
            control,
            stopped_templates={template: now, **control.stopped_templates},
            causes={template: cause, **control.causes},
        )
    key = key_of(scope, cause)
    others = {name: at for name, at in control.ends.items() if name != key}
    return replace(
        control,
        stopped={key: now, **control.stopped},
        ends=others if until is None else {**others, key: until},
    )


def told_stop(
    control: SenderControl, scope: Scope, cause: str, *, at: Instant, until: Instant | None
) -> SenderControl:
    """Return the control with a stop that the platform told of, unless it has told newer things of it."""
    key = key_of(scope, cause)
    if at <= control.heard.get(key, 0) or (until is not None and until <= at):
        return control
    after = stopped(control, scope, cause, now=at, until=until)
    return replace(after, heard={**control.heard, key: at})


def told_over(control: SenderControl, scope: Scope, causes: Iterable[str], *, at: Instant) -> SenderControl:
    """Return the control without the stops of these causes that are no younger than the platform's word."""
    keys = {key for cause in causes if at >= control.heard.get(key := key_of(scope, cause), 0)}
    over = {key for key in keys if control.stopped.get(key, 0) <= at + SECOND_MS}
    if not over:
        return control
    return replace(without_keys(control, over), heard={**control.heard, **dict.fromkeys(over, at)})


def stops_of(control: SenderControl, sender: Sender) -> Iterator[Stop]:
    """Yield every stop that holds a sender, or one of its templates."""
    of_scope = {Scope.WABA: sender.waba_id, Scope.PORTFOLIO: sender.portfolio}
    for key, since in control.stopped.items():
        word, colon, rest = key.partition(":")
        scope = Scope(word) if colon and word in [s.value for s in WIDE] else Scope.SENDER
        cause = rest if scope in WIDE else key
        of = of_scope.get(scope, sender.key)
        yield Stop(scope=scope, of=of, cause=cause, since=since, until=control.ends.get(key))
    for key, since in control.stopped_templates.items():
        yield Stop(
            scope=Scope.TEMPLATE,
            of=f"{sender.waba_id}:{key}",
            cause=control.causes.get(key, ""),
            since=since,
            by_platform="|" in key,
        )
    for key, since in control.stopped_countries.items():
        yield Stop(
            scope=Scope.COUNTRY,
            of=f"{sender.waba_id}:{key}",
            cause=control.causes.get(key, ""),
            since=since,
        )


def lifted(control: SenderControl, sender: Sender, stop_id: str) -> SenderControl:
    """Return the control without the stop of this name; as it is, where it has none."""
    for stop in stops_of(control, sender):
        if stop.id == stop_id:
            return _without(control, stop)
    return control


def _without(control: SenderControl, stop: Stop) -> SenderControl:
    if stop.scope is Scope.TEMPLATE:
        name = stop.of.partition(":")[2]
        return replace(
            control,
            stopped_templates={k: at for k, at in control.stopped_templates.items() if k != name},
            causes={k: cause for k, cause in control.causes.items() if k != name},
            doubts={k: doubts for k, doubts in control.doubts.items() if k != name},
        )
    if stop.scope is Scope.COUNTRY:
        place = stop.of.partition(":")[2]
        return replace(
            control,
            stopped_countries={k: at for k, at in control.stopped_countries.items() if k != place},
            causes={k: cause for k, cause in control.causes.items() if k != place},
        )
    return without_keys(control, {key_of(stop.scope, stop.cause)})


def without_keys(control: SenderControl, keys: Set[str]) -> SenderControl:
    """Return the control without these keys of `stopped`."""
    return replace(
        control,
        stopped={k: at for k, at in control.stopped.items() if k not in keys},
        ends={k: at for k, at in control.ends.items() if k not in keys},
    )


def ended(control: SenderControl, now: Instant) -> SenderControl:
    """Return the control without the stops whose end, as the platform said it, has come."""
    return without_keys(control, {key for key, at in control.ends.items() if at <= now})
