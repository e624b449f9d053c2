"""The shelf of rules: its files are looked at once a second, and what changes in them acts within two."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.errors import InvalidSettings
from chalicelib.rules import LOOK_SECONDS, LocalFiles, RulesShelf

SENDERS = """\
senders:
  boutique:
    {phone_number_id: "106540352242922", waba_id: "102290129340398", portfolio: p, mode: cloud,
     max_per_second: %s, tier: 1000, languages: [fr]}
"""


class Shelf:
    """A shelf over files of its own, on a clock that a test moves."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.seconds = 1_000.0
        self.shelf = RulesShelf(LocalFiles(directory), monotonic=lambda: self.seconds)
        self.write(40)

    def write(self, per_second: object) -> None:
        """Write senders.yaml; no two of these are of the same length."""
        (self.directory / "senders.yaml").write_text(SENDERS % per_second, "utf-8")

    def rate(self) -> float | None:
        return self.shelf.current().senders["boutique"].max_per_second


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_a_changed_rule_acts_within_two_seconds(shelf: Shelf) -> None:
    assert LOOK_SECONDS <= 1.0
    assert shelf.rate() == 40
    shelf.write(7)
    shelf.seconds += 1.0
    assert shelf.rate() == 7


def test_between_two_looks_the_files_are_left_alone(shelf: Shelf) -> None:
    assert shelf.rate() == 40
    shelf.write(7)
    for _ in range(9):
        shelf.seconds += LOOK_SECONDS / 10
        assert shelf.rate() == 40


def test_who_asks_all_the_time_puts_no_look_off(shelf: Shelf) -> None:
    assert shelf.rate() == 40
    shelf.write(7)
    rates = []
    for _ in range(20):
        shelf.seconds += 0.1
        rates.append(shelf.rate())
    assert rates.index(7) <= 10
    assert set(rates) == {40, 7}


@pytest.mark.parametrize("name", ["policy.yaml", "webhooks.yaml", "templates/x.fr.json", "media/a.jpg"])
def test_every_file_is_looked_at(shelf: Shelf, name: str) -> None:
    before = shelf.shelf.current()
    file = shelf.directory / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"{}" if name.endswith(".yaml") else b"no rule")
    shelf.seconds += LOOK_SECONDS
    if name.startswith("templates/"):
        with pytest.raises(InvalidSettings):
            shelf.rate()
    else:
        assert shelf.shelf.current() is not before


def test_a_broken_file_is_told_each_time_and_forgiven_as_soon_as_it_is_mended(shelf: Shelf) -> None:
    assert shelf.rate() == 40
    shelf.write("fast")
    shelf.seconds += LOOK_SECONDS
    for _ in range(3):
        with pytest.raises(InvalidSettings):
            shelf.rate()
    shelf.write(7)
    assert shelf.rate() == 7


def test_who_cannot_wait_has_the_files_looked_at_at_once(shelf: Shelf) -> None:
    assert shelf.rate() == 40
    shelf.write(7)
    shelf.shelf.look_again()
    assert shelf.rate() == 7
