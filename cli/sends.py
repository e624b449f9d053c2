"""send: one message of a campaign to one person, once per key."""

from __future__ import annotations

from cli.client import path_of
from cli.invocation import Invocation
from cli.refusal import demanded


def send(invocation: Invocation) -> int:
    """Ask for one message; asking again with the same key and words sends nothing more."""
    arguments, screen = invocation.arguments, invocation.screen
    body = {"contact": arguments.to, "key": arguments.key, "parameters": dict(arguments.set)}
    path = path_of("campaigns", arguments.campaign, "sends")
    done = demanded(invocation.client.request("POST", path, body=body))
    screen.say("send_kept", send=done["send"])
    screen.say("next", text=f"carillon explain {done['send']} {arguments.to}")
    screen.result(done)
    return 0
