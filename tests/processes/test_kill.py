"""Real processes, real kills: `carillon up` dies at any moment, and nobody is lost or messaged twice."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.demo_audit import oracle_of

ROOT = Path(__file__).parents[2]
PEOPLE = 600
DEFINITION = {
    "campaign": "expedition",
    "category": "utility",
    "sender": "boutique",
    "audience": {"segment": 'attr.statut = "expediee"'},
    "send_at": "now",
    "template": {
        "name": "commande_expediee",
        "parameters": {
            "nom": {"value": "{{ contact.first_name }}", "fallback": "client"},
            "commande": {"value": "{{ attr.commande }}", "fallback": "en cours"},
            "livraison": {"value": "{{ attr.livraison }}", "fallback": "bientôt"},
        },
    },
}


class Processes:
    """The simulator and a worker that can be killed and started again on the same home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.front, self.platform = _free_port(), _free_port()
        self.env = {
            **os.environ,
            "CARILLON_HOME": str(home),
            "CARILLON_CAMPAIGNS": str(ROOT / "campaigns"),
            "CARILLON_GRAPH_URL": f"http://127.0.0.1:{self.platform}",
            "WHATSAPP_TOKEN": "simulator-token",
            "WHATSAPP_APP_SECRET": "simulator-secret",
            "WHATSAPP_VERIFY_TOKEN": "verify",
        }
        self.env.pop("CARILLON_TOKEN", None)
        scenario = home / "scenario.yaml"
        scenario.write_text(
            "seed: 5\nlatency: {median: 60, spread: 0.3}\nlost_answers: 0.01\ndelivered: 1.0\n"
            "webhooks: {duplicated: 0.1, reordered: 0.1, retry_ms: 300}\n"
        )
        webhook = f"http://127.0.0.1:{self.front}/webhooks/whatsapp"
        self.simulator = self._start(
            "simulator", "--port", str(self.platform), "--webhook-url", webhook, "--scenario", str(scenario)
        )
        self.worker = self.start_worker()
        _eventually(lambda: self.get(self.platform, "/_simulator/summary") is not None)

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.home / "log").open("ab") as log:
            command = [sys.executable, "-m", "cli", *arguments]
            return subprocess.Popen(command, env=self.env, cwd=ROOT, stdout=log, stderr=log)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start `carillon up` and wait until it answers."""
        self.worker = self._start("up", "--port", str(self.front))
        _eventually(lambda: self.get(self.front, "/health") is not None)
        return self.worker

    def kill_worker(self) -> None:
        """kill -9."""
        self.worker.send_signal(signal.SIGKILL)
        self.worker.wait()

    def get(self, port: int, path: str) -> Any:
        """Return the JSON at a path, None when nobody answers."""
        return self.ask(port, "GET", path)

    def ask(
        self, port: int, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request(method, path, body, {"Content-Type": kind})
            return json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def close(self) -> None:
        for process in (self.worker, self.simulator):
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _eventually(true: Any, *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.05)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    running = Processes(tmp_path)
    yield running
    running.close()


def test_kill_nine_in_the_middle_loses_nobody_and_messages_nobody_twice(processes: Processes) -> None:
    rows = "".join(f"+2126{12000000 + n},p{n},Name{n},fr,MA,expediee,C{n}\n" for n in range(PEOPLE))
    book = "phone,external_id,first_name,language,country,statut,commande\n" + rows
    imported = processes.ask(processes.front, "POST", "/api/contacts/imports", book.encode(), "text/csv")
    assert imported["created"] == PEOPLE
    source = json.dumps({"source": json.dumps(DEFINITION), "file": "expedition.yaml"}).encode()
    processes.ask(processes.front, "POST", "/api/campaigns", source)
    plan = processes.ask(processes.front, "POST", "/api/campaigns/expedition/plans")["plan"]
    _eventually(lambda: processes.get(processes.front, f"/api/plans/{plan}")["state"] == "sealed")
    plan_hash = processes.get(processes.front, f"/api/plans/{plan}")["hash"]
    launched = processes.ask(processes.front, "POST", f"/api/plans/{plan_hash}/launch")
    broadcast = launched["broadcast"]

    def accepted() -> int:
        return int(processes.get(processes.platform, "/_simulator/summary")["accepted"])

    for enough in (120, 350):
        _eventually(lambda: accepted() >= enough)  # noqa: B023 - asked at once
        processes.kill_worker()
        processes.start_worker()
    again = processes.ask(processes.front, "POST", f"/api/plans/{plan_hash}/launch")
    assert again == {**launched, "already": True, "state": again["state"]}

    def report() -> Any:
        found = processes.get(processes.front, f"/api/broadcasts/{broadcast}/report")
        assert found["proven"], found
        return found

    _eventually(lambda: report()["complete"])
    _eventually(lambda: report()["delivered"] + report()["uncertain"] >= accepted())
    told = report()
    oracle = oracle_of(processes.get(processes.platform, "/_simulator/log")["messages"], broadcast)
    assert oracle.twice == []
    assert told["accepted"] == oracle.accepted
    assert told["accepted"] + told["uncertain"] == PEOPLE
    # Only who was in flight at a kill, before the platform saw them, can stay uncertain.
    assert told["uncertain"] == len(told["uncertain_people"]) <= 2 * 30
    assert (
        processes.get(processes.platform, "/_simulator/summary")["numbers"]["106540352242922"]["peak_calls"]
        <= 80
    )
