"""The machine itself as ports: its clock, its randomness, its secrets."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from chalicelib.audience.instant import Instant
from chalicelib.errors import InvalidSettings, Problem


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


class FileSecrets:
    """`Secrets`: the environment first, then NAME=VALUE lines of a file only its owner may read."""

    def __init__(self, environment: Mapping[str, str], file: Path) -> None:
        self._environment = environment
        self._file = file

    def get(self, name: str) -> str | None:
        """Return a secret, or None. Raises InvalidSettings when others may read the file."""
        if value := self._environment.get(name):
            return value
        if not self._file.exists():
            return None
        if self._file.stat().st_mode & 0o077:
            raise InvalidSettings(Problem(code="secrets_readable", params={"path": str(self._file)}))
        for line in self._file.read_text("utf-8").splitlines():
            key, separator, value = line.partition("=")
            if separator and key.strip() == name:
                return value.strip() or None
        return None
