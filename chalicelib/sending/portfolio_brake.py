"""The portfolio's brake: when WhatsApp acts against several accounts of one business, the rest of it waits.

No code and no webhook names a whole portfolio. What the platform does to a
business shows in its accounts, one after the other, and going on from the next
one makes it worse. So this is our own rule, and it ends by itself when the
platform, or a person, lets all but one of the accounts go on.
"""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.authoring.senders import Sender
from chalicelib.sending.broadcast import SenderControl
from chalicelib.sending.outcome import Scope
from chalicelib.sending.stops import key_of

CAUSE = "ACCOUNTS_STOPPED"
ACCOUNTS = 2
"""So many accounts of one portfolio have to be stopped."""
POLICY_CAUSES = ("368", "131031", "ACCOUNT_RESTRICTION", "DISABLED_UPDATE", "ACCOUNT_REJECTED")
"""What the platform does for its policy. Payment, deleting and disconnecting are one account's matter."""
_KEYS = frozenset(key_of(Scope.WABA, cause) for cause in POLICY_CAUSES)


def is_pulled(members: Iterable[tuple[Sender, SenderControl]]) -> bool:
    """Say whether the stops of a portfolio's senders are those of enough of its accounts."""
    stopped = {sender.waba_id for sender, control in members if _KEYS & control.stopped.keys()}
    return len(stopped) >= ACCOUNTS
