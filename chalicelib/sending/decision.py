"""The decision at the wire: claim, exclude, or defer one person, from values alone.

Gates in the format's order. Called again whenever a claim's condition was
lost, so it must not depend on anything but its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from chalicelib.audience.consent import WHATSAPP, Basis, ConsentState, state_at
from chalicelib.audience.instant import DAY_MS, HOUR_MS, MINUTE_MS, Instant, to_iso
from chalicelib.audience.standing import Send, Standing, appended, claimed_attempt, sends_within
from chalicelib.audience.suppression import suppressed_by

COUNTRY_AGAIN_MS = 15 * MINUTE_MS
"""How often somebody of a stopped country is looked at again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most `most` sends in a rolling `window_ms`; `defers` or skips.

    Of `category` (None: any), of the runs of `campaign` alone (None: of all), and of
    the broadcasts that have `label` (None: with any or none).
    """

    category: str | None
    most: int
    window_ms: int
    defers: bool
    campaign: str | None = None
    label: tuple[str, str] | None = None

    def counts(self, send: Send, labels_of: Callable[[str], Mapping[str, str]]) -> bool:
        """Say whether a send of another broadcast is of what this cap is about."""
        if self.label is not None:
            key, value = self.label
            return labels_of(send.broadcast).get(key) == value
        return self.campaign is None or send.broadcast.rpartition(".")[0] == self.campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What is asked of one person, apart from their standing.

    `to` is the address in the plan. `window_until` binds whoever waited for
    capacity alone, `deadline_at` whoever was deferred (`deferred`).
    `quiet_until(now)` returns the end of quiet hours there, None outside them;
    `quiet_skips(now)` says that being in them now excludes, instead of deferring.
    `country_stopped` is the person's country, where a stop holds it back.
    `labels_of(broadcast)` returns the labels another broadcast was sent with.
    """

    broadcast: str
    chunk: str
    attempt: int
    to: str
    category: str
    topic: str | None
    basis: Basis
    max_age_months: int | None
    max_age_ms: int | None
    caps: tuple[Cap, ...]
    window_until: Instant
    deadline_at: Instant
    deferred: bool
    quiet_until: Callable[[Instant], Instant | None]
    quiet_skips: Callable[[Instant], bool] = lambda now: False
    live_hold_ms: int = 0
    country_stopped: str = ""
    labels_of: Callable[[str], Mapping[str, str]] = lambda broadcast: {}
    keep_ms: int = 8 * DAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """May be messaged: `standing` is what to store, on condition of the version decided on."""

    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclude:
    """Will not be messaged in this broadcast, for a reason of the closed list."""

    reason: str
    saw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Defer:
    """Waits behind their own gate until `due_at`, at the latest until `deadline_at`."""

    reason: str
    due_at: Instant
    deadline_at: Instant
    saw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Somebody else holds this claim: nothing is to be done."""


Decision = Claim | Exclude | Defer | Taken


def decide(standing: Standing, wire: Wire, now: Instant) -> Decision:
    """Return the first gate's refusal, or a claim when all pass.

    Erasure is looked at first: it empties the standing, and every other gate
    would name what is missing instead of why.
    """
    if claimed_attempt(standing, wire.broadcast) >= wire.attempt:
        return Taken()
    refusal = next((r for r in _refusals(standing, wire, now) if r is not None), None)
    if refusal is not None:
        return refusal
    send = Send(
        broadcast=wire.broadcast, chunk=wire.chunk, attempt=wire.attempt, at=now, category=wire.category
    )
    return Claim(standing=appended(standing, send, wire.keep_ms))


def _refusals(standing: Standing, wire: Wire, now: Instant) -> Iterator[Exclude | Defer | None]:
    yield _erased(standing)
    yield _suppressed(standing)
    yield _consent(standing, wire, now)
    yield _contact_changed(standing, wire)
    yield _too_late(wire, now)
    yield _country(wire, now)
    yield _quiet(wire, now)
    yield _frequency(standing, wire, now)
    yield _live_conversation(standing, wire, now)


def _erased(standing: Standing) -> Exclude | None:
    return Exclude(reason="contact_erased", saw="no such contact any more") if standing.erased else None


def _suppressed(standing: Standing) -> Exclude | None:
    cause = suppressed_by(standing)
    if cause is None:
        return None
    return Exclude(reason="suppressed", saw=f"{cause} since {to_iso(standing.suppressed[cause])}")


def _consent(standing: Standing, wire: Wire, now: Instant) -> Exclude | None:
    state, granted_at = state_at(
        standing.consents,
        WHATSAPP,
        wire.topic,
        now,
        basis=wire.basis,
        max_age_months=wire.max_age_months,
        max_age_ms=wire.max_age_ms,
        marketing=wire.category == "marketing",
    )
    if state is ConsentState.GRANTED:
        return None
    since = f"granted {to_iso(granted_at)}" if granted_at is not None else "no grant"
    return Exclude(reason=f"consent.{state.value}", saw=since)


def _contact_changed(standing: Standing, wire: Wire) -> Exclude | None:
    if standing.phone == wire.to:
        return None
    return Exclude(reason="contact_changed", saw="the address is not the planned one any more")


def _too_late(wire: Wire, now: Instant) -> Exclude | None:
    if wire.deferred and now >= wire.deadline_at:
        return Exclude(reason="expired", saw=f"deadline {to_iso(wire.deadline_at)}")
    if not wire.deferred and now >= wire.window_until:
        return Exclude(reason="window_closed", saw=f"window closed {to_iso(wire.window_until)}")
    return None


def _country(wire: Wire, now: Instant) -> Exclude | Defer | None:
    """Let people of a stopped country wait, and look again every so often; in the end they are left out."""
    if not wire.country_stopped:
        return None
    saw = f"stopped for {wire.country_stopped}"
    due = now + COUNTRY_AGAIN_MS
    if due >= wire.deadline_at:
        return Exclude(reason="country_stopped", saw=saw)
    return Defer(reason="country_paused", due_at=due, deadline_at=wire.deadline_at, saw=saw)


def _quiet(wire: Wire, now: Instant) -> Exclude | Defer | None:
    until = wire.quiet_until(now)
    if until is None:
        return None
    saw = f"quiet until {to_iso(until)}"
    if wire.quiet_skips(now) or until >= wire.deadline_at:
        return Exclude(reason="expired", saw=saw)
    return Defer(reason="quiet_hours", due_at=until, deadline_at=wire.deadline_at, saw=saw)


def _frequency(standing: Standing, wire: Wire, now: Instant) -> Exclude | Defer | None:
    waits = list(_cap_waits(standing, wire, now))
    if not waits:
        return None
    cap, until = max(waits, key=lambda wait: wait[1])
    saw = f"{cap.most} in {cap.window_ms // HOUR_MS} h already"
    if any(not c.defers for c, _ in waits) or until >= wire.deadline_at:
        return Exclude(reason="frequency", saw=saw)
    return Defer(reason="frequency", due_at=until, deadline_at=wire.deadline_at, saw=saw)


def _cap_waits(standing: Standing, wire: Wire, now: Instant) -> Iterator[tuple[Cap, Instant]]:
    """Yield each reached cap with the instant at which enough sends have left its window.

    This broadcast's own earlier attempts are definite failures, and do not count.
    """
    for cap in wire.caps:
        within = sends_within(standing, now, cap.window_ms, cap.category)
        recent = [s for s in within if s.broadcast != wire.broadcast and cap.counts(s, wire.labels_of)]
        if len(recent) >= cap.most:
            yield cap, sorted(s.at for s in recent)[len(recent) - cap.most] + cap.window_ms


def _live_conversation(standing: Standing, wire: Wire, now: Instant) -> Exclude | Defer | None:
    if not wire.live_hold_ms:
        return None
    last = max(standing.last_inbound_at or 0, standing.last_echo_at or 0)
    until = last + wire.live_hold_ms
    if until <= now:
        return None
    saw = f"last words {to_iso(last)}"
    if until >= wire.deadline_at:
        return Exclude(reason="live_conversation", saw=saw)
    return Defer(reason="live_conversation", due_at=until, deadline_at=wire.deadline_at, saw=saw)
