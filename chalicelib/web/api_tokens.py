"""Routes of API tokens: who has one opens the whole API."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from chalicelib.web import shapes
from chalicelib.web.requests import answered, routes, small_body, text_field


@routes.route("/api/tokens", methods=["POST"])
@answered
def create_token() -> Any:
    """Make a token. Its text is in this answer and nowhere else."""
    text, token = bootstrap.pipeline().create_token(text_field(small_body(), "name"))
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
