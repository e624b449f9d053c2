"""What leaves, and what may come back from a provider call."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.planning.plan import Filled, FilledButtons, FilledCard, FilledHeader

ID = "id:"
"""Before a media id of the platform's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One template message, ready to leave. `echo` comes back in receipts.

    `named` says whether the template has named or positional parameters;
    `phone_number_id` and `graph_url` are the sender's. Of media, what stood as
    "media:FILE" in the plan is here the platform's id, "id:1234".
    """

    sender: str
    phone_number_id: str
    to: str
    template: str
    language: str
    named: bool
    parameters: Filled
    buttons: FilledButtons
    echo: str
    graph_url: str = ""
    auth_header: str = ""
    header: FilledHeader = ()
    cards: tuple[FilledCard, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A 2xx with a message id. `status` is "accepted", "held_for_quality_assessment" or "paused"."""

    wamid: str
    status: str = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An answer with a parsable error code; the outcome table decides what it means."""

    code: int
    details: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """Nothing left this machine: no token, name resolution, connection or TLS failed."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The first byte left and no answer that can be understood came back."""

    why: str


Answer = Accepted | Refused | NotSent | Unknown
