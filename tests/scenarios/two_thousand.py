"""The campaign of two thousand on AWS, played once: what it came to, and every call it made."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench._meter import Meter
from bench.bill import Line, LogBytes, lines_of
from chalicelib.log import log
from cli.demo_audit import differences, oracle_of
from tests.contracts.aws_home import client_maker
from tests.scenarios.aws_live import LiveAws


@dataclass(frozen=True)
class Played:
    """A finished campaign: the report, what the audit found, and what was metered."""

    report: Mapping[str, Any]
    differences: list[str]
    messages: int
    twice: list[str]
    busiest_second: int
    limit: int
    meter: Meter
    sending_seconds: float
    sent_bytes: int
    log_bytes: int

    def bill(self, region: str) -> list[Line]:
        """Return the bill for a million accepted messages, by step."""
        return lines_of(
            self.meter,
            self.report["accepted"],
            region,
            sending_seconds=self.sending_seconds,
            sent_bytes=self.sent_bytes,
            log_bytes=self.log_bytes,
        )


def played(people: int) -> Played:
    """Import, plan, launch, send and receive until the platform has nothing more to tell."""
    meter, lines = Meter(), LogBytes()
    world = LiveAws(new_client=meter.metered(client_maker()), woken=meter.woken, took=meter.took)
    log.addHandler(lines)
    log.setLevel(logging.INFO)
    try:
        world.people(people)
        meter.units.clear()
        broadcast = world.launched()
        world.at("2026-12-01T08:57:55Z")
        world.live(seconds=7_200, until=lambda: _over(world, broadcast))
        return _seen(world, broadcast, meter, lines)
    finally:
        log.removeHandler(lines)
        world.close()


def _over(world: LiveAws, broadcast: str) -> bool:
    state = world.seen.broadcasts.get(broadcast)
    assert state is not None
    told = world.simulator.next_due() is None and not world.stage.lies("receipts")
    return told and state.state.value == "completed"


def _seen(world: LiveAws, broadcast: str, meter: Meter, lines: LogBytes) -> Played:
    messages = world.asked("log", limit="100000")["messages"]
    summary = world.asked("summary")
    oracle = oracle_of(messages, broadcast)
    report = world.report(broadcast)
    calls = [message["t_ms"] for message in messages]
    number = next(iter(summary["numbers"].values()))
    return Played(
        report=report,
        differences=differences(report, oracle, summary, lambda p: world.explain(broadcast, p)),
        messages=oracle.messages,
        twice=oracle.twice,
        busiest_second=number["peak_with_inbound"],
        limit=number["limit"],
        meter=meter,
        sending_seconds=(max(calls) - min(calls)) / 1_000,
        sent_bytes=world.sent_bytes,
        log_bytes=lines.bytes,
    )
