"""The homes under contract. A further home adds itself to `HOMES`, and passes the same tests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.embedded.home import EmbeddedHome
from chalicelib.adapters.embedded.queues import MOST_RECEIVES
from chalicelib.audience.instant import Instant
from chalicelib.log import log
from chalicelib.ports import Ports
from tests.contracts.aws_home import Deployment, on_ministack, on_moto
from tests.fakes import FakeClock, SeededRandomness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


Listening = Callable[[], list[tuple[str, Any]]]


@dataclass(frozen=True)
class HomeUnderTest:
    """A home's ports, and its far side: what was queued, and what would wake whom at what instant.

    `bury` lets everything on a queue fail until it is a dead letter. `listen` begins to
    listen as another system; what it returns gives what was told since, as (about, detail).
    """

    ports: Ports
    bury: Callable[[str], None]
    queued: Callable[[str], list[str]]
    scheduled: Callable[[], Mapping[str, tuple[Instant, str]]]
    listen: Callable[[], Listening]


@contextmanager
def embedded(path: Path | str) -> Iterator[HomeUnderTest]:
    """Open an embedded home with nothing in it."""
    home = EmbeddedHome(path, clock=FakeClock(), randomness=SeededRandomness())

    def bury(queue: str) -> None:
        for _ in range(MOST_RECEIVES + 1):
            home.queues.receive(queue, 1_000, 0)

    def queued(queue: str) -> list[str]:
        return [message.body for message in home.queues.receive(queue, 1_000, 60_000)]

    def scheduled() -> dict[str, tuple[Instant, str]]:
        found = {}
        while (at := home.schedules.next_due()) is not None:
            for due in home.schedules.due(at):
                found[due.name] = (at, due.payload)
                home.schedules.cancel(due.name)
        return found

    heard = Heard()

    def listen() -> Listening:
        log.addHandler(heard)
        return lambda: heard.told

    was = log.level
    log.setLevel(logging.INFO)
    try:
        yield HomeUnderTest(home.ports({}), bury, queued, scheduled, listen)
    finally:
        log.removeHandler(heard)
        log.setLevel(was)
        home.close()


class Heard(logging.Handler):
    """Whoever reads the log of an embedded home."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what is told."""
        if record.getMessage() == "announcement":
            found = vars(record)
            self.told.append((found["about"], found["detail"]))


@contextmanager
def aws(deployment: AbstractContextManager[Deployment]) -> Iterator[HomeUnderTest]:
    """Open an AWS home with nothing in it."""
    with deployment as opened:
        yield HomeUnderTest(
            opened.home.ports({}), opened.bury, opened.queued, opened.scheduled, opened.listen
        )


HOMES: Mapping[str, Callable[[Path], AbstractContextManager[HomeUnderTest]]] = {
    "embedded in a file": lambda directory: embedded(directory / "home"),
    "embedded in memory": lambda directory: embedded(":memory:"),
    "AWS on moto": lambda directory: aws(on_moto()),
    "AWS on ministack": lambda directory: aws(on_ministack()),
}
