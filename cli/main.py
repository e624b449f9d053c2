"""`carillon`: read the command line, run one command, turn what went wrong into a sentence.

Exit status: 0 done, 1 refused with reasons, 2 wrong usage. CARILLON_DEBUG=1 shows tracebacks.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Mapping, Sequence

from cli.arguments import Usage, parse
from cli.client import Client, HomeClient, HttpClient
from cli.invocation import Command, Invocation, home_of
from cli.refusal import Refusal, refusal_of
from cli.screen import Screen
from cli.texts import language_of

DONE, REFUSED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> int:
    """Run the command line and return its exit status."""
    given = sys.argv[1:] if argv is None else list(argv)
    env = os.environ if environment is None else environment
    try:
        arguments = parse(given)
    except Usage as wrong:
        return wrong_usage(wrong, Screen(as_json="--json" in given))
    return run(arguments, env)


def run(arguments: argparse.Namespace, env: Mapping[str, str], client: Client | None = None) -> int:
    """Run one parsed command; `client` replaces the one that the arguments name."""
    language = language_of(getattr(arguments, "language", None), env.get("LC_ALL") or env.get("LANG", ""))
    screen = Screen(as_json=getattr(arguments, "as_json", False), language=language)
    chosen = client or client_of(arguments, env, language)
    try:
        return command_of(arguments.run)(Invocation(arguments, chosen, screen, env))
    except KeyboardInterrupt:
        screen.complain(screen.word("interrupted"))
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at exit
        return REFUSED
    except Exception as error:  # the last line of defence: a sentence, not a traceback
        if env.get("CARILLON_DEBUG") == "1":
            raise
        return refuse(refusal_of(error, arguments, language), screen)
    finally:
        chosen.close()


def command_of(name: str) -> Command:
    """Return the function "module:function" names; only the command that runs is imported."""
    module, function = name.split(":")
    found: Command = getattr(importlib.import_module(f"cli.{module}"), function)
    return found


def client_of(arguments: argparse.Namespace, env: Mapping[str, str], language: str) -> Client:
    """Return the API at --api, else the home at --home or CARILLON_HOME, else ./.home."""
    url = getattr(arguments, "api", None)
    if url:
        return HttpClient(url, token=env.get("CARILLON_TOKEN", ""), language=language)
    return HomeClient(home_of(arguments, env), language=language)


def refuse(refusal: Refusal, screen: Screen) -> int:
    """Say every reason and the next command; exit status 1."""
    for line in refusal.lines(screen.language):
        screen.complain(line)
    screen.result(refusal.document())
    return REFUSED


def wrong_usage(wrong: Usage, screen: Screen) -> int:
    """Say what is wrong with the command line; exit status 2."""
    screen.complain(f"{wrong.usage}\ncarillon: {wrong}\nnext: carillon --help")
    screen.result({"code": "wrong_usage", "message": str(wrong), "problems": [], "next": "carillon --help"})
    return WRONG_USAGE


def not_available(invocation: Invocation) -> int:
    """Refuse a command that is designed but not built."""
    arguments = invocation.arguments
    name = " ".join(filter(None, (arguments.command, getattr(arguments, "action", ""))))
    raise Refusal(
        "not_available_yet", invocation.screen.word("not_available", command=name), "carillon --help"
    )
