"""The machine's own clock and randomness, in either home."""

from __future__ import annotations

import asyncio
import secrets
import time

from chalicelib.audience.instant import Instant


class SystemClock:
    """`Clock`: the machine's, in whole milliseconds."""

    def now(self) -> Instant:
        """Return the present instant."""
        return time.time_ns() // 1_000_000

    async def sleep_until(self, instant: float) -> None:
        """Return at `instant`, never before it."""
        while (left := instant - time.time_ns() / 1_000_000) > 0:
            await asyncio.sleep(left / 1_000)


class SystemRandomness:
    """`Randomness`: the operating system's."""

    def token(self) -> str:
        """Return 32 hex characters."""
        return secrets.token_hex(16)
