"""How much computing something takes: the least of a few tries, for the rest was somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time

TRIES = 5


def least_seconds(work: Callable[[], object], most: float) -> float:
    """Return the seconds of this thread's computing that `work` takes; tried again while it is above `most`.

    A collection of a large heap, or a neighbour on the same core, lands in one try
    and not in each; what is slow itself is slow in all of them.
    """
    least = float("inf")
    for _ in range(TRIES):
        started = thread_time()
        work()
        least = min(least, thread_time() - started)
        if least < most:
            break
    return least
