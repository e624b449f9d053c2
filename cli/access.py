"""audit: who did what."""

from __future__ import annotations

from typing import Any

from cli.invocation import Invocation
from cli.refusal import demanded
from cli.screen import clock


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


def _line(act: dict[str, Any]) -> tuple[str, ...]:
    who = f"{act['who']} ({act['token']})" if act["token"] not in ("", act["who"]) else act["who"]
    return clock(act["at"]), who, act["role"], act["act"], act["on"], act["outcome"]
