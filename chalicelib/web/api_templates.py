"""Routes of templates: what the platform says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from chalicelib import bootstrap
from chalicelib.errors import Problem, Refused
from chalicelib.steps.template_list import Listed, TemplateLine
from chalicelib.steps.template_sync import AccountSynced, TemplateRow
from chalicelib.web import shapes
from chalicelib.web.requests import answered, body, language, query, routes, text_field


@routes.route("/api/templates", methods=["GET"])
@answered
def templates() -> Any:
    """How templates stand for each account, or that of one sender, a page at a time."""
    found = bootstrap.pipeline().templates(query("sender") or None, query("after"))
    return listed(found) | {"next": found.next}


@routes.route("/api/templates/{name}", methods=["GET"])
@answered
def template(name: str) -> Any:
    """How one template stands in every language, with its texts and why it could not be launched."""
    found = bootstrap.pipeline().template(name, query("sender") or None)
    answer = listed(found)
    for shown, line in zip(answer["templates"], found.lines, strict=True):
        shown |= _details(line, language())
    return {"name": name} | answer


@routes.route("/api/templates/sync", methods=["POST"])
@answered
def sync_templates() -> Any:
    """List every account's templates, or that of one sender's account; with `texts`, as Graph has them."""
    fields = body()
    sender = text_field(fields, "sender", "")
    texts = fields.get("texts", False)
    if not isinstance(texts, bool):
        raise Refused(Problem(code="field_missing", params={"field": "texts"}))
    return synced(bootstrap.pipeline().sync_templates(sender or None), language(), texts=texts)


def listed(found: Listed) -> dict[str, Any]:
    """Return accounts and lines; when nobody said something, it is ""."""
    return {
        "accounts": [
            {"waba": a.waba, "senders": list(a.senders), "synced_at": shapes.instant(a.synced_at)}
            for a in found.accounts
        ],
        "templates": [
            {
                "waba": line.waba,
                "name": line.name,
                "language": line.language,
                "status": line.view.status,
                "category": line.view.category,
                "quality": line.view.quality,
                "coming_category": line.view.coming_category,
                "file": line.compared,
            }
            for line in found.lines
        ],
    }


def _details(line: TemplateLine, language: str) -> dict[str, Any]:
    known, file = line.known, line.file
    return {
        "reason": known.reason if known else "",
        "previous_category": known.previous_category if known else "",
        "said_at": shapes.instant((known.status_at if known else 0) or None),
        "first_approved_at": shapes.instant(line.view.first_approved_at),
        "body": file.body if file else "",
        "footer": file.footer if file else "",
        "parameters": list(file.slots) if file else [],
        "problems": [shapes.worded(code, params, language) for code, params in line.findings()],
    }


def synced(accounts: Sequence[AccountSynced], language: str, *, texts: bool) -> dict[str, Any]:
    """Return what each account said, and what it changed."""
    rows = [row for account in accounts for row in account.rows]
    counts = Counter(what for row in rows for what, _, _ in row.changes)
    counts["differs"] = sum(row.file == "differs" for row in rows)
    return {
        "accounts": [
            {
                "waba": account.waba,
                "senders": list(account.senders),
                "at": shapes.instant(account.at),
                "listed": sum(row.raw is not None for row in account.rows),
                "failed": account.failed,
            }
            for account in accounts
        ],
        "changes": {what: n for what, n in sorted(counts.items()) if n},
        "templates": [_row(row, language, texts=texts) for row in rows],
    }


def _row(row: TemplateRow, language: str, *, texts: bool) -> dict[str, Any]:
    known = row.known
    shown: dict[str, Any] = {
        "waba": known.waba,
        "name": known.name,
        "language": known.language,
        "status": known.status,
        "category": known.category,
        "quality": known.quality,
        "changes": [{"what": what, "was": was, "now": now} for what, was, now in row.changes],
        "file": row.file,
    }
    if texts:
        shown["template"] = row.raw
        shown["unusable"] = [shapes.problem(problem, language)["text"] for problem in row.unusable]
    return shown
