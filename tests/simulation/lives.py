"""Lives: a worker process, or one run of a function. A crash ends one at any port or provider call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.audience.instant import Instant
from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.pipeline import Pipeline
from chalicelib.ports import Ports
from chalicelib.sending.answer import Answer, Message
from chalicelib.steps.home import Home
from tests.simulation.written import UNREAD, Unread

if TYPE_CHECKING:
    from tests.simulation.universe import Universe

T = TypeVar("T")
QUIET = frozenset({"clock", "randomness", "secrets", "webhooks", "channel_by_mode", "objects"})
"""Ports whose calls change nothing that another life could see half done."""


class Crashed(BaseException):
    """The process is gone. Not an Exception, so that no handler lives on."""


class Life:
    """One worker: its ports, its clock, and whether it still lives. With `ports` of its own it is spared."""

    def __init__(
        self, universe: Universe, name: str, *, epoch: int, skew: int = 0, ports: Ports | None = None
    ) -> None:
        self.universe = universe
        self.name = name
        self.dead = False
        self.doing = "send"
        """Which handler is at work; between handlers only the sending of chunks goes on."""
        self.begun: list[asyncio.Task[Any]] = []
        self.clock = LivingClock(self, skew)
        self.pipeline = Pipeline(
            Home(
                ports=ports or haunted(universe.ports, self),
                settings=universe.settings,
                rules=universe.rules,
                definition=universe.definition,
                offload=self.offload,
                committed=self.offload,
                worker=name,
                epoch=epoch,
            ),
            self.run,
        )

    def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Begin what a handler drives; whoever feeds the handler waits for it."""
        self.begun.append(asyncio.get_running_loop().create_task(coroutine))

    def crash(self) -> None:
        """End this life here and now."""
        self.dead = True
        raise Crashed(self.name)

    def alive(self) -> None:
        """Go no further when the life has ended meanwhile."""
        if self.dead:
            raise Crashed(self.name)

    async def offload(self, call: Callable[..., T], /, *args: Any) -> T:
        """Run a short blocking call; now and then the thread, or the whole worker, is stalled first."""
        stalled = self.universe.stall_ms(self)
        if stalled:
            await self.clock.sleep_until(self.clock.now() + stalled)
        self.alive()
        return call(*args)

    def called(self, site: str, call: Callable[..., Any], args: Any, options: Any) -> Any:
        """Make a port call, with all that may happen before and after it."""
        self.alive()
        universe, place = self.universe, f"{self.doing} · {site}"
        universe.meanwhile(self, place)
        self.alive()
        if universe.strikes("crash before", place):
            self.crash()
        if universe.leases_only and universe.strikes("store refuses", place):
            raise _gone()
        result = call(*args, **options)
        if site == "standings.get" and self.doing == "send" and result is not None:
            universe.says_no_now(result.phone)
            self.alive()
            universe.is_erased_now(result.phone, "at the claim")
            self.alive()
        if universe.strikes("crash after", place):
            self.crash()
        if universe.leases_only and universe.strikes("store's answer lost", place):
            raise _gone()
        return result


def _gone() -> HomeUnavailable:
    return HomeUnavailable(Problem(code="aws_unavailable", params={"service": "store", "detail": "planted"}))


class LivingClock:
    """A worker's clock: a little off, and no longer ticking for the dead."""

    def __init__(self, life: Life, skew: int) -> None:
        self._life = life
        self._skew = skew

    def now(self) -> Instant:
        """Return the instant this worker believes it is."""
        return self._life.universe.machine.now() + self._skew

    async def sleep_until(self, instant: float) -> None:
        """Return at `instant` by this worker's clock."""
        await self._life.universe.machine.sleep_until(instant - self._skew)
        self._life.alive()


class Haunted:
    """A port as a life sees it."""

    def __init__(self, port: Any, name: str, life: Life) -> None:
        self._port = port
        self._name = name
        self._life = life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def call(*args: Any, **options: Any) -> Any:
            return self._life.called(f"{self._name}.{name}", found, args, options)

        return call


class HauntedChannel:
    """The provider as a life sees it: it may die before its call, during it, and before it hears."""

    def __init__(self, channel: Any, life: Life) -> None:
        self._channel = channel
        self._life = life

    async def send(self, message: Message) -> Answer:
        """Make one call."""
        life = self._life
        life.alive()
        if life.universe.strikes("crash at the call", "before it"):
            life.crash()
        answer: Answer = await self._channel.send(message)
        life.universe.is_erased_now(message.to, "at the call")
        life.alive()
        if life.universe.strikes("crash at the call", "after it"):
            life.crash()
        return answer

    async def close(self) -> None:
        """There is nothing to release."""


def watched(ports: Ports) -> Ports:
    """Return the ports as an observer sees them: only what `Written` counts."""
    unread: dict[str, Any] = {name: Unread(name) for name in UNREAD.values()}
    return replace(ports, **unread)


def haunted(ports: Ports, life: Life) -> Ports:
    """Return the ports as a life sees them."""
    wrapped = {
        field.name: Haunted(getattr(ports, field.name), field.name, life)
        for field in fields(ports)
        if field.name not in QUIET
    }
    channels = {mode: HauntedChannel(one, life) for mode, one in ports.channel_by_mode.items()}
    return replace(ports, **wrapped, clock=life.clock, channel_by_mode=channels)
