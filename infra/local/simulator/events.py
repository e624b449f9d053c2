"""What happens on the platform: at once (accepted, refused) or at an instant to come (all others)."""

from __future__ import annotations

from dataclasses import dataclass

from infra.local.simulator.catalogue import Number, Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A message that the platform took. `cut` says that its answer never reached the caller."""

    at_ms: float
    number: Number
    wamid: str
    to: str
    echo: str | None
    template: str
    language: str
    category: str
    parameters: tuple[str, ...] = ()
    stop_button: tuple[str, str] | None = None
    held: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRefused:
    """A call answered with an error code; `code` None: the connection was cut before it was read."""

    at_ms: float
    phone_number_id: str
    code: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """A status of a message, to be reported. `code` only with failed."""

    at_ms: float
    message: Accepted
    status: str
    code: int | None = None
    priced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A person answers: words, or the payload and text of a quick-reply button."""

    at_ms: float
    message: Accepted
    text: str
    payload: str | None = None
    stops: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceChange:
    """A person stops marketing in WhatsApp's own menu."""

    at_ms: float
    message: Accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChange:
    """A template's status, category, quality or body changes, as `what` says, from `was` to `now`."""

    at_ms: float
    waba_id: str
    template: Template
    what: str
    was: str
    now: str
    category: str


Due = StatusChange | Reply | PreferenceChange | TemplateChange
Event = Accepted | CallRefused | Due
