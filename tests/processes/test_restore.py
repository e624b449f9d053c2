"""Real processes: a home is saved at work, goes on, is lost, is restored; the platform's log is the judge."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.demo_audit import oracle_of
from tests.processes.running import DEFINITION, PEOPLE, ROOT, Processes, book, eventually


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    (tmp_path / "home").mkdir(mode=0o700)
    running = Processes(tmp_path / "home")
    yield running
    running.close()


def carillon(processes: Processes, *argv: str) -> Any:
    """Run one command beside the server, on the same home."""
    command = [sys.executable, "-m", "cli", *argv, "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=processes.env, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, (argv, done.stdout, done.stderr)
    return json.loads(done.stdout)


def test_a_home_lost_in_the_middle_of_a_campaign_messages_nobody_twice_when_it_is_restored(
    processes: Processes, tmp_path: Path
) -> None:
    processes.ask(processes.front, "POST", "/api/contacts/imports", book(PEOPLE), "text/csv")
    (tmp_path / "expedition.yaml").write_text(json.dumps(DEFINITION))
    url = f"http://127.0.0.1:{processes.front}"
    plan_hash = carillon(processes, "plan", str(tmp_path / "expedition.yaml"), "--api", url)["hash"]
    broadcast = carillon(processes, "launch", plan_hash, "--api", url)["broadcast"]

    def accepted() -> int:
        return int(processes.get(processes.platform, "/_simulator/summary")["accepted"])

    eventually(lambda: accepted() >= 150)
    file = tmp_path / "home.zip"
    saved = carillon(processes, "backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    eventually(lambda: accepted() >= 350)
    processes.kill_worker()
    at_loss = accepted()
    shutil.rmtree(processes.home)
    restored = carillon(processes, "restore", str(file), "--home", str(processes.home))
    assert restored["backed_up_at"] == saved["at"]
    [held] = restored["held"]
    assert (held["broadcast"], held["waiting"]) == (broadcast, 0)
    assert held["uncertain"] >= PEOPLE - 350

    processes.start_worker()
    resumed = carillon(processes, "resume", broadcast, "--api", url)
    assert resumed["restored"]["backed_up_at"] == saved["at"]

    def report() -> Any:
        found = processes.get(processes.front, f"/api/broadcasts/{broadcast}/report")
        assert found["proven"], found
        return found

    eventually(lambda: report()["complete"])
    assert accepted() == at_loss  # nobody was called by the restored home
    oracle = oracle_of(processes.get(processes.platform, "/_simulator/log")["messages"], broadcast)
    told = report()
    assert oracle.twice == []
    assert told["accepted"] + told["uncertain"] == PEOPLE
    assert told["uncertain"] == len(told["uncertain_people"])

    again = carillon(processes, "plan", str(tmp_path / "expedition.yaml"), "--again", "--api", url)["hash"]
    refused = processes.ask(processes.front, "POST", f"/api/plans/{again}/launch")
    assert [problem["code"] for problem in refused["problems"]] == ["home_held"]
    carillon(processes, "release", "--api", url)
    assert carillon(processes, "launch", again, "--api", url)["already"] is False
