from collections.abc import Sequence
from functools import partial, reduce
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.consent import (
    EVERYTHING,
    MARKETING,
    Basis,
    Consent,
    ConsentChange,
    ConsentEvent,
    Consents,
    ConsentState,
    apply,
    months_later,
    stands_revoked,
    state_at,
)
from chalicelib.audience.instant import DAY_MS, Instant, from_iso

NEVER = 10**15


def event(
    change: ConsentChange = ConsentChange.OPT_IN,
    at: Instant = 10,
    *,
    topic: str = "promotions",
    channel: str = "whatsapp",
    basis: Basis = Basis.EXPLICIT_OPTIN,
    source: str = "test",
) -> ConsentEvent:
    return ConsentEvent(
        id=f"{channel}{topic}{change}{at}{source}",
        person="p",
        channel=channel,
        topic=topic,
        change=change,
        at=at,
        recorded_at=at,
        source=source,
        basis=basis,
    )


granted = partial(event, ConsentChange.OPT_IN)
revoked = partial(event, ConsentChange.OPT_OUT)


def folded(events: Sequence[ConsentEvent]) -> Consents:
    start: Consents = {}
    return reduce(apply, events, start)


def state(
    *events: ConsentEvent, topic: str | None = "promotions", marketing: bool = True, at: Instant = NEVER
) -> str:
    found, _ = state_at(
        folded(events), "whatsapp", topic, at, basis=Basis.EXPLICIT_OPTIN, marketing=marketing
    )
    return found.value


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], "missing"),
        ([granted(10)], "granted"),
        ([granted(10, topic="news")], "missing"),
        ([granted(10, channel="sms")], "wrong_channel"),
        ([granted(10, channel="sms", topic="news")], "missing"),
        ([granted(10, channel="sms"), revoked(11, channel="sms")], "missing"),
        ([granted(10), revoked(11)], "revoked"),
        ([revoked(11)], "revoked"),
        ([granted(10), revoked(11), granted(12)], "granted"),
        ([granted(10), revoked(11), granted(11)], "revoked"),
        ([granted(10), revoked(11, topic="news")], "granted"),
        ([granted(10), revoked(11, channel="sms")], "granted"),
        ([granted(10), revoked(11, topic=EVERYTHING)], "revoked"),
        ([granted(10), revoked(11, topic=EVERYTHING), granted(12, topic=EVERYTHING)], "granted"),
        ([granted(10), revoked(11, topic=EVERYTHING), granted(12)], "granted"),
        ([granted(10), revoked(11, topic=EVERYTHING), granted(12, topic="news")], "revoked"),
        ([granted(10), revoked(11, topic=MARKETING)], "revoked"),
        ([granted(10), revoked(11, topic=MARKETING), granted(12)], "granted"),
        ([revoked(11, topic=EVERYTHING)], "revoked"),
        ([granted(10, channel="sms"), revoked(11, topic=EVERYTHING)], "revoked"),
        ([granted(10), revoked(11), granted(12, topic=EVERYTHING)], "revoked"),
    ],
)
def test_marketing_needs_a_grant_that_no_newer_no_stands_against(
    events: list[ConsentEvent], expected: str
) -> None:
    assert state(*events) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], "granted"),
        ([revoked(11, topic=EVERYTHING)], "revoked"),
        ([revoked(11, topic=EVERYTHING), granted(12, topic=EVERYTHING)], "granted"),
        ([revoked(11, topic=MARKETING)], "granted"),
        ([revoked(11)], "granted"),
    ],
)
def test_utility_without_a_topic_only_needs_that_not_everything_was_revoked(
    events: list[ConsentEvent], expected: str
) -> None:
    assert state(*events, topic=None, marketing=False) == expected


def test_stopping_marketing_leaves_a_utility_topic_open() -> None:
    events = [granted(10, topic="orders"), revoked(11, topic=MARKETING)]
    assert state(*events, topic="orders", marketing=False) == "granted"


def test_a_grant_dated_after_the_send_is_no_evidence_yet() -> None:
    assert state(granted(10), at=9) == "missing"
    assert state(granted(10), at=10) == "granted"


def test_a_recorded_revocation_counts_even_if_it_is_dated_after_the_send() -> None:
    assert state(granted(10), revoked(20), at=15) == "revoked"


def test_writing_first_is_no_box_ticked() -> None:
    wrote = folded([event(basis=Basis.INBOUND_MESSAGE)])
    ticked = folded([event()])

    def under(consents: Consents, basis: Basis) -> ConsentState:
        return state_at(consents, "whatsapp", "promotions", NEVER, basis=basis, marketing=False)[0]

    assert under(wrote, Basis.EXPLICIT_OPTIN) is ConsentState.MISSING
    assert under(wrote, Basis.INBOUND_MESSAGE) is ConsentState.GRANTED
    assert under(ticked, Basis.INBOUND_MESSAGE) is ConsentState.GRANTED


