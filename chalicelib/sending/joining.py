"""Joining: a sender that is added to senders.yaml, or moved in it, has what its account and portfolio have.

A stop lies in the control of each sender of its scope (`stops.py`), so whoever
comes later takes it over from the others, and leaves behind what was not its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from chalicelib.audience.instant import Instant
from chalicelib.authoring.senders import Sender
from chalicelib.sending.broadcast import SenderControl
from chalicelib.sending.outcome import Scope
from chalicelib.sending.stops import key_of

T = TypeVar("T")


def account_of(sender: Sender) -> str:
    """Return what `SenderControl.account` is when the sender has its place's stops."""
    return f"{sender.waba_id}|{sender.portfolio}"


def joined(
    control: SenderControl, sender: Sender, others: Sequence[tuple[Sender, SenderControl]]
) -> SenderControl:
    """Return the control with the stops that the others of its account and portfolio have.

    Without those of an account or a portfolio that it was moved away from.
    """
    waba, _, portfolio = control.account.partition("|")
    if control.account and waba != sender.waba_id:
        control = replace(
            _without(control, Scope.WABA), stopped_templates={}, stopped_countries={}, causes={}, doubts={}
        )
    if control.account and portfolio != sender.portfolio:
        control = _without(control, Scope.PORTFOLIO)
    for other, its in others:
        if other.waba_id == sender.waba_id:
            control = _with(control, its, Scope.WABA)
            control = replace(
                control,
                stopped_templates=_oldest(control.stopped_templates, its.stopped_templates),
                stopped_countries=_oldest(control.stopped_countries, its.stopped_countries),
                causes={**its.causes, **control.causes},
            )
        if other.portfolio == sender.portfolio:
            control = _with(control, its, Scope.PORTFOLIO)
    return replace(control, account=account_of(sender))


def _oldest(ours: Mapping[str, Instant], theirs: Mapping[str, Instant]) -> dict[str, Instant]:
    every = {**theirs, **ours}
    return {key: min(at, theirs.get(key, at)) for key, at in every.items()}


def _of(values: Mapping[str, T], scope: Scope) -> dict[str, T]:
    prefix = key_of(scope, "")
    return {key: value for key, value in values.items() if key.startswith(prefix)}


def _with(control: SenderControl, its: SenderControl, scope: Scope) -> SenderControl:
    """Return the control with another's stops of a scope; those that both have end as its own does."""
    ends = {key: at for key, at in _of(its.ends, scope).items() if key not in control.stopped}
    heard = _of(its.heard, scope)
    return replace(
        control,
        stopped=_oldest(control.stopped, _of(its.stopped, scope)),
        ends={**control.ends, **ends},
        heard={**control.heard, **{key: max(at, control.heard.get(key, 0)) for key, at in heard.items()}},
    )


def _without(control: SenderControl, scope: Scope) -> SenderControl:
    def kept(values: Mapping[str, Instant]) -> dict[str, Instant]:
        gone = _of(values, scope)
        return {key: at for key, at in values.items() if key not in gone}

    return replace(control, stopped=kept(control.stopped), ends=kept(control.ends), heard=kept(control.heard))
