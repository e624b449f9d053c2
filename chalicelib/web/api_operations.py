"""Routes of whoever keeps it running: health, dead letters."""

from __future__ import annotations

from typing import Any

from chalice import Response

from chalicelib import bootstrap
from chalicelib.web import shapes
from chalicelib.web.requests import answered, json_answer, query, routes


@routes.route("/health", methods=["GET"])
def health() -> Response:
    """Alive, and which version of what."""
    return json_answer(200, shapes.health(bootstrap.pipeline()))


@routes.route("/api/dead-letters", methods=["GET"])
@answered
def dead_letters() -> Any:
    """Messages that failed too often, at most ten of each queue."""
    letters = bootstrap.pipeline().dead_letters(query("queue"))
    return {"letters": [{"queue": x.queue, "receives": x.receives, "body": x.body} for x in letters]}


@routes.route("/api/dead-letters/replay", methods=["POST"])
@answered
def replay_dead_letters() -> Any:
    """Give them back to their handlers."""
    return {"replayed": bootstrap.pipeline().replay_dead_letters(query("queue"))}
