"""What will have to go one day, on DynamoDB: a few writes per plan and import, so one partition holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib.adapters import sort_keys
from chalicelib.adapters.aws.calls import Calls
from chalicelib.adapters.aws.table import Key, Put, Table
from chalicelib.audience.instant import Instant
from chalicelib.ports import MOST_ITEMS
from chalicelib.tracking.retention import Keeping

ALL = "keepings"


class DynamoKeepings:
    """`Keepings`."""

    def __init__(self, keepings: Any, calls: Calls) -> None:
        self._table = Table(keepings, Keeping, calls)

    @staticmethod
    def _key(keeping: Keeping) -> Key:
        return ALL, sort_keys.of_keeping(keeping)

    def add(self, keeping: Keeping) -> None:
        """PutItem."""
        self._table.put_any([Put(self._key(keeping), keeping)])

    def due(self, until: Instant, *, after: Keeping | None = None) -> Sequence[Keeping]:
        """Query."""
        behind = None if after is None else sort_keys.of_keeping(after)
        rows = self._table.query(ALL, after=behind, before=sort_keys.up_to(until), limit=MOST_ITEMS)
        return [row.value for row in rows]

    def remove(self, keeping: Keeping) -> None:
        """DeleteItem."""
        self._table.delete_all([self._key(keeping)])
