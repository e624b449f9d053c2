"""The log of every accepted message and what its sender was told of it: the oracle of tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from infra.local.simulator.events import Accepted, CallRefused, Due, PreferenceChange, Reply, StatusChange

RANKS = ("sent", "delivered", "read")
Write = Callable[[bytes], object]


@dataclass(slots=True)
class Record:
    """One accepted message; `told`: the instants of the statuses that the subscriber has taken."""

    message: Accepted
    told: dict[str, float] = field(default_factory=dict)
    rank: int = -1
    code: int | None = None
    replied: bool = False
    stopped: bool = False

    def shown(self) -> dict[str, Any]:
        """Return the record as JSON."""
        return {
            **_accepted(self.message),
            "statuses": {status: round(at) for status, at in self.told.items()},
            "failed": self.code,
            "replied": self.replied,
            "stopped": self.stopped,
        }


class Journal:
    """Keeps records in memory and appends every fact as a JSON line through `write`."""

    def __init__(self, write: Write | None = None) -> None:
        self._write = write
        self.records: dict[str, Record] = {}
        self.refused: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()

    def accept(self, message: Accepted) -> None:
        """Note an accepted message."""
        self.records[message.wamid] = Record(message)
        self.totals["unanswered"] += message.cut
        self._line({"kind": "accepted", **_accepted(message)})

    def refuse(self, event: CallRefused) -> None:
        """Note a call that was not accepted; code null: cut or garbled before anything was taken."""
        self.refused["none" if event.code is None else str(event.code)] += 1
        self._line(
            {
                "kind": "refused",
                "t_ms": round(event.at_ms, 3),
                "phone_number_id": event.phone_number_id,
                "code": event.code,
            }
        )

    def acknowledge(self, event: Due, now_ms: float) -> None:
        """Note that the subscriber has taken an event."""
        if not isinstance(event, StatusChange | Reply | PreferenceChange):
            return
        record = self.records[event.message.wamid]
        line: dict[str, Any] = {"t_ms": round(now_ms, 3), "wamid": event.message.wamid}
        if isinstance(event, StatusChange):
            self._tell(record, event)
            line |= {"kind": "status", "status": event.status, "code": event.code}
        elif isinstance(event, Reply):
            self.totals["replied"] += not record.replied
            record.replied = True
            self._stop(record, event.stops)
            line |= {"kind": "reply", "text": event.text, "payload": event.payload}
        else:
            self._stop(record, True)
            line |= {"kind": "preference", "value": "stop"}
        line |= {"to": event.message.to, "echo": event.message.echo, "at_ms": round(event.at_ms)}
        self._line(line)

    def _tell(self, record: Record, event: StatusChange) -> None:
        """Count a message for every rank that it reaches for the first time."""
        record.told.setdefault(event.status, event.at_ms)
        if event.code is not None:
            self.failed[str(event.code)] += record.code is None
            record.code = event.code
        else:
            rank = RANKS.index(event.status)
            self.totals.update(RANKS[record.rank + 1 : rank + 1])
            record.rank = max(record.rank, rank)

    def _stop(self, record: Record, stops: bool) -> None:
        self.totals["stopped"] += stops and not record.stopped
        record.stopped = record.stopped or stops

    def _line(self, fields: dict[str, Any]) -> None:
        if self._write is not None:
            self._write(orjson.dumps(fields) + b"\n")


def _accepted(message: Accepted) -> dict[str, Any]:
    return {
        "t_ms": round(message.at_ms, 3),
        "phone_number_id": message.number.phone_number_id,
        "to": message.to,
        "template": message.template,
        "language": message.language,
        "parameters": message.parameters,
        "echo": message.echo,
        "wamid": message.wamid,
        "answered": not message.cut,
    }
