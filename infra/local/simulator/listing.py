"""What can be read from the platform: the templates of an account, and a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from infra.local.simulator.catalogue import Catalogue, Number, Template
from infra.local.simulator.refusals import RefusedCall
from infra.local.simulator.state import Request

USUAL_PAGE = 25
LARGEST_PAGE = 1_000
_FILTERS = ("name", "language", "category", "status")


def list_templates(
    catalogue: Catalogue, waba_id: str, request: Request, said_of: Callable[[Template], dict[str, Any]]
) -> dict[str, Any]:
    """Return one page of an account's templates; raise RefusedCall."""
    if waba_id not in {number.waba_id for number in catalogue.numbers.values()}:
        raise RefusedCall(33, f"Object with ID '{waba_id}' does not exist")
    query = request.query
    limit, after = _whole(query, "limit", USUAL_PAGE), _whole(query, "after", 0)
    rows = [said_of(template) for _, template in sorted(catalogue.templates.items())]
    for key in _FILTERS:
        if key in query:
            rows = [row for row in rows if row[key] == query[key]]
    end = after + max(1, min(limit, LARGEST_PAGE))
    fields = [each for each in query.get("fields", "").split(",") if each]
    page = [_selected(row, fields) for row in rows[after:end]]
    paging: dict[str, Any] = {"cursors": {"before": str(after), "after": str(min(end, len(rows)))}}
    if end < len(rows):
        paging["next"] = f"{request.path}?limit={limit}&after={end}"
    return {"data": page, "paging": paging}


def show_number(
    catalogue: Catalogue, phone_number_id: str, request: Request, limit_of: Callable[[Number], int]
) -> dict[str, Any]:
    """Return what Graph says of a phone number; raise RefusedCall."""
    number = catalogue.numbers.get(phone_number_id)
    if number is None:
        raise RefusedCall(33, f"Object with ID '{phone_number_id}' does not exist")
    tier = "TIER_UNLIMITED" if number.tier is None else f"TIER_{number.tier // 1000}K"
    row = {
        "id": number.phone_number_id,
        "display_phone_number": number.display_phone_number,
        "verified_name": number.key,
        "quality_rating": "GREEN",
        "throughput": {"level": "HIGH" if limit_of(number) >= 1_000 else "STANDARD"},
        "whatsapp_business_manager_messaging_limit": "TIER_250" if number.tier == 250 else tier,
    }
    return _selected(row, [each for each in request.query.get("fields", "").split(",") if each])


def _selected(row: Mapping[str, Any], fields: list[str]) -> dict[str, Any]:
    """Graph always adds the id, and refuses a field that it does not know."""
    for field in fields:
        if field not in row:
            raise RefusedCall(100, f"Tried accessing nonexisting field ({field})")
    return {key: row[key] for key in fields + ["id"] * ("id" not in fields)} if fields else dict(row)


def _whole(query: Mapping[str, str], key: str, otherwise: int) -> int:
    text = query.get(key, str(otherwise))
    if not text.isdecimal():
        raise RefusedCall(100, f"Param {key} must be an integer")
    return int(text)
