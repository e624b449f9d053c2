"""Walking a store's pages: everything in order, and no page before it is needed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ports import MOST_ITEMS, Page
from chalicelib.steps.pages import every, every_behind


class Store:
    """Gives numbered items a page at a time and keeps what it was asked."""

    def __init__(self, items: list[int], most: int) -> None:
        self.items = items
        self.most = most
        self.asked: list[tuple[str, str | None]] = []

    def page(self, of: str, *, after: str | None = None) -> Page[int]:
        self.asked.append((of, after))
        start = int(after or 0)
        end = start + self.most
        return Page(tuple(self.items[start:end]), str(end) if end < len(self.items) else None)


@given(st.lists(st.integers(), max_size=20), st.integers(1, 7))
def test_every_item_comes_once_and_in_order(items: list[int], most: int) -> None:
    store = Store(items, most)
    assert list(every(store.page, "soldes.1")) == items
    assert len(store.asked) == max(1, -(-len(items) // most))
    assert {of for of, _ in store.asked} == {"soldes.1"}


def test_a_page_is_read_when_the_one_before_is_used_up() -> None:
    store = Store([1, 2, 3], most=2)
    walk = every(store.page, "soldes.1")
    assert (next(walk), next(walk), len(store.asked)) == (1, 2, 1)
    store.items.append(4)
    assert list(walk) == [3, 4]


@given(st.integers(0, 3 * MOST_ITEMS))
def test_where_an_item_says_what_is_behind_it_every_item_comes_once_and_in_order(count: int) -> None:
    asked: list[int | None] = []

    def page(of: str, *, after: int | None = None) -> range:
        asked.append(after)
        start = 0 if after is None else after + 1
        return range(start, min(start + MOST_ITEMS, count))

    assert list(every_behind(page, "boutique")) == list(range(count))
    assert len(asked) == count // MOST_ITEMS + 1
