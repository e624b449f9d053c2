"""Work side by side, as workers do."""

from __future__ import annotations

import threading
from collections.abc import Callable


def side_by_side(works: list[Callable[[], None]]) -> None:
    """Run each in a thread of its own and wait for all. Raises the first failure."""
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
