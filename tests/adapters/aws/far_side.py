"""AWS as these tests want it: clients that answer by script, and moto's clients overheard or made mean."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.adapters.aws.home import NewClient
from tests.contracts.aws_home import client_maker


def refused(code: str) -> ClientError:
    """Return the error by which AWS refuses a call."""
    return ClientError({"Error": {"Code": code, "Message": ""}}, "Call")


class Scripted:
    """A client that keeps every request, and gives its answers in turn; the last one for ever."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers) or [{}]
        self._lock = threading.Lock()
        self.requests: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._answer

    def _answer(self, **request: Any) -> Any:
        with self._lock:
            self.requests.append(request)
            answer = self._answers[min(len(self.requests), len(self._answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Overheard:
    """Makes moto's clients, and keeps what is asked of AWS: (operation, request)."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, Mapping[str, Any]]] = []

    def __call__(self, service: str, config: Config) -> Any:
        client = client_maker()(service, config)
        client.meta.events.register("provide-client-params", self._hear)
        return client

    def _hear(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        self.requests.append((model.name, params))

    def of(self, operation: str) -> list[Mapping[str, Any]]:
        """Return the requests of one operation."""
        return [request for name, request in self.requests if name == operation]


class Miserly(Overheard):
    """DynamoDB that does at most `most` entries of each batch, and says what it left over."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __call__(self, service: str, config: Config) -> Any:
        client = super().__call__(service, config)
        for name, told in (("BatchGetItem", "UnprocessedKeys"), ("BatchWriteItem", "UnprocessedItems")):
            client.meta.events.register(f"provide-client-params.dynamodb.{name}", self._cut)
            client.meta.events.register(f"after-call.dynamodb.{name}", _telling(told))
        return client

    def _cut(self, params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> Mapping[str, Any]:
        ((table, asked),) = params["RequestItems"].items()
        entries = asked if isinstance(asked, list) else asked["Keys"]
        done, left = entries[: self._most], entries[self._most :]
        if left:
            context["left"] = {table: _like(asked, left)}
        return {**params, "RequestItems": {table: _like(asked, done)}}


def _like(asked: Any, entries: list[Any]) -> Any:
    """Return entries of a batch in the form in which they were asked for."""
    return entries if isinstance(asked, list) else {**asked, "Keys": entries}


def _telling(told: str) -> Any:
    def tell(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        parsed[told] = context.pop("left", {})

    return tell


NEW_CLIENT: NewClient = client_maker()
"""A far side that only looks."""


def items_of(table: str) -> list[dict[str, Any]]:
    """Return what lies in a table, in DynamoDB's own notation."""
    items: list[dict[str, Any]] = NEW_CLIENT("dynamodb", Config()).scan(TableName=table)["Items"]
    return items


def item_of(table: str) -> dict[str, Any]:
    """Return the only item of a table."""
    (item,) = items_of(table)
    return item
