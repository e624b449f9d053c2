"""token create, list, revoke: who may use the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.client import path_of
from cli.invocation import Invocation
from cli.refusal import demanded
from cli.screen import Screen, clock


def create(invocation: Invocation) -> int:
    """Make a token and show it, this once."""
    arguments = invocation.arguments
    body = {
        "name": arguments.name,
        "role": arguments.role,
        "owner": arguments.owner,
        "scope": arguments.scope,
        "expires": arguments.expires,
    }
    made = demanded(invocation.client.request("POST", "/api/tokens", body=body))
    invocation.screen.say("token_made", token=made["token"], name=made["name"], role=made["role"])
    invocation.screen.line(made["secret"])
    invocation.screen.result(made)
    return 0


def show(invocation: Invocation) -> int:
    """List the tokens, without their secrets."""
    screen = invocation.screen
    found = demanded(invocation.client.request("GET", "/api/tokens"))
    screen.table(
        [
            (
                token["token"],
                token["name"],
                token["owner"],
                token["role"],
                ",".join(token["scope"]),
                clock(token["created_at"]),
                until(screen, token),
            )
            for token in found["tokens"]
        ],
        indent="",
    )
    if not found["tokens"]:
        screen.say("no_tokens")
    screen.result(found)
    return 0


def until(screen: Screen, token: Mapping[str, Any]) -> str:
    """Return when a token ended or will end, "" for one that goes on."""
    if token["revoked_at"]:
        return f"{screen.word('revoked')} {clock(token['revoked_at'])}"
    return f"{screen.word('expires')} {clock(token['expires_at'])}" if token["expires_at"] else ""


def revoke(invocation: Invocation) -> int:
    """Close the API to a token."""
    path = path_of("tokens", invocation.arguments.token, "revoke")
    done = demanded(invocation.client.request("POST", path, body={}))
    invocation.screen.say("token_revoked", token=done["token"], name=done["name"])
    invocation.screen.result(done)
    return 0
