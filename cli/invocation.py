"""One run of a command: its arguments, the API, and where to speak."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cli.client import Client
from cli.screen import Screen


@dataclass(frozen=True, slots=True)
class Invocation:
    """What every command is given."""

    arguments: argparse.Namespace
    client: Client
    screen: Screen
    environment: Mapping[str, str]


Command = Callable[[Invocation], int]


def home_of(arguments: argparse.Namespace, environment: Mapping[str, str]) -> str:
    """Return the embedded data directory: --home, else CARILLON_HOME, else ./.home."""
    return getattr(arguments, "home", None) or environment.get("CARILLON_HOME") or ".home"
