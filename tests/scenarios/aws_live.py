"""A campaign on AWS as it would be there: many workers at once, the platform simulator, webhooks one by one.

Everything lives in one virtual event loop: the pacer's seconds, SQS's windows,
the workers' slots and the simulator's delays. Only the functions' own computing
takes no time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import orjson

import app
from chalicelib.adapters.aws.home import NewClient
from chalicelib.adapters.channels.whatsapp_cloud import body_of, understood
from chalicelib.sending.answer import Message, Unknown
from chalicelib.settings import Settings, aws_settings
from infra.local.simulator.catalogue import load_catalogue
from infra.local.simulator.in_process import InProcessChannel, deliver_due
from infra.local.simulator.outbox import Webhook
from infra.local.simulator.platform import Platform
from infra.local.simulator.scenario import Scenario, amended
from infra.local.simulator.state import Request
from tests.contracts.aws_home import Deployment, client_maker
from tests.scenarios.aws_stage import AwsStage
from tests.scenarios.world import CAMPAIGNS, SECRETS, World

RECEIPTS_WINDOW_SECONDS = 10
PACE_SECONDS = 60
RECONCILE_SECONDS = 300
USUAL: Mapping[str, Any] = {
    "seed": 2_000,
    "failed": {131049: 0.006},
    "not_on_whatsapp": 0.02,
    "delivered": 0.97,
    "read": 0.72,  # of the delivered: 70 % of the sent
    "read_after": {"median": 120_000, "spread": 0.8},
    "replies": 0.01,
    "stops": 0.01,
    "webhooks": {"batch": 1, "linger_ms": 0, "duplicated": 0.01, "reordered": 0.02},
}
"""An ordinary day; every status comes in a POST of its own."""

Span = Callable[[str, float], None]
"""Hears how long something took: the handler's name, and virtual milliseconds."""


class LiveAws(World):
    """A world on the AWS home whose workers run side by side."""

    def __init__(
        self,
        *,
        new_client: NewClient | None = None,
        woken: Callable[[str, int], None] = lambda name, messages: None,
        took: Span = lambda name, milliseconds: None,
        scenario: Mapping[str, Any] = USUAL,
    ) -> None:
        self._woken = woken
        self._took = took
        self.sent_bytes = 0
        self._begun: set[asyncio.Task[None]] = set()
        self.simulator = Platform(
            load_catalogue(CAMPAIGNS),
            amended(Scenario(), scenario),
            token=SECRETS["WHATSAPP_TOKEN"],
            app_secret=SECRETS["WHATSAPP_APP_SECRET"],
        )
        super().__init__(stage=partial(AwsStage, new_client=new_client, woken=woken))
        self.stage: AwsStage = self.runtime
        self.seen = Deployment(self.clock, new_client=client_maker()).home.ports({})

    def usual_settings(self) -> Settings:
        """As on AWS, but a plan has fewer parts."""
        settings = aws_settings({"CARILLON_CAMPAIGNS": str(CAMPAIGNS)})
        return replace(settings, fan_out_tasks=4, needs_token=False)

    def channel(self) -> Any:
        """Return the simulator's channel."""
        return InProcessChannel(
            self.simulator,
            self.clock,
            token=SECRETS["WHATSAPP_TOKEN"],
            body_of=self._body_of,
            understood=understood,
            unanswered=lambda: Unknown(why="cut"),
        )

    def _body_of(self, message: Message) -> dict[str, Any]:
        body = body_of(message)
        self.sent_bytes += len(orjson.dumps(body))
        return body

    def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Begin a worker; the handler that called returns at once, and the worker goes on."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.clock.run(coroutine)
            return
        task = loop.create_task(self._timed(coroutine))
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)

    async def _timed(self, coroutine: Coroutine[Any, Any, None]) -> None:
        started = self.clock.now()
        await coroutine
        name = "pace" if getattr(coroutine, "__name__", "") == "rounds" else "send"
        self._took(name, self.clock.now() - started)

    def live(self, *, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let the deployment live for a while, or until `until` holds."""
        self.clock.run(self._live(seconds, until))

    async def _live(self, seconds: float, until: Callable[[], bool]) -> None:
        second = 0
        while second < seconds and not until():
            self._tick(second)
            second += 1
            await self.clock.sleep_until(self.clock.now() // 1_000 * 1_000 + 1_000)
        while self._begun:
            await asyncio.wait(self._begun)

    def _tick(self, second: int) -> None:
        stage = self.stage
        deliver_due(self.simulator, self.clock.now(), self._post)
        stage.fire_schedules()
        for queue in ("plan", "launch", "dispatch", "inbound"):
            stage.drain(queue)
        if second % PACE_SECONDS == 0:
            stage.tick("pace")
        stage.drain("send")
        if second % RECEIPTS_WINDOW_SECONDS == 0:
            stage.drain("receipts")
        if second % RECONCILE_SECONDS == RECONCILE_SECONDS - 1:
            stage.tick("reconcile")

    def _post(self, webhook: Webhook) -> int:
        """Deliver a webhook to the Function URL."""
        self._woken("webhook", 1)
        event = {
            "version": "2.0",
            "requestContext": {"http": {"method": "POST", "path": "/"}},
            "headers": {"x-hub-signature-256": webhook.signature, "content-type": "application/json"},
            "body": webhook.raw.decode(),
            "isBase64Encoded": False,
        }
        return int(app.webhook(event, None)["statusCode"])

    def asked(self, path: str, **query: str) -> Any:
        """Return what the simulator tells about itself."""
        request = Request(method="GET", path=f"/_simulator/{path}", headers={}, body=b"", query=query)
        return orjson.loads(self.simulator.receive(self.clock.now(), request).body)
