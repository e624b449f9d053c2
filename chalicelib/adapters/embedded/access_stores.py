"""The audit trail and the approvals of plans, on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.adapters import sort_keys
from chalicelib.adapters.codec import encode
from chalicelib.adapters.embedded.database import Database
from chalicelib.adapters.embedded.paging import page_of, values_of
from chalicelib.adapters.embedded.table import Put, Table
from chalicelib.audience.instant import Instant
from chalicelib.planning.approval import Approval
from chalicelib.ports import MOST_ITEMS, Cursor, Page
from chalicelib.tracking.audit import AuditEntry

ALL = "audit"


class SqliteAuditTrail:
    """`AuditTrail`, in one partition."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "audit")

    def append(self, entry: AuditEntry) -> bool:
        """Conditional PutItem."""
        return self._table.put(Put(ALL, sort_keys.of_audit(entry), encode(entry)))

    def page(self, *, after: Cursor | None = None) -> Page[AuditEntry]:
        """Query backwards."""
        return page_of(AuditEntry, self._table.query(ALL, after=after, limit=MOST_ITEMS, backwards=True))

    def until(self, instant: Instant) -> Sequence[AuditEntry]:
        """Query, oldest first."""
        found = values_of(AuditEntry, self._table.query(ALL, limit=MOST_ITEMS))
        return [entry for entry in found if entry.at <= instant]

    def between(self, start: Instant, end: Instant, *, after: Cursor | None = None) -> Page[AuditEntry]:
        """Query, oldest first."""
        found = self._table.query(ALL, after=after or sort_keys.from_on(start), limit=MOST_ITEMS)
        page = page_of(AuditEntry, found)
        inside = tuple(entry for entry in page.items if entry.at <= end)
        return Page(inside, page.next if len(inside) == len(page.items) else None)

    def remove_all(self, entries: Sequence[AuditEntry]) -> None:
        """BatchWriteItem."""
        self._table.delete_all([(ALL, sort_keys.of_audit(entry)) for entry in entries])


class SqliteApprovals:
    """`Approvals`, by the plan's hash and whoever said it."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "approvals")

    def put(self, approval: Approval) -> None:
        """PutItem."""
        key = (approval.plan, sort_keys.of_approval(approval))
        self._table.put_any([Put(*key, encode(approval))])

    def page(self, plan_hash: str, *, after: Cursor | None = None) -> Page[Approval]:
        """Query."""
        return page_of(Approval, self._table.query(plan_hash, after=after, limit=MOST_ITEMS))
