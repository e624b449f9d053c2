"""Real processes, real kills: `carillon up` dies at any moment, and nobody is lost or messaged twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.kills import Run, table
from tests.processes.running import Processes


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    running = Processes(tmp_path)
    yield running
    running.close()


def test_kill_nine_in_the_middle_loses_nobody_and_messages_nobody_twice(processes: Processes) -> None:
    """The small form of `make kill`, which says what is judged; recovery is under ten seconds each time."""
    story: list[str] = []
    verdict = Run(processes, people=400, kills=5, seed=7, say=story.append).play()
    assert verdict.broken == [], "\n".join([*story, *table(verdict)])
    assert len(verdict.kills) == 5
    assert verdict.recoveries[-1] < 10_000
    # Who was in flight before the platform saw them can only stay uncertain.
    assert 0 < verdict.report["uncertain"] == len(verdict.report["uncertain_people"]) < verdict.in_flight
