"""Joining: whoever comes to an account later is stopped with it, and leaves behind what was not their own."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.authoring.senders import Sender
from chalicelib.sending.broadcast import Doubt, SenderControl
from chalicelib.sending.joining import joined

OURS = Sender(key="b", phone_number_id="2", waba_id="100", portfolio="shop")
OTHER = Sender(key="a", phone_number_id="1", waba_id="100", portfolio="shop")
ELSEWHERE = Sender(key="c", phone_number_id="3", waba_id="200", portfolio="shop")
FRESH = SenderControl(sender="b")
STOPPED = SenderControl(
    sender="a",
    stopped={"190": 5, "waba:368": 6, "waba:ACCOUNT_RESTRICTION": 7, "portfolio:ACCOUNTS_STOPPED": 8},
    ends={"waba:ACCOUNT_RESTRICTION": 90},
    heard={"waba:ACCOUNT_RESTRICTION": 7},
    stopped_templates={"promo": 9, "promo|fr": 10},
    stopped_countries={"MA|marketing": 11},
    causes={"promo": "132000", "MA|marketing": "130497"},
    doubts={"promo": (Doubt(broadcast="x.1", who="ab", accepted=1),)},
    factor=0.5,
    quality="RED",
)


def test_a_sender_added_to_an_account_has_its_stops_and_nothing_that_is_another_numbers_own() -> None:
    found = joined(FRESH, OURS, [(OTHER, STOPPED)])
    assert found == SenderControl(
        sender="b",
        account="100|shop",
        stopped={"waba:368": 6, "waba:ACCOUNT_RESTRICTION": 7, "portfolio:ACCOUNTS_STOPPED": 8},
        ends={"waba:ACCOUNT_RESTRICTION": 90},
        heard={"waba:ACCOUNT_RESTRICTION": 7},
        stopped_templates={"promo": 9, "promo|fr": 10},
        stopped_countries={"MA|marketing": 11},
        causes={"promo": "132000", "MA|marketing": "130497"},
    )


def test_of_another_account_of_the_portfolio_only_the_portfolios_stops_come_along() -> None:
    found = joined(FRESH, OURS, [(ELSEWHERE, STOPPED)])
    assert found == replace(FRESH, account="100|shop", stopped={"portfolio:ACCOUNTS_STOPPED": 8})


def test_whoever_moves_to_another_account_leaves_its_stops_and_keeps_its_own_and_its_portfolios() -> None:
    before = replace(STOPPED, sender="b", account="100|shop")
    found = joined(before, replace(OURS, waba_id="300"), [])
    assert found.stopped == {"190": 5, "portfolio:ACCOUNTS_STOPPED": 8}
    left = (found.ends, found.heard, found.stopped_templates, found.stopped_countries, found.causes)
    assert left == ({}, {}, {}, {}, {})
    assert (found.doubts, found.factor, found.quality) == ({}, 0.5, "RED")


def test_whoever_moves_to_another_portfolio_leaves_that_ones_stops_alone() -> None:
    before = replace(STOPPED, sender="b", account="100|shop")
    found = joined(before, replace(OURS, portfolio="new"), [])
    assert found.stopped == {"190": 5, "waba:368": 6, "waba:ACCOUNT_RESTRICTION": 7}
    assert found.stopped_templates == STOPPED.stopped_templates


def test_a_stop_that_both_have_began_with_the_first_and_ends_as_its_own_does() -> None:
    ours = SenderControl(sender="b", stopped={"waba:368": 4}, heard={"waba:368": 40})
    theirs = SenderControl(sender="a", stopped={"waba:368": 6}, ends={"waba:368": 50}, heard={"waba:368": 30})
    found = joined(ours, OURS, [(OTHER, theirs)])
    assert (found.stopped, found.ends, found.heard) == ({"waba:368": 4}, {}, {"waba:368": 40})


KEYS = st.sampled_from(["190", "waba:368", "waba:DISABLED_UPDATE", "portfolio:ACCOUNTS_STOPPED"])
CONTROLS = st.builds(
    lambda stopped: SenderControl(sender="a", stopped=stopped), st.dictionaries(KEYS, st.integers(1, 9))
)


@given(CONTROLS, st.lists(st.tuples(st.sampled_from([OTHER, ELSEWHERE]), CONTROLS), max_size=4))
def test_the_order_of_the_others_does_not_matter_and_joining_again_changes_nothing(
    control: SenderControl, others: list[tuple[Sender, SenderControl]]
) -> None:
    found = joined(control, OURS, others)
    assert joined(control, OURS, others[::-1]) == found
    assert joined(found, OURS, others) == found
