"""How an operation of CloudFormation ended, and why."""

from __future__ import annotations

import pytest

from infra.deployment.ending import End, end_of, finished, invalid, reasons

STACK = "carillon-dev"


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("", End.ABSENT),
        ("REVIEW_IN_PROGRESS", End.ABSENT),
        ("DELETE_COMPLETE", End.ABSENT),
        ("CREATE_IN_PROGRESS", End.UNDER_WAY),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", End.UNDER_WAY),
        ("UPDATE_ROLLBACK_IN_PROGRESS", End.UNDER_WAY),
        ("CREATE_COMPLETE", End.DONE),
        ("UPDATE_COMPLETE", End.DONE),
        ("IMPORT_COMPLETE", End.DONE),
        ("ROLLBACK_COMPLETE", End.NEVER_MADE),
        ("ROLLBACK_FAILED", End.NEVER_MADE),
        ("CREATE_FAILED", End.NEVER_MADE),
        ("UPDATE_ROLLBACK_COMPLETE", End.ROLLED_BACK),
        ("IMPORT_ROLLBACK_COMPLETE", End.ROLLED_BACK),
        ("UPDATE_ROLLBACK_FAILED", End.STUCK),
        ("UPDATE_FAILED", End.STUCK),
        ("DELETE_FAILED", End.STUCK),
    ],
)
def test_each_status_has_one_meaning(status: str, end: End) -> None:
    assert end_of(status) is end


def event(name: str, status: str, reason: str = "") -> dict[str, str]:
    return {"LogicalResourceId": name, "ResourceStatus": status, "ResourceStatusReason": reason}


NEWEST_FIRST = [
    event(STACK, "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed"),
    event("Send", "UPDATE_FAILED", "Resource update cancelled"),
    event("Webhook", "UPDATE_FAILED", "memory is too large"),
    event("Pace", "UPDATE_COMPLETE"),
    event("Pace", "UPDATE_IN_PROGRESS"),
    event(STACK, "UPDATE_IN_PROGRESS", "User Initiated"),
    event("Bucket", "CREATE_FAILED", "of another day"),
    event(STACK, "CREATE_IN_PROGRESS", "User Initiated"),
]


def test_the_cause_is_told_and_neither_what_followed_it_nor_what_was_before() -> None:
    assert reasons(STACK, NEWEST_FIRST) == ["Webhook: memory is too large"]


def test_progress_counts_what_this_operation_is_done_with() -> None:
    assert finished(STACK, NEWEST_FIRST) == 1
    assert finished(STACK, [*NEWEST_FIRST[3:6]]) == 1
    assert finished(STACK, []) == 0


def test_what_was_wrong_before_it_began_is_told_once_each() -> None:
    wrong = {
        "LogicalResourceId": "Bucket",
        "ValidationStatus": "FAILED",
        "ValidationStatusReason": "exists already",
    }
    assert invalid([wrong, wrong, {"ResourceStatus": "CREATE_FAILED"}]) == ["Bucket: exists already"]
