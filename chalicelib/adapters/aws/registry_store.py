"""What the platform says of templates, on DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib.adapters import sort_keys
from chalicelib.adapters.aws.calls import Calls, surfaced
from chalicelib.adapters.aws.table import DYNAMODB, Put, Table, page_of
from chalicelib.audience.instant import Instant
from chalicelib.authoring.registry import RegisteredTemplate
from chalicelib.ports import MOST_ITEMS, Cursor, Page, Write


class DynamoRegistry:
    """`TemplateRegistry`. When an account was listed lies under `synced|WABA`."""

    def __init__(self, templates: Any, calls: Calls) -> None:
        self._table = Table(templates, RegisteredTemplate, calls)

    def get(self, waba: str, name: str, language: str) -> RegisteredTemplate | None:
        """GetItem."""
        return self._table.get((waba, sort_keys.of_template(name, language)))

    def put_all(self, writes: Sequence[Write[RegisteredTemplate]]) -> Sequence[bool]:
        """Conditional PutItems side by side."""
        return self._table.put_all(
            [Put((w.item.waba, sort_keys.of_registered(w.item)), w.item, w.expected_version) for w in writes]
        )

    def of(self, waba: str, name: str) -> Sequence[RegisteredTemplate]:
        """Query of one name."""
        rows = self._table.query(waba, prefix=sort_keys.of_template(name, ""), limit=MOST_ITEMS)
        return [row.value for row in rows]

    def page(self, waba: str, *, after: Cursor | None = None) -> Page[RegisteredTemplate]:
        """Query of an account."""
        return page_of(self._table.query(waba, after=after, limit=MOST_ITEMS))

    def mark_synced(self, waba: str, at: Instant) -> None:
        """PutItem."""
        model = self._table.model
        with surfaced(DYNAMODB):
            model(pk=f"synced|{waba}", sk="-", version=1, body={"at": at}).save()

    def synced_at(self, waba: str) -> Instant | None:
        """GetItem."""
        item = self._table.item((f"synced|{waba}", "-"))
        return int(item.body["at"]) if item is not None else None
