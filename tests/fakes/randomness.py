"""Randomness that says the same again for the same seed."""

from __future__ import annotations

import random
from threading import Lock


class SeededRandomness:
    """`Randomness`, repeatable."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._lock = Lock()

    def token(self) -> str:
        """Return the seed's next 32 hex characters."""
        with self._lock:
            return f"{self._random.getrandbits(128):032x}"
