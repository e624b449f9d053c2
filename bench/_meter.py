"""Counts what AWS would bill: every call of the adapters, in the units it is billed in.

Requests are read as botocore makes them and answers as it parses them, so that
nothing depends on what an emulator says it consumed. Sizes follow DynamoDB's
rule: names and values in UTF-8, numbers about half a byte per digit.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from math import ceil
from typing import Any

KB = 1_024
STEP = ContextVar("step", default="import")
Units = Counter[tuple[str, str]]
"""Units by (step, unit)."""


def size_of(value: Mapping[str, Any]) -> int:
    """Return the bytes of a value in DynamoDB's notation."""
    kind, content = next(iter(value.items()))
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return (len(content.lstrip("-").replace(".", "")) + 1) // 2 + 1
    if kind == "M":
        return 3 + sum(len(name.encode()) + size_of(item) + 1 for name, item in content.items())
    if kind == "L":
        return 3 + sum(size_of(item) + 1 for item in content)
    return 1


def item_size(item: Mapping[str, Any]) -> int:
    """Return the bytes of an item."""
    return sum(len(name.encode()) + size_of(value) for name, value in item.items())


def writes_of(size: int) -> int:
    """Return the write units of an item of this size."""
    return max(1, ceil(size / KB))


def reads_of(size: int, consistent: bool) -> float:
    """Return the read units of this many bytes."""
    return max(1, ceil(size / (4 * KB))) * (1.0 if consistent else 0.5)


class Meter:
    """Counts units per step: whoever wakes a handler says whose it is, also for the tasks it begins."""

    def __init__(self) -> None:
        self.units: Units = Counter()
        self.calls: Counter[tuple[str, str, str]] = Counter()
        self._index_keys: dict[tuple[str, str, str], tuple[str, str]] = {}
        self._lock = threading.Lock()

    def woken(self, name: str, messages: int) -> None:
        """Note an event: whose step it begins, and that it is an invocation."""
        STEP.set(name)
        with self._lock:
            self.units[name, "invocations"] += 1
            self.units[name, "messages"] += messages

    def took(self, name: str, milliseconds: float) -> None:
        """Note how long something waited for its slots."""
        with self._lock:
            self.units[name, "milliseconds"] += round(milliseconds)

    def metered(self, new_client: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
        """Return `new_client` whose clients' calls are counted."""

        def make(service: str, config: Any) -> Any:
            client = new_client(service, config)
            events = client.meta.events
            events.register("provide-client-params", self._asked)
            events.register("after-call", self._answered)
            return client

        return make

    @staticmethod
    def _asked(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["asked"] = params

    def _answered(self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        service = model.service_model.service_name
        asked = context.get("asked", {})
        with self._lock:
            self.calls[STEP.get(), service, model.name] += 1
            for unit, count in self._units(service, model.name, asked, parsed).items():
                self.units[STEP.get(), unit] += count  # type: ignore[assignment] # halves of reads

    def _units(
        self, service: str, operation: str, asked: dict[str, Any], parsed: dict[str, Any]
    ) -> dict[str, float]:
        if service == "dynamodb":
            return self._dynamodb(operation, asked, parsed)
        if service == "sqs":
            return {"sqs_requests": max(1, ceil(_bodies(asked, parsed) / (64 * KB)))}
        if service == "s3":
            return {"s3_gets" if operation.startswith("Get") else "s3_puts": 1}
        if service == "secretsmanager":
            return {"secrets_calls": 1}
        if service in ("events", "eventbridge"):
            return {"events": len(asked.get("Entries", ()))}
        return {}

    def _dynamodb(self, operation: str, asked: dict[str, Any], parsed: dict[str, Any]) -> dict[str, float]:
        if operation == "PutItem":
            return {"writes": self._put(asked["TableName"], asked["Item"], "Error" not in parsed)}
        if operation == "UpdateItem":
            return {"writes": writes_of(item_size(parsed.get("Attributes") or {}))}
        if operation == "DeleteItem":
            return {"writes": 1}
        if operation == "BatchWriteItem":
            return {"writes": sum(map(self._batched, *zip(*_requests(asked), strict=True)))}
        return {"reads": _reads(operation, asked, parsed)}

    def _batched(self, table: str, request: dict[str, Any]) -> int:
        if "PutRequest" in request:
            return self._put(table, request["PutRequest"]["Item"], True)
        key = request["DeleteRequest"]["Key"]
        return 1 + bool(self._index_keys.pop(_id(table, key), None))

    def _put(self, table: str, item: dict[str, Any], stored: bool) -> int:
        """Return the units of a put: the item's, and its index entry's, twice when that moves."""
        units = writes_of(item_size(item))
        if not stored or "sort" not in item:
            return units
        name = _id(table, item)
        index = (item.get("group", item["pk"])["S"], item["sort"]["S"])
        before = self._index_keys.get(name)
        self._index_keys[name] = index
        return units * (2 if before in (None, index) else 3)


def _id(table: str, item: dict[str, Any]) -> tuple[str, str, str]:
    return table, item["pk"]["S"], item.get("sk", {"S": ""})["S"]


def _requests(asked: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(table, request) for table, some in asked["RequestItems"].items() for request in some]


def _reads(operation: str, asked: dict[str, Any], parsed: dict[str, Any]) -> float:
    consistent = bool(asked.get("ConsistentRead"))
    if operation == "GetItem":
        return reads_of(item_size(parsed.get("Item") or {}), consistent)
    if operation == "Query":
        return reads_of(sum(map(item_size, parsed.get("Items") or [])), consistent)
    if operation == "BatchGetItem":
        found = [item for items in parsed.get("Responses", {}).values() for item in items]
        wanted = sum(len(some["Keys"]) for some in asked["RequestItems"].values())
        consistent = all(some.get("ConsistentRead") for some in asked["RequestItems"].values())
        absent = (wanted - len(found)) * reads_of(0, consistent)
        return sum(reads_of(item_size(item), consistent) for item in found) + absent
    return 0.0


def _bodies(asked: dict[str, Any], parsed: dict[str, Any]) -> int:
    sent = sum(len(entry.get("MessageBody", "").encode()) for entry in asked.get("Entries", []))
    return sent + sum(len(message["Body"].encode()) for message in parsed.get("Messages", []))
