"""Pages: everything that a store has, where it gives a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from chalicelib.ports import MOST_ITEMS, Cursor, Page
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


def every_behind(page: Callable[..., Sequence[T]], of: str) -> Iterator[T]:
    """Yield the items of all pages that `page(of, after=...)` gives, where an item says what is behind it.

    A page of fewer than `MOST_ITEMS` is the last.
    """
    after: T | None = None
    while found := page(of, after=after):
        yield from found
        if len(found) < MOST_ITEMS:
            return
        after = found[-1]


def open_broadcasts(home: Home) -> Iterator[Broadcast]:
    """Yield every broadcast that has not ended."""
    return every(home.ports.broadcasts.open)
