"""Routes of API tokens: what opens the API to somebody, as far as a role, areas and a time allow."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from chalicelib.authoring.actor import Role
from chalicelib.web import shapes
from chalicelib.web.requests import answered, routes, small_body, text_field, texts_field


@routes.route("/api/tokens", methods=["POST"])
@answered
def create_token() -> Any:
    """Make a token. Its text is in this answer and nowhere else."""
    fields = small_body()
    text, token = bootstrap.pipeline().create_token(
        text_field(fields, "name"),
        role=text_field(fields, "role", Role.ADMIN.value),
        owner=text_field(fields, "owner", ""),
        scope=texts_field(fields, "scope"),
        expires=text_field(fields, "expires", ""),
    )
    return shapes.token(token) | {"secret": text}


@routes.route("/api/tokens", methods=["GET"])
@answered
def tokens() -> Any:
    """Every token's number, name and dates; never its text."""
    return {"tokens": [shapes.token(token) for token in bootstrap.pipeline().tokens()]}


@routes.route("/api/tokens/{token}/revoke", methods=["POST"])
@answered
def revoke_token(token: str) -> Any:
    """Close the API to a token, from the next request on."""
    return shapes.token(bootstrap.pipeline().revoke_token(token))
