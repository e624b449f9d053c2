"""The platform inside the caller's process, on the caller's clock: for rehearsals and virtual time.

How a message becomes a body, and what an answer means, are handed in, so that
the platform keeps knowing nothing of the product whose channel it plays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

import orjson

from infra.local.simulator.outbox import Webhook
from infra.local.simulator.platform import Platform
from infra.local.simulator.state import Request

M_contra = TypeVar("M_contra", bound="Addressed", contravariant=True)
A_co = TypeVar("A_co", covariant=True)


class Addressed(Protocol):
    """All that the channel itself needs to know of a message."""

    @property
    def phone_number_id(self) -> str:
        """The sending number."""


class VirtualClock(Protocol):
    """The caller's clock, in milliseconds."""

    def now(self) -> int:
        """Return the present instant."""

    async def sleep_until(self, instant: float) -> None:
        """Return at `instant`."""


class InProcessChannel(Generic[M_contra, A_co]):
    """A channel that calls a `Platform` directly.

    `body_of` writes a message as the JSON of a send, `understood` reads an HTTP
    answer, `unanswered` says what a connection cut without an answer means.
    """

    def __init__(
        self,
        platform: Platform,
        clock: VirtualClock,
        *,
        token: str,
        body_of: Callable[[M_contra], Mapping[str, object]],
        understood: Callable[[int, bytes], A_co],
        unanswered: Callable[[], A_co],
        version: str = "v25.0",
    ) -> None:
        self._platform = platform
        self._clock = clock
        self._headers = {"Authorization": f"Bearer {token}"}
        self._body_of = body_of
        self._understood = understood
        self._unanswered = unanswered
        self._version = version

    async def send(self, message: M_contra) -> A_co:
        """Make one call; its latency passes on the caller's clock."""
        request = Request(
            method="POST",
            path=f"/{self._version}/{message.phone_number_id}/messages",
            headers=self._headers,
            body=orjson.dumps(self._body_of(message)),
        )
        arrived = self._clock.now()
        answer = self._platform.receive(arrived, request)
        if answer.latency_ms > 0:
            await self._clock.sleep_until(arrived + answer.latency_ms)
        return self._unanswered() if answer.cut else self._understood(answer.status, answer.body)

    async def close(self) -> None:
        """There is no connection to release."""


def deliver_due(platform: Platform, now_ms: float, post: Callable[[Webhook], int | None]) -> int:
    """Hand every due webhook to `post`, which returns the HTTP status; return how many there were."""
    webhooks = platform.due_webhooks(now_ms)
    for webhook in webhooks:
        platform.answered(webhook, post(webhook), now_ms)
    return len(webhooks)
