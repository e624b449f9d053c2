"""The two processes of the demonstration: the simulated platform and `carillon up`."""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
STOP_SECONDS = 15
LOG_LINES = 8
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Both processes are up: where they listen, and the system's numbers of the two."""

    api: str
    simulator: str
    worker_pid: int
    simulator_pid: int


def free_port(wished: int = 0) -> int:
    """Return `wished` if nobody listens there, else any free port."""
    for port in (wished, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise Refusal("no_free_port", "no port on 127.0.0.1 is free", "ss -ltn")


@contextlib.contextmanager
def running(
    home: Path,
    environment: Mapping[str, str],
    *,
    campaigns: Path = ROOT / "campaigns",
    scenario: Path = ROOT / "infra/local/scenarios/demo.yaml",
    subscribed: bool = True,
    ports: tuple[int, int] = (8000, 8090),
) -> Iterator[Running]:
    """Start both processes with their logs in `home`; stop them on the way out, whatever happens.

    Where Carillon is not `subscribed`, the platform posts no webhooks. `ports` are wishes, of
    Carillon and of the platform; 0 is any, which two who start at once never share.
    """
    front, platform = map(free_port, ports)
    api, graph = f"http://127.0.0.1:{front}", f"http://127.0.0.1:{platform}"
    env = {
        **environment,
        "CARILLON_CAMPAIGNS": str(campaigns),
        "CARILLON_GRAPH_URL": graph,
        "WHATSAPP_TOKEN": "simulator-token",
        "WHATSAPP_APP_SECRET": "simulator-secret",
        "WHATSAPP_VERIFY_TOKEN": "simulator-verify",
    }
    platform_arguments = [
        *("simulator", "--port", str(platform)),
        *(("--webhook-url", f"{api}/webhooks/whatsapp") if subscribed else ()),
        *("--scenario", str(scenario)),
        *("--log", str(home / "simulator.jsonl")),
    ]
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.append(_start(platform_arguments, home / "simulator.log", env))
        started.append(_start(["up", "--home", str(home), "--port", str(front)], home / "up.log", env))
        _await(started[0], graph, "/_simulator/summary", home / "simulator.log")
        _await(started[1], api, "/health", home / "up.log")
        yield Running(api=api, simulator=graph, worker_pid=started[1].pid, simulator_pid=started[0].pid)
    finally:
        for child in reversed(started):  # first who sends, then who answers
            _stop(child)


def _start(arguments: list[str], log: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "cli", *arguments],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,  # Ctrl-C is ours to pass on, in order
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )


def _end_with_parent() -> None:
    """Ask Linux to stop this child when the demonstration is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _await(child: subprocess.Popen[bytes], url: str, path: str, log: Path) -> None:
    """Return once the child answers. Raises Refusal with the end of its log when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            get_json(url, path)
            return
        time.sleep(0.05)
    last = log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
    command = "the simulator" if log.name.startswith("simulator") else "`carillon up`"
    raise Refusal("not_started", "\n".join((f"{command} did not start; its log ends:", *last)), f"less {log}")


def get_json(url: str, path: str) -> Any:
    """Return the JSON at a path of a process on this machine. Raises OSError or ValueError."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        raw = answer.read()
        if answer.status != http.client.OK:
            raise ValueError(f"{url}{path} answered {answer.status}")
        return json.loads(raw)
    finally:
        connection.close()
