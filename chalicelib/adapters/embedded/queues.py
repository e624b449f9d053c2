"""Queues on SQLite: at least once, with delay, visibility, redelivery and dead letters, as SQS has them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.adapters.embedded.database import Database
from chalicelib.audience.instant import DAY_MS, Instant
from chalicelib.ports import Clock, DeadLetter, Depth

MOST_RECEIVES = 8
"""After this many tries a message becomes a dead letter."""
MOST_LETTERS = 10
RETENTION_MS = 14 * DAY_MS
"""How long a message is kept at most: the longest MessageRetentionPeriod of SQS."""
MOST_FORGOTTEN = 500
"""Of one write, so that nobody waits for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message in hand until `visible_at`; `receipt` proves that the hand is still ours."""

    id: int
    queue: str
    body: str
    receipt: str
    receives: int


class Arrivals:
    """Wakes the threads of this process that wait for a queue; other processes are polled for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed: dict[str, threading.Condition] = {}
        self._count: dict[str, int] = {}

    def _condition(self, queue: str) -> threading.Condition:
        with self._lock:
            return self._changed.setdefault(queue, threading.Condition())

    def announce(self, queue: str) -> None:
        """Wake who waits for `queue`."""
        changed = self._condition(queue)
        with changed:
            self._count[queue] = self.count(queue) + 1
            changed.notify_all()

    def count(self, queue: str) -> int:
        """Return how often `queue` was announced; asked before looking, so that none is missed."""
        return self._count.get(queue, 0)

    def wait_beyond(self, queue: str, count: int, seconds: float) -> None:
        """Return at the next announcement after `count`, or after `seconds`."""
        changed = self._condition(queue)
        with changed:
            changed.wait_for(lambda: self.count(queue) != count, timeout=seconds)


