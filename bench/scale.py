"""Ten million people at 1,000/s on AWS, on paper: `python -m bench scale`.

Minutes of that campaign are played second by second with the keys of the
adapters, the pacer's rate on AWS and the batches that the queues give: how many
units every partition and table is written in its busiest second, how many
functions run at once. Nothing is called. Receipts come as fast as they can:
everybody's three within two minutes, where reading takes hours in life.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench._figures import Figure
from chalicelib.adapters.aws.people_stores import STANDING, person_key
from chalicelib.sending.pacing import rate_and_lanes
from chalicelib.settings import aws_settings
from infra.deployment.functions import sources

RUNS = 1
PEOPLE = 10_000_000
LIMIT = 1_000
CHUNK = 100
PARTITION_UNITS = 1_000
"""Write units a second that one partition takes, however the table is billed."""
NEW_TABLE_UNITS = 4_000
"""Write units a second that a new on-demand table takes before it has grown."""
ACCOUNT_CONCURRENCY = 1_000
INDEXED = 3
"""Units of a write that moves an item in an index: the item, the entry that goes, the entry that comes."""
WEBHOOK_SECONDS = 0.015
RECEIPT_SECONDS = 0.004
BROADCAST = "a-campaign.1"
AFTER_SECONDS = {"sent": (0.3, 0.5), "delivered": (1.5, 1.0), "read": (30.0, 1.0)}
"""Median and spread (of the logarithm) of what a receipt takes."""
READ_SHARE = 0.7
Place = tuple[str, str]


@dataclass(slots=True)
class Day:
    """What was written, by second: units by table and partition key; and what ran."""

    units: dict[int, Counter[Place]] = field(default_factory=dict)
    busy_seconds: dict[int, float] = field(default_factory=dict)

    def write(self, at: float, table: str, key: str, units: int = 1) -> None:
        """Note a write."""
        self.units.setdefault(int(at), Counter())[table, key] += units

    def run(self, at: float, seconds: float) -> None:
        """Note that a function ran, in the second in which it began."""
        self.busy_seconds[int(at)] = self.busy_seconds.get(int(at), 0.0) + seconds


def rate() -> float:
    """Return the messages a second that the pacer gives on AWS to a sender of the limit."""
    settings = aws_settings({})
    return rate_and_lanes(float(LIMIT), 0.0, 1.0, settings.lateness_ms / 1_000, settings.worker_rate)[0]


def played(seconds: int, seed: int = 7) -> Day:
    """Play so many seconds of sending, and the receipts that come in them."""
    day, chance, per_second = Day(), random.Random(seed), rate()
    receipts: list[tuple[float, str, str]] = []
    people = int(per_second * seconds)
    for number in range(people):
        at, person = number / per_second, f"c{chance.getrandbits(80):020x}"
        chunk = f"{number // (CHUNK * 1_000):03d}-{number // CHUNK:06d}"
        if number % CHUNK == 0:
            _chunk(day, at)
        day.write(at, "people", person_key(person, STANDING)[0])
        day.write(at, "deliveries", f"{BROADCAST}|{chunk}")
        day.run(at, 1 / per_second * _lanes(per_second))
        receipts += [(at + after, chunk, person) for after in _receipts(chance)]
    for second in range(seconds):  # a round each second: its lease and its slots, and the tier
        day.write(second, "senders", "sender|boutique")
        day.write(second, "senders", "portfolio|p")
    _record(day, sorted(receipts))
    return day


def _lanes(per_second: float) -> float:
    """Return how many workers send side by side."""
    return math.ceil(per_second / aws_settings({}).worker_rate)


def _chunk(day: Day, at: float) -> None:
    for _ in ("released", "running", "done"):
        day.write(at, "chunks", BROADCAST, INDEXED)
    day.write(at, "counters", BROADCAST)


def _receipts(chance: random.Random) -> Iterator[float]:
    at = 0.0
    for name, (middle, spread) in AFTER_SECONDS.items():
        at += chance.lognormvariate(math.log(middle), spread)
        if name != "read" or chance.random() < READ_SHARE:
            yield at


def _record(day: Day, receipts: list[tuple[float, str, str]]) -> None:
    """Fold receipts in batches, one after the other: a batch is full, or as old as its window."""
    source = sources()["record_receipts"]
    window, most = source.maximum_batching_window_in_seconds, source.batch_size
    batch: list[tuple[float, str, str]] = []
    for receipt in receipts:
        day.run(receipt[0], WEBHOOK_SECONDS)
        if batch and (len(batch) == most or receipt[0] - batch[0][0] >= window):
            _fold(day, batch[-1][0], batch)
            batch = []
        batch.append(receipt)


def _fold(day: Day, at: float, batch: list[tuple[float, str, str]]) -> None:
    for chunk, _ in {(chunk, person) for _, chunk, person in batch}:
        day.write(at, "deliveries", f"{BROADCAST}|{chunk}")
    day.write(at, "counters", BROADCAST)
    day.run(at, RECEIPT_SECONDS * len(batch))


def measure(quick: bool) -> list[Figure]:
    """Return the busiest partitions and tables, how much runs at once, and when it is over."""
    day = played(30 if quick else 300)
    hours = PEOPLE / rate() / 3_600
    chunks = PEOPLE // CHUNK
    launch_minutes = chunks * 2 / PARTITION_UNITS / 60  # an item and its entry in the index
    together = max(day.busy_seconds.values())
    figures = [
        _figure("sent", hours, "hours", how=f"{rate():,.0f}/s; {PEOPLE:,} people in {chunks:,} chunks"),
        _figure(
            "launching, in one partition of chunks",
            launch_minutes,
            "minutes",
            how="before the first wave is due; the plan's last safe launch leaves room",
        ),
        _figure(
            "functions at once, in the busiest second",
            together,
            "",
            at_most=ACCOUNT_CONCURRENCY,
            how="of sending, webhooks and receipts; an account begins with 1,000",
        ),
    ]
    tables = sorted({table for units in day.units.values() for table, _ in units})
    for table in tables:
        busiest, of_table = busiest_of(day, table)
        figures.append(
            _figure(
                f"{table}, write units of the busiest partition key in a second",
                busiest,
                "",
                at_most=PARTITION_UNITS,
                how=f"holds up to {LIMIT * PARTITION_UNITS / busiest:,.0f} messages/s",
            )
        )
        figures.append(
            _figure(
                f"{table}, write units in a second",
                of_table,
                "",
                at_most=NEW_TABLE_UNITS,
                how=switch(of_table),
            )
        )
    return figures


def busiest_of(day: Day, table: str) -> tuple[int, int]:
    """Return the units of a table's busiest key in any second, and of all its keys in any second."""
    keys = [units for second in day.units.values() for (name, _), units in second.items() if name == table]
    whole = [sum(n for (name, _), n in second.items() if name == table) for second in day.units.values()]
    return max(keys), max(whole)


def switch(units: int) -> str:
    """Say what a table of so many write units a second needs beforehand."""
    if units <= NEW_TABLE_UNITS / 2:
        return "as it is when new"
    return f"warm throughput of {math.ceil(units * 1.5 / 1_000) * 1_000:,} set before the first large send"


def _figure(what: str, value: float, unit: str, *, how: str, at_most: float | None = None) -> Figure:
    return Figure(row="ten million", what=what, value=round(value, 2), unit=unit, at_most=at_most, how=how)
