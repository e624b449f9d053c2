"""One-time schedules on SQLite. The runtime asks for those that are due, and forgets them when handled."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.adapters.embedded.database import Database, Put, Table
from chalicelib.audience.instant import Instant


@dataclass(frozen=True, slots=True)
class DueSchedule:
    """A schedule whose instant has come."""

    name: str
    payload: str


class SqliteSchedules:
    """`Schedules`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "schedules")

    def create(self, name: str, at: Instant, payload: str) -> None:
        """CreateSchedule: the first of a name stands."""
        self._table.put_all([Put(name, "", payload.encode(), index=("at", f"{at:015d}|{name}"))])

    def cancel(self, name: str) -> None:
        """DeleteSchedule."""
        self._table.delete_all([(name, "")])

    def due(self, now: Instant) -> list[DueSchedule]:
        """Return schedules due at `now`, oldest first. They stay until cancelled, so none is lost."""
        rows = self._table.query_index("at", until=f"{now:015d}~", limit=100)
        return [DueSchedule(isk.split("|", 1)[1], body.decode()) for isk, body, _ in rows]

    def next_due(self) -> Instant | None:
        """Return the next schedule's instant."""
        rows = self._table.query_index("at", limit=1)
        return int(rows[0][0].split("|", 1)[0]) if rows else None
