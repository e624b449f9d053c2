from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.consent import EVERYTHING, MARKETING, WHATSAPP, Basis, Consent, key
from chalicelib.audience.instant import DAY_MS, HOUR_MS
from chalicelib.audience.standing import Send, Standing, claimed_attempt
from chalicelib.sending.decision import Cap, Claim, Decision, Defer, Exclude, Taken, Wire, decide

NOW = 1_800_000_000_000
PHONE = "+212612345678"
GRANT = {key(WHATSAPP, "promotions"): Consent(granted_at=NOW - 30 * DAY_MS)}
STANDING = Standing(person="p", version=7, phone=PHONE, consents=GRANT)
DAILY = Cap(category="marketing", most=1, window_ms=DAY_MS, defers=True)
WEEKLY = Cap(category="marketing", most=4, window_ms=7 * DAY_MS, defers=False)


def never_quiet(_: int) -> int | None:
    return None


def quiet_until(end: int) -> Callable[[int], int | None]:
    return lambda now: end if now < end else None


WIRE = Wire(
    broadcast="news.1",
    chunk="000-00000",
    attempt=1,
    to=PHONE,
    category="marketing",
    topic="promotions",
    basis=Basis.EXPLICIT_OPTIN,
    max_age_months=None,
    max_age_ms=None,
    caps=(DAILY, WEEKLY),
    window_until=NOW + 2 * HOUR_MS,
    deadline_at=NOW + 20 * HOUR_MS,
    deferred=False,
    quiet_until=never_quiet,
)


def sent(at: int, *, broadcast: str = "other.1", attempt: int = 1, category: str = "marketing") -> Send:
    return Send(broadcast=broadcast, chunk="000-00000", attempt=attempt, at=at, category=category)


def revoked(topic: str) -> dict[str, Consent]:
    return {**GRANT, key(WHATSAPP, topic): Consent(revoked_at=NOW - 1)}


def test_whoever_passes_every_gate_is_claimed_on_the_version_that_was_read() -> None:
    decision = decide(STANDING, WIRE, NOW)
    assert isinstance(decision, Claim)
    assert decision.standing.version == STANDING.version
    assert decision.standing.sends == (sent(NOW, broadcast="news.1"),)
    assert replace(decision.standing, sends=()) == STANDING


EXCLUSIONS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("contact_erased", {"erased": True, "phone": None, "consents": {}}, {}),
    ("suppressed", {"suppressed": {"blocked": NOW - 1}}, {}),
    ("consent.missing", {"consents": {}}, {}),
    ("consent.revoked", {"consents": revoked(EVERYTHING)}, {}),
    ("consent.revoked", {"consents": revoked(MARKETING)}, {}),
    ("consent.expired", {}, {"max_age_ms": 29 * DAY_MS}),
    ("consent.wrong_channel", {"consents": {key("sms", "promotions"): Consent(granted_at=1)}}, {}),
    ("contact_changed", {"phone": "+212600000000"}, {}),
    ("window_closed", {}, {"window_until": NOW}),
    ("expired", {}, {"deferred": True, "deadline_at": NOW}),
    ("expired", {}, {"quiet_until": quiet_until(NOW + 20 * HOUR_MS)}),
    ("expired", {}, {"quiet_until": quiet_until(NOW + 1), "quiet_skips": lambda now: True}),
    ("frequency", {"sends": (sent(NOW - HOUR_MS),)}, {}),
    ("frequency", {"sends": tuple(sent(NOW - k * DAY_MS) for k in (5, 4, 3, 2))}, {}),
    ("live_conversation", {"last_inbound_at": NOW - HOUR_MS}, {"live_hold_ms": DAY_MS}),
]


@pytest.mark.parametrize(("reason", "standing", "wire"), EXCLUSIONS)
def test_a_gate_that_no_waiting_can_open_excludes(
    reason: str, standing: dict[str, Any], wire: dict[str, Any]
) -> None:
    decision = decide(replace(STANDING, **standing), replace(WIRE, **wire), NOW)
    assert isinstance(decision, Exclude)
    assert decision.reason == reason
    assert decision.saw


DEFERRALS: list[tuple[str, int, dict[str, Any], dict[str, Any]]] = [
    ("quiet_hours", NOW + 3 * HOUR_MS, {}, {"quiet_until": quiet_until(NOW + 3 * HOUR_MS)}),
    ("frequency", NOW + 6 * HOUR_MS, {"sends": (sent(NOW - 18 * HOUR_MS),)}, {}),
    ("live_conversation", NOW + 5 * HOUR_MS, {"last_echo_at": NOW - 19 * HOUR_MS}, {"live_hold_ms": DAY_MS}),
]


@pytest.mark.parametrize(("reason", "due_at", "standing", "wire"), DEFERRALS)
def test_a_gate_that_opens_in_time_defers_until_it_does(
    reason: str, due_at: int, standing: dict[str, Any], wire: dict[str, Any]
) -> None:
    person, asked = replace(STANDING, **standing), replace(WIRE, **wire)
    decision = decide(person, asked, NOW)
    assert isinstance(decision, Defer)
    assert (decision.reason, decision.due_at, decision.deadline_at) == (reason, due_at, WIRE.deadline_at)
    assert isinstance(decide(person, replace(asked, deferred=True), due_at), Claim)