class SqliteQueues:
    """`Queues`, and the consumer's side that SQS keeps for Lambda."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock
        self.arrivals = Arrivals()

    def send(self, queue: str, bodies: Sequence[str], *, delay_seconds: int = 0) -> None:
        """SendMessageBatch."""
        now = self._clock.now()
        rows = [(queue, body, now + delay_seconds * 1_000, now) for body in bodies]
        sql = "INSERT INTO messages (queue, body, visible_at, sent_at) VALUES (?, ?, ?, ?)"
        self._db.write(lambda c: c.executemany(sql, rows).rowcount)
        self.arrivals.announce(queue)

    def receive(self, queue: str, most: int, visibility_ms: int) -> list[Received]:
        """Take up to `most` visible messages in hand; those tried too often become dead letters."""
        now = self._clock.now()
        if not self._db.read(lambda c: self._any_due(c, queue, now)):
            return []

        return self._db.write(lambda c: self._take(c, queue, most, now, now + visibility_ms))

    @staticmethod
    def _take(c: sqlite3.Connection, queue: str, most: int, now: Instant, until: Instant) -> list[Received]:
        due = "queue = ? AND dead = 0 AND visible_at <= ?"
        c.execute(f"UPDATE messages SET dead = 1 WHERE {due} AND receives >= ?", (queue, now, MOST_RECEIVES))
        rows = c.execute(
            f"SELECT id, body, receives + 1 FROM messages WHERE {due} ORDER BY visible_at, id LIMIT ?",
            (queue, now, most),
        ).fetchall()
        # The number of the receive is the receipt: whoever receives it next has another.
        c.executemany(
            "UPDATE messages SET visible_at = ?, receives = ?, receipt = ? WHERE id = ?",
            [(until, receives, f"{number}-{receives}-{now}", number) for number, _, receives in rows],
        )
        return [
            Received(
                id=number, queue=queue, body=body, receipt=f"{number}-{receives}-{now}", receives=receives
            )
            for number, body, receives in rows
        ]

    @staticmethod
    def _any_due(c: sqlite3.Connection, queue: str, now: Instant) -> bool:
        sql = "SELECT 1 FROM messages WHERE queue = ? AND dead = 0 AND visible_at <= ? LIMIT 1"
        return c.execute(sql, (queue, now)).fetchone() is not None

    def delete(self, messages: Sequence[Received]) -> None:
        """Forget messages that were handled; one that was redelivered meanwhile stays."""
        keys = [(m.id, m.receipt) for m in messages]
        sql = "DELETE FROM messages WHERE id = ? AND receipt = ?"
        self._db.write(lambda c: c.executemany(sql, keys).rowcount)

    def release_all(self) -> None:
        """Make everything that was in hand visible now: its worker is gone, since we hold the home's lock."""
        now = self._clock.now()
        sql = "UPDATE messages SET visible_at = ? WHERE dead = 0 AND receives > 0 AND visible_at > ?"
        self._db.write(lambda c: c.execute(sql, (now, now)).rowcount)

    def visible(self, queue: str) -> int:
        """Return how many messages of the queue could be received now."""
        sql = "SELECT COUNT(*) FROM messages WHERE queue = ? AND dead = 0 AND visible_at <= ?"
        values = (queue, self._clock.now())
        return int(self._db.read(lambda c: c.execute(sql, values).fetchone()[0]))

    def waiting(self, queue: str) -> int:
        """Return how many messages the queue holds, in hand or not."""
        sql = "SELECT COUNT(*) FROM messages WHERE queue = ? AND dead = 0"
        return int(self._db.read(lambda c: c.execute(sql, (queue,)).fetchone()[0]))

    def next_due(self, queue: str) -> Instant | None:
        """Return when the queue's next message becomes visible."""
        sql = "SELECT MIN(visible_at) FROM messages WHERE queue = ? AND dead = 0"
        found: Instant | None = self._db.read(lambda c: c.execute(sql, (queue,)).fetchone()[0])
        return found

    def dead_letters(self, queue: str) -> list[DeadLetter]:
        """ReceiveMessage on the queue's dead letters, oldest first."""
        sql = "SELECT id, body, receives FROM messages WHERE queue = ? AND dead = 1 ORDER BY id LIMIT ?"
        rows = self._db.read(lambda c: c.execute(sql, (queue, MOST_LETTERS)).fetchall())
        return [DeadLetter(queue=queue, handle=str(i), body=b, receives=r) for i, b, r in rows]

    def depth(self, queue: str, *, dead: bool = False) -> Depth:
        """GetQueueAttributes, and since when the oldest one waits."""
        sql = (
            "SELECT COALESCE(SUM(due), 0), COALESCE(SUM(NOT due AND receives > 0), 0),"
            " COALESCE(SUM(NOT due AND receives = 0), 0), MIN(CASE WHEN due THEN sent_at END) FROM"
            " (SELECT dead = 1 OR visible_at <= ? AS due, receives, sent_at FROM messages"
            " WHERE queue = ? AND dead = ?)"
        )
        values = (self._clock.now(), queue, int(dead))
        waiting, in_hand, delayed, oldest = self._db.read(lambda c: c.execute(sql, values).fetchone())
        return Depth(waiting=waiting, in_hand=in_hand, delayed=delayed, oldest_at=oldest)

    def replay(self, letter: DeadLetter) -> None:
        """Give a dead letter a new life on its queue."""
        now = self._clock.now()
        sql = "UPDATE messages SET dead = 0, receives = 0, visible_at = ? WHERE id = ? AND dead = 1"
        self._db.write(lambda c: c.execute(sql, (now, int(letter.handle))).rowcount)
        self.arrivals.announce(letter.queue)

    def forget_old(self) -> None:
        """Drop what was sent before the retention period, dead letters too: SQS does so by itself."""
        before = self._clock.now() - RETENTION_MS
        oldest = "SELECT id, sent_at FROM messages ORDER BY id LIMIT ?"  # ids are in the order of sending
        sql = f"DELETE FROM messages WHERE id IN (SELECT id FROM ({oldest}) WHERE sent_at < ?)"
        while self._db.write(lambda c: c.execute(sql, (MOST_FORGOTTEN, before)).rowcount):
            pass

    def extend(self, message: Received, visibility_ms: int) -> bool:
        """ChangeMessageVisibility: keep a message in hand for longer; False when it is no longer ours."""
        at = self._clock.now() + visibility_ms
        sql = "UPDATE messages SET visible_at = ? WHERE id = ? AND receipt = ?"
        values = (at, message.id, message.receipt)
        return self._db.write(lambda c: c.execute(sql, values).rowcount) == 1
