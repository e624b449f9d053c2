"""Dead letters: messages that failed too often, looked at and given a new life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.errors import NotFound, Problem
from chalicelib.log import log
from chalicelib.ports import DeadLetter, Depth
from chalicelib.steps import messages
from chalicelib.steps.home import Home

MOST_ROUNDS = 1_000
"""Ten letters each; what fails again comes back, and must not be replayed for ever."""


def shown(home: Home, queue: str | None) -> list[DeadLetter]:
    """Return some dead letters of one queue, or of each. Raises NotFound for a queue there is not."""
    return [letter for name in named(queue) for letter in home.ports.queues.dead_letters(name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSeen:
    """One queue, and how many dead letters lie beside it."""

    queue: str
    depth: Depth
    dead: int


def depths(home: Home) -> list[QueueSeen]:
    """Return how much lies on each queue that a handler works."""
    queues = home.ports.queues
    return [
        QueueSeen(queue=name, depth=queues.depth(name), dead=queues.depth(name, dead=True).waiting)
        for name in messages.CONSUMED
    ]


def replay(home: Home, queue: str | None) -> int:
    """Give every dead letter of one queue, or of all, back to its handler; returns how many."""
    replayed = 0
    for name in named(queue):
        for _ in range(MOST_ROUNDS):
            letters = home.ports.queues.dead_letters(name)
            for letter in letters:
                home.ports.queues.replay(letter)
            replayed += len(letters)
            if not letters:
                break
    log.info("dead_letters_replayed", extra={"queue": queue or "all", "letters": replayed})
    return replayed


def named(queue: str | None) -> Sequence[str]:
    """Return the queues somebody means."""
    if queue is not None and queue not in messages.CONSUMED:
        known = ", ".join(messages.CONSUMED)
        raise NotFound(Problem(code="queue_unknown", params={"queue": queue, "known": known}))
    return messages.CONSUMED if queue is None else (queue,)