def test_the_first_gate_in_order_gives_the_reason() -> None:
    person, asked = STANDING, WIRE
    for _, standing, wire in reversed(EXCLUSIONS[:9]):
        person, asked = replace(person, **standing), replace(asked, **wire)
    decision = decide(person, asked, NOW)
    assert isinstance(decision, Exclude)
    assert decision.reason == "contact_erased"


def test_somebody_deferred_is_bound_by_the_deadline_and_no_longer_by_the_window() -> None:
    late = replace(WIRE, window_until=NOW - 1)
    assert isinstance(decide(STANDING, late, NOW), Exclude)
    assert isinstance(decide(STANDING, replace(late, deferred=True), NOW), Claim)


def test_a_claim_that_somebody_holds_is_left_to_them() -> None:
    person = replace(STANDING, sends=(sent(NOW - 5, broadcast="news.1"),))
    assert decide(person, WIRE, NOW) == Taken()


def test_a_retry_is_not_held_back_by_its_own_earlier_attempt() -> None:
    person = replace(STANDING, sends=(sent(NOW - 5, broadcast="news.1"),))
    decision = decide(person, replace(WIRE, attempt=2, deferred=True), NOW)
    assert isinstance(decision, Claim)
    assert claimed_attempt(decision.standing, "news.1") == 2


def test_a_cap_counts_its_own_category_and_leaves_after_its_window_to_the_millisecond() -> None:
    utility = replace(STANDING, sends=(sent(NOW - 1, category="utility"),))
    any_category = replace(WIRE, caps=(replace(DAILY, category=None),), deadline_at=NOW + 2 * DAY_MS)
    assert isinstance(decide(utility, WIRE, NOW), Claim)
    assert isinstance(decide(utility, any_category, NOW), Defer)
    assert isinstance(decide(replace(STANDING, sends=(sent(NOW - DAY_MS),)), WIRE, NOW), Claim)
    assert isinstance(decide(replace(STANDING, sends=(sent(NOW - DAY_MS + 1),)), WIRE, NOW), Defer)


def test_utility_without_a_topic_goes_on_after_stop_marketing_and_ends_with_stop() -> None:
    utility = replace(WIRE, category="utility", topic=None, caps=())
    assert isinstance(decide(replace(STANDING, consents=revoked(MARKETING)), utility, NOW), Claim)
    assert isinstance(decide(replace(STANDING, consents=revoked(EVERYTHING)), utility, NOW), Exclude)


ago = st.integers(0, 10 * DAY_MS).map(lambda ms: NOW - ms)
consents = st.dictionaries(
    st.sampled_from([key(WHATSAPP, t) for t in ("promotions", EVERYTHING, MARKETING)]),
    st.builds(Consent, granted_at=st.none() | ago, revoked_at=st.none() | ago),
)
standings = st.builds(
    Standing,
    person=st.just("p"),
    phone=st.sampled_from([PHONE, None]),
    consents=st.just(GRANT) | consents,
    suppressed=st.just({}) | st.just({"blocked": NOW}),
    last_inbound_at=st.none() | ago,
    sends=st.lists(st.builds(sent, ago, broadcast=st.sampled_from(["news.1", "a.1", "b.1"])), max_size=6).map(
        tuple
    ),
    erased=st.booleans(),
)
wires = st.builds(
    lambda night, window, deadline, deferred, attempt, hold: replace(
        WIRE,
        quiet_until=quiet_until(NOW + night),
        window_until=NOW + window,
        deadline_at=NOW + deadline,
        deferred=deferred,
        attempt=attempt,
        live_hold_ms=hold,
    ),
    st.integers(-HOUR_MS, DAY_MS),
    st.integers(-HOUR_MS, DAY_MS),
    st.integers(-HOUR_MS, 3 * DAY_MS),
    st.booleans(),
    st.integers(1, 3),
    st.sampled_from([0, DAY_MS]),
)


@given(standings, wires)
def test_a_claim_is_only_ever_made_past_every_gate(standing: Standing, wire: Wire) -> None:
    decision: Decision = decide(standing, wire, NOW)
    if not isinstance(decision, Claim):
        return
    grant = standing.consents[key(WHATSAPP, "promotions")].granted_at
    revocations = [c.revoked_at for c in standing.consents.values() if c.revoked_at is not None]
    assert grant is not None
    assert all(grant > at for at in revocations)
    assert standing.phone == wire.to
    assert not standing.suppressed
    assert not standing.erased
    assert wire.quiet_until(NOW) is None
    assert (wire.deadline_at if wire.deferred else wire.window_until) > NOW
    assert claimed_attempt(standing, wire.broadcast) < wire.attempt
    others = [s.at for s in standing.sends if s.broadcast != wire.broadcast]
    assert sum(at > NOW - DAY_MS for at in others) < DAILY.most
    assert sum(at > NOW - 7 * DAY_MS for at in others) < WEEKLY.most


@given(standings, wires)
def test_waiting_always_ends_at_an_instant_to_come_before_the_deadline(
    standing: Standing, wire: Wire
) -> None:
    turn, now, asked = 0, NOW, wire
    while isinstance(decision := decide(standing, asked, now), Defer):
        assert now < decision.due_at < decision.deadline_at == wire.deadline_at
        now, asked, turn = decision.due_at, replace(asked, deferred=True), turn + 1
        assert turn < 10
