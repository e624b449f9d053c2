"""verify: does a broadcast add up? Exit status 1 when it does not."""

from __future__ import annotations

from cli.client import path_of
from cli.invocation import Invocation
from cli.refusal import demanded


def verify(invocation: Invocation) -> int:
    """Prove a broadcast's sum and name whatever does not add up."""
    screen, name = invocation.screen, invocation.arguments.broadcast
    done = demanded(
        invocation.client.request("POST", path_of("broadcasts", name, "verify"), body={}), broadcast=name
    )
    screen.line(f"{done['broadcast']} {done['state']}")
    receipts = done["receipts"]
    screen.table(
        [
            (screen.word("audience"), done["audience"]),
            (screen.word("accounted"), done["accounted"]),
            (screen.word("accepted"), receipts["accepted"]),
            (screen.word("confirmed"), receipts["confirmed"]),
            (screen.word("unconfirmed"), receipts["unconfirmed"]),
        ]
    )
    differ = done["counters"]["differ"]
    for counter, values in differ.items():
        screen.say("counter_differs", counter=counter, **values)
    if differ:
        screen.say("counters_rewritten" if done["counters"]["rewritten"] else "counters_moving")
    for fault in done["faults"]:
        screen.complain(fault["text"])
    screen.say("adds_up" if done["adds_up"] else "does_not_add_up", count=done["fault_count"])
    screen.result(done)
    return 0 if done["adds_up"] else 1
