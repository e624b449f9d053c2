"""contacts undo, contacts profile, contacts export."""

from __future__ import annotations

from cli.client import path_of
from cli.invocation import Invocation
from cli.refusal import demanded
from cli.screen import number

OUTCOMES = {"removed": "removed", "restored": "as_before", "kept": "kept", "nothing": "nothing"}
"""By the API's name, ours."""


def undo(invocation: Invocation) -> int:
    """Take an import back, and say of whom it could not be and why."""
    screen, batch = invocation.screen, invocation.arguments.batch
    done = demanded(invocation.client.request("POST", path_of("contacts", "imports", batch, "undo")))
    screen.say("undone", batch=batch, people=number(done["people"]))
    screen.table([(screen.word(words), done[name]) for name, words in OUTCOMES.items()])
    screen.table([(reason["text"], reason["people"]) for reason in done["reasons"]], indent="    ")
    for kept in done["kept_people"]:
        words = "; ".join(problem["text"] for problem in kept["problems"])
        screen.line(f"    {kept['line']}: {kept['person']}: {words}")
    screen.result(done)
    return 0
