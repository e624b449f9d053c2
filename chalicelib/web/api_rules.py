"""Routes of the rules: which count, their contents, and the change to others."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from chalicelib.steps.pushing import Pushed
from chalicelib.web.requests import answered, body, object_field, raw_bytes, routes

BINARY = "application/octet-stream"


def _shown(found: Pushed) -> dict[str, Any]:
    return {
        "version": found.version,
        "files": found.files,
        "missing": list(found.missing),
        "unchanged": found.unchanged,
    }


@routes.route("/api/rules", methods=["GET"])
@answered
def rules() -> Any:
    """Which version of senders, policy, templates and media counts."""
    return _shown(bootstrap.pipeline().pushed())


@routes.route("/api/rules/files/{sha256}", methods=["PUT"], content_types=[BINARY, "application/json"])
@answered
def keep_rules_file(sha256: str) -> Any:
    """Store a file's content under its hash; it counts only once it is pushed."""
    bootstrap.pipeline().keep_rules_file(sha256, raw_bytes())
    return {"sha256": sha256}


@routes.route("/api/rules", methods=["POST"])
@answered
def push_rules() -> Any:
    """Have these files count, by content; with some missing it only says which."""
    return _shown(bootstrap.pipeline().push_rules(object_field(body(), "files")))
