"""Routes of single sends: one message to one person, asked for by another system."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from chalicelib.errors import InvalidRequest, Problem
from chalicelib.web.requests import answered, routes, small_body, text_field

FIELDS = ("person", "key", "parameters")


@routes.route("/api/campaigns/{campaign}/sends", methods=["POST"])
@answered
def send_single(campaign: str) -> Any:
    """Send one message of a utility campaign to one person; the same key is sent once."""
    fields = small_body()
    parameters = fields.get("parameters") or {}
    problems = [
        Problem(
            code="statement.unknown_field",
            path=name[:80],
            params={"field": name[:80], "known": ", ".join(FIELDS)},
        )
        for name in fields.keys() - set(FIELDS)
    ]
    if not isinstance(parameters, dict):
        params = {"field": "parameters"}
        problems.append(Problem(code="statement.not_object", path="parameters", params=params))
    if problems:
        raise InvalidRequest(*problems)
    done = bootstrap.pipeline().send_single(
        campaign, text_field(fields, "person"), key=text_field(fields, "key"), parameters=parameters
    )
    return {
        "broadcast": done.broadcast.id,
        "already": done.already,
        "outcome": "excluded" if done.reason else "planned",
        "reason": done.reason,
    }
