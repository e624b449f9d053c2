"""The audit trail and the approvals of plans, on DynamoDB; for so few writes one partition will do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib.adapters import sort_keys
from chalicelib.adapters.aws.calls import Calls
from chalicelib.adapters.aws.table import Put, Table, page_of
from chalicelib.audience.instant import Instant
from chalicelib.planning.approval import Approval
from chalicelib.ports import MOST_ITEMS, Cursor, Page
from chalicelib.tracking.audit import AuditEntry

ALL = "audit"


class DynamoAuditTrail:
    """`AuditTrail`, in one partition."""

    def __init__(self, audit: Any, calls: Calls) -> None:
        self._table = Table(audit, AuditEntry, calls)

    def append(self, entry: AuditEntry) -> bool:
        """Conditional PutItem."""
        return self._table.put(Put((ALL, sort_keys.of_audit(entry)), entry))

    def page(self, *, after: Cursor | None = None) -> Page[AuditEntry]:
        """Query backwards."""
        rows = self._table.query(ALL, before=after, limit=MOST_ITEMS + 1, backwards=True)
        rows = [row for row in rows if row.sort != after][:MOST_ITEMS]
        return page_of(rows)

    def until(self, instant: Instant) -> Sequence[AuditEntry]:
        """Query, oldest first."""
        rows = self._table.query(ALL, before=sort_keys.up_to(instant), limit=MOST_ITEMS)
        return [row.value for row in rows]

    def between(self, start: Instant, end: Instant, *, after: Cursor | None = None) -> Page[AuditEntry]:
        """Query, oldest first."""
        begin = after or sort_keys.from_on(start)
        return page_of(self._table.query(ALL, after=begin, before=sort_keys.up_to(end), limit=MOST_ITEMS))

    def remove_all(self, entries: Sequence[AuditEntry]) -> None:
        """BatchWriteItem."""
        self._table.delete_all([(ALL, sort_keys.of_audit(entry)) for entry in entries])


class DynamoApprovals:
    """`Approvals`, by the plan's hash and whoever said it."""

    def __init__(self, approvals: Any, calls: Calls) -> None:
        self._table = Table(approvals, Approval, calls)

    def put(self, approval: Approval) -> None:
        """PutItem."""
        self._table.put_any([Put((approval.plan, sort_keys.of_approval(approval)), approval)])

    def page(self, plan_hash: str, *, after: Cursor | None = None) -> Page[Approval]:
        """Query."""
        return page_of(self._table.query(plan_hash, after=after, limit=MOST_ITEMS))
