"""What the whole suite shares: in which order files are handed to the workers of pytest-xdist."""

from __future__ import annotations

import pytest

FIRST = "simulation"
"""Files of few tests that take minutes: begun last, one worker plays them while the other has nothing."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the rest stay as they were shuffled."""
    items.sort(key=lambda item: FIRST not in item.path.parts)
