"""Routes of single sends: one message to one person, asked for by another system."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from chalicelib.errors import InvalidRequest, Problem
from chalicelib.web import shapes_broadcasts
from chalicelib.web.requests import accepted, answered, language, routes, small_body

FIELDS = ("contact", "key", "parameters")


@routes.route("/api/campaigns/{campaign}/sends", methods=["POST"])
@accepted
def send_single(campaign: str) -> Any:
    """Send one message of a campaign to one person, at once and through every gate; once per key."""
    fields = small_body()
    return shapes_broadcasts.single_accepted(
        bootstrap.pipeline().send_single(
            campaign, fields.get("contact", ""), key=fields.get("key", ""), parameters=_parameters(fields)
        )
    )


@routes.route("/api/sends/{send}", methods=["GET"])
@answered
def single(send: str) -> Any:
    """What became of a single send: its outcome, the reason in words, and when what happened."""
    return shapes_broadcasts.single_status(*bootstrap.pipeline().single_status(send), language())


def _parameters(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters, {} for none. Raises InvalidRequest with all that is wrong with the fields."""
    known = ", ".join(FIELDS)
    problems = [
        Problem(code="statement.unknown_field", path=name[:80], params={"field": name[:80], "known": known})
        for name in fields.keys() - set(FIELDS)
    ]
    for name in ("contact", "key"):
        if not isinstance(fields.get(name, ""), str):
            problems.append(Problem(code="statement.not_text", path=name, params={"field": name}))
    parameters = fields.get("parameters")
    if not isinstance(parameters, dict | None):
        params = {"field": "parameters"}
        problems.append(Problem(code="statement.not_object", path="parameters", params=params))
    if problems:
        raise InvalidRequest(*problems)
    return parameters or {}
