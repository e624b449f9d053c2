"""Every scenario is played in every home."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.world import STAGES, World


@pytest.fixture(params=sorted(STAGES))
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A world of each kind of home."""
    made = World(stage=STAGES[request.param])
    yield made
    made.close()
