"""What the pacer keeps on DynamoDB: deferrals, timelines, control items, quotas; and the counters."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import AddAction

from chalicelib.adapters import sort_keys
from chalicelib.adapters.aws.calls import Calls, surfaced
from chalicelib.adapters.aws.table import DYNAMODB, Key, Put, Table
from chalicelib.audience.instant import DAY_MS, Instant, to_datetime
from chalicelib.ports import MOST_ITEMS
from chalicelib.sending.broadcast import Deferral, Quota, SenderControl, TimelineEntry

DEFERRAL_SHARDS = 8
"""A wave that quiet hours hold back is written at the sender's rate; 1,000/s is all one partition takes."""

KEPT_MS = 7 * DAY_MS
"""A deferral that nobody removed goes this long after its deadline."""

SENDERS = "senders"


def shard_of_deferral(deferral: Deferral) -> int:
    """Return which of the sender's partitions a deferral is stored under."""
    return zlib.crc32(deferral.person.encode()) % DEFERRAL_SHARDS


class DynamoDeferrals:
    """`Deferrals`, spread over DEFERRAL_SHARDS partitions per sender and per broadcast."""

    def __init__(self, deferrals: Any, timelines: Any, calls: Calls) -> None:
        self._table = Table(deferrals, Deferral, calls)
        self._register = Register(timelines)
        self._calls = calls

    @staticmethod
    def _key(d: Deferral) -> Key:
        return f"{d.sender}|{shard_of_deferral(d)}", sort_keys.of_deferral(d)

    def _put(self, d: Deferral) -> Put[Deferral]:
        key = self._key(d)
        more = {
            "group": f"{d.broadcast}|{shard_of_deferral(d)}",
            "sort": key[1],
            "expires": to_datetime(d.deadline_at + KEPT_MS),
        }
        return Put(key, d, more=more)

    def add_all(self, deferrals: Sequence[Deferral]) -> None:
        """BatchWriteItem; the sender is in the register before anybody of theirs waits."""
        for sender in {d.sender for d in deferrals}:
            self._register.add(sender)
        self._table.put_any([self._put(d) for d in deferrals])

    def due(self, sender: str, until: Instant) -> Sequence[Deferral]:
        """Query of each shard, side by side; the oldest of all."""
        before = sort_keys.up_to(until)

        def of_shard(shard: int) -> list[Deferral]:
            rows = self._table.query(f"{sender}|{shard}", before=before, limit=MOST_ITEMS)
            return [row.value for row in rows]

        return _oldest(self._calls.side_by_side(of_shard, range(DEFERRAL_SHARDS)))

    def of_broadcast(self, broadcast: str, *, after: Deferral | None = None) -> Sequence[Deferral]:
        """Query of each shard of the index, side by side; eventually consistent."""
        behind = sort_keys.of_deferral(after) if after else None

        def of_shard(shard: int) -> list[Deferral]:
            return [row.value for row in self._table.query_index(f"{broadcast}|{shard}", after=behind)]

        return _oldest(self._calls.side_by_side(of_shard, range(DEFERRAL_SHARDS)))

    def remove_all(self, deferrals: Sequence[Deferral]) -> None:
        """BatchWriteItem."""
        self._table.delete_all([self._key(d) for d in deferrals])

    def is_waiting(self, sender: str) -> bool:
        """Query of each shard, limit 1: whether anybody of the sender waits."""

        def of_shard(shard: int) -> bool:
            return bool(self._table.query(f"{sender}|{shard}", limit=1))

        return any(self._calls.side_by_side(of_shard, range(DEFERRAL_SHARDS)))


def _oldest(found: Sequence[Sequence[Deferral]]) -> list[Deferral]:
    every = [d for some in found for d in some]
    return sorted(every, key=sort_keys.of_deferral)[:MOST_ITEMS]


