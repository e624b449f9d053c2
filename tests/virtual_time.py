"""A clock that is moved, and an event loop on which waiting takes no time.

The loop's clock is the fake one; when everything waits, the clock jumps to the
next timer. So a broadcast of hours runs in milliseconds, in the same order every time.
"""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Coroutine
from typing import Any

from chalicelib.audience.instant import Instant, from_iso


class FakeClock:
    """`Clock` in microseconds inside, so that fractional slots are kept apart."""

    def __init__(self, now: str) -> None:
        self._micros = from_iso(now) * 1_000

    def now(self) -> Instant:
        """Return the present instant."""
        return self._micros // 1_000

    def advance(self, *, seconds: float) -> None:
        """Move forward."""
        self._micros += max(0, round(seconds * 1_000_000))

    def move_to(self, instant: float) -> None:
        """Move forward to an instant; never back."""
        self._micros = max(self._micros, round(instant * 1_000))

    async def sleep_until(self, instant: float) -> None:
        """Wait on the virtual loop."""
        while (left := instant * 1_000 - self._micros) > 0:
            await asyncio.sleep(left / 1_000_000)

    @property
    def seconds(self) -> float:
        """The loop's own time."""
        return self._micros / 1_000_000


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout > 0:
            self._clock.advance(seconds=timeout + 1e-6)
        return super().select(0)


def run(clock: FakeClock, coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Drive a coroutine to its end on virtual time."""
    loop = asyncio.SelectorEventLoop(_JumpingSelector(clock))
    loop.time = lambda: clock.seconds  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


class SeededRandomness:
    """`Randomness` that repeats itself."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def token(self) -> str:
        """Return 32 hex characters."""
        return f"{self._random.getrandbits(128):032x}"
