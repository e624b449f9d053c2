"""Standing: the small item that decides whether a person may be messaged now.

One item under 1 KB, read strongly in the send slot and written on one
condition: that its version is still the one read. A claim is such a write that
appends the send. So an opt-out, an edit or another campaign that committed
first makes the claim fail, and it is decided anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib.audience.consent import Consents
from chalicelib.audience.contact import Contact
from chalicelib.audience.instant import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One claim: attempt number `attempt` of `broadcast`, at `at`.

    `chunk` is the home chunk, under which the ledger keeps this person.
    """

    broadcast: str
    chunk: str
    attempt: int
    at: Instant
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Address, consents, suppressions, live conversation, recent sends, version.

    `suppressed` maps a cause ("blocked", "manual") to when it was recorded.
    `sends` is in order of time and bounded; see `appended`.
    """

    person: str
    version: int = 1
    phone: str | None = None
    consents: Consents = field(default_factory=dict)
    suppressed: Mapping[str, Instant] = field(default_factory=dict)
    last_inbound_at: Instant | None = None
    last_echo_at: Instant | None = None
    sends: tuple[Send, ...] = ()
    erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A contact with its standing, as one page of the book yields them together."""

    contact: Contact
    standing: Standing


def appended(standing: Standing, send: Send, keep_ms: int) -> Standing:
    """Return `standing` with `send` claimed, and sends over `keep_ms` older than it forgotten.

    The order of time is kept also when this clock is behind the one that wrote last.
    """
    kept = [s for s in standing.sends if s.at >= send.at - keep_ms]
    return replace(standing, sends=tuple(sorted([*kept, send], key=lambda s: s.at)))


def withdrawn(standing: Standing, broadcast: str, attempt: int) -> Standing:
    """Return `standing` without a claim that ended in no call."""
    kept = tuple(s for s in standing.sends if (s.broadcast, s.attempt) != (broadcast, attempt))
    return replace(standing, sends=kept)


def claimed_attempt(standing: Standing, broadcast: str) -> int:
    """Return the highest attempt claimed for `broadcast`, 0 when there was none."""
    return max((s.attempt for s in standing.sends if s.broadcast == broadcast), default=0)


def sends_within(
    standing: Standing, at: Instant, window_ms: int, category: str | None = None
) -> tuple[Send, ...]:
    """Return the sends of the rolling window that ends at `at`, oldest first; None is any category.

    Half-open: a send exactly `window_ms` ago has left. One dated after `at`, by
    a clock ahead of ours, counts.
    """
    return tuple(
        s for s in standing.sends if s.at > at - window_ms and (category is None or s.category == category)
    )


def last_touch_at(standing: Standing) -> Instant | None:
    """Return when the person or a colleague of ours last wrote by hand, None for never."""
    touches = [t for t in (standing.last_inbound_at, standing.last_echo_at) if t is not None]
    return max(touches, default=None)


def may_be_reached(standing: Standing) -> bool:
    """Say whether there is somebody, with an address, whom no suppression protects."""
    return standing.phone is not None and not standing.erased and not standing.suppressed
