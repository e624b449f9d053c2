"""Calls of the event loop that the writer runs: one commit for many, and nobody waits in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from chalicelib.adapters.embedded.database import Database
from chalicelib.errors import HomeUnavailable

T = TypeVar("T")

GATHER_SECONDS = 0.004
"""How long a call may wait for company: little beside the time that a claim has before its slot."""


class Committed:
    """`Offload` on the writer's thread: what a call wrote is durable when its result is there."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._gathered: list[tuple[Callable[[], Any], Waiter]] = []

    def __call__(self, call: Callable[..., T], /, *args: Any) -> Awaitable[T]:
        """Run a call beside the loop, whole or not at all. To be used in one loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._gathered:
            loop.call_later(GATHER_SECONDS, self._hand_over)
        self._gathered.append((partial(call, *args), Waiter(loop, future)))
        return future

    def _hand_over(self) -> None:
        gathered, self._gathered = self._gathered, []
        for call, waiter in gathered:
            try:
                self._database.hand_over(call, waiter)
            except HomeUnavailable as error:
                waiter.set_exception(error)


class Waiter:
    """A future of the loop, told from another thread."""

    __slots__ = ("_future", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any]) -> None:
        self._loop = loop
        self._future = future

    def set_result(self, result: Any) -> None:
        """Pass the result on."""
        self._loop.call_soon_threadsafe(_tell, self._future.set_result, self._future, result)

    def set_exception(self, error: BaseException) -> None:
        """Pass the fault on."""
        self._loop.call_soon_threadsafe(_tell, self._future.set_exception, self._future, error)


def _tell(tell: Callable[[Any], None], future: asyncio.Future[Any], what: Any) -> None:
    if not future.done():  # whoever waited may have been cancelled
        tell(what)
