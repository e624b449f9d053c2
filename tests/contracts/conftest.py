"""Every test of this directory runs once per home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.ports import Ports
from tests.contracts.homes import HOMES, HomeUnderTest


@pytest.fixture(params=sorted(HOMES))
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HomeUnderTest]:
    """An empty home of each kind."""
    with HOMES[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture
def ports(home: HomeUnderTest) -> Ports:
    """The ports of an empty home of each kind."""
    return home.ports
