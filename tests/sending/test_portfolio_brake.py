"""The portfolio's brake: pulled by policy stops of several accounts, never by one, or by their own doing."""

from __future__ import annotations

import pytest

from chalicelib.authoring.senders import Sender
from chalicelib.sending.broadcast import SenderControl
from chalicelib.sending.portfolio_brake import is_pulled


def member(waba: str, *stopped: str) -> tuple[Sender, SenderControl]:
    sender = Sender(key=f"s{waba}", phone_number_id=waba, waba_id=waba, portfolio="shop")
    return sender, SenderControl(sender=sender.key, stopped=dict.fromkeys(stopped, 5))


@pytest.mark.parametrize(
    ("members", "pulled"),
    [
        ([member("1", "waba:368"), member("2", "waba:131031")], True),
        ([member("1", "waba:ACCOUNT_RESTRICTION"), member("2", "waba:DISABLED_UPDATE"), member("3")], True),
        ([member("1", "waba:ACCOUNT_REJECTED"), member("2", "waba:ACCOUNT_REJECTED")], True),
        ([member("1", "waba:368", "waba:131031"), member("2")], False),
        ([member("1", "waba:368"), member("1", "waba:368")], False),  # two numbers of one account
        ([member("1", "waba:368"), member("2", "waba:131042")], False),  # a payment is no matter of policy
        ([member("1", "waba:PARTNER_REMOVED"), member("2", "waba:ACCOUNT_DELETED")], False),
        ([member("1", "368"), member("2", "131031")], False),  # senders' own
        ([], False),
    ],
)
def test_two_accounts_stopped_for_policy_pull_it(
    members: list[tuple[Sender, SenderControl]], pulled: bool
) -> None:
    assert is_pulled(members) is pulled
