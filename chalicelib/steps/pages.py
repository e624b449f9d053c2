"""Pages: everything that a store has, where it gives a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from chalicelib.ports import Cursor, Page
from chalicelib.sending.broadcast import Broadcast
from chalicelib.steps.home import Home

T = TypeVar("T")


def every(page: Callable[..., Page[T]], *of: object) -> Iterator[T]:
    """Yield the items of all pages that `page(*of, after=...)` gives.

    Each page is read when the one before is used up.
    """
    after: Cursor | None = None
    while True:
        found = page(*of, after=after)
        yield from found.items
        if found.next is None:
            return
        after = found.next


def open_broadcasts(home: Home) -> Iterator[Broadcast]:
    """Yield every broadcast that has not ended."""
    return every(home.ports.broadcasts.open)
