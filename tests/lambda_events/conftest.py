"""A world in memory, and an account whose queues are worked by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lambda_events.account import Account
from tests.scenarios.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """A world on the embedded home in memory, at the hour of its campaign."""
    made = World("2026-12-01T09:00:00Z")
    yield made
    made.close()


@pytest.fixture
def account(world: World) -> Account:
    """The world's queues and schedules, kept."""
    return Account(world)
