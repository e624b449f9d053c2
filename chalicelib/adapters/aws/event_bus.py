"""Other systems listen on a bus of EventBridge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from chalicelib.adapters.aws.calls import MOST_TRIES, Calls, surfaced, unavailable
from chalicelib.audience.instant import to_datetime
from chalicelib.ports import Told

EVENT_BRIDGE = "EventBridge"
SOURCE = "carillon"


class EventBus:
    """`Bus` of that name. Its client is made when first needed: one function of all needs it."""

    def __init__(self, new_client: Callable[[], Any], name: str, calls: Calls) -> None:
        self._new_client = new_client
        self._client: Any = None
        self._name = name
        self._calls = calls

    def put(self, told: Sequence[Told]) -> None:
        """PutEvents; what it did not take is put again. It answers 200 also when it took only some."""
        entries = [self._entry(one) for one in told]
        reasons: set[str] = set()
        self._client = self._client or self._new_client()
        for tries in range(MOST_TRIES):
            if not entries:
                return
            with surfaced(EVENT_BRIDGE):
                answers = self._client.put_events(Entries=entries)["Entries"]
            pairs = list(zip(entries, answers, strict=True))
            entries = [entry for entry, answer in pairs if answer.get("ErrorCode")]
            reasons = {answer["ErrorCode"] for _, answer in pairs if answer.get("ErrorCode")}
            if entries:
                self._calls.pause(tries)
        if entries:
            raise unavailable(EVENT_BRIDGE, ", ".join(sorted(reasons)))

    def _entry(self, one: Told) -> dict[str, Any]:
        return {
            "Source": SOURCE,
            "DetailType": one.about,
            "Detail": orjson.dumps(dict(one.detail)).decode(),
            "EventBusName": self._name,
            "Time": to_datetime(one.at),
        }
