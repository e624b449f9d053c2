"""What every test of the AWS adapters may use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.adapters.aws.calls import Calls
from chalicelib.ports import Ports
from tests.contracts.aws_home import Deployment, on_moto
from tests.fakes import SeededRandomness


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that were waited between tries."""
    return []


@pytest.fixture
def calls(pauses: list[float]) -> Iterator[Calls]:
    """Calls that wait for nothing."""
    made = Calls(SeededRandomness(), sleep=pauses.append)
    yield made
    made.close()


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    """An empty deployment on moto."""
    with on_moto() as opened:
        yield opened


@pytest.fixture
def ports(deployment: Deployment) -> Ports:
    """The ports of an empty deployment."""
    return deployment.home.ports({})
