"""The HTTP front: requests in, signed webhooks out. aiohttp's bare server, for the routes are three."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from io import BufferedWriter
from pathlib import Path

import aiohttp
from aiohttp import web

from infra.local.simulator.catalogue import Catalogue
from infra.local.simulator.outbox import Webhook
from infra.local.simulator.platform import Platform
from infra.local.simulator.scenario import Scenario
from infra.local.simulator.state import Request

TICK_SECONDS = 0.02
LARGEST_BODY = 101 * 1024 * 1024
_log = logging.getLogger("simulator")


class WallClock:
    """Milliseconds since 1970, finer than one, that never run backwards."""

    def __init__(self) -> None:
        self._offset_ms = time.time() * 1000 - time.monotonic() * 1000

    def now(self) -> float:
        """Return the present instant."""
        return self._offset_ms + time.monotonic() * 1000


class Front:
    """One platform behind HTTP."""

    def __init__(
        self,
        catalogue: Catalogue,
        scenario: Scenario,
        *,
        token: str,
        app_secret: str,
        webhook_url: str | None = None,
        log_path: Path | None = None,
    ) -> None:
        self._clock = WallClock()
        self._log: BufferedWriter | None = log_path.open("ab") if log_path else None
        self._webhook_url = webhook_url
        self._waiting: deque[Webhook] = deque()
        self._posting: set[asyncio.Task[None]] = set()
        self.platform = Platform(
            catalogue,
            scenario,
            token=token,
            app_secret=app_secret,
            subscribed=webhook_url is not None,
            write=self._log.write if self._log else None,
        )

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request as the platform does, after its latency; or cut the connection."""
        arrived = self._clock.now()
        body = await _body_of(request)
        answer = self.platform.receive(
            arrived,
            Request(
                method=request.method,
                path=request.path,
                query=request.query if request.method == "GET" else {},
                headers=request.headers,
                body=body,
            ),
        )
        if answer.latency_ms > 0:
            await asyncio.sleep(answer.latency_ms / 1000)
        if answer.cut and request.transport is not None:
            request.transport.abort()
        headers = {"Content-Type": answer.content_type}
        return web.Response(status=answer.status or 500, body=answer.body, headers=headers)

    async def post_webhooks(self) -> None:
        """Post what is due, forever; a subscriber that is slow or away only makes the queue longer."""
        settings = self.platform.state.scenario.webhooks
        timeout = aiohttp.ClientTimeout(total=settings.timeout_ms / 1000)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                began = time.monotonic()
                self._waiting.extend(self.platform.due_webhooks(self._clock.now()))
                most = self.platform.state.scenario.webhooks.connections
                while self._waiting and len(self._posting) < most:
                    task = asyncio.create_task(self._post(session, self._waiting.popleft()))
                    self._posting.add(task)
                    task.add_done_callback(self._posting.discard)
                if self._log is not None:
                    self._log.flush()
                await asyncio.sleep(TICK_SECONDS)
                late_ms = 1_000 * (time.monotonic() - began - TICK_SECONDS)
                self.platform.stalled_ms = max(self.platform.stalled_ms, late_ms)

    async def _post(self, session: aiohttp.ClientSession, webhook: Webhook) -> None:
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": webhook.signature}
        status: int | None = None
        try:
            async with session.post(
                str(self._webhook_url), data=webhook.raw, headers=headers, allow_redirects=False
            ) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _log.debug("webhook %d was not answered: %r", webhook.id, error)
        self.platform.answered(webhook, status, self._clock.now())

    def close(self) -> None:
        """Flush the log."""
        if self._log is not None:
            self._log.close()


async def _body_of(request: web.BaseRequest) -> bytes:
    """Return the body, or as much of it as the largest file that can be uploaded."""
    pieces, size = [], 0
    while size < LARGEST_BODY and (piece := await request.content.read(1 << 20)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


async def start(front: Front, host: str, port: int) -> tuple[web.ServerRunner, int]:
    """Listen on `port` (0: any free one); return the runner and the port. OSError when it is taken."""
    runner = web.ServerRunner(web.Server(front.answer, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=1024)
    await site.start()
    return runner, int(runner.addresses[0][1])


async def serve(front: Front, host: str, port: int, stopped: asyncio.Event) -> None:
    """Serve until `stopped` is set. OSError when the port is taken."""
    runner, _ = await start(front, host, port)
    posting = asyncio.create_task(front.post_webhooks())
    waiting = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait((posting, waiting), return_when=asyncio.FIRST_COMPLETED)
        if posting.done():
            posting.result()
    finally:
        for task in (posting, waiting):
            task.cancel()
        await asyncio.gather(posting, waiting, return_exceptions=True)
        await runner.cleanup()
        front.close()
