"""Going away: what stands against removing a stage, and what stays behind when it is removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.deployment.changes import DATA, KINDS


@dataclass(frozen=True, slots=True)
class Work:
    """What a stage is in the middle of: its broadcasts that have not ended, and messages by queue.

    Dead letters count too: they would go with their queues, and somebody should have looked at them.
    """

    broadcasts: tuple[str, ...] = ()
    messages: tuple[tuple[str, int], ...] = ()
    dead: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that stays: its kind, its name, about how much is in it, and how it is removed by hand."""

    kind: str
    name: str
    holds: int
    by_hand: tuple[str, ...]


def work_of(pipeline: Any) -> Work:
    """Look at what the stage is doing, through its own stores."""
    open_ = []
    after = None
    while True:
        page = pipeline.home.ports.broadcasts.open(after=after)
        open_ += [broadcast.id for broadcast in page.items]
        after = page.next
        if after is None:
            break
    seen = pipeline.queues()
    waiting = ((q.queue, q.depth.waiting + q.depth.in_hand + q.depth.delayed) for q in seen)
    return Work(
        broadcasts=tuple(open_),
        messages=tuple((name, count) for name, count in waiting if count),
        dead=tuple((queue.queue, queue.dead) for queue in seen if queue.dead),
    )


def kept(
    template: Mapping[str, Any], counts: Mapping[str, int], *, protected: bool, pool: str = ""
) -> Iterator[Kept]:
    """Yield what a stack leaves behind. `counts`: items by name; `protected`: deletion is refused.

    `pool` is the id of the people's, "" where nobody signs in.
    """
    for resource in template["Resources"].values():
        if resource["Type"] not in DATA or resource.get("DeletionPolicy", "Delete") == "Delete":
            continue
        kind, properties = KINDS[resource["Type"]], resource["Properties"]
        if kind == "table":
            name = str(properties["TableName"])
            yield Kept(kind, name, counts.get(name, 0), tuple(_without_table(name, protected)))
        elif kind == "bucket":
            name = str(properties["BucketName"])
            # No command removes what is under a lock.
            by_hand = () if properties.get("ObjectLockEnabled") else (f"aws s3 rb --force s3://{name}",)
            yield Kept(kind, name, counts.get(name, 0), by_hand)
        elif kind == "secret":
            name = str(properties["Name"])
            command = f"aws secretsmanager delete-secret --force-delete-without-recovery --secret-id {name}"
            yield Kept(kind, name, counts.get(name, 0), (command,))
        elif kind == "pool":
            if pool:
                yield Kept(kind, pool, 0, tuple(_without_pool(pool, protected)))
        else:
            yield Kept(kind, str(next(iter(properties.values()), "")), 0, ())


def _without_table(name: str, protected: bool) -> Iterator[str]:
    if protected:
        yield f"aws dynamodb update-table --table-name {name} --no-deletion-protection-enabled"
    yield f"aws dynamodb delete-table --table-name {name}"


def _without_pool(pool: str, protected: bool) -> Iterator[str]:
    if protected:
        yield f"aws cognito-idp update-user-pool --user-pool-id {pool} --deletion-protection INACTIVE"
    yield f"aws cognito-idp delete-user-pool --user-pool-id {pool}"


def counts_of(names: Iterable[str], dynamodb: Any) -> dict[str, int]:
    """Return about how many items each table holds: DynamoDB counts anew every six hours."""
    return {name: int(dynamodb.describe_table(TableName=name)["Table"].get("ItemCount", 0)) for name in names}
