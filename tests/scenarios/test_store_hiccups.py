"""A store that fails once, in the middle of a chunk: nobody of it is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chalicelib import bootstrap
from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.pipeline import Pipeline
from chalicelib.ports import Write
from chalicelib.sending.delivery import Delivery
from tests.scenarios.world import World


class Hiccuping:
    """A ledger that refuses its first write of somebody who is left out."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def put_all(self, writes: Sequence[Write[Delivery]]) -> list[bool]:
        """Store rows, but for the first time that one of them says why somebody is left out."""
        if not self.refused and any(write.item.excluded for write in writes):
            self.refused += 1
            raise HomeUnavailable(Problem(code="disk_full", params={"path": "", "detail": ""}))
        return list(self._ledger.put_all(writes))


def test_whom_a_failing_store_did_not_write_as_left_out_is_looked_at_again(world: World) -> None:
    world.people(3)
    broadcast = world.launched()
    world.says("+212612000001", "STOP")
    world.run_for(seconds=2)
    ledger = Hiccuping(world.ports.ledger)
    world.home = replace(world.home, ports=replace(world.ports, ledger=ledger))
    world.pipeline = Pipeline(world.home, world.run)
    bootstrap.install(world.pipeline)
    world.at("2026-12-01T09:00:00Z")
    world.run_for(seconds=60, step=1)
    report = world.report(broadcast)
    assert ledger.refused == 1
    assert (report["accepted"], report["excluded"], report["complete"]) == (2, {"consent.revoked": 1}, True)
