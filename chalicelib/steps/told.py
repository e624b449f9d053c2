"""Senders as the platform has them now: its last word on tier and throughput goes before senders.yaml."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.authoring.senders import Sender
from chalicelib.sending.pacing import limit_now
from chalicelib.sending.quota import tier_now
from chalicelib.steps.home import Home


def sender_as_told(home: Home, key: str) -> Sender:
    """Return a sender with the tier and the limit that bind now. Raises Refused for an unknown one."""
    sender = home.sender(key)
    return replace(
        sender,
        tier=tier_now(home.ports.senders.quota(sender.portfolio), sender.tier),
        max_per_second=limit_now(sender, home.ports.senders.get(key)),
    )
