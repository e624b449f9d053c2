"""What the platform says of templates, on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.adapters import sort_keys
from chalicelib.adapters.codec import decode, encode
from chalicelib.adapters.embedded.database import Database
from chalicelib.adapters.embedded.paging import page_of
from chalicelib.adapters.embedded.table import Put, Table
from chalicelib.audience.instant import Instant
from chalicelib.authoring.registry import RegisteredTemplate
from chalicelib.ports import MOST_ITEMS, Cursor, Page, Write

SYNCED = "synced|"


class SqliteRegistry:
    """`TemplateRegistry`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "templates")

    def get(self, waba: str, name: str, language: str) -> RegisteredTemplate | None:
        """GetItem."""
        row = self._table.get(waba, sort_keys.of_template(name, language))
        return decode(RegisteredTemplate, *row) if row else None

    def put_all(self, writes: Sequence[Write[RegisteredTemplate]]) -> Sequence[bool]:
        """Conditional PutItems."""
        return self._table.put_all(
            [
                Put(w.item.waba, sort_keys.of_registered(w.item), encode(w.item), w.expected_version)
                for w in writes
            ]
        )

    def of(self, waba: str, name: str) -> Sequence[RegisteredTemplate]:
        """Query of one name."""
        first = sort_keys.of_template(name, "")
        rows = self._table.query(waba, after=first, limit=MOST_ITEMS)
        return [decode(RegisteredTemplate, r.body, r.version) for r in rows if r.sort.startswith(first)]

    def page(self, waba: str, *, after: Cursor | None = None) -> Page[RegisteredTemplate]:
        """Query of an account."""
        return page_of(RegisteredTemplate, self._table.query(waba, after=after, limit=MOST_ITEMS))

    def mark_synced(self, waba: str, at: Instant) -> None:
        """PutItem."""
        self._table.put_any([Put(SYNCED + waba, "", str(at).encode())])

    def synced_at(self, waba: str) -> Instant | None:
        """GetItem."""
        row = self._table.get(SYNCED + waba)
        return int(row[0]) if row else None
