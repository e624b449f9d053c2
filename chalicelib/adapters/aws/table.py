"""One DynamoDB table through its PynamoDB model: gets, queries and conditional writes of values.

A write that went unanswered is tried again, and its condition then fails on the
item it stored itself. Every write carries a mark of its own; whoever was
refused on a repeated try looks for it, so that a claim is never taken for lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from pynamodb.connection import TableConnection
from pynamodb.exceptions import DeleteError, PutError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from chalicelib.adapters.aws.calls import (
    CONDITION_FAILED,
    MOST_TRIES,
    Calls,
    surfaced,
    unavailable,
    was_repeated,
)
from chalicelib.adapters.aws.tables import INDEX
from chalicelib.adapters.codec import from_plain, lean
from chalicelib.ports import MOST_ITEMS, Page

T = TypeVar("T")
Key = tuple[str, str]
"""Partition key and sort key; the latter "" where a table has none."""

MOST_PUTS = 25
"""Of one BatchWriteItem; AWS refuses more."""
DYNAMODB = "DynamoDB"


def bound(model: Any, prefix: str, client: Any) -> Any:
    """Return the model as a table of one deployment: its name prefixed, its calls made by `client`."""
    meta = type("Meta", (model.Meta,), {"table_name": prefix + model.Meta.table_name})
    named = type(model)(model.__name__, (model,), {"Meta": meta})
    connection: TableConnection = named._get_connection()
    connection.connection._client = client
    return named


@dataclass(frozen=True, slots=True)
class Put(Generic[T]):
    """One put; `more` are attributes beside the body: those of an index, when it expires."""

    key: Key
    value: T
    expected_version: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


class Found(NamedTuple):
    """One item of a query: its sort key (in an index, the index's), and its value."""

    sort: str
    value: Any


class Table(Generic[T]):
    """Values of one kind in one table."""

    def __init__(self, model: type[Model], kind: type[T], calls: Calls) -> None:
        self.model: Any = model
        self._kind = kind
        self._calls = calls
        self._has_sort = model._range_keyname is not None

    def _keys(self, key: Key) -> tuple[str, ...]:
        return key if self._has_sort else key[:1]

    def get(self, key: Key, *, consistent: bool = True) -> T | None:
        """GetItem."""
        item = self.item(key, consistent=consistent)
        return None if item is None else self.value_of(item)

    def item(self, key: Key, *, consistent: bool = True) -> Any:
        """GetItem: the model's item, or None."""
        with surfaced(DYNAMODB):
            try:
                return self.model.get(*self._keys(key), consistent_read=consistent)
            except self.model.DoesNotExist:
                return None

    def value_of(self, item: Any) -> T:
        """Return the value an item holds, with the version it is stored under."""
        if "version" in self._kind.__dataclass_fields__:  # type: ignore[attr-defined]
            return from_plain(self._kind, {**item.body, "version": int(item.version)})
        return from_plain(self._kind, item.body)

    def get_all(self, keys: Sequence[Key], *, consistent: bool = True) -> dict[Key, T]:
        """BatchGetItem; what DynamoDB left over is asked for again."""
        found = {}
        for item in batch_get(self.model, [self._raw_key(key) for key in keys], self._calls, consistent):
            key = (item.pk, item.sk if self._has_sort else "")
            found[key] = self.value_of(item)
        return found

    def _raw_key(self, key: Key) -> dict[str, str]:
        return dict(zip(("pk", "sk"), self._keys(key), strict=False))

    def put(self, put: Put[T]) -> bool:
        """Conditional PutItem."""
        item = self._item_of(put)
        condition: Condition = (
            self.model.pk.does_not_exist()
            if put.expected_version is None
            else self.model.version == put.expected_version
        )
        try:
            with surfaced(DYNAMODB, besides=(CONDITION_FAILED,)):
                item.save(condition=condition)
        except PutError as error:
            return was_repeated(error) and self._is_ours(put.key, item.mark)
        return True

    def _is_ours(self, key: Key, mark: str) -> bool:
        stored = self.item(key)
        return stored is not None and stored.mark == mark

    def _item_of(self, put: Put[T]) -> Any:
        keys = self._raw_key(put.key)
        version = (put.expected_version or 0) + 1
        return self.model(**keys, version=version, mark=self._calls.mark(), body=lean(put.value), **put.more)

    def put_all(self, puts: Sequence[Put[T]]) -> list[bool]:
        """Conditional PutItems side by side; one answer each."""
        return self._calls.side_by_side(self.put, puts)

    def put_any(self, puts: Sequence[Put[T]]) -> None:
        """BatchWriteItem: puts without conditions. Of one key only the last counts."""
        items = [self._item_of(put).serialize() for put in {put.key: put for put in puts}.values()]
        self._write_all([{"PutRequest": {"Item": item}} for item in items])

    def delete_all(self, keys: Sequence[Key]) -> None:
        """BatchWriteItem: deletes; absent ones are no error."""
        raw = [{n: {"S": v} for n, v in self._raw_key(key).items()} for key in dict.fromkeys(keys)]
        self._write_all([{"DeleteRequest": {"Key": key}} for key in raw])

    def _write_all(self, requests: list[dict[str, Any]]) -> None:
        connection = self.model._get_connection()
        batches = [requests[i : i + MOST_PUTS] for i in range(0, len(requests), MOST_PUTS)]
        self._calls.side_by_side(lambda batch: write_batch(connection, batch, self._calls), batches)

    def delete_versions(self, versions: Sequence[tuple[Key, int]]) -> list[bool]:
        """DeleteItems side by side, each conditional on its version; one answer each."""

        def delete(one: tuple[Key, int]) -> bool:
            return deleted_if(self.model, self._keys(one[0]), self.model.version == one[1])

        return self._calls.side_by_side(delete, versions)

    def query(
        self,
        pk: str,
        *,
        after: str | None = None,
        before: str | None = None,
        prefix: str = "",
        limit: int = 100,
        backwards: bool = False,
        consistent: bool = True,
    ) -> list[Found]:
        """Query of a partition in key order, behind `after`, up to and with `before`."""
        if _holds_nothing(after, before):
            return []
        condition = _range(self.model.sk, after, before, prefix)
        with surfaced(DYNAMODB):
            items = self.model.query(
                pk,
                condition,
                consistent_read=consistent,
                scan_index_forward=not backwards,
                limit=limit,
            )
            return [Found(item.sk, self.value_of(item)) for item in items]

    def query_index(
        self,
        key: str,
        *,
        after: str | None = None,
        before: str | None = None,
        prefix: str = "",
        limit: int = 100,
    ) -> list[Found]:
        """Query of the index in its order; strongly consistent where it is a partition's own."""
        if _holds_nothing(after, before):
            return []
        index = self.model._indexes[INDEX]
        local = index._hash_key_attribute().attr_name == "pk"
        condition = _range(self.model.sort, after, before, prefix)
        with surfaced(DYNAMODB):
            items = self.model.query(key, condition, index_name=INDEX, consistent_read=local, limit=limit)
            return [Found(item.sort, self.value_of(item)) for item in items]

    def count_index(self, key: str, prefix: str, limit: int = 100) -> int:
        """Query of the index with Select=COUNT, of at most `limit` items."""
        with surfaced(DYNAMODB):
            page = self.model._get_connection().query(
                key,
                range_key_condition=self.model.sort.startswith(prefix),
                index_name=INDEX,
                consistent_read=True,
                limit=limit,
                select="COUNT",
            )
        return int(page["Count"])


def page_of(rows: Sequence[Found]) -> Page[Any]:
    """Return a query's rows as a page; a full one may have more behind it."""
    return Page(tuple(row.value for row in rows), rows[-1].sort if len(rows) == MOST_ITEMS else None)


def _holds_nothing(after: str | None, before: str | None) -> bool:
    """Say whether a range ends before it begins, which DynamoDB refuses to be asked for."""
    return after is not None and before is not None and after >= before


def _range(attribute: Any, after: str | None, before: str | None, prefix: str) -> Condition | None:
    """Return the one condition on a sort key that DynamoDB allows; `after` excludes itself."""
    if prefix and after is None:
        return attribute.startswith(prefix)  # type: ignore[no-any-return]
    if after is not None and before is not None:
        return attribute.between(after + "\x00", before)  # type: ignore[no-any-return]
    if after is not None:
        return attribute > after  # type: ignore[no-any-return]
    return attribute <= before if before is not None else None


def batch_get(model: Any, keys: Sequence[dict[str, str]], calls: Calls, consistent: bool = True) -> list[Any]:
    """BatchGetItem. Raises HomeUnavailable when some are left over every time."""
    connection = model._get_connection()
    name = model.Meta.table_name
    wanted = [dict(pairs) for pairs in dict.fromkeys(tuple(key.items()) for key in keys)]
    found: list[Any] = []
    if not wanted:
        return found
    for tries in range(2 * MOST_TRIES):
        with surfaced(DYNAMODB):
            answer = connection.batch_get_item(wanted, consistent_read=consistent)
        found += [model.from_raw_data(raw) for raw in answer["Responses"].get(name, [])]
        left = (answer.get("UnprocessedKeys") or {}).get(name, {}).get("Keys", [])
        if not left:
            return found
        wanted = [{n: v["S"] for n, v in key.items()} for key in left]
        calls.pause(tries)
    raise unavailable(DYNAMODB, "UnprocessedKeys")


def write_batch(connection: Any, requests: list[dict[str, Any]], calls: Calls) -> None:
    """BatchWriteItem of at most 25; what DynamoDB left over is written again, else HomeUnavailable."""
    name = connection.table_name
    for tries in range(2 * MOST_TRIES):
        with surfaced(DYNAMODB):
            answer = connection.connection.dispatch("BatchWriteItem", {"RequestItems": {name: requests}})
        requests = (answer.get("UnprocessedItems") or {}).get(name, [])
        if not requests:
            return
        calls.pause(tries)
    raise unavailable(DYNAMODB, "UnprocessedItems")


def deleted_if(model: Any, keys: Sequence[str], condition: Condition) -> bool:
    """DeleteItem on a condition."""
    item = model(**dict(zip(("pk", "sk"), keys, strict=False)))
    try:
        with surfaced(DYNAMODB, besides=(CONDITION_FAILED,)):
            item.delete(condition=condition)
    except DeleteError as error:
        return was_repeated(error) and not exists(model, keys)
    return True


def exists(model: Any, keys: Sequence[str]) -> bool:
    """Say whether there is an item."""
    try:
        with surfaced(DYNAMODB):
            model.get(*keys, consistent_read=True)
    except model.DoesNotExist:
        return False
    return True


__all__ = ["Found", "Put", "Table", "batch_get", "bound", "deleted_if", "exists"]
