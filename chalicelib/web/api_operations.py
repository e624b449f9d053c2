"""Routes of whoever keeps it running: health, stops, dead letters."""

from __future__ import annotations

from typing import Any

from chalice import Response

from chalicelib import bootstrap
from chalicelib.web import shapes, shapes_broadcasts
from chalicelib.web.requests import about, answered, body, json_answer, language, query, routes, text_field


@routes.route("/health", methods=["GET"])
def health() -> Response:
    """Alive, and which version of what."""
    return json_answer(200, shapes.health(bootstrap.pipeline()))


@routes.route("/api/stops", methods=["GET"])
@answered
def stops() -> Any:
    """What nothing may leave for: senders, accounts, portfolios, templates; why and since when."""
    return shapes_broadcasts.stops(bootstrap.pipeline().stops(), language())


@routes.route("/api/stops/resume", methods=["POST"])
@answered
def resume_stop() -> Any:
    """Lift one stop, named as the listing names it."""
    lifted = bootstrap.pipeline().lift_stop(text_field(body(), "stop"))
    about(lifted.stop.id)
    return shapes_broadcasts.stops([lifted], language())


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
    about(query("queue") or "")
    return {"replayed": bootstrap.pipeline().replay_dead_letters(query("queue"))}


@routes.route("/api/broadcasts/{broadcast}/verify", methods=["POST"])
@answered
def verify(broadcast: str) -> Any:
    """Prove the sum from the ledger, put the counters right, and name whatever does not add up."""
    return shapes_broadcasts.verification(bootstrap.pipeline().verify(broadcast), language())
