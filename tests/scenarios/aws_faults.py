"""Faults between the adapters and AWS, planted into botocore: calls throttled, unanswered, or half done.

What happens to each attempt is drawn from a seed. An unanswered attempt may or
may not have been made, as in life; a half-done batch did some of its entries
and says which it did not.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest import mock

import botocore.endpoint
import orjson
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from moto.core.botocore_stubber import MockRawResponse

from chalicelib.adapters.aws.home import NewClient

THROTTLED_BY_SERVICE = {
    "dynamodb": (400, b'{"__type":"x#ProvisionedThroughputExceededException","message":"slower"}'),
    "sqs": (400, b'{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slower"}'),
}
BROKEN = (503, b"")
NOWHERE = "https://nowhere.invalid/"
HALVES: Mapping[str, tuple[str, str]] = {
    "SendMessageBatch": ("Entries", "Failed"),
    "BatchWriteItem": ("RequestItems", "UnprocessedItems"),
    "BatchGetItem": ("RequestItems", "UnprocessedKeys"),
}
"""Where a batch's entries are asked for, and where those that were not done are told."""


class Faults:
    """Draws a fate for every attempt. `odds` are shares by kind: refused, throttled, lost, half."""

    def __init__(self, seed: int, odds: Mapping[str, float]) -> None:
        self._random = random.Random(seed)
        self._odds = dict(odds)
        self._lock = threading.Lock()
        self.met: Counter[str] = Counter()
        self.pauses: list[float] = []
        self.enabled = False

    def around(self, new_client: NewClient) -> NewClient:
        """Return `new_client` whose clients meet faults."""

        def make(service: str, config: Any) -> Any:
            client = new_client(service, config)
            events = client.meta.events
            events.register_first("before-send", self._before)
            events.register_last("before-send", self._after)
            events.register("before-call", self._halve)
            events.register("after-call", self._tell_halves)
            return client

        return make

    @contextmanager
    def without_waiting(self) -> Iterator[None]:
        """Let botocore's pauses between tries pass at once, and keep them."""
        clock = SimpleNamespace(sleep=self.pauses.append)
        with mock.patch.object(botocore.endpoint, "time", clock):
            yield

    def _drawn(self, *kinds: str) -> str:
        """Return which of these kinds this attempt meets, "" for none."""
        with self._lock:
            draw = self._random.random()
            for kind in kinds:
                draw -= self._odds.get(kind, 0.0) if self.enabled else 0.0
                if draw < 0.0:
                    self.met[kind] += 1
                    return kind
        return ""

    def _before(self, request: Any, event_name: str, **_: Any) -> Any:
        """Refuse a connection, or answer in AWS's place; either way nothing was done."""
        request.fate = self._drawn("refused", "throttled", "lost")
        if request.fate == "refused":
            raise ConnectTimeoutError(endpoint_url=request.url)
        if request.fate == "throttled":
            status, body = THROTTLED_BY_SERVICE.get(event_name.split(".")[1], BROKEN)
            answer = AWSResponse(request.url, status, {}, MockRawResponse(body))
            request.url = NOWHERE
            return answer
        return None

    @staticmethod
    def _after(request: Any, **_: Any) -> None:
        """Lose the answer of what was done."""
        if request.fate == "lost":
            raise ReadTimeoutError(endpoint_url=request.url)

    def _halve(self, model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        """Take some entries out of a batch before it is asked for."""
        if model.name not in HALVES or self._drawn("half") != "half":
            return
        asked, _told = HALVES[model.name]
        fields = orjson.loads(params["body"])
        with self._lock:
            fields[asked], context["left_out"] = _halved(fields[asked], self._random)
        if fields[asked]:
            params["body"] = orjson.dumps(fields)
        else:
            context.pop("left_out")

    @staticmethod
    def _tell_halves(model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        left_out = context.get("left_out")
        if not left_out:
            return
        told = HALVES[model.name][1]
        if told == "Failed":
            failed = [{"Id": e["Id"], "Code": "InternalError", "SenderFault": False} for e in left_out]
            parsed.setdefault("Failed", []).extend(failed)
        else:
            parsed[told] = left_out


def _halved(entries: Any, drawn: random.Random) -> tuple[Any, Any]:
    """Split a batch's entries in two: (asked for, left out)."""
    if isinstance(entries, list):
        kept = [e for e in entries if drawn.random() < 0.5]
        return kept, [e for e in entries if e not in kept]
    ((table, some),) = entries.items()
    if isinstance(some, list):
        kept, left = _halved(some, drawn)
        return ({table: kept} if kept else {}), {table: left}
    keys, left = _halved(some["Keys"], drawn)
    return ({table: {**some, "Keys": keys}} if keys else {}), {table: {"Keys": left}}
