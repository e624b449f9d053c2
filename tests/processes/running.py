"""The simulator and a worker on one home, as processes that can be killed and started again."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PEOPLE = 600
NUMBER = "106540352242922"
"""Of the sender whose campaigns these are."""
DEFINITION = {
    "campaign": "expedition",
    "category": "utility",
    "sender": "boutique",
    "audience": {"segment": 'attr.statut = "expediee"', "limit": 1_000_000},
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
SCENARIO = (
    "seed: 5\nlatency: {median: 60, spread: 0.3}\nlost_answers: 0.01\ndelivered: 1.0\n"
    "delivered_after: {median: 600, spread: 0.5}\nread_after: {median: 1000, spread: 0.5}\n"
    "webhooks: {duplicated: 0.1, reordered: 0.1, retry_ms: 300}\n"
)
"""Every message that the platform took is told of in the end, so that only kills leave somebody uncertain."""


class Processes:
    """The simulator, and a worker that can be killed and started again on the same home.

    `environment` is added to both. Their logs lie in the home, or in a directory `aside`.
    """

    def __init__(
        self,
        home: Path,
        *,
        environment: Mapping[str, str] | None = None,
        scenario: str = SCENARIO,
        aside: Path | None = None,
    ) -> None:
        self.home = home
        self.aside = aside or home
        self.front, self.platform = free_port(), free_port()
        self.env = {
            **os.environ,
            "CARILLON_HOME": str(home),
            "CARILLON_CAMPAIGNS": str(ROOT / "campaigns"),
            "CARILLON_GRAPH_URL": f"http://127.0.0.1:{self.platform}",
            "WHATSAPP_TOKEN": "simulator-token",
            "WHATSAPP_APP_SECRET": "simulator-secret",
            "WHATSAPP_VERIFY_TOKEN": "verify",
            **(environment or {}),
        }
        self.env.pop("CARILLON_TOKEN", None)
        self.scenario = self.aside / "scenario.yaml"
        self.scenario.write_text(scenario)
        self.log = self.aside / "simulator.jsonl"
        self.simulator = self.start_simulator()
        self.worker = self.start_worker()

    def start_simulator(self) -> subprocess.Popen[bytes]:
        """Start the platform and wait until it answers; it knows nothing of the one before."""
        webhook = f"http://127.0.0.1:{self.front}/webhooks/whatsapp"
        self.simulator = self._start(
            *("simulator", "--port", str(self.platform), "--webhook-url", webhook),
            *("--scenario", str(self.scenario), "--log", str(self.log)),
        )
        eventually(lambda: self.get(self.platform, "/_simulator/summary") is not None)
        return self.simulator

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.aside / "log").open("ab") as log:
            command = [sys.executable, "-m", "cli", *arguments]
            return subprocess.Popen(command, env=self.env, cwd=ROOT, stdout=log, stderr=log)

    def start_worker(self, *, wait: bool = True) -> subprocess.Popen[bytes]:
        """Start `carillon up` and, unless told otherwise, wait until it answers."""
        self.worker = self._start("up", "--port", str(self.front))
        if wait:
            eventually(lambda: self.get(self.front, "/health") is not None)
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
        """Return the JSON of an answer, None when there is none."""
        found = self.asked(port, method, path, body, kind)
        return None if found is None else found[1]

    def asked(
        self, port: int, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> tuple[int, Any] | None:
        """Return the status and the JSON of an answer, None when there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            connection.request(method, path, body, {"Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def summary(self) -> Any:
        """Return what the platform counted."""
        return self.get(self.platform, "/_simulator/summary")

    def accepted(self) -> int:
        """Return how many messages the platform took."""
        return int(self.summary()["accepted"])

    def messages(self) -> list[dict[str, Any]]:
        """Return every message in the platform's log."""
        found: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            page = self.get(self.platform, f"/_simulator/log?after={after}&limit=5000")
            found += page["messages"]
            after = page["next"]
        return found

    def plan(self, people: int = PEOPLE, definition: Mapping[str, Any] = DEFINITION) -> str:
        """Import so many people and plan the campaign to them; returns the plan's hash."""
        imported = self.ask(self.front, "POST", "/api/contacts/imports", book(people), "text/csv")
        assert imported["created"] == people, imported
        source = json.dumps({"source": json.dumps(definition), "file": "expedition.yaml"}).encode()
        self.ask(self.front, "POST", "/api/campaigns", source)
        plan = self.ask(self.front, "POST", f"/api/campaigns/{definition['campaign']}/plans")["plan"]
        eventually(lambda: self.get(self.front, f"/api/plans/{plan}")["state"] != "planning", seconds=300)
        found = self.get(self.front, f"/api/plans/{plan}")
        assert found["state"] == "sealed", found
        return str(found["hash"])

    def launch(self, plan_hash: str) -> Any:
        """Launch a plan; returns the API's answer."""
        return self.ask(self.front, "POST", f"/api/plans/{plan_hash}/launch")

    def status(self, broadcast: str) -> Any:
        """Return what `carillon status` shows of a broadcast."""
        return self.get(self.front, f"/api/broadcasts/{broadcast}")

    def report(self, broadcast: str) -> Any:
        """Return a broadcast's report, whose sum is proven at any moment."""
        found = self.get(self.front, f"/api/broadcasts/{broadcast}/report")
        assert found["proven"], found
        return found

    def close(self) -> None:
        """End both."""
        for process in (self.worker, self.simulator):
            process.kill()
            process.wait()


def book(people: int) -> bytes:
    """Return a contacts file of so many people, p0 and on."""
    rows = "".join(f"+2126{12000000 + n},p{n},Name{n},fr,MA,expediee,C{n}\n" for n in range(people))
    return ("phone,external_id,first_name,language,country,statut,commande\n" + rows).encode()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(true: Callable[[], Any], *, seconds: float = 60) -> None:
    """Return when it holds. Raises AssertionError when it does not in time."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.05)
