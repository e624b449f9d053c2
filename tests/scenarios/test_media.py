"""Files in headers: uploaded once per number, kept while the platform keeps them, renewed when not."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.audience.instant import DAY_MS
from chalicelib.errors import Refused as CannotBe
from chalicelib.pipeline import Pipeline
from chalicelib.sending.answer import Answer, Message, Refused
from chalicelib.steps.media import KEPT_MS, RENEWED_MS
from tests.scenarios.uploading import asked
from tests.scenarios.world import CAMPAIGNS, DEFINITION, World

PICTURE: dict[str, Any] = {
    "template": {
        "name": "collection_automne",
        "header": {"image": "media:collection-fr.jpg"},
        "parameters": {
            "prenom": {"value": "{{ contact.first_name }}", "fallback": "vous"},
            "remise": "20",
            "fin": "demain",
        },
        "buttons": [
            {"type": "copy_code", "index": 0, "value": "AUTOMNE"},
            {"type": "url", "index": 1, "value": "automne"},
            {"type": "opt_out", "index": 2},
        ],
    },
    "window": "12h",
}


def taken(world: World) -> None:
    """Let the simulated platform answer, which knows what files it has."""
    world.platform.script = lambda m: asked(world.listing.platform, world.clock.now(), m)


def launched(world: World, people: int = 5, **changes: Any) -> str:
    world.people(people)
    return world.launched(**{**PICTURE, **changes})


def another(world: World, campaign: str) -> str:
    """Launch a further campaign with the same picture at once."""
    world.upload(**{**PICTURE, "campaign": campaign, "frequency": [], "send_at": "now"})
    return str(world.launch(world.plan(campaign)["hash"])["broadcast"])


def ids(world: World) -> list[str]:
    return [message.header[1] for _, message in world.platform.sent]


@pytest.mark.long
def test_a_file_is_uploaded_once_however_many_people_and_broadcasts_show_it(world: World) -> None:
    taken(world)
    first = launched(world, 120)
    world.at("2026-12-01T08:59:58Z")
    assert world.uploads.taken == [("106540352242922", "collection-fr.jpg")]  # at the launch
    world.run_until_idle()
    second = another(world, "another")
    world.run_until_idle()
    assert (world.report(first)["accepted"], world.report(second)["accepted"]) == (120, 120)
    assert len(world.uploads.taken) == 1
    assert len(set(ids(world))) == 1


@pytest.mark.long
def test_an_id_is_renewed_before_it_runs_out_and_not_sooner(world: World) -> None:
    taken(world)
    launched(world)
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    for days, uploads in ((KEPT_MS - RENEWED_MS) // DAY_MS - 1, 1), (2, 2):
        world.clock.advance(days * DAY_MS)
        another(world, f"after-{uploads}")
        world.run_until_idle()
        assert len(world.uploads.taken) == uploads
    assert len(world.platform.sent) == 15


@pytest.mark.long
def test_what_the_platform_lost_is_uploaded_again_and_nobody_is_left_out(world: World) -> None:
    taken(world)
    broadcast = launched(world)
    world.at("2026-12-01T08:59:58Z")
    world.listing.platform.state.files.clear()
    world.run_until_idle()
    world.run_for(seconds=150, step=1)
    world.run_until_idle()
    report = world.report(broadcast)
    assert (report["accepted"], report["complete"]) == (5, True)
    assert len(world.uploads.taken) == 2
    assert len(set(ids(world))) == 2


@pytest.mark.parametrize("told", ["by the answer", "by a webhook"])
@pytest.mark.long
def test_an_upload_follows_however_the_platform_says_that_it_lost_a_file(world: World, told: str) -> None:
    calls = 0

    def losing(message: Message) -> Answer | None:
        nonlocal calls
        calls += 1
        gone = Refused(code=131053, details="Media upload error")
        return gone if told == "by the answer" and calls == 1 else None

    world.platform.script = losing
    broadcast = launched(world, 1)
    world.at("2026-12-01T09:00:00Z")
    world.run_for(seconds=5)
    if told == "by a webhook":
        world.receipt(world.status_of(0, "failed", code=131053))
    world.run_for(seconds=150, step=1)
    world.run_until_idle()
    assert len(world.uploads.taken) == 2
    assert len(set(ids(world))) == 2
    assert world.report(broadcast)["accepted"] == 1


@pytest.mark.long
def test_many_late_complaints_about_one_file_do_not_make_many_uploads(world: World) -> None:
    broadcast = launched(world, 10)
    world.at("2026-12-01T09:00:00Z")
    world.run_for(seconds=5)
    for index in range(10):
        world.receipt(world.status_of(index, "failed", code=131053))
        if index == 4:
            world.run_for(seconds=150, step=1)
    world.run_for(seconds=200, step=1)
    assert len(world.uploads.taken) == 2
    assert world.report(broadcast)["accepted"] == 10


def test_a_busy_platform_is_asked_again_before_anybody_is_called(world: World) -> None:
    taken(world)
    world.uploads.busy.extend([500, 503, 429])
    broadcast = launched(world)
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.report(broadcast)["accepted"] == 5


@pytest.mark.long
def test_a_file_that_the_platform_refuses_pauses_the_broadcast_with_why_and_calls_nobody(
    world: World,
) -> None:
    world.uploads.busy.extend([400] * 3)
    broadcast = launched(world)
    world.at("2026-12-01T09:00:00Z")
    world.run_for(seconds=30)
    found = world.api("GET", f"/api/broadcasts/{broadcast}")
    assert found["state"] == "paused"
    assert found["paused_because"].startswith("media collection-fr.jpg: HTTP 400")
    assert world.platform.sent == []
    world.uploads.busy.clear()
    world.api("POST", f"/api/broadcasts/{broadcast}/resume")
    world.run_for(seconds=30)
    world.run_until_idle()
    assert world.report(broadcast)["accepted"] == 5


def test_a_file_is_shown_as_it_was_at_the_launch_whatever_happens_to_it_then(
    world: World, tmp_path: Path
) -> None:
    picture = own_campaigns(world, tmp_path) / "media" / "collection-fr.jpg"
    taken(world)
    broadcast = launched(world)
    picture.unlink()
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.report(broadcast)["accepted"] == 5


def test_a_file_that_changed_since_the_plan_refuses_the_launch(world: World, tmp_path: Path) -> None:
    picture = own_campaigns(world, tmp_path) / "media" / "collection-fr.jpg"
    world.people(3)
    world.upload(**PICTURE)
    planned = world.plan()
    picture.write_bytes(picture.read_bytes() + b"\0")
    answer = world.launch(planned["hash"])
    assert [p["code"] for p in answer["problems"]] == ["plan_stale_media"]


def test_a_file_that_changes_during_the_launch_refuses_it_and_spoils_nothing(world: World) -> None:
    world.people(3)
    world.upload(**PICTURE)
    plan = world.plan()["hash"]
    before = world.home.rules()
    changed = replace(before, read_media=lambda name: b"\xff\xd8\xff another picture")
    with pytest.raises(CannotBe) as refused:
        Pipeline(replace(world.home, rules=lambda: changed), world.run).launch(plan)
    assert [problem.code for problem in refused.value.problems] == ["plan_stale_media"]
    broadcast = str(world.launch(plan)["broadcast"])
    taken(world)
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert world.report(broadcast)["accepted"] == 3
    picture = before.read_media("collection-fr.jpg")
    assert world.uploads.bodies == [picture]


def test_every_fault_of_a_file_is_told_when_the_campaign_is_validated(world: World, tmp_path: Path) -> None:
    media = own_campaigns(world, tmp_path) / "media"
    (media / "text.jpg").write_bytes(b"no picture")
    (media / "large.jpg").write_bytes(b"\xff\xd8\xff" + bytes(5 * 1024 * 1024))
    for name, code in (
        ("text", "media_not_what_it_says"),
        ("large", "media_size"),
        ("gone", "media_missing"),
    ):
        template = {**PICTURE["template"], "header": {"image": f"media:{name}.jpg"}}
        answer = world.upload(template=template)
        assert [p["code"] for p in answer["problems"]] == [code]


def test_a_test_send_shows_the_picture_too(world: World) -> None:
    taken(world)
    world.people(1)
    source = json.dumps({**DEFINITION, **PICTURE})
    answer = world.api(
        "POST",
        "/api/test-sends",
        {"source": source, "file": "t.yaml", "contact": "ma0", "to": "+212612000099"},
    )
    assert answer["refused"] is None
    assert ids(world)[0].startswith("id:")


def own_campaigns(world: World, tmp_path: Path) -> Path:
    """Give the world a campaigns directory of its own, to change files in."""
    place = tmp_path / "campaigns"
    shutil.copytree(CAMPAIGNS, place)
    world.settings = replace(world.settings, campaigns=place)
    world.open_worker()
    return place
