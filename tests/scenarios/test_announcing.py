"""Other systems are told what becomes of broadcasts and of opt-outs: by webhook, on the bus, in the log."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import HomeUnavailable, InvalidSettings, Problem
from chalicelib.ports import Told
from chalicelib.sending.announcement import About
from chalicelib.settings import BUS, aws_settings, embedded_settings
from chalicelib.tracking.handoff import signature_of
from tests.fakes.web_server import WebServer, serving
from tests.scenarios.world import CAMPAIGNS, SECRETS, World

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]
AMINA = "+212612000000"
PAGE = ROOT / "docs" / "events.md"


@dataclass
class Listener:
    """A bus that keeps what it is told; `away`: it takes nothing."""

    told: list[Told] = field(default_factory=list)
    away: bool = False

    def put(self, told: Any) -> None:
        """PutEvents."""
        if self.away:
            raise HomeUnavailable(
                Problem(code="aws_unavailable", params={"service": "bus", "detail": "away"})
            )
        self.told.extend(told)

    def abouts(self) -> list[str]:
        """Return what was told, in order."""
        return [one.about for one in self.told]


@pytest.fixture
def heard(world: World) -> Listener:
    """Whoever listens on the world's bus."""
    listener = Listener()
    world.settings = replace(world.settings, events=BUS)
    world.open_worker()
    world.home = replace(world.home, ports=replace(world.ports, bus=listener))
    world.pipeline.home = world.home
    return listener


def play(world: World) -> str:
    """Let a broadcast of two people run from its launch to its end, paused in between; one says STOP."""
    world.people(2)
    broadcast = world.launched()
    world.run_for(seconds=2)
    world.api("POST", f"/api/broadcasts/{broadcast}/pause")
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    world.says(AMINA, "STOP")
    world.run_for(seconds=120, step=5)
    return broadcast


def test_a_broadcast_is_told_from_its_start_to_its_end_and_its_opt_outs(
    world: World, heard: Listener
) -> None:
    broadcast = play(world)
    assert heard.abouts() == [
        "Broadcast Started",
        "Broadcast Paused",
        "Broadcast Resumed",
        "Wave Started",
        "Broadcast Completed",
        "Opt-Out Recorded",
    ]
    assert len({told.id for told in heard.told}) == 6
    end = heard.told[-2].detail
    assert (end["broadcast"], end["audience"], end["accepted"]) == (broadcast, 2, 2)
    stored = world.ports.broadcasts.get(broadcast)
    assert stored is not None
    assert stored.untold == ()


def test_no_phone_number_is_told(world: World, heard: Listener) -> None:
    play(world)
    assert not re.search(r"2126\d{8}", repr([told.detail for told in heard.told]))


def test_what_is_told_is_as_the_page_shows_it(world: World, heard: Listener) -> None:
    play(world)
    examples = {
        about: json.loads(example)
        for about, example in re.findall(
            r"^### (.+?)\n.*?```json\n(.+?)```", PAGE.read_text("utf-8"), re.M | re.S
        )
    }
    assert examples.keys() == {about.value for about in About}
    for told in heard.told:
        assert list(examples[told.about]) == list(told.detail), told.about


def test_where_nobody_is_told_nothing_waits_to_be_told(world: World) -> None:
    broadcast = play(world)
    stored = world.ports.broadcasts.get(broadcast)
    assert stored is not None
    assert stored.untold == ()
    assert world.ports.queues.depth("handoff").waiting == 0


def test_a_bus_that_is_away_is_told_everything_when_it_is_back(world: World, heard: Listener) -> None:
    heard.away = True
    broadcast = play(world)
    assert heard.told == []
    heard.away = False
    world.run_for(seconds=1_000, step=10)
    assert set(heard.abouts()) == set(About) - {About.CANCELLED, About.REOPENED}
    stored = world.ports.broadcasts.get(broadcast)
    assert stored is not None
    assert stored.untold == ()


def test_what_lost_its_message_is_told_at_the_next_look(world: World, heard: Listener) -> None:
    world.people(1)
    heard.away = True
    broadcast = world.launched()
    world.run_for(seconds=2)
    stored = world.ports.broadcasts.get(broadcast)
    assert stored is not None
    assert [one.about for one in stored.untold] == [About.STARTED]
    lost = world.runtime.step  # the queue's messages are far away: only reconcile asks anew
    heard.away = False
    world.clock.advance(61_000)
    world.pipeline.reconcile()
    lost()
    assert heard.abouts()[0] == About.STARTED


def test_a_receiver_that_stays_away_leaves_a_dead_letter_that_can_be_replayed(
    world: World, heard: Listener
) -> None:
    heard.away = True
    world.people(1)
    world.launched()
    world.run_for(seconds=4 * 3_600, step=60)
    assert world.api("GET", "/api/dead-letters", query="queue=handoff")["letters"] != []
    heard.away = False
    world.api("POST", "/api/dead-letters/replay", query="queue=handoff")
    world.run_for(seconds=5)
    assert About.STARTED in heard.abouts()


@pytest.fixture
def inbox() -> Iterator[WebServer]:
    """Another system."""
    with serving() as server:
        yield server


def test_a_webhook_is_posted_the_same_signed_and_by_its_id(
    world: World, inbox: WebServer, tmp_path: Path
) -> None:
    campaigns = tmp_path / "campaigns"
    shutil.copytree(CAMPAIGNS, campaigns)
    (campaigns / "webhooks.yaml").write_text(f"crm: {{url: '{inbox.url}'}}\n")
    world.settings = replace(world.settings, campaigns=campaigns, events="crm")
    world.runtime.set_secrets({**SECRETS, "CARILLON_WEBHOOK_CRM_SECRET": "crm-secret"})
    world.open_worker()
    play(world)
    told = [(json.loads(body), headers, body) for _, headers, body in inbox.received]
    assert [body["event"] for body, *_ in told][:2] == ["Broadcast Started", "Broadcast Paused"]
    assert told[-1][0]["event"] == "Opt-Out Recorded"
    for body, headers, raw in told:
        assert headers["X-Carillon-Signature"] == signature_of(raw, "crm-secret")
        assert headers["X-Carillon-Event"] == body["id"]


@pytest.mark.parametrize(
    ("said", "on_aws", "on_one_machine"),
    [
        ("", "", ""),
        ("log", None, BUS),
        ("bus:carillon-prod", BUS, None),
        ("webhook:crm", "crm", "crm"),
        ("webhook:", None, None),
        ("webhook:CRM", None, None),
        ("https://crm.example", None, None),
    ],
)
def test_the_setting_says_who_is_told(said: str, on_aws: str | None, on_one_machine: str | None) -> None:
    for settings_of, expected in ((aws_settings, on_aws), (embedded_settings, on_one_machine)):
        if expected is None:
            with pytest.raises(InvalidSettings, match="setting_not_events"):
                settings_of({"CARILLON_EVENTS": said})
        else:
            assert settings_of({"CARILLON_EVENTS": said}).events == expected
