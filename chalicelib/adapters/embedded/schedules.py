"""One-time schedules on SQLite. The runtime asks for those that are due, and forgets them when handled."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.adapters.embedded.database import Database
from chalicelib.adapters.embedded.table import Key, Put, Table
from chalicelib.audience.instant import Instant
from chalicelib.ports import LONGEST_SCHEDULE_NAME


@dataclass(frozen=True, slots=True)
class DueSchedule:
    """A schedule whose instant has come. `tries` counts from 1."""

    name: str
    payload: str
    tries: int


class SqliteSchedules:
    """`Schedules`, and the waking side that EventBridge keeps for Lambda."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "schedules")

    @staticmethod
    def _index(name: str, at: Instant) -> Key:
        return "at", f"{at:015d}|{name}"

    def create(self, name: str, at: Instant, payload: str) -> None:
        """CreateSchedule: the first of a name stands."""
        if len(name) > LONGEST_SCHEDULE_NAME:
            raise ValueError(f"a schedule's name has at most {LONGEST_SCHEDULE_NAME} characters: {name}")
        self._table.put(Put(name, "", payload.encode(), index=self._index(name, at)))

    def cancel(self, name: str) -> None:
        """DeleteSchedule."""
        self._table.delete_all([(name, "")])

    def due(self, now: Instant) -> list[DueSchedule]:
        """Return schedules due at `now`, oldest first. They stay until cancelled, so none is lost."""
        rows = self._table.query_index("at", until=f"{now:015d}~")
        return [DueSchedule(row.sort.split("|", 1)[1], row.body.decode(), row.version) for row in rows]

    def postpone(self, schedule: DueSchedule, at: Instant) -> None:
        """Let a schedule whose handler failed come again at `at`, behind those that wait for nothing."""
        index = self._index(schedule.name, at)
        self._table.put(Put(schedule.name, "", schedule.payload.encode(), schedule.tries, index))

    def next_due(self) -> Instant | None:
        """Return the next schedule's instant."""
        rows = self._table.query_index("at", limit=1)
        return int(rows[0].sort.split("|", 1)[0]) if rows else None
