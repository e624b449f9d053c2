"""Rows of a query as a page of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from chalicelib.adapters.codec import decode
from chalicelib.adapters.embedded.table import Found
from chalicelib.ports import MOST_ITEMS, Page

T = TypeVar("T")


def page_of(kind: type[T], rows: Sequence[Found]) -> Page[T]:
    """Return a query's rows as a page; a full one may have more behind it."""
    return Page(tuple(values_of(kind, rows)), rows[-1].sort if len(rows) == MOST_ITEMS else None)


def values_of(kind: type[T], rows: Sequence[Found]) -> list[T]:
    """Return the values that a query's rows hold."""
    return [decode(kind, row.body, row.version) for row in rows]
