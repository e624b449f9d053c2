"""One campaign from a file to a report, through the real `app.py`, on virtual time."""

from __future__ import annotations

import pytest

from chalicelib.sending.answer import Refused, Unknown
from tests.scenarios.world import World


@pytest.fixture
def world() -> World:
    return World()


def test_a_campaign_goes_from_a_file_to_a_complete_report(world: World) -> None:
    world.people(250)
    broadcast = world.launched()
    world.at("2026-12-01T08:59:58Z")
    assert world.platform.sent == []
    world.run_until_idle()
    assert set(world.platform.to().values()) == {1}
    report = world.report(broadcast)
    assert (report["audience"], report["accepted"], report["waiting"]) == (250, 250, {})
    assert report["complete"]


def test_every_person_gets_their_own_words(world: World) -> None:
    world.people(120)
    world.launched()
    world.at("2026-12-01T08:59:58Z")
    world.run_until_idle()
    names = {dict(message.parameters)["prenom"] for _, message in world.platform.sent}
    assert names == {f"Name{n}" for n in range(120)}
