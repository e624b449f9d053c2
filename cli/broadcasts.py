"""status, pause, resume, cancel, stops, report, explain."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from cli.campaigns import show_plan, show_waves
from cli.client import path_of
from cli.invocation import Invocation
from cli.refusal import demanded
from cli.screen import Screen, clock, number, share

HASH = re.compile(r"[0-9a-f]{64}")
"""Of a plan; no broadcast is called so."""
ENDED = ("completed", "cancelled")
WATCH_SECONDS = 0.5
LINE_SECONDS = 5.0
"""Between two lines where no terminal can show a moving one."""

COUNTS = ("accepted", "sent", "delivered", "read", "replied", "failed", "uncertain", "excluded")


def status(invocation: Invocation) -> int:
    """Show one broadcast, or list them all."""
    arguments = invocation.arguments
    if arguments.broadcast is None:
        return _list(invocation)
    if HASH.fullmatch(arguments.broadcast):
        return _plan(invocation)
    found = _watched(invocation) if arguments.watch else _found(invocation)
    show_status(invocation.screen, found)
    invocation.screen.result(found)
    return 0


def _list(invocation: Invocation) -> int:
    screen = invocation.screen
    listed = demanded(invocation.client.request("GET", "/api/broadcasts"))
    rows = [
        (b["broadcast"], b["state"], b.get("planned"), clock(b.get("launched_at")))
        for b in listed["broadcasts"]
    ]
    screen.table(rows, indent="")
    if not rows:
        screen.say("none_launched")
    screen.result(listed)
    return 0


def _plan(invocation: Invocation) -> int:
    """Show a plan by its hash, with who agrees to it."""
    screen, plan_hash = invocation.screen, invocation.arguments.broadcast
    found = demanded(invocation.client.request("GET", path_of("plans", plan_hash)), hash=plan_hash)
    if "hash" in found:
        show_plan(screen, found)
    else:
        screen.line(f"{plan_hash} {found['state']}")
    screen.result(found)
    return 0


def _found(invocation: Invocation) -> dict[str, Any]:
    name = invocation.arguments.broadcast
    found: dict[str, Any] = demanded(
        invocation.client.request("GET", path_of("broadcasts", name)), broadcast=name
    )
    return found


def _watched(invocation: Invocation) -> dict[str, Any]:
    """Follow a broadcast to its end, or until Ctrl-C; returns what was seen last."""
    screen, said_at = invocation.screen, 0.0
    found = _found(invocation)
    try:
        while found["state"] not in ENDED:
            screen.progress(status_line(screen, found))
            if not screen.is_terminal and time.monotonic() - said_at >= LINE_SECONDS:
                screen.line(status_line(screen, found))
                said_at = time.monotonic()
            time.sleep(WATCH_SECONDS)
            found = _found(invocation)
    except KeyboardInterrupt:
        pass  # the broadcast goes on; only the watching ends
    return found


def status_line(screen: Screen, found: Mapping[str, Any]) -> str:
    """Return the live numbers in one line."""
    counts = found.get("counts") or {}
    parts = [f"{screen.word(name)} {number(counts[name])}" for name in COUNTS if counts.get(name)]
    idle = f"({found['idle']})" if found.get("idle") else f"({found.get('rate_per_second')}/s)"
    return f"{found['broadcast']} {found['state']} {idle} " + ", ".join(parts)


def show_status(screen: Screen, found: Mapping[str, Any]) -> None:
    """Print a broadcast's live state."""
    counts = found.get("counts") or {}
    screen.line(f"{found['broadcast']}")
    rows: list[tuple[str, object]] = [
        (screen.word("state"), found["state"]),
        (screen.word("audience"), found.get("audience")),
        (screen.word("planned"), found.get("planned")),
        *((screen.word(name), counts[name]) for name in COUNTS if name in counts),
        (screen.word("rate"), f"{found.get('rate_per_second')} / {found.get('limit_per_second')}"),
    ]
    if found.get("held"):
        rows.append((screen.word("held"), screen.word("held_because", **found["held"])))
    elif found.get("paused_because"):
        rows.append((screen.word("paused_because"), found["paused_because"]))
    if found.get("idle"):
        because = f": {found['idle_because']}" if found.get("idle_because") else ""
        rows.append((screen.word("idle"), found["idle"] + because))
    said = found.get("idle_because") or ""
    rows += [
        (screen.word("stopped_now"), s["text"]) for s in found.get("stops") or () if s["text"] not in said
    ]
    if found.get("next_wave"):
        rows.append((screen.word("next_wave"), clock(found["next_wave"])))
    screen.table(rows)
    show_waves(screen, found.get("waves") or [])


