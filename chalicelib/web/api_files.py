"""Routes of contacts files: imports, their results, undo, profile and export."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from chalicelib.web import shapes_files
from chalicelib.web.requests import answered, language, query, raw_bytes, routes


@routes.route(
    "/api/contacts/imports", methods=["POST"], content_types=["text/csv", "application/octet-stream"]
)
@answered
def import_contacts() -> Any:
    """Import a contacts file, sent as the raw body."""
    return shapes_files.imported(
        bootstrap.pipeline().import_contacts(
            raw_bytes(),
            file=query("file") or "contacts.csv",
            default_country=query("default_country"),
        ),
        language(),
    )


@routes.route(
    "/api/contacts/profiles", methods=["POST"], content_types=["text/csv", "application/octet-stream"]
)
@answered
def profile_contacts() -> Any:
    """What a contacts file holds, sent as the raw body; nothing is written."""
    profile = bootstrap.pipeline().profile(raw_bytes(), default_country=query("default_country"))
    return shapes_files.profile(profile, language())


@routes.route("/api/contacts/imports/{batch}/results", methods=["GET"])
@answered
def import_results(batch: str) -> Any:
    """One line per row of an import: its verdict and, where it was refused, why."""
    return {"batch": batch, "lines": shapes_files.import_lines(bootstrap.pipeline(), batch, language())}


@routes.route("/api/contacts/imports/{batch}/undo", methods=["POST"])
@answered
def undo_import(batch: str) -> Any:
    """Take an import back; again changes nothing."""
    return shapes_files.undo_done(bootstrap.pipeline().undo_import(batch), language())


@routes.route("/api/contacts/export", methods=["GET"])
@answered
def export_contacts() -> Any:
    """A page of the book as cells of a contacts file; `next` is the `after` of the page behind it."""
    page = bootstrap.pipeline().export_page(query("after"))
    return {"rows": page.rows, "left_out": page.left_out, "next": page.next}
