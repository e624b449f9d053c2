"""What a message costs, and how many two cores send: `python -m bench sending`.

Real processes, as in `pacing`. Throughput and the simulator's part: two senders
at once, receipts and all. The worker's part: one sender and no receipts, and of
that the same messages sent by the HTTP client alone are taken off.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench._figures import Figure
from bench._stage import USUAL_NUMBER, Crowd, Stage, Watch, most_memory_bytes, staged
from chalicelib.sending.answer import Accepted, Message

MOST_WORKER_MS, MOST_SIMULATOR_MS, LEAST_PER_SECOND = 0.35, 0.4, 1_000
SENDERS, RATE, PEOPLE = ("boutique", "atelier"), 525, 12_000
"""Limits that together allow a little more than the target (1,017 a second); people per sender."""
SINGLE_RATE, SINGLE_PEOPLE = 1_000, 12_000
FEW = 60
TOKEN = "simulator-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a run took: seconds from the first message to the last, CPU of both processes, memory."""

    messages: int
    wall_seconds: float
    worker_cpu: float
    simulator_cpu: float
    worker_bytes: int
    refused: int


def measure(quick: bool) -> list[Figure]:
    """Return the costs of a message and the throughput."""
    people, single = (FEW, FEW) if quick else (PEOPLE, SINGLE_PEOPLE)
    with tempfile.TemporaryDirectory() as directory:
        crowds = [Crowd(tag=f"to-{key}", count=people, sender=key) for key in SENDERS]
        with staged(Path(directory), rates=dict.fromkeys(SENDERS, RATE), crowds=crowds) as stage:
            both = played(stage, receipts=True)
    with tempfile.TemporaryDirectory() as directory:
        crowds = [Crowd(tag="to-boutique", count=single)]
        rates = {"boutique": SINGLE_RATE}
        with staged(Path(directory), rates=rates, crowds=crowds, subscribed=False) as stage:
            alone = played(stage, receipts=False)
            client = client_cpu(stage, single, SINGLE_RATE)
    return [*costs(alone, client, both), throughput(both)]


def costs(alone: Played, client_seconds: float, both: Played) -> list[Figure]:
    """Return the CPU of a message: in the worker beyond its HTTP client, and in the simulator."""
    whole = 1_000 * alone.worker_cpu / alone.messages
    client = 1_000 * client_seconds / alone.messages
    return [
        Figure(
            row="sending",
            what="worker, beyond the HTTP client",
            value=whole - client,
            unit="ms CPU per message",
            at_most=MOST_WORKER_MS,
            how=f"worker {whole:.2f}, HTTP client alone {client:.2f}; "
            f"{alone.messages / alone.wall_seconds:,.0f}/s without receipts",
        ),
        Figure(
            row="sending",
            what="simulator with its webhooks",
            value=1_000 * both.simulator_cpu / both.messages,
            unit="ms CPU per message",
            at_most=MOST_SIMULATOR_MS,
        ),
    ]


def throughput(both: Played) -> Figure:
    """Return how many messages a second left, with everything running."""
    cores = len(os.sched_getaffinity(0))
    worker = 1_000 * both.worker_cpu / both.messages
    return Figure(
        row="sending",
        what=f"worker, simulator and receipts on {cores} cores",
        value=both.messages / both.wall_seconds,
        unit="messages/s",
        at_least=LEAST_PER_SECOND,
        how=f"{len(SENDERS)} senders of {RATE}/s; worker {worker:.2f} ms CPU per message and "
        f"{both.worker_bytes / 2**20:,.0f} MiB; refused by the platform: {both.refused}",
    )


def played(stage: Stage, *, receipts: bool) -> Played:
    """Send to every crowd at once, and wait for the receipts where there are any."""
    plans = [stage.planned(crowd.tag) for crowd in stage.crowds]
    watch = Watch((stage.processes.worker_pid, stage.processes.simulator_pid))
    for broadcast in [stage.launched(plan) for plan in plans]:
        stage.completed(broadcast)
    if receipts:
        stage.quiet()
    worker, simulator = watch.spent()
    calls = stage.calls()
    instants = [call.at_ms for call in calls if call.accepted]
    once = {(call.broadcast, call.person) for call in calls if call.accepted}
    assert len(once) == len(instants) == sum(crowd.count for crowd in stage.crowds)
    return Played(
        messages=len(instants),
        wall_seconds=(instants[-1] - instants[0]) / 1_000,
        worker_cpu=worker,
        simulator_cpu=simulator,
        worker_bytes=most_memory_bytes(stage.processes.worker_pid),
        refused=len(calls) - len(instants),
    )


def client_cpu(stage: Stage, count: int, per_second: int) -> float:
    """Return the CPU seconds of sending as many messages, evenly, through the channel alone.

    It has no pacer, so the platform's limit is lifted: a refusal would be a shorter answer.
    """
    stage.amend({"per_second": {str(USUAL_NUMBER): 100 * per_second}})
    began = time.process_time()
    asyncio.run(_send_alone(stage, count, per_second))
    return time.process_time() - began


async def _send_alone(stage: Stage, count: int, per_second: int) -> None:
    from chalicelib.adapters.channels.graph import Graph
    from chalicelib.adapters.channels.whatsapp_cloud import WhatsAppCloud

    channel = WhatsAppCloud(Graph(secrets=Token(), url=stage.processes.simulator, version="v25.0"))
    began = time.monotonic()
    tasks = []
    for number in range(count):
        tasks.append(asyncio.ensure_future(channel.send(message(number))))
        await asyncio.sleep(max(0.0, began + number / (per_second) - time.monotonic()))
    answers = await asyncio.gather(*tasks)
    await channel.close()
    assert all(isinstance(answer, Accepted) for answer in answers)


class Token:
    """The simulator's token for every secret."""

    def get(self, name: str) -> str:
        """Return the token."""
        return TOKEN


def message(number: int) -> Message:
    """Return a message as the campaign's, to somebody else."""
    return Message(
        sender=SENDERS[0],
        phone_number_id=str(USUAL_NUMBER),
        to=f"+2126999{number:05d}",
        template="soldes_hiver_2027",
        language="en",
        named=True,
        parameters=(("prenom", "Amina"), ("remise", "30"), ("fin", "Sunday")),
        buttons=(("url", 0, "soldes"), ("quick_reply", 1, "STOP_PROMOS")),
        echo=f"1|to-boutique.1|000-{number // 100:06d}|alone-{number:09d}|1",
    )
