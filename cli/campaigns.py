"""validate, plan, launch, test-send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.client import path_of
from cli.estimating import estimate_of
from cli.estimating import show as show_estimate
from cli.invocation import Invocation
from cli.refusal import Refusal, demanded, read_text
from cli.screen import Screen, clock, number
from cli.texts import next_command

MOST_WAVES = 12
"""Waves shown to people; --json has them all."""


def validate(invocation: Invocation) -> int:
    """Name everything wrong with a definition; store nothing."""
    screen, file = invocation.screen, invocation.arguments.file
    source = read_text(file, screen.language)
    answer = invocation.client.request(
        "POST", "/api/campaigns/validate", body={"source": source, "file": file}
    )
    checked = demanded(answer)
    warn(screen, checked)
    screen.say("valid", file=file)
    screen.result(checked)
    return 0


def test(invocation: Invocation) -> int:
    """Run a definition's own tests; a failed one refuses."""
    screen, file = invocation.screen, invocation.arguments.file
    source = read_text(file, screen.language)
    told = demanded(
        invocation.client.request("POST", "/api/campaigns/tests", body={"source": source, "file": file})
    )
    for one in told["tests"]:
        screen.say("test_passed" if one["passed"] else "test_failed", name=one["name"])
        for d in one["differences"]:
            screen.say("test_difference", what=d["what"], expected=d["expected"], found=d["found"])
    if not told["tests"]:
        screen.say("no_tests", file=file)
    screen.result(told)
    return 0 if told["passed"] else 1


def warn(screen: Screen, answer: Mapping[str, Any]) -> None:
    """Print the warnings of an answer."""
    for warning in answer.get("warnings") or ():
        screen.say("warning", text=warning.get("text") or warning.get("code"))


def plan(invocation: Invocation) -> int:
    """Upload a definition, plan it, and show the plan."""
    screen, arguments = invocation.screen, invocation.arguments
    source = read_text(arguments.file, screen.language)
    uploaded = demanded(
        invocation.client.request("POST", "/api/campaigns", body={"source": source, "file": arguments.file}),
        file=arguments.file,
    )
    planned = planned_as(invocation, uploaded["campaign"], at=arguments.at, again=arguments.again)
    show_plan(screen, planned)
    estimate = estimate_of(getattr(arguments, "api", None) or "", int(planned.get("planned") or 0))
    show_estimate(screen, estimate)
    screen.result(planned | ({"aws": estimate} if estimate else {}))
    return 0


def planned_as(invocation: Invocation, campaign: str, *, at: str | None, again: bool) -> dict[str, Any]:
    """Plan a campaign and wait until it is sealed. Raises Refusal when the plan failed."""
    client, screen = invocation.client, invocation.screen
    started = demanded(
        client.request("POST", path_of("campaigns", campaign, "plans"), body={"at": at, "again": again})
    )
    latest: dict[str, Any] = dict(started)

    def is_over() -> bool:
        latest.clear()
        latest.update(demanded(client.request("GET", path_of("plans", started["plan"]))))
        screen.progress(screen.word("planning", done=latest.get("done"), tasks=latest.get("tasks")))
        return bool(latest["state"] != "planning")

    client.settle(is_over)
    screen.clear_progress()
    if latest["state"] != "sealed":
        problems = latest.get("problems") or []
        message = problems[0].get("text") if problems else f"the plan is {latest['state']}"
        code = f"plan_{latest['state']}"
        raise Refusal(code, str(message), next_command(code, file=invocation.arguments.file), problems)
    return latest


def show_plan(screen: Screen, planned: Mapping[str, Any]) -> None:
    """Print a sealed plan for people."""
    screen.say("plan", hash=planned["hash"])
    excluded = planned.get("excluded") or {}
    screen.table(
        [
            (screen.word("campaign"), f"{planned.get('campaign')}#{planned.get('run')}"),
            (screen.word("audience"), planned.get("audience")),
            (screen.word("planned"), planned.get("planned")),
            (screen.word("excluded"), sum(excluded.values())),
        ]
    )
    screen.counts(excluded)
    show_waves(screen, planned.get("waves") or [])
    languages = ", ".join(f"{k} {number(n)}" for k, n in (planned.get("languages") or {}).items())
    countries = planned.get("countries") or {}
    most = ", ".join(f"{k} {number(n)}" for k, n in list(countries.items())[:8])
    screen.table(
        [
            (screen.word("countries"), f"{len(countries)}: {most}"),
            (screen.word("languages"), languages),
            *(
                (screen.word(k), clock(planned.get(k)))
                for k in ("first_send", "last_send", "last_safe_launch")
            ),
        ]
    )
    show_approval(screen, planned.get("approval") or {})
    warn(screen, planned)


def show_approval(screen: Screen, approval: Mapping[str, Any]) -> None:
    """Print who agrees to a plan, who sent it back, and how many are missing."""
    words = approval.get("words") or []
    if approval.get("needed") or words:
        screen.line(f"  {screen.word('approvals')}: {approval['given']}/{approval['needed']}")
    rows = [(w["who"], screen.word(f"worth_{w['worth']}"), clock(w["at"]), w["comment"]) for w in words]
    screen.table(rows, indent="    ")


def show_waves(screen: Screen, waves: list[dict[str, Any]], most: int = MOST_WAVES) -> None:
    """Print waves in order of time, the first ones only when there are many."""
    screen.line(f"  {screen.word('waves')}: {len(waves)}")
    rows = [(clock(w["at"]), w["people"], w.get("state", "")) for w in waves[:most]]
    screen.table(rows, indent="    ")
    if len(waves) > most:
        screen.line("    " + screen.word("waves_more", n=len(waves) - most))


def launch(invocation: Invocation) -> int:
    """Start the plan's broadcast and wait until its waves are set."""
    screen = invocation.screen
    launched = launched_as(invocation, invocation.arguments.hash)
    screen.say("already" if launched["already"] else "launched", broadcast=launched["broadcast"])
    if not getattr(invocation.arguments, "api", None):
        screen.say("needs_worker")
    screen.say("next", text=f"carillon status {launched['broadcast']} --watch")
    screen.result(launched)
    return 0


def launched_as(invocation: Invocation, plan_hash: str) -> dict[str, Any]:
    """Launch a hash and wait until the broadcast is past launching."""
    client = invocation.client
    launched: dict[str, Any] = demanded(
        client.request("POST", path_of("plans", plan_hash, "launch"), body={}), hash=plan_hash
    )

    def is_open() -> bool:
        found = demanded(client.request("GET", path_of("broadcasts", launched["broadcast"])))
        launched["state"] = found["state"]
        return bool(found["state"] != "launching")

    client.settle(is_open)
    return launched


def test_send(invocation: Invocation) -> int:
    """Send one rendering to one phone."""
    screen, arguments = invocation.screen, invocation.arguments
    fields = {
        "source": read_text(arguments.file, screen.language),
        "file": arguments.file,
        "contact": arguments.contact,
        "to": arguments.to,
    }
    sent = demanded(invocation.client.request("POST", "/api/test-sends", body=fields), file=arguments.file)
    if not sent.get("wamid"):
        reason = str(sent.get("refused") or "refused")
        raise Refusal(
            "test_send_refused", reason, problems=[{**sent, "code": "test_send_refused", "text": reason}]
        )
    screen.say(
        "test_sent",
        to=sent.get("to") or arguments.to or arguments.contact,
        language=sent.get("language"),
        wamid=sent["wamid"],
    )
    screen.line(str(sent.get("text") or ""))
    screen.result(sent)
    return 0
