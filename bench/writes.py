"""What a durable write costs, alone and in company: `python -m bench writes`.

No target: it explains the one of `sending`. Each message that leaves has two
conditional writes, a claim and an outcome. In the worker each is a call in a
thread beside the event loop, which waits for the writer's commit; the same
writes, a hundred in one call, show what the database itself takes of that.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median

from bench._figures import Figure
from chalicelib.adapters.embedded.database import in_directory
from chalicelib.adapters.embedded.table import Put, Table
from chalicelib.bootstrap import LoopThread

COUNT, FEW, TRIES = 10_000, 500, 3
TOGETHER = 50
"""Calls under way at once, as many as a busy worker has."""
PER_CALL = 100
BODY = b"x" * 400


def measure(quick: bool) -> list[Figure]:
    """Return the CPU time of a write in a call of its own, and of one among a hundred."""
    count, tries = (FEW, 1) if quick else (COUNT, TRIES)
    loop = LoopThread()
    try:
        with tempfile.TemporaryDirectory() as directory:
            database = in_directory(Path(directory))
            table = Table(database, "standings")
            alone = [loop.run(_alone(loop, table, count, f"a{n}")) for n in range(tries)]
            together = [_together(table, count, f"t{n}") for n in range(tries)]
            database.close()
    finally:
        loop.close()
    return [_figure("in a call of its own", alone), _figure(f"as one of {PER_CALL} in a call", together)]


async def _alone(loop: LoopThread, table: Table, count: int, name: str) -> float:
    """Return the microseconds of CPU per write, each awaited beside the loop."""
    began = time.process_time()
    for start in range(0, count, TOGETHER):
        puts = [Put(pk=f"{name}-{start + n}", sk="", body=BODY) for n in range(TOGETHER)]
        assert all(await asyncio.gather(*(loop.offload(table.put, put) for put in puts)))
    return 1e6 * (time.process_time() - began) / count


def _together(table: Table, count: int, name: str) -> float:
    """Return the microseconds of CPU per write, a hundred in one call."""
    began = time.process_time()
    for start in range(0, count, PER_CALL):
        assert all(table.put_all([Put(pk=f"{name}-{start + n}", sk="", body=BODY) for n in range(PER_CALL)]))
    return 1e6 * (time.process_time() - began) / count


def _figure(what: str, tries: list[float]) -> Figure:
    least = min(tries)
    how = f"least of {len(tries)}, median {median(tries):.0f}"
    return Figure(row="sending", what=f"a durable write {what}", value=least, unit="µs CPU", how=how)
