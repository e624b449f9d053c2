"""On one machine other systems listen to the log: each announcement is a line of it, whole."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.log import log
from chalicelib.ports import Told


class LoggedBus:
    """`Bus` as lines of the log."""

    def put(self, told: Sequence[Told]) -> None:
        """Write a line for each."""
        for one in told:
            log.info("announcement", extra={"about": one.about, "detail": dict(one.detail)})
