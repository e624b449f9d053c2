"""Every file of campaigns/ from end to end: planned for the people of its own tests, sent, and taken."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from chalicelib.audience.instant import HOUR_MS, from_iso, to_iso
from chalicelib.authoring.cases import Case
from chalicelib.authoring.reading import read_all
from chalicelib.planning.trial import now_of
from tests.scenarios.uploading import asked
from tests.scenarios.world import CAMPAIGNS, World

NOT_CAMPAIGNS = ("senders.yaml", "policy.yaml", "webhooks.yaml")
FILES = sorted(f for f in CAMPAIGNS.glob("*.yaml") if f.name not in NOT_CAMPAIGNS)
TEXTS = ("phone", "first_name", "last_name", "language", "country", "timezone")


def book_of(cases: Sequence[Case]) -> str:
    """Return the people of a file's tests as a contacts file; phones that stand twice are left out."""
    rows = []
    for number, case in enumerate(cases):
        contact, standing = case.person.contact, case.person.standing
        row = {name: getattr(contact, name) or "" for name in TEXTS}
        row |= {"external_id": f"{number}", "tags": ";".join(contact.tags), "lists": ";".join(contact.lists)}
        row |= dict(contact.attributes)
        for key, consent in standing.consents.items():
            channel, topic = key.split("/")
            row[f"consent_{channel}_{topic}"] = to_iso(consent.granted_at or 0)[:10]
        rows.append(row)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_campaign_file_is_planned_launched_and_every_message_is_taken(file: Path) -> None:
    source = file.read_text("utf-8")
    reading = read_all(source, file=file.name)
    assert reading.definition is not None
    usual = [case for case in reading.cases if case.languages is None and not case.memory]
    planned = [case for case in usual if case.expected.outcome == "planned"]
    now = min((now_of(case, reading.definition) for case in usual), default=from_iso("2026-11-30T08:00:00Z"))
    world = World(to_iso(now))
    try:
        if usual:
            assert world.import_csv(book_of(usual))["created"] == len(usual)
        uploaded = world.api("POST", "/api/campaigns", {"source": source, "file": file.name})
        assert "problems" not in uploaded or not uploaded["problems"]
        plan = world.plan(reading.definition.campaign)
        assert plan["state"] == "sealed", plan["problems"]
        assert plan["planned"] == len(planned)
        if not planned:
            return
        world.platform.script = lambda m: asked(world.listing.platform, world.clock.now(), m)
        broadcast = world.launch(plan["hash"])["broadcast"]
        for at in sorted({case.expected.at or world.clock.now() for case in planned}):
            world.at(to_iso(at - 5_000))
            world.run_until_idle()
        if world.report(broadcast)["accepted"] < len(planned):  # somebody waits for quiet hours to end
            world.at(to_iso(world.clock.now() + 3 * HOUR_MS))
            world.run_until_idle()
        report = world.report(broadcast)
        assert (report["accepted"], report["failed"]) == (len(planned), {})
    finally:
        world.close()


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_campaign_file_has_one_plan_as_yaml_as_json_and_as_yaml_again(file: Path) -> None:
    source = file.read_text("utf-8")
    tree = yaml.load(source, Loader=yaml.BaseLoader)  # text alone: 21:00 stays what it is
    as_json = json.dumps(tree, ensure_ascii=False)
    again = yaml.safe_dump(json.loads(as_json), allow_unicode=True, sort_keys=False)
    hashes = [sealed_hash(text, file.name) for text in (source, as_json, again)]
    assert hashes == [hashes[0]] * 3


def sealed_hash(source: str, name: str) -> str:
    """Plan a definition for the people of its own tests in a home of its own; returns the seal's hash."""
    reading = read_all(source, file=name)
    assert reading.definition is not None
    usual = [case for case in reading.cases if case.languages is None and not case.memory]
    now = min((now_of(case, reading.definition) for case in usual), default=from_iso("2026-11-30T08:00:00Z"))
    world = World(to_iso(now))
    try:
        if usual:
            world.import_csv(book_of(usual))
        world.api("POST", "/api/campaigns", {"source": source, "file": name})
        plan = world.plan(reading.definition.campaign)
        assert plan["state"] == "sealed", plan["problems"]
        return str(plan["hash"])
    finally:
        world.close()


def test_the_files_cover_the_sectors_the_languages_and_what_a_message_can_hold() -> None:
    definitions = [read_all(f.read_text("utf-8")).definition for f in FILES]
    uses = [d.template for d in definitions if d is not None]
    assert len(FILES) >= 14
    assert len({d.sender for d in definitions if d is not None}) >= 8
    assert {u.header.kind for u in uses if u.header} == {"text", "image", "video", "document"}
    assert any(u.carousel for u in uses)
    kinds = {button.kind for use in uses for button in use.buttons}
    assert kinds == {"url", "quick_reply", "copy_code", "phone_number", "flow", "mpm"}
