"""The tables of a home. All but the queues have DynamoDB's shape; see `table.py`."""

from __future__ import annotations

SCHEMA_VERSION = 5
"""Raise it for every new table, column or index; see `migrations.py` for what must change in old data."""

TABLES = (
    "approvals",
    "audit",
    "broadcasts",
    "campaigns",
    "chunks",
    "consents",
    "contacts",
    "counters",
    "deferrals",
    "hashes",
    "identities",
    "keepings",
    "ledger",
    "plans",
    "quotas",
    "schedules",
    "senders",
    "standings",
    "templates",
    "timelines",
)

MESSAGES = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL,
    visible_at INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0, receipt TEXT NOT NULL DEFAULT '',
    sent_at INTEGER NOT NULL, dead INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS messages_due ON messages (queue, dead, visible_at);
"""


def _items(table: str) -> str:
    return f"""
CREATE TABLE IF NOT EXISTS {table} (
    pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL,
    ipk TEXT, isk TEXT, PRIMARY KEY (pk, sk)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS {table}_index ON {table} (ipk, isk) WHERE ipk IS NOT NULL;
"""


SCHEMA = "".join(map(_items, TABLES)) + MESSAGES
