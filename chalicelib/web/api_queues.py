"""Routes of the queues: how much lies on each."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from chalicelib.web import shapes
from chalicelib.web.requests import answered, routes


@routes.route("/api/queues", methods=["GET"])
@answered
def queues() -> Any:
    """Each queue: waiting, in hand, delayed, dead, and since when the oldest waits."""
    return {
        "queues": [
            {
                "queue": found.queue,
                "waiting": found.depth.waiting,
                "in_hand": found.depth.in_hand,
                "delayed": found.depth.delayed,
                "dead": found.dead,
                "oldest_at": shapes.instant(found.depth.oldest_at),
            }
            for found in bootstrap.pipeline().queues()
        ]
    }
