"""approve, audit: who agrees to what, who did what, and whether the copies of that are whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli.campaigns import show_approval
from cli.client import path_of
from cli.invocation import Invocation, home_of
from cli.refusal import demanded
from cli.screen import clock, number


def approve(invocation: Invocation) -> int:
    """Agree to a plan, or send it back, and show what everybody said of it."""
    arguments, screen = invocation.arguments, invocation.screen
    body = {"comment": arguments.comment, "reject": arguments.reject}
    path = path_of("plans", arguments.hash, "approve")
    done = demanded(invocation.client.request("POST", path, body=body), hash=arguments.hash)
    approval = done["approval"]
    is_free = not approval["missing"] and all(w["worth"] != "sent_back" for w in approval["words"])
    if arguments.reject:
        screen.say("plan_sent_back")
    elif approval["missing"]:
        screen.say("plan_approved_missing", missing=approval["missing"], needed=approval["needed"])
    else:
        screen.say("plan_approved" if is_free else "plan_approved_alone")
    show_approval(screen, approval)
    if is_free:
        screen.say("next", text=f"carillon launch {arguments.hash}")
    screen.result(done)
    return 0


def audit(invocation: Invocation) -> int:
    """Show the newest acts, page by page, until there are as many as were asked for."""
    screen, most = invocation.screen, invocation.arguments.most
    acts: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        query = {"after": after} if after else None
        page = demanded(invocation.client.request("GET", "/api/audit", query=query))
        acts += page["entries"]
        after = page["next"]
        if after is None or len(acts) >= most:
            break
    is_cut = after is not None or len(acts) > most
    acts = acts[:most]
    screen.table([_line(act) for act in acts], indent="")
    if not acts:
        screen.say("no_acts")
    if is_cut:
        screen.say("acts_more")
    screen.result({"entries": acts, "more": is_cut})
    return 0


def verify_copies(invocation: Invocation) -> int:
    """Check a directory with files of the audit trail; exit status 1 when anything is wrong with them."""
    from chalicelib.web.keeping import verify_copies as verified
    from chalicelib.wording import say

    screen, arguments = invocation.screen, invocation.arguments
    home = Path(home_of(arguments, invocation.environment))
    found = verified(Path(arguments.directory) if arguments.directory else home / "archive" / "audit")
    for fault in found["faults"]:
        fault["text"] = say(fault["code"], fault["params"], screen.language)
        screen.complain(fault["text"])
    numbers = {name: number(found[name]) for name in ("files", "entries", "late")}
    if found["last"]:
        screen.say("copies", **numbers, first=found["first"], last=found["last"], until=clock(found["until"]))
        screen.say("copies_last", last=found["last"], sha256=found["sha256"])
    screen.say("copies_whole" if found["whole"] else "copies_not_whole", count=len(found["faults"]))
    screen.result(found)
    return 0 if found["whole"] else 1


def _line(act: dict[str, Any]) -> tuple[str, ...]:
    who = f"{act['who']} ({act['token']})" if act["token"] not in ("", act["who"]) else act["who"]
    return clock(act["at"]), who, act["role"], act["act"], act["on"], act["outcome"]
