"""ministack, an emulator of AWS, as a process of its own, for this machine alone.

It refuses more of what AWS refuses than moto does. It keeps everything in
memory, and takes a user's access key of twelve digits for the account.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory

ENVIRONMENT = Path(__file__).parents[3] / ".venv-ministack"
LAUNCHER = Path(__file__).with_name("launcher.py")
HOST = "127.0.0.1"
WHOLE = {"SERVICES": "", "AUTH": "true"}
"""Every service; and whoever calls needs a policy that allows it."""
SERVICES = ("dynamodb", "sqs", "s3", "scheduler", "secretsmanager", "events")
PATIENCE_SECONDS = 30.0
END_PATIENCE_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.02
MOST_LOG_LINES = 20


class DidNotStart(Exception):
    """ministack does not run; the text says why, with the end of its log."""


@contextmanager
def running(port: int | None = None, *, whole: bool = False, log_to: Path | None = None) -> Iterator[str]:
    """Run an empty ministack and yield its address. It ends with the block, or else with this process.

    With `whole` it plays all of AWS, schedules fire, functions run, and every call
    is allowed by the caller's policy or refused.
    """
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        raise DidNotStart(f"there is no {ENVIRONMENT.name}; `make test` makes it")
    chosen = port or free_port()
    with TemporaryDirectory(prefix="carillon-ministack-") as folder:
        log = log_to or Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [python, "-I", LAUNCHER, str(os.getpid()), folder, *(["whole"] if whole else [])],
                env=settings(chosen, folder) | (WHOLE if whole else {}),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # an interrupt from the keyboard is for the tests
            )
        try:
            wait_until_ready(process, chosen, log)
            yield f"http://{HOST}:{chosen}"
        finally:
            end(process, politely=not whole)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        found: int = probe.getsockname()[1]
        return found


def settings(port: int, folder: str) -> dict[str, str]:
    """Return the whole environment of the process: no credentials, no proxy, no files but in `folder`."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": folder,
        "TMPDIR": folder,
        "STATE_DIR": f"{folder}/state",
        "S3_DATA_DIR": f"{folder}/s3",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "IOT_MTLS_ENABLED": "0",
        "SERVICES": ",".join(SERVICES),
        "LOG_LEVEL": "WARNING",
    }


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return when ministack answers. Raises `DidNotStart`."""
    patient_until = time.monotonic() + PATIENCE_SECONDS
    while not answers(port):
        if (status := process.poll()) is not None:
            raise DidNotStart(f"ministack ended with {status} on port {port}:\n{tail(log)}")
        if time.monotonic() > patient_until:
            raise DidNotStart(f"no answer on port {port} in {PATIENCE_SECONDS:.0f} s:\n{tail(log)}")
        time.sleep(LOOK_EVERY_SECONDS)


def answers(port: int) -> bool:
    """Say whether ministack answers there."""
    connection = HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/_ministack/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def tail(log: Path) -> str:
    """Return the end of a log."""
    return "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-MOST_LOG_LINES:]) or "(no log)"


def end(process: subprocess.Popen[bytes], *, politely: bool = True) -> None:
    """End the process and those it started; politely, it first saves what it has."""
    if politely:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_PATIENCE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
