"""Files put into the bucket: taken in once by meaning, with a result that a person can read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import app
from chalicelib.authoring.nodes import LARGEST_SOURCE
from chalicelib.errors import HomeUnavailable
from chalicelib.steps.entrance import LARGEST_CONTACTS
from tests.lambda_events.account import BrokenObjects, invoke, rewired
from tests.lambda_events.shapes import Shape, object_created, s3_notification, scheduler_default
from tests.scenarios.world import DEFINITION, World

CSV = "phone,external_id,first_name,language,country,consent_whatsapp_promotions\n"
ROW = "+212612000000,ma0,Zoé,fr,MA,2026-06-01\n"
CAMPAIGN = "incoming/campaigns/spring.json"
BOOK = "incoming/contacts/book.csv"
SHAPES = [object_created, s3_notification]
NAMES = ["été à Fès.json", "50%+1 & more.json", "a+b=c.json", "عرض.json", "%41.json"]


def source(**changes: Any) -> bytes:
    return json.dumps({**DEFINITION, **changes}).encode()


def put(world: World, body_by_key: Mapping[str, bytes]) -> None:
    for key, body in body_by_key.items():
        world.ports.objects.put(key, body)


def take_in(world: World, body_by_key: Mapping[str, bytes]) -> None:
    """Put files into the bucket and tell of all of them in one event."""
    put(world, body_by_key)
    assert invoke(app.take_in, s3_notification(*body_by_key)) is None


def result(world: World, key: str) -> Any:
    """Return what became of an incoming file, or None."""
    stored = world.ports.objects.get(f"results/{key.removeprefix('incoming/')}.json")
    return stored and json.loads(stored)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_definition_becomes_a_version(world: World, shape: Any) -> None:
    put(world, {CAMPAIGN: source()})
    invoke(app.take_in, shape(CAMPAIGN))
    done = result(world, CAMPAIGN)
    assert (done["outcome"], done["campaign"], done["version"]) == ("accepted", "test-campaign", 1)
    latest = world.ports.campaigns.latest("test-campaign")
    assert latest is not None
    assert (latest.hash, latest.file) == (done["hash"], "spring.json")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_contacts_file_becomes_people(world: World, shape: Any) -> None:
    put(world, {BOOK: (CSV + ROW + ROW + "nothing,,,,,\n").encode()})
    invoke(app.take_in, shape(BOOK))
    done = result(world, BOOK)
    assert (done["outcome"], done["rows"]) == ("imported", 3)
    assert (done["created"], done["duplicate"], done["invalid"]) == (1, 1, 1)
    lines = world.api("GET", f"/api/contacts/imports/{done['batch']}/results")["lines"]
    assert [line["verdict"] for line in lines] == ["duplicate", "created", "invalid"]
    assert world.api("GET", "/api/contacts/ma0")["first_name"] == "Zoé"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "name", ["été à Fès.json", "50%+1 & more.json", "a+b=c.json", "عرض.json", "%41.json"]
)
def test_a_key_of_any_characters_is_found_in_either_shape(world: World, shape: Any, name: str) -> None:
    key = f"incoming/campaigns/{name}"
    put(world, {key: source()})
    invoke(app.take_in, shape(key))
    assert result(world, key)["outcome"] == "accepted"


@pytest.mark.parametrize("name", ["a.yaml", "a.yml", "a.json", "A.YAML", "a.b.Json"])
def test_a_definition_may_end_in_yaml_yml_or_json(world: World, name: str) -> None:
    key = f"incoming/campaigns/{name}"
    take_in(world, {key: source()})
    assert result(world, key)["outcome"] == "accepted"


def test_the_campaign_file_of_the_readme_can_be_put_into_the_bucket(world: World) -> None:
    file = Path(__file__).parents[2] / "campaigns" / "soldes-hiver-2027.yaml"
    key = f"incoming/campaigns/{file.name}"
    take_in(world, {key: b"\xef\xbb\xbf" + file.read_bytes()})  # with the mark some editors write
    assert result(world, key)["outcome"] == "accepted"


def test_every_problem_is_said_at_its_line_in_english_and_french(world: World) -> None:
    take_in(world, {CAMPAIGN: json.dumps({**DEFINITION, "category": "spam", "windw": 1}, indent=1).encode()})
    done = result(world, CAMPAIGN)
    assert (done["outcome"], done["code"]) == ("refused", "invalid_definition")
    assert len(done["problems"]) >= 2
    for problem in done["problems"]:
        assert problem["line"] > 0
        assert problem["file"] == "spring.json"
        assert problem["text"]["en"] != problem["text"]["fr"]
    assert world.ports.campaigns.latest("test-campaign") is None


@pytest.mark.parametrize(
    ("key", "body", "code"),
    [
        (CAMPAIGN, b"- a list", "not_a_mapping"),
        (CAMPAIGN, b"a: b\ntitle: caf\xe9\n", "not_utf8"),
        (CAMPAIGN, b"#" * (LARGEST_SOURCE + 1), "too_large"),
        (BOOK, b"", "csv.empty"),
        (BOOK, b"PK\x03\x04 a spreadsheet", "xlsx.broken"),
        (BOOK, b"x" * (LARGEST_CONTACTS + 1), "csv.too_large"),
    ],
)
def test_a_file_that_cannot_be_read_says_so(world: World, key: str, body: bytes, code: str) -> None:
    take_in(world, {key: body})
    done = result(world, key)
    assert (done["outcome"], [problem["code"] for problem in done["problems"]]) == ("refused", [code])
    assert code not in done["problems"][0]["text"]["fr"]


def test_the_line_that_is_not_utf_8_is_named(world: World) -> None:
    take_in(world, {CAMPAIGN: b"a: b\ntitle: caf\xe9\n"})
    assert result(world, CAMPAIGN)["problems"][0]["line"] == 2


def test_a_corrected_file_replaces_the_result(world: World) -> None:
    take_in(world, {CAMPAIGN: source(category="spam")})
    before = result(world, CAMPAIGN)
    take_in(world, {CAMPAIGN: source()})
    after = result(world, CAMPAIGN)
    assert (before["outcome"], after["outcome"]) == ("refused", "accepted")
    assert before["sha256"] != after["sha256"]


def test_the_same_definition_again_makes_no_new_version(world: World) -> None:
    take_in(world, {CAMPAIGN: source()})
    take_in(world, {CAMPAIGN: source()})
    done = result(world, CAMPAIGN)
    assert (done["version"], done["unchanged"]) == (1, True)
    take_in(world, {CAMPAIGN: source(title="Another meaning")})
    assert result(world, CAMPAIGN)["version"] == 2


def test_the_same_contacts_again_change_nothing(world: World) -> None:
    take_in(world, {BOOK: (CSV + ROW).encode()})
    before = world.api("GET", "/api/contacts/ma0")
    world.clock.advance(60_000)
    take_in(world, {BOOK: (CSV + ROW).encode()})
    assert world.api("GET", "/api/contacts/ma0") == before
    done = result(world, BOOK)
    assert (done["created"], done["unchanged"]) == (0, 1)


@pytest.mark.parametrize(
    "key",
    [
        "incoming/campaigns/",
        "incoming/campaigns/notes.txt",
        "incoming/campaigns/.yaml",
        "incoming/campaigns/old/spring.json",
        "incoming/contacts/book.xls",
        "incoming/contacts/spring.json",
        "incoming/book.csv",
        "results/campaigns/spring.json.json",
        "imports/b1.jsonl",
        "outgoing/campaigns/spring.json",
    ],
)
def test_any_other_key_is_left_alone(world: World, key: str) -> None:
    take_in(world, {key: source()})
    assert result(world, key) is None
    assert world.ports.campaigns.latest("test-campaign") is None


def test_a_result_wakes_nobody_to_take_it_in(world: World) -> None:
    take_in(world, {CAMPAIGN: source()})
    before = world.ports.objects.get("results/campaigns/spring.json.json")
    invoke(app.take_in, object_created("results/campaigns/spring.json.json"))
    assert world.ports.objects.get("results/campaigns/spring.json.json") == before
    assert world.ports.objects.get("results/results/campaigns/spring.json.json.json") is None


def test_a_file_that_was_deleted_meanwhile_is_passed_over(world: World) -> None:
    put(world, {BOOK: (CSV + ROW).encode()})
    invoke(app.take_in, s3_notification(CAMPAIGN, "incoming/contacts/../x.csv", BOOK))
    assert result(world, CAMPAIGN) is None
    assert result(world, BOOK)["outcome"] == "imported"


def test_a_bad_file_never_stops_its_neighbours(world: World) -> None:
    keys = [f"incoming/campaigns/{n}.json" for n in range(3)]
    take_in(world, dict(zip(keys, [source(campaign="first"), b"{", source(campaign="last")], strict=True)))
    assert [result(world, key)["outcome"] for key in keys] == ["accepted", "refused", "accepted"]


def test_a_home_out_of_reach_is_raised_when_all_were_tried_and_the_next_try_completes(world: World) -> None:
    put(world, {CAMPAIGN: source(), BOOK: (CSV + ROW).encode()})
    event = s3_notification(CAMPAIGN, BOOK)
    rewired(world, objects=BrokenObjects(world.ports.objects, "results/"))
    with pytest.raises(HomeUnavailable):
        invoke(app.take_in, event)
    assert world.ports.campaigns.latest("test-campaign") is not None
    assert world.api("GET", "/api/contacts/ma0")["external_id"] == "ma0"  # tried although the first failed
    rewired(world)
    invoke(app.take_in, event)
    assert (result(world, CAMPAIGN)["version"], result(world, BOOK)["unchanged"]) == (1, 1)


def test_a_home_that_fails_in_the_middle_is_no_fault_of_the_file(world: World) -> None:
    put(world, {BOOK: (CSV + ROW).encode()})
    rewired(world, objects=BrokenObjects(world.ports.objects, "imports/"))
    with pytest.raises(HomeUnavailable):
        invoke(app.take_in, object_created(BOOK))
    assert result(world, BOOK) is None


@pytest.mark.parametrize(
    "event",
    [
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "carillon-prod"},
        object_created(CAMPAIGN, kind="Object Deleted"),
        s3_notification(CAMPAIGN, name="ObjectRemoved:Delete"),
        scheduler_default(),
    ],
    ids=["test", "deleted", "removed", "timer"],
)
def test_events_of_anything_but_a_new_object_are_passed_over(world: World, event: Shape) -> None:
    put(world, {CAMPAIGN: source()})
    assert invoke(app.take_in, event) is None
    assert result(world, CAMPAIGN) is None
