"""What a change set means: which deeds it does, and which of them would lose data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

DATA = frozenset(
    {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::Cognito::UserPool"}
)
"""Kinds of what nobody can make again from the package."""
KINDS: Mapping[str, str] = {
    "AWS::DynamoDB::Table": "table",
    "AWS::S3::Bucket": "bucket",
    "AWS::SecretsManager::Secret": "secret",
    "AWS::SQS::Queue": "queue",
    "AWS::Lambda::Function": "function",
    "AWS::Lambda::EventSourceMapping": "feed",
    "AWS::Lambda::Permission": "permission",
    "AWS::IAM::Role": "role",
    "AWS::CloudWatch::Alarm": "alarm",
    "AWS::Logs::MetricFilter": "metric",
    "AWS::Scheduler::Schedule": "timer",
    "AWS::ApiGateway::RestApi": "api",
    "AWS::Cognito::UserPool": "pool",
}
"""What people call a kind; others are called by the last part of their own name."""
MOST_NAMES = 6
"""Of one line: how many names are told before "and N more"."""
NOTHING_CHANGED = ("didn't contain changes", "No updates")


class Deed(StrEnum):
    """What becomes of a resource, in the order in which it is told: what may cost something first."""

    REMOVED = "removed"
    REPLACED = "replaced"
    PERHAPS_REPLACED = "perhaps_replaced"
    """AWS knows only when it does it: what it depends on changes too."""
    CHANGED = "changed"
    TAKEN_OVER = "taken_over"
    ADDED = "added"


DEED_BY_ACTION = {"Add": Deed.ADDED, "Remove": Deed.REMOVED, "Import": Deed.TAKEN_OVER}
"""CloudFormation's words; any other changes what is there."""
DEED_BY_REPLACEMENT = {"True": Deed.REPLACED, "Conditional": Deed.PERHAPS_REPLACED}


@dataclass(frozen=True, slots=True)
class Change:
    """One resource of a change set. `replacement`: whether AWS makes a new one (True, False, Conditional)."""

    action: str
    logical_id: str
    kind: str
    replacement: str = "False"

    @property
    def deed(self) -> Deed:
        """What becomes of it."""
        return DEED_BY_ACTION.get(self.action) or DEED_BY_REPLACEMENT.get(self.replacement, Deed.CHANGED)

    @property
    def loses_data(self) -> bool:
        """Whether the functions would no longer see what is in it."""
        return self.kind in DATA and self.deed in (Deed.REMOVED, Deed.REPLACED, Deed.PERHAPS_REPLACED)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of what a deployment would do: a deed, a kind, and the names it is done to."""

    deed: Deed
    kind: str
    names: Sequence[str]


def change_of(told: Mapping[str, Any]) -> Change:
    """Return one entry of CloudFormation's `Changes`."""
    change = told["ResourceChange"]
    return Change(
        action=str(change["Action"]),
        logical_id=str(change["LogicalResourceId"]),
        kind=str(change["ResourceType"]),
        replacement=str(change.get("Replacement") or "False"),
    )


def rows(changes: Iterable[Change]) -> list[Row]:
    """Return the changes as few lines: what is removed or replaced first, then by kind."""
    names: dict[tuple[Deed, str], list[str]] = {}
    for change in changes:
        kind = KINDS.get(change.kind, change.kind.rpartition("::")[2])
        names.setdefault((change.deed, kind), []).append(change.logical_id)
    order = list(Deed)
    return [
        Row(deed, kind, sorted(names[deed, kind]))
        for deed, kind in sorted(names, key=lambda key: (order.index(key[0]), key[1]))
    ]


def losses(changes: Iterable[Change], agreed: Collection[str] = ()) -> list[Change]:
    """Return what would lose data and was not agreed to by its logical name."""
    return [change for change in changes if change.loses_data and change.logical_id not in agreed]


def is_nothing(reason: str) -> bool:
    """Say whether a change set failed only because there is nothing to change."""
    return any(words in reason for words in NOTHING_CHANGED)
