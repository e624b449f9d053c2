"""A virtual clock: time stands still while anything is to be done, and jumps to the next timer.

Hours of sending pass in milliseconds, and the same program gives the same
instants every time. There must be no threads on the loop: what they do takes
no virtual time.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from chalicelib.audience.instant import Instant, from_iso

T = TypeVar("T")

START = from_iso("2027-01-14T09:00:00Z")


class FakeClock:
    """`Clock`. Moved by `advance`, and by `run` as far as the coroutine sleeps."""

    def __init__(self, start: Instant = START) -> None:
        self._start = start
        self._elapsed_seconds = 0.0  # counted from the start: small, so that no rounding shows

    def now(self) -> Instant:
        """Return the present instant."""
        return int(self.exact())

    def exact(self) -> float:
        """Return the present instant with fractions of a millisecond."""
        return self._start + self._elapsed_seconds * 1_000

    def elapsed_seconds(self) -> float:
        """Return the virtual seconds since the start."""
        return self._elapsed_seconds

    def advance(self, milliseconds: float) -> None:
        """Let time pass."""
        if milliseconds < 0:
            raise ValueError(f"time does not go back by {milliseconds} ms")
        self._elapsed_seconds += milliseconds / 1_000

    def advance_to(self, instant: float) -> None:
        """Let time pass until `instant`; nothing when it is past."""
        self.advance(max(0.0, instant - self.exact()))

    async def sleep_until(self, instant: float) -> None:
        """Return at `instant`. Only inside `run`, whose loop lives in virtual time."""
        while (left := instant - self.exact()) > 0:
            await asyncio.sleep(left / 1_000)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Drive a coroutine to its end; whenever it only waits, jump to its next timer."""
        with asyncio.Runner(loop_factory=lambda: _VirtualLoop(self)) as runner:
            return runner.run(coroutine)


class Workers:
    """A `run` for the pipeline under which chunks are sent side by side, as workers do.

    The handlers return at once; `finish` then drives everything begun since.
    """

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._begun: list[Coroutine[Any, Any, None]] = []

    def __call__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Begin a piece of work."""
        self._begun.append(coroutine)

    def finish(self) -> int:
        """Drive what was begun to its end; returns how many pieces it was. Raises the first failure."""
        begun, self._begun = self._begun, []
        if begun:
            self._clock.run(_all(begun))
        return len(begun)


async def _all(coroutines: list[Coroutine[Any, Any, None]]) -> None:
    await asyncio.gather(*coroutines)


class _VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is a FakeClock's."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(_JumpingSelector(clock))
        self._clock = clock

    def time(self) -> float:
        """Return virtual seconds."""
        return self._clock.elapsed_seconds()


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that, where others wait for the next timer, moves the clock to it."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; else let virtual time pass."""
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise RuntimeError("the coroutine waits for something that no virtual time will bring")
        self._clock.advance(timeout * 1_000)
        return []
