"""dead-letters: messages whose handler failed too often, shown or given back."""

from __future__ import annotations

import json

from cli.invocation import Invocation
from cli.refusal import demanded
from cli.screen import clock

SHOWN_CHARACTERS = 120


def letters(invocation: Invocation) -> int:
    """Show dead letters, or with --replay give them back to their handlers."""
    screen, arguments, client = invocation.screen, invocation.arguments, invocation.client
    query = {"queue": arguments.queue} if arguments.queue else {}
    if arguments.replay:
        done = demanded(client.request("POST", "/api/dead-letters/replay", query=query))
        screen.say("replayed", count=done["replayed"])
        screen.result(done)
        return 0
    found = demanded(client.request("GET", "/api/dead-letters", query=query))
    screen.table([(x["queue"], x["receives"], _beginning(x["body"])) for x in found["letters"]])
    if not found["letters"]:
        screen.say("no_letters")
    screen.result(found)
    return 0


def queues(invocation: Invocation) -> int:
    """List the queues: how much waits, is in hand, is delayed, is dead."""
    screen = invocation.screen
    found = demanded(invocation.client.request("GET", "/api/queues"))
    columns = ("waiting", "in_hand", "delayed", "dead")
    head = (screen.word("queue"), *(screen.word(f"queue_{name}") for name in columns), screen.word("oldest"))
    rows = [(q["queue"], *(q[name] for name in columns), clock(q["oldest_at"])) for q in found["queues"]]
    screen.table([head, *rows], indent="")
    screen.result(found)
    return 0


def _beginning(body: str) -> str:
    """Return as much of a body as fits a line, on one line."""
    shown = json.dumps(body, ensure_ascii=False)[1:-1]
    return shown if len(shown) <= SHOWN_CHARACTERS else shown[: SHOWN_CHARACTERS - 1] + "…"
