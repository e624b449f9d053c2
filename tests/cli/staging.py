"""Commands about a stage on AWS, run with a test's own tools."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from cli.arguments import parse
from cli.client import HomeClient
from cli.deploying import deployed
from cli.destroying import destroyed
from cli.invocation import Invocation
from cli.main import refuse
from cli.refusal import Refusal
from cli.screen import Screen
from cli.stage_secrets import forgotten, listed, was_set
from infra.deployment.site import Tools

COMMANDS: dict[str, Callable[[Invocation, Tools], int]] = {
    "deploying:deploy": deployed,
    "destroying:destroy": destroyed,
    "stage_secrets:forget_old": forgotten,
    "stage_secrets:listing": listed,
}


class Keys(io.StringIO):
    """Somebody at a terminal, who types this."""

    def isatty(self) -> bool:
        return True


def staged(tools: Tools, *argv: str, value: str = "") -> tuple[int, Any]:
    """Run a command with --json; returns its exit status and document. `value`: what is piped in."""
    status, out, _ = said(tools, *argv, "--json", value=value)
    return status, json.loads(out)


def said(
    tools: Tools, *argv: str, value: str = "", typed: str | None = None, language: str = "en"
) -> tuple[int, str, str]:
    """Run a command; returns its exit status, what it said and what it complained. `typed`: on a terminal."""
    arguments = parse(argv)
    out, err = io.StringIO(), io.StringIO()
    keys = io.StringIO(value) if typed is None else Keys(typed)
    as_json = getattr(arguments, "as_json", False)
    screen = Screen(as_json=as_json, language=language, out=out, err=err, keys=keys)
    invocation = Invocation(arguments, HomeClient("/nonexistent"), screen, {})
    try:
        if arguments.run == "stage_secrets:set_secret":
            status = was_set(invocation, tools, value)
        else:
            status = COMMANDS[arguments.run](invocation, tools)
    except Refusal as refusal:
        status = refuse(refusal, screen)
    return status, out.getvalue(), err.getvalue()
