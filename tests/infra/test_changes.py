"""What a change set means: deeds in plain words, and which of them lose data."""

from __future__ import annotations

from typing import Any

import pytest

from infra.deployment.changes import Change, Deed, change_of, is_nothing, losses, rows

TABLE, QUEUE = "AWS::DynamoDB::Table", "AWS::SQS::Queue"


@pytest.mark.parametrize(
    ("told", "deed"),
    [
        ({"Action": "Add"}, Deed.ADDED),
        ({"Action": "Remove"}, Deed.REMOVED),
        ({"Action": "Import"}, Deed.TAKEN_OVER),
        ({"Action": "Modify", "Replacement": "False"}, Deed.CHANGED),
        ({"Action": "Modify", "Replacement": "True"}, Deed.REPLACED),
        ({"Action": "Modify", "Replacement": "Conditional"}, Deed.PERHAPS_REPLACED),
        ({"Action": "Modify"}, Deed.CHANGED),
        ({"Action": "Dynamic"}, Deed.CHANGED),
    ],
)
def test_each_word_of_cloudformation_is_a_deed(told: dict[str, Any], deed: Deed) -> None:
    change = change_of({"ResourceChange": {**told, "LogicalResourceId": "A", "ResourceType": QUEUE}})
    assert change.deed is deed


@pytest.mark.parametrize("kind", [TABLE, "AWS::S3::Bucket", "AWS::SecretsManager::Secret", QUEUE])
@pytest.mark.parametrize(
    ("action", "replacement", "loses"),
    [
        ("Add", "False", False),
        ("Import", "False", False),
        ("Modify", "False", False),
        ("Modify", "Conditional", True),
        ("Modify", "True", True),
        ("Remove", "False", True),
    ],
)
def test_data_is_lost_where_something_with_data_goes_or_makes_room(
    kind: str, action: str, replacement: str, loses: bool
) -> None:
    change = Change(action, "A", kind, replacement)
    assert change.loses_data is (loses and kind != QUEUE)


def test_a_loss_is_agreed_to_by_its_own_name_only() -> None:
    changes = [Change("Remove", "PeopleTable", TABLE), Change("Remove", "AuditTable", TABLE)]
    assert losses(changes) == changes
    assert losses(changes, ["AuditTable"]) == changes[:1]
    assert losses(changes, ["Tables", "People"]) == changes


def test_what_may_cost_something_is_told_first_and_kinds_are_one_line_each() -> None:
    told = rows(
        [
            Change("Add", "B", QUEUE),
            Change("Add", "A", QUEUE),
            Change("Modify", "T", TABLE),
            Change("Modify", "R", TABLE, "True"),
            Change("Remove", "D", "AWS::CloudWatch::Dashboard"),
        ]
    )
    assert [(row.deed, row.kind, row.names) for row in told] == [
        (Deed.REMOVED, "Dashboard", ["D"]),
        (Deed.REPLACED, "table", ["R"]),
        (Deed.CHANGED, "table", ["T"]),
        (Deed.ADDED, "queue", ["A", "B"]),
    ]


def test_no_change_is_no_failure() -> None:
    assert is_nothing("The submitted information didn't contain changes. Submit different information.")
    assert is_nothing("No updates are to be performed.")
    assert not is_nothing("Transform AWS::Serverless-2016-10-31 failed")
