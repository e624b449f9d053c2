"""The route of the audit trail."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from chalicelib.tracking.audit import AuditEntry, facts_of
from chalicelib.web import shapes
from chalicelib.web.requests import answered, query, routes


@routes.route("/api/audit", methods=["GET"])
@answered
def audit() -> Any:
    """Who did what, on what and when, and how it ended; newest first, a page at a time."""
    page = bootstrap.pipeline().audit(query("after"))
    return {"entries": [_shown(entry) for entry in page.items], "next": page.next}


def _shown(entry: AuditEntry) -> dict[str, Any]:
    return {"at": shapes.instant(entry.at), **facts_of(entry)}
