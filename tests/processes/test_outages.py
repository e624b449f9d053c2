"""Real processes: the disk fills up, another program holds the database, the platform goes away."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.processes.kills import too_fast
from tests.processes.running import NUMBER, PEOPLE, Processes, eventually
from tests.scenarios.world import signed

HELD_SECONDS = 20
ROOM_MB = 24


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    running = Processes(home)
    yield running
    running.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of a few megabytes: whoever may mount one gets a real full disk."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_MB}m", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a file system here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def begun(processes: Processes, *, after: int = 100) -> str:
    """Launch the campaign; returns the broadcast once so many messages have left."""
    broadcast = str(processes.launch(processes.plan())["broadcast"])
    eventually(lambda: processes.accepted() >= after)
    return broadcast


def posted(processes: Processes) -> int:
    """Post a webhook of the platform's to the worker; returns the status."""
    status = {"id": "wamid.of-nobody", "status": "sent", "timestamp": "1795255263", "recipient_id": "1"}
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}, "statuses": [status]}
    raw, signature = signed(value, secret="simulator-secret")
    connection = http.client.HTTPConnection("127.0.0.1", processes.front, timeout=60)
    with contextlib.closing(connection):
        connection.request("POST", "/webhooks/whatsapp", raw, {"X-Hub-Signature-256": signature})
        return connection.getresponse().status


def persons(processes: Processes) -> Counter[str]:
    """Return how often each person stands in the platform's log, whichever life of it took the message."""
    lines = map(orjson.loads, processes.log.read_bytes().splitlines())
    return Counter(line["echo"].split("|")[3] for line in lines if line["kind"] == "accepted")


def ends_well(processes: Processes, broadcast: str) -> Any:
    """Wait for the end; nobody was messaged twice, and everybody has an outcome."""
    eventually(lambda: processes.report(broadcast)["complete"], seconds=240)
    taken = persons(processes)
    assert [person for person, n in taken.items() if n > 1] == []

    def settled() -> bool:
        report = processes.report(broadcast)
        return bool(report["accepted"] + report["uncertain"] == PEOPLE)

    assert settled(), processes.report(broadcast)
    assert too_fast(processes.summary()) == []
    return processes.report(broadcast)


def test_on_a_full_disk_nobody_is_called_status_says_why_and_it_goes_on_when_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    home = small_disk / "home"
    home.mkdir(mode=0o700)
    processes = Processes(home, aside=tmp_path)
    try:
        broadcast = begun(processes)
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"x" * 4_096):
                pass
        eventually(lambda: processes.status(broadcast)["idle"] == "disk_full")
        assert posted(processes) == 503
        time.sleep(2)
        before = processes.accepted()
        time.sleep(3)
        assert processes.accepted() == before
        assert processes.report(broadcast)["accepted"] <= before
        ballast.unlink()
        assert posted(processes) == 200
        report = ends_well(processes, broadcast)
        assert report["uncertain"] <= 30
    finally:
        processes.close()


def test_a_database_that_another_program_holds_for_a_while_delays_and_loses_nothing(
    processes: Processes,
) -> None:
    broadcast = begun(processes)
    holder = (
        "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60); "
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); time.sleep(float(sys.argv[2]))"
    )
    arguments = [sys.executable, "-c", holder, str(processes.home / "carillon.db"), str(HELD_SECONDS)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        time.sleep(2)
        before = processes.accepted()
        eventually(lambda: (processes.status(broadcast) or {}).get("idle") == "database_locked", seconds=15)
        assert processes.accepted() == before
        assert posted(processes) == 503
        assert other.poll() is None
    report = ends_well(processes, broadcast)
    assert report["uncertain"] <= 30


def test_a_platform_that_goes_away_is_waited_for_and_nobody_is_called_twice(processes: Processes) -> None:
    """Ten minutes are played on a virtual clock in `test_an_hour_more_or_less`; here it is real sockets."""
    broadcast = begun(processes)
    processes.simulator.kill()
    processes.simulator.wait()
    time.sleep(8)
    assert processes.report(broadcast)["waiting"]
    assert processes.status(broadcast)["state"] == "running"
    processes.start_simulator()
    report = ends_well(processes, broadcast)
    # Of the calls under way nobody knows, and the platform that took them tells no more.
    assert report["uncertain"] <= 40
    assert json.dumps(report["failed"]) == "{}"