def order(invocation: Invocation) -> int:
    """Pause, resume or cancel; or resume what a stop holds."""
    arguments = invocation.arguments
    if getattr(arguments, "stop", None):
        return _lift(invocation)
    path = path_of("broadcasts", arguments.broadcast, arguments.command)
    lost_at = getattr(arguments, "lost_at", None)
    body = {"lost_at": lost_at} if lost_at else {}
    done = demanded(invocation.client.request("POST", path, body=body), broadcast=arguments.broadcast)
    handed_over = done.get("already_handed_over")
    count = len(handed_over) if isinstance(handed_over, list) else handed_over or 0
    invocation.screen.say("ordered", broadcast=done["broadcast"], state=done["state"], n=count)
    for warning in done.get("warnings") or ():
        invocation.screen.complain(invocation.screen.word("warning", text=warning["text"]))
    invocation.screen.result(done)
    return 0


def _lift(invocation: Invocation) -> int:
    screen, stop = invocation.screen, invocation.arguments.stop
    done = demanded(invocation.client.request("POST", "/api/stops/resume", body={"stop": stop}))
    for lifted in done["stops"]:
        screen.say("lifted", stop=lifted["stop"], senders=", ".join(lifted["senders"]))
    screen.result(done)
    return 0


def stops(invocation: Invocation) -> int:
    """List what nothing may leave for, and why."""
    screen = invocation.screen
    found = demanded(invocation.client.request("GET", "/api/stops"))
    screen.table([(s["stop"], ", ".join(s["senders"]), s["text"]) for s in found["stops"]], indent="")
    if not found["stops"]:
        screen.say("no_stops")
    screen.result(found)
    return 0


def report(invocation: Invocation) -> int:
    """Print the exact report."""
    name = invocation.arguments.broadcast
    path = path_of("broadcasts", name, "report")
    found = demanded(invocation.client.request("GET", path), broadcast=name)
    show_report(invocation.screen, found)
    invocation.screen.result(found)
    return 0


def show_report(screen: Screen, found: Mapping[str, Any]) -> None:
    """Print where everybody is, and every rate with what it is a share of."""
    screen.line(f"{found.get('broadcast', '')} {found.get('state', '')}".strip())
    screen.table([(screen.word("audience"), found["audience"])])
    for name in ("excluded", "waiting", "failed"):
        people = found.get(name) or {}
        screen.table([(screen.word(name), sum(people.values()))])
        screen.counts(people)
    plain = ("claimed", "uncertain", "accepted", "sent", "delivered", "read", "replied", "opt_outs")
    screen.table([(screen.word(name), found[name]) for name in plain if name in found])
    screen.table([_rate_row(screen, rate) for rate in found.get("rates") or ()], indent="    ")
    if found.get("median_reply_seconds") is not None:
        screen.line("  " + screen.word("median_reply", seconds=round(found["median_reply_seconds"], 1)))
    if found.get("uncertain_people"):
        screen.line("  " + screen.word("uncertain_people"))
        screen.table([(person,) for person in found["uncertain_people"][:20]], indent="    ")
    screen.line("  " + screen.word("complete" if found["complete"] else "incomplete"))


def _rate_row(screen: Screen, rate: Mapping[str, Any]) -> tuple[object, ...]:
    whole = screen.word(str(rate.get("of_name") or ""))
    part = number(rate.get("count"))
    of = screen.word("of", part=part, whole=f"{number(rate['of'])} {whole}".strip())
    return screen.word(rate["name"]), share(rate["value"]), of


def explain(invocation: Invocation) -> int:
    """Print every gate with what it saw, and what happened since."""
    arguments, screen = invocation.arguments, invocation.screen
    path = path_of("broadcasts", arguments.broadcast, "people", arguments.person)
    found = demanded(invocation.client.request("GET", path), broadcast=arguments.broadcast)
    rows = [(screen.word(k), found[k]) for k in ("outcome", "reason") if found.get(k)]
    rows += [(screen.word("instant"), clock(found["instant"]))] if found.get("instant") else []
    screen.line(str(found["person"]))
    screen.table(rows)
    screen.line("  " + screen.word("gates"))
    verdicts = {True: "passed", False: "stopped", None: "not_reached"}
    screen.table(
        [(screen.word(verdicts[g["passed"]]), g["gate"], g["saw"]) for g in found["gates"]], indent="    "
    )
    if found["events"]:
        screen.line("  " + screen.word("events"))
    screen.table([(clock(e["at"]), e["what"]) for e in found["events"]], indent="    ")
    screen.result(found)
    return 0
