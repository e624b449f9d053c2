"""How an operation of CloudFormation ended, and why: read from its statuses and events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

MOST_REASONS = 10
CANCELLED = "cancelled"
"""In the reason of a resource that only stopped because another one failed."""


class End(StrEnum):
    """Where a stack stands."""

    ABSENT = "absent"
    UNDER_WAY = "under_way"
    DONE = "done"
    ROLLED_BACK = "rolled_back"
    """The version before runs as if nothing had been tried."""
    NEVER_MADE = "never_made"
    """The first deployment failed; what is left is an empty name."""
    STUCK = "stuck"
    """CloudFormation could not go back either: somebody has to look."""


def end_of(status: str) -> End:
    """Return what a stack's status means."""
    if status in ("", "DELETE_COMPLETE", "REVIEW_IN_PROGRESS"):
        return End.ABSENT
    if status.endswith("_IN_PROGRESS"):
        return End.UNDER_WAY
    if status in ("UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"):
        return End.ROLLED_BACK
    if status in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"):
        return End.NEVER_MADE
    if status.endswith("_FAILED"):
        return End.STUCK
    return End.DONE


def of_last_operation(stack: str, events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the events since the stack's last operation began; given and returned newest first."""
    found: list[Mapping[str, Any]] = []
    for event in events:
        found.append(event)
        began = event["ResourceStatus"] in (
            "CREATE_IN_PROGRESS",
            "UPDATE_IN_PROGRESS",
            "DELETE_IN_PROGRESS",
            "IMPORT_IN_PROGRESS",
        )
        if began and event["LogicalResourceId"] == stack:
            break
    return found


def reasons(stack: str, events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return why the last operation failed, the first cause first; what only followed it is left out."""
    failed = [
        (str(event["LogicalResourceId"]), str(event.get("ResourceStatusReason") or ""))
        for event in of_last_operation(stack, events)
        if str(event["ResourceStatus"]).endswith("_FAILED") and event.get("ResourceStatusReason")
    ]
    causes = [f"{name}: {reason}" for name, reason in reversed(failed) if CANCELLED not in reason.lower()]
    return causes[:MOST_REASONS]


def invalid(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what CloudFormation found wrong before it began, from an operation's own events."""
    found = {
        f"{event.get('LogicalResourceId', '')}: {event['ValidationStatusReason']}": None
        for event in events
        if event.get("ValidationStatus") == "FAILED" and event.get("ValidationStatusReason")
    }
    return list(found)[:MOST_REASONS]


def finished(stack: str, events: Iterable[Mapping[str, Any]]) -> int:
    """Count the resources that the last operation is done with."""
    return len(
        {
            event["LogicalResourceId"]
            for event in of_last_operation(stack, events)
            if str(event["ResourceStatus"]).endswith("_COMPLETE") and event["LogicalResourceId"] != stack
        }
    )
