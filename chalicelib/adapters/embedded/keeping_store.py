"""What will have to go one day, on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.adapters import sort_keys
from chalicelib.adapters.codec import encode
from chalicelib.adapters.embedded.database import Database
from chalicelib.adapters.embedded.paging import values_of
from chalicelib.adapters.embedded.table import Put, Table
from chalicelib.audience.instant import Instant
from chalicelib.ports import MOST_ITEMS
from chalicelib.tracking.retention import Keeping

ALL = "keepings"


class SqliteKeepings:
    """`Keepings`, in one partition."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "keepings")

    def add(self, keeping: Keeping) -> None:
        """PutItem."""
        self._table.put_any([Put(ALL, sort_keys.of_keeping(keeping), encode(keeping))])

    def due(self, until: Instant, *, after: Keeping | None = None) -> Sequence[Keeping]:
        """Query, oldest first."""
        behind = None if after is None else sort_keys.of_keeping(after)
        found = values_of(Keeping, self._table.query(ALL, after=behind, limit=MOST_ITEMS))
        return [keeping for keeping in found if keeping.look_at <= until]

    def remove(self, keeping: Keeping) -> None:
        """DeleteItem."""
        self._table.delete_all([(ALL, sort_keys.of_keeping(keeping))])
