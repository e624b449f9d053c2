"""Every scenario is played in every home."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.world import STAGES, World

ON_AWS = "AWS on moto"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the longest scenarios on moto, whose calls take a hundred times as long, unless asked for."""
    if "long" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("long") and ON_AWS in item.name]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(params=sorted(STAGES))
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A world of each kind of home."""
    made = World(stage=STAGES[request.param])
    yield made
    made.close()
