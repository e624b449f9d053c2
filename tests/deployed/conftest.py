"""One deployment for all tests: they are played in the order of the page."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.deployed.stage import Deployed, deployed


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The stage dev, deployed."""
    with deployed(tmp_path_factory.mktemp("deployed")) as made:
        yield made
        sys.stderr.write(f"\nseconds: {made.took}\n")