def test_writing_to_us_does_not_undo_a_stop() -> None:
    assert stands_revoked(
        folded([revoked(10), event(at=11, basis=Basis.INBOUND_MESSAGE)])["whatsapp/promotions"]
    )


@pytest.mark.parametrize(
    ("granted_on", "months", "expires"),
    [
        ("2027-01-31T10:00:00Z", 1, "2027-02-28T10:00:00Z"),
        ("2028-01-31T10:00:00Z", 1, "2028-02-29T10:00:00Z"),
        ("2024-02-29T10:00:00Z", 12, "2025-02-28T10:00:00Z"),
        ("2026-12-15T00:00:00Z", 1, "2027-01-15T00:00:00Z"),
        ("2025-06-01T00:00:00Z", 24, "2027-06-01T00:00:00Z"),
        ("2026-11-30T00:00:00Z", 3, "2027-02-28T00:00:00Z"),
    ],
)
def test_evidence_ages_by_calendar_months_up_to_and_including_the_last_moment(
    granted_on: str, months: int, expires: str
) -> None:
    consents = folded([granted(from_iso(granted_on))])
    last = from_iso(expires)

    def at(instant: Instant) -> ConsentState:
        return state_at(
            consents,
            "whatsapp",
            "promotions",
            instant,
            basis=Basis.EXPLICIT_OPTIN,
            max_age_months=months,
            marketing=True,
        )[0]

    assert months_later(from_iso(granted_on), months) == last
    assert at(last) is ConsentState.GRANTED
    assert at(last + 1) is ConsentState.EXPIRED


def test_evidence_may_age_by_exact_time_too() -> None:
    consents = folded([granted(0)])
    states = [
        state_at(
            consents,
            "whatsapp",
            "promotions",
            at,
            basis=Basis.EXPLICIT_OPTIN,
            max_age_ms=DAY_MS,
            marketing=True,
        )
        for at in (DAY_MS, DAY_MS + 1)
    ]
    assert states == [(ConsentState.GRANTED, 0), (ConsentState.EXPIRED, 0)]


def test_what_was_taken_back_is_revoked_however_old_it_was() -> None:
    consents = folded([granted(0), revoked(5)])
    found = state_at(
        consents, "whatsapp", "promotions", NEVER, basis=Basis.EXPLICIT_OPTIN, max_age_ms=1, marketing=True
    )
    assert found == (ConsentState.REVOKED, 0)


def test_the_evidence_kept_is_that_of_what_stands() -> None:
    events = [granted(1, source="import"), revoked(2, source="keyword"), granted(3, source="form")]
    evidence = [folded(events[:n])["whatsapp/promotions"].evidence for n in (1, 2, 3)]
    assert evidence == ["import", "keyword", "form"]


def test_an_event_known_already_gives_back_the_same_record() -> None:
    consents = folded([granted(5), revoked(9)])
    assert apply(consents, granted(5)) is consents
    assert apply(consents, revoked(3)) is consents


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from(ConsentChange),
        st.integers(0, 4),
        topic=st.sampled_from(["promotions", EVERYTHING]),
        basis=st.sampled_from(Basis),
        source=st.sampled_from(["a", "b"]),
    ),
    max_size=8,
)


@given(EVENTS, st.randoms(use_true_random=False))
def test_events_may_come_in_any_order_and_any_number_of_times(
    events: list[ConsentEvent], random: Random
) -> None:
    again = events + random.choices(events, k=4) if events else []
    random.shuffle(again)
    assert folded(again) == folded(events)


@given(EVENTS, st.integers(0, 5))
def test_a_newer_stop_always_wins(events: list[ConsentEvent], delay: int) -> None:
    consents = folded([*events, revoked(4 + delay, topic=EVERYTHING)])
    found, _ = state_at(
        consents, "whatsapp", "promotions", NEVER, basis=Basis.INBOUND_MESSAGE, marketing=False
    )
    assert found is ConsentState.REVOKED


def test_a_consent_with_nothing_in_it_is_missing_not_granted() -> None:
    found, at = state_at(
        {"whatsapp/promotions": Consent()},
        "whatsapp",
        "promotions",
        NEVER,
        basis=Basis.EXPLICIT_OPTIN,
        marketing=True,
    )
    assert (found, at) == (ConsentState.MISSING, None)
