"""Routes of a restored home: whether it is held, and its release."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from chalicelib.audience.instant import to_iso
from chalicelib.steps.holding import Restoring
from chalicelib.web.requests import answered, routes


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


@routes.route("/api/home/release", methods=["POST"])
@answered
def release() -> Any:
    """Let a restored home launch again: somebody has seen what was sent in the gap."""
    return _shown(bootstrap.pipeline().release())
