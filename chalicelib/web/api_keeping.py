"""Routes of a restored home: whether it is held, and its release."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from chalicelib.audience.instant import to_iso
from chalicelib.errors import InvalidRequest, Problem
from chalicelib.steps.holding import Restoring
from chalicelib.web.requests import answered, body, instant_field, routes


def _shown(found: Restoring | None) -> dict[str, Any]:
    if found is None:
        return {"held": False, "restored": None}
    return {
        "held": found.released_at is None,
        "restored": {
            "backed_up_at": to_iso(found.backed_up_at),
            "restored_at": to_iso(found.restored_at),
            "released_at": None if found.released_at is None else to_iso(found.released_at),
        },
    }


@routes.route("/api/home", methods=["GET"])
@answered
def home() -> Any:
    """Whether this home was restored from a backup, and is held for it."""
    return _shown(bootstrap.pipeline().restoring())


@routes.route("/api/home/hold", methods=["POST"])
@answered
def hold() -> Any:
    """Hold a home whose tables were brought back to an earlier instant, `since`."""
    since = instant_field(body(), "since")
    if since is None:
        raise InvalidRequest(Problem(code="instant_invalid", path="since", params={"value": ""}))
    found, broadcasts = bootstrap.pipeline().hold(since)
    return _shown(found) | {"broadcasts": [broadcast.id for broadcast in broadcasts]}


@routes.route("/api/home/release", methods=["POST"])
@answered
def release() -> Any:
    """Let a restored home launch again: somebody has seen what was sent in the gap."""
    return _shown(bootstrap.pipeline().release())