class Register:
    """The senders that ever had something to do. Nobody is taken out, so that nobody can be lost."""

    def __init__(self, timelines: Any) -> None:
        self._model: Any = timelines
        self._known: set[str] = set()

    def add(self, sender: str) -> None:
        """PutItem, once per process."""
        if sender in self._known:
            return
        with surfaced(DYNAMODB):
            self._model(pk=SENDERS, sk=sender, version=1, body={}).save()
        self._known.add(sender)

    def all(self) -> list[str]:
        """Query."""
        with surfaced(DYNAMODB):
            return [item.sk for item in self._model.query(SENDERS, consistent_read=True)]


class DynamoTimelines:
    """`Timelines`."""

    def __init__(self, timelines: Any, deferrals: DynamoDeferrals, calls: Calls) -> None:
        self._table = Table(timelines, TimelineEntry, calls)
        self._register = Register(timelines)
        self._deferrals = deferrals

    @staticmethod
    def _key(e: TimelineEntry) -> Key:
        return f"sender|{e.sender}", sort_keys.of_entry(e)

    def add(self, entry: TimelineEntry) -> None:
        """PutItem; the sender is in the register first."""
        self._register.add(entry.sender)
        self._table.put_any([Put(self._key(entry), entry)])

    def page(self, sender: str, *, after: TimelineEntry | None = None) -> Sequence[TimelineEntry]:
        """Query."""
        behind = sort_keys.of_entry(after) if after else None
        return [row.value for row in self._table.query(f"sender|{sender}", after=behind)]

    def remove(self, entry: TimelineEntry) -> None:
        """DeleteItem."""
        self._table.delete_all([self._key(entry)])

    def senders(self) -> Sequence[str]:
        """Query of the register, then one of limit 1 for each."""
        return [sender for sender in self._register.all() if self._has_work(sender)]

    def _has_work(self, sender: str) -> bool:
        return bool(self._table.query(f"sender|{sender}", limit=1)) or self._deferrals.is_waiting(sender)


class DynamoSenders:
    """`Senders`."""

    def __init__(self, senders: Any, calls: Calls) -> None:
        self._controls = Table(senders, SenderControl, calls)
        self._quotas = Table(senders, Quota, calls)

    def get(self, sender: str) -> SenderControl | None:
        """GetItem."""
        return self._controls.get((f"sender|{sender}", ""))

    def put(self, control: SenderControl, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        return self._controls.put(Put((f"sender|{control.sender}", ""), control, expected_version))

    def quota(self, portfolio: str) -> Quota | None:
        """GetItem."""
        return self._quotas.get((f"portfolio|{portfolio}", ""))

    def put_quota(self, quota: Quota, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        return self._quotas.put(Put((f"portfolio|{quota.portfolio}", ""), quota, expected_version))


class DynamoCounters:
    """`Counters`. One item per subject, one number attribute per counter."""

    def __init__(self, counters: Any, counters_once: Any) -> None:
        """`counters_once` is the same table with calls that are never repeated."""
        self._connection: Any = counters._get_connection()
        self._connection_once: Any = counters_once._get_connection()

    def add(self, subject: str, deltas: Mapping[str, int]) -> None:
        """UpdateItem ADD."""
        if not deltas:
            return
        actions = [AddAction(Path([name]), Value(delta)) for name, delta in deltas.items()]
        with surfaced(DYNAMODB):
            # Added once or not: an unanswered ADD that is tried again could count twice.
            self._connection_once.update_item(subject, actions=actions)

    def get(self, subject: str) -> Mapping[str, int]:
        """GetItem."""
        with surfaced(DYNAMODB):
            item = self._connection.get_item(subject, consistent_read=True).get("Item", {})
        return {name: int(value["N"]) for name, value in item.items() if name != "pk"}

    def set(self, subject: str, values: Mapping[str, int]) -> None:
        """PutItem."""
        numbers = {name: {"N": str(value)} for name, value in values.items()}
        with surfaced(DYNAMODB):
            self._connection.put_item(subject, attributes=numbers)
