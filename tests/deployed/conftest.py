"""One deployment for all tests: they are played in the order of the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deployed.stage import Deployed, deployed

TOOK = pytest.StashKey[dict[str, float]]()


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Deployed]:
    """The stage dev, deployed."""
    with deployed(tmp_path_factory.mktemp("deployed")) as made:
        pytestconfig.stash[TOOK] = made.took
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say where the time went."""
    if took := config.stash.get(TOOK, None):
        told = ", ".join(f"{what} {seconds:.0f}" for what, seconds in took.items())
        terminalreporter.write_line(f"seconds: {told}")
