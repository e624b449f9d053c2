"""Whether anything was written since, as SQLite itself counts it: so that the same rows are judged once."""

from __future__ import annotations

from typing import Any

from chalicelib.adapters.embedded.database import Database
from chalicelib.adapters.embedded.schema import TABLES

UNREAD = {
    "counters": "counters",
    "messages": "queues",
    "schedules": "schedules",
    "timelines": "timelines",
}
"""Tables that are written all the time and say nothing about anybody's outcome, and the ports over them."""


class Written:
    """Counts the rows written into a database's tables, all but `UNREAD`, by triggers of its connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._run("CREATE TEMP TABLE written (rows INTEGER)")
        self._run("INSERT INTO written VALUES (0)")
        for table in sorted({*TABLES, "messages"} - UNREAD.keys()):
            for change in ("INSERT", "UPDATE", "DELETE"):
                self._run(
                    f"CREATE TEMP TRIGGER {table}_{change} AFTER {change} ON main.{table} "
                    "BEGIN UPDATE written SET rows = rows + 1; END"
                )

    def rows(self) -> int:
        """Return how many rows were written so far."""
        return int(self._run("SELECT rows FROM written")[0][0])

    def _run(self, sql: str) -> list[Any]:
        return self._database.read(lambda connection: connection.execute(sql).fetchall())


class Unread:
    """A port that its reader has promised not to read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{self._name}.{name} is read, and whether it was written is not watched")
