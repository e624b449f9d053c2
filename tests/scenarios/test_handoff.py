"""Replies that ask for nothing we know reach the people who can answer, through a webhook of theirs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.steps import messages
from chalicelib.tracking.handoff import signature_of
from tests.fakes.web_server import WebServer, serving
from tests.scenarios.world import CAMPAIGNS, SECRETS, World

AMINA = "+212612000000"
HANDOFF = {"handoff": {"when": "any_other_reply", "to": "webhook:inbox"}}
SECRET = {"CARILLON_WEBHOOK_INBOX_SECRET": "inbox-secret"}


@pytest.fixture
def inbox() -> Iterator[WebServer]:
    """Another system."""
    with serving() as server:
        yield server


@pytest.fixture
def wired(world: World, inbox: WebServer, tmp_path: Path) -> World:
    """A world whose webhooks.yaml names the other system, and which knows its secret."""
    campaigns = tmp_path / "campaigns"
    shutil.copytree(CAMPAIGNS, campaigns)
    (campaigns / "webhooks.yaml").write_text(f"inbox: {{url: '{inbox.url}'}}\n")
    world.settings = replace(world.settings, campaigns=campaigns)
    world.runtime.set_secrets({**SECRETS, **SECRET})
    world.open_worker()
    return world


def sent(world: World, **changes: Any) -> str:
    world.people(1)
    broadcast = world.launched(**{"replies": HANDOFF, **changes})
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 1
    world.clock.advance(5_000)
    return broadcast


def test_a_reply_is_posted_once_signed_and_says_what_it_answers(wired: World, inbox: WebServer) -> None:
    broadcast = sent(wired)
    assert wired.says(AMINA, "C'est à quelle heure ?") == 200
    wired.run_for(seconds=2)
    [(_, headers, body)] = inbox.received
    told = json.loads(body)
    assert (told["text"], told["external_id"], told["broadcast"], told["wamid"]) == (
        "C'est à quelle heure ?",
        "ma0",
        broadcast,
        "wamid.in",
    )
    assert headers["X-Carillon-Signature"] == signature_of(body, "inbox-secret")
    assert headers["X-Carillon-Event"] == told["id"]
    assert wired.report(broadcast)["replied"] == 1


def test_a_reply_that_a_newer_version_queued_is_posted_by_an_older_one_too(
    wired: World, inbox: WebServer
) -> None:
    reply = {"to": "inbox", "person": "p", "broadcast": "b", "wamid": "w", "at": 0, "kind": "text"}
    wired.pipeline.hand_off(messages.encode(**reply, text="Bonjour", payload="", colour="blue"))
    [(_, _, body)] = inbox.received
    assert json.loads(body)["text"] == "Bonjour"


@pytest.mark.parametrize("words", ["STOP", "stop svp", "start", "tranquille"])
def test_a_stop_or_start_word_is_handed_to_nobody(wired: World, inbox: WebServer, words: str) -> None:
    sent(wired, replies={**HANDOFF, "stop": ["tranquille"]})
    wired.says(AMINA, words)
    wired.run_for(seconds=2)
    assert inbox.received == []


def test_a_campaign_that_hands_off_nothing_hands_off_nothing(wired: World, inbox: WebServer) -> None:
    wired.upload(campaign="other", replies=HANDOFF)
    sent(wired, replies=None)
    wired.says(AMINA, "bonjour")
    wired.run_for(seconds=2)
    assert inbox.received == []


def test_who_never_got_anything_from_us_is_handed_to_nobody(wired: World, inbox: WebServer) -> None:
    wired.upload(replies=HANDOFF)
    wired.says("+212699999999", "bonjour")
    wired.run_for(seconds=2)
    assert inbox.received == []


def test_the_same_reply_told_twice_has_one_id(wired: World, inbox: WebServer) -> None:
    sent(wired)
    for _ in range(2):
        wired.says(AMINA, "bonjour")
        wired.run_for(seconds=2)
    assert len({json.loads(body)["id"] for _, _, body in inbox.received}) == 1


def test_an_inbox_that_is_away_for_a_while_gets_it_when_it_is_back(wired: World, inbox: WebServer) -> None:
    broadcast = sent(wired)
    inbox.status = 503
    wired.says(AMINA, "bonjour")
    wired.says(AMINA, "STOP", wamid="wamid.in2")
    wired.run_for(seconds=60, step=5)
    assert len(inbox.received) == 2  # at once, and ten seconds later
    assert wired.report(broadcast)["opt_outs"] == 1
    inbox.status = 204
    wired.run_for(seconds=60, step=5)
    assert len(inbox.received) == 3
    wired.run_for(seconds=1_200, step=60)
    assert len(inbox.received) == 3


@pytest.mark.long
def test_an_inbox_that_stays_away_leaves_a_dead_letter_that_can_be_replayed(
    wired: World, inbox: WebServer
) -> None:
    sent(wired)
    inbox.status = 500
    wired.says(AMINA, "bonjour")
    wired.run_for(seconds=4 * 3_600, step=120)
    [letter] = wired.api("GET", "/api/dead-letters", query="queue=handoff")["letters"]
    assert json.loads(letter["body"])["text"] == "bonjour"
    tried = len(inbox.received)
    assert tried > 10
    wired.clock.advance(61_000)  # on SQS whoever looked at a letter has it for a minute
    inbox.status = 200
    assert wired.api("POST", "/api/dead-letters/replay", query="queue=handoff") == {"replayed": 1}
    wired.run_for(seconds=2)
    assert len(inbox.received) == tried + 1
    assert wired.api("GET", "/api/dead-letters", query="queue=handoff")["letters"] == []


def test_an_unknown_webhook_is_a_problem_at_its_place_with_a_guess(wired: World) -> None:
    refused = wired.upload(replies={"handoff": {"to": "webhook:inbux"}})
    [problem] = refused["problems"]
    assert (problem["code"], problem["path"]) == ("webhook_unknown", "replies.handoff.to")
    assert problem["params"]["guess"] == "inbox"


def test_a_campaign_whose_webhook_has_no_secret_is_not_launched(wired: World) -> None:
    wired.runtime.set_secrets(SECRETS)
    wired.people(1)
    wired.upload(replies=HANDOFF)
    refused = wired.launch(wired.plan()["hash"])
    assert [p["code"] for p in refused["problems"]] == ["webhook_unsigned"]
