"""The HTTP front over real sockets, and the command that starts it."""

from __future__ import annotations

import asyncio
import hmac
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web

from infra.local.simulator import main
from infra.local.simulator.server import Front, start
from tests.simulator.worlds import NUMBER, calm, catalogue, send

ROOT = Path(__file__).parents[2]
FAST = {"latency": {"median": 0}, "sent_after": {"median": 1}, "delivered_after": {"median": 1}}
Act = Callable[[str, Front, list[tuple[bytes, str]]], Awaitable[None]]


async def _with_server(act: Act, log_path: Path | None = None, **changes: Any) -> None:
    """Run `act` with the simulator's address and what its subscriber was told."""
    told: list[tuple[bytes, str]] = []

    async def subscriber(request: web.BaseRequest) -> web.Response:
        told.append((await request.read(), request.headers["X-Hub-Signature-256"]))
        return web.Response(status=500 if len(told) == 1 else 200)

    listener = web.ServerRunner(web.Server(subscriber, access_log=None))
    await listener.setup()
    await web.TCPSite(listener, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{listener.addresses[0][1]}/webhooks/whatsapp"
    scenario = calm(**{**FAST, "webhooks": {"linger_ms": 1, "retry_ms": 1}, **changes})
    front = Front(
        catalogue(), scenario, token="token", app_secret="secret", webhook_url=url, log_path=log_path
    )
    runner, port = await start(front, "127.0.0.1", 0)
    posting = asyncio.create_task(front.post_webhooks())
    try:
        await act(f"http://127.0.0.1:{port}", front, told)
    finally:
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)
        await runner.cleanup()
        await listener.cleanup()
        front.close()


async def _post(session: aiohttp.ClientSession, base: str, raw: bytes) -> tuple[int, Any]:
    url, headers = f"{base}/v25.0/{NUMBER}/messages", {"Authorization": "Bearer token"}
    async with session.post(url, data=raw, headers=headers) as response:
        return response.status, orjson.loads(await response.read())


def test_a_message_goes_in_and_signed_receipts_come_out_again_after_a_500(tmp_path: Path) -> None:
    async def act(base: str, front: Front, told: list[tuple[bytes, str]]) -> None:
        async with aiohttp.ClientSession() as session:
            status, answer = await _post(session, base, send())
            assert status == 200
            for _ in range(200):
                await asyncio.sleep(0.02)
                if front.platform.summary()["delivered"] == 1:
                    break
            async with session.get(f"{base}/_simulator/summary") as response:
                assert (await response.json())["delivered"] == 1
        wamid = answer["messages"][0]["id"]
        assert all(wamid.encode() in raw for raw, _ in told)
        for raw, signature in told:
            assert signature == "sha256=" + hmac.new(b"secret", raw, sha256).hexdigest()
        assert front.platform.summary()["webhooks"]["retries"] == 1

    log = tmp_path / "log.jsonl"
    asyncio.run(_with_server(act, log))
    kinds = [orjson.loads(line)["kind"] for line in log.read_bytes().splitlines()]
    assert kinds[0] == "accepted"
    assert kinds.count("status") == 2


def test_a_lost_answer_closes_the_connection_after_accepting() -> None:
    async def act(base: str, front: Front, told: list[tuple[bytes, str]]) -> None:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientError):
                await _post(session, base, send())
        assert front.platform.summary()["unanswered"] == 1

    asyncio.run(_with_server(act, lost_answers=1.0))


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_the_command_serves_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "infra.local.simulator", "--port", str(_free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ}) as process:
        assert process.stdout is not None
        assert b"simulator on http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_port_in_use_and_a_faulty_scenario_are_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faulty = tmp_path / "s.yaml"
    faulty.write_text("sed: 1")
    campaigns = ["--campaigns", str(ROOT / "campaigns")]
    assert main([*campaigns, "--scenario", str(faulty)]) == 1
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main([*campaigns, "--port", str(taken.getsockname()[1])]) == 1
    said = capsys.readouterr().err.splitlines()
    assert "sed: unknown" in said[0]
    assert "cannot listen" in said[1]
