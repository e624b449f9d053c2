"""What other systems say of one person: PUT /api/contacts/{external_id}."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import Refused
from chalicelib.steps.statements import Stated
from tests.contracts.threads import side_by_side
from tests.scenarios.world import EmbeddedStage, World

YES = {
    "channel": "whatsapp",
    "topic": "promotions",
    "change": "opt_in",
    "at": "2026-06-01",
    "source": "checkout",
}
NO = {**YES, "change": "opt_out", "at": "2026-12-01T07:59:00Z", "source": "account page"}
AMINA: dict[str, Any] = {
    "phone": "06 12 00 00 00",
    "default_country": "MA",
    "first_name": "Amina",
    "language": "FR",
    "country": "ma",
    "tags": ["vip"],
    "attributes": {"orders": 3, "size": "M"},
    "consents": [YES],
}


def put(world: World, external_id: str, **fields: Any) -> Any:
    return world.api("PUT", f"/api/contacts/{external_id}", fields)


def shown(world: World, name: str) -> Any:
    return world.api("GET", f"/api/contacts/{name}")


def test_a_person_is_created_updated_and_left_as_they_are(world: World) -> None:
    first = put(world, "c-1", **AMINA)
    assert (world.status, first["verdict"], first["notes"]) == (200, "created", [])
    again = put(world, "c-1", **AMINA)
    assert again == {"person": first["person"], "verdict": "unchanged", "notes": []}
    assert put(world, "c-1", tags=["gold"])["verdict"] == "updated"
    found = shown(world, "c-1")
    assert (found["phone"], found["country"], found["language"]) == ("+212612000000", "MA", "fr")
    assert found["attributes"] == {"orders": "3", "size": "M"}
    assert found["tags"] == ["gold", "vip"]
    assert len(found["consent_events"]) == 1


def test_a_statement_and_a_row_of_a_file_make_the_same_person(world: World) -> None:
    put(world, "c-1", **AMINA)
    world.import_csv(
        "phone,external_id,first_name,language,country,tags,orders,size,consent_whatsapp_promotions\n"
        "0612000000,c-1,Amina,fr,MA,vip,3,M,2026-06-01\n"
        "0612000001,c-2,Amina,fr,MA,vip,3,M,2026-06-01\n"
    )
    stated, imported = shown(world, "c-1"), shown(world, "c-2")
    same = ("first_name", "language", "country", "tags", "lists", "attributes", "timezone")
    assert [stated[name] for name in same] == [imported[name] for name in same]
    consent = "whatsapp/promotions"
    assert stated["consents"][consent]["granted_at"] == imported["consents"][consent]["granted_at"]


def test_an_empty_value_erases_nothing_and_a_null_erases(world: World) -> None:
    put(world, "c-1", **AMINA)
    assert put(world, "c-1", first_name="", tags=[], attributes={"size": " "})["verdict"] == "unchanged"
    done = put(world, "c-1", first_name=None, tags=None, attributes={"size": None, "colour": "red"})
    assert done["verdict"] == "updated"
    found = shown(world, "c-1")
    assert (found["first_name"], found["tags"]) == (None, [])
    assert found["attributes"] == {"orders": "3", "colour": "red"}
    put(world, "c-1", attributes=None)
    assert shown(world, "c-1")["attributes"] == {}
    assert shown(world, "c-1")["phone"] == "+212612000000"


@pytest.mark.parametrize("field", ["phone", "consents"])
def test_who_a_person_is_and_what_they_agreed_to_is_not_erased_by_a_null(world: World, field: str) -> None:
    answer = put(world, "c-1", **{**AMINA, field: None})
    assert (world.status, answer["problems"][0]["path"]) == (422, field)


def test_all_problems_come_at_once_with_their_places_and_nothing_changes(world: World) -> None:
    answer = put(
        world,
        "c-1",
        phone="12",
        country="MARS",
        frist_name="Amina",
        tags="vip",
        attributes={"a b": "x", "n": {"deep": 1}},
        consents=[
            YES,
            {**YES, "topic": "all"},
            {**NO, "at": "2026-12-01"},
            {**YES, "at": "2027-12-01", "channel": "", "change": "maybe", "source": "", "ip": "::1"},
        ],
    )
    assert (world.status, answer["code"]) == (422, "invalid_request")
    places = {(p["path"], p["code"]) for p in answer["problems"]}
    assert places == {
        ("phone", "phone.no_country"),
        ("country", "country.unknown"),
        ("frist_name", "statement.unknown_field"),
        ("tags", "statement.not_list"),
        ("attributes.a b", "statement.attribute_name"),
        ("attributes.n", "statement.not_text"),
        ("consents.1.topic", "statement.topic"),
        ("consents.2.at", "statement.exact_time"),
        ("consents.3.at", "consent.in_future"),
        ("consents.3.channel", "statement.channel"),
        ("consents.3.change", "statement.change"),
        ("consents.3.source", "statement.source"),
        ("consents.3.ip", "statement.unknown_field"),
    }
    assert all(p["text"] != p["code"] and "(" not in p["text"][:20] for p in answer["problems"])
    shown(world, "c-1")
    assert world.status == 404


def test_a_body_that_is_too_large_is_refused(world: World) -> None:
    answer = put(world, "c-1", attributes={f"a{n}": "x" * 1_000 for n in range(70)})
    assert (world.status, answer["problems"][0]["code"]) == (413, "body_too_large")


def test_an_opt_out_between_plan_and_send_prevents_the_send(world: World) -> None:
    for n in range(3):
        put(world, f"c-{n}", **{**AMINA, "phone": f"061200000{n}"})
    world.launched()
    assert put(world, "c-1", consents=[NO])["verdict"] == "updated"
    assert put(world, "c-1", consents=[NO])["verdict"] == "unchanged"
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert set(world.platform.to()) == {"+212612000000", "+212612000002"}


def test_an_opt_out_by_api_makes_a_claim_that_was_being_made_fail(world: World) -> None:
    person = put(world, "c-1", **AMINA)["person"]
    standing = world.ports.standings.get(person)
    assert standing is not None
    put(world, "c-1", consents=[{**NO, "topic": "all"}])
    assert not world.ports.standings.put(standing, expected_version=standing.version)
    found = shown(world, "c-1")
    assert found["consents"]["whatsapp/*"]["revoked_at"] == "2026-12-01T07:59:00Z"
    assert found["consent_events"][-1]["source"] == "api account page"


def test_a_newer_yes_lifts_a_no_only_with_proof(world: World) -> None:
    put(world, "c-1", **{**AMINA, "consents": [YES, NO]})
    newer = {**YES, "at": "2026-12-01T08:00:00Z"}
    refused = put(world, "c-1", consents=[newer])
    assert (refused["verdict"], refused["notes"][0]["code"]) == ("unchanged", "consent.opted_out")
    proof = {"ip": "192.0.2.7", "form": "https://example.com/join"}
    assert put(world, "c-1", consents=[{**newer, "proof": proof}])["verdict"] == "updated"
    found = shown(world, "c-1")
    assert found["consents"]["whatsapp/promotions"]["granted_at"] == "2026-12-01T08:00:00Z"
    assert found["consent_events"][-1]["detail"] == ('{"form":"https://example.com/join","ip":"192.0.2.7"}')


def test_of_a_no_and_a_newer_yes_told_together_the_no_stands_without_proof(world: World) -> None:
    newer = {**YES, "at": "2026-12-01T08:00:00Z"}
    answer = put(world, "c-1", **{**AMINA, "consents": [newer, NO]})
    assert [note["code"] for note in answer["notes"]] == ["consent.opted_out"]


def test_a_phone_that_belongs_to_somebody_else_is_a_problem(world: World) -> None:
    put(world, "c-1", **AMINA)
    answer = put(world, "c-2", phone="+212612000000")
    assert (world.status, answer["problems"][0]["code"]) == (409, "statement.phone_taken")
    put(world, "c-3", phone="+212612000003")
    put(world, "c-3", phone="+212612000000")
    assert world.status == 409
    assert shown(world, "c-3")["phone"] == "+212612000003"


def test_who_is_known_by_number_alone_gets_the_external_id(world: World) -> None:
    world.import_csv("phone,first_name\n+212612000000,Amina\n")
    known = shown(world, "+212612000000")["id"]
    assert put(world, "c-1", phone="+212612000000") == {"person": known, "verdict": "updated", "notes": []}
    assert shown(world, "c-1")["first_name"] == "Amina"


def test_a_new_number_leaves_the_old_one_to_others(world: World) -> None:
    first = put(world, "c-1", **AMINA)["person"]
    assert put(world, "c-1", phone="+212612000009")["person"] == first
    assert put(world, "c-2", phone="+212612000000")["verdict"] == "created"
    assert shown(world, "+212612000009")["id"] == first


def test_a_person_whom_a_file_renamed_is_found_under_the_new_name_only(world: World) -> None:
    put(world, "c-1", **AMINA)
    world.import_csv("phone,external_id\n+212612000000,c-9\n")
    assert put(world, "c-9", first_name="Amina B")["verdict"] == "updated"
    answer = put(world, "c-1", first_name="Old")
    assert (world.status, answer["problems"][0]["code"]) == (409, "statement.renamed")


NAMES = ("one external id", "one number", "a number known alone")


@pytest.mark.parametrize("shared", NAMES)
def test_systems_that_speak_at_once_make_one_person(tmp_path: Path, shared: str) -> None:
    made = World(stage=lambda clock, secrets: EmbeddedStage(clock, secrets, str(tmp_path / "home.db")))
    if shared == NAMES[2]:
        made.import_csv("phone\n+212612000000\n")
    done: list[Stated] = []
    refused: list[str] = []

    def says(n: int) -> None:
        name = "c-1" if shared == NAMES[0] else f"c-{n % 3}"
        try:
            done.append(
                made.pipeline.state_contact(name, {"phone": "+212612000000", "attributes": {f"a{n}": "1"}})
            )
        except Refused as error:
            refused.append(error.problems[0].code)

    side_by_side([lambda n=n: says(n) for n in range(12)])  # type: ignore[misc]
    assert len({stated.person for stated in done}) == 1
    people = [p for shard in range(64) for p in made.ports.book.page(shard).items]
    assert len(people) == 1
    (person,) = people
    assert person.standing.phone == person.contact.phone == "+212612000000"
    assert len(person.contact.attributes) == len(done)
    assert set(refused) <= {"statement.phone_taken", "statement.renamed"}
    assert len(done) == (12 if shared == NAMES[0] else 4)
    made.close()


def test_files_imported_at_once_make_one_person_of_each_row(tmp_path: Path) -> None:
    made = World(stage=lambda clock, secrets: EmbeddedStage(clock, secrets, str(tmp_path / "home.db")))
    rows = "".join(f"+2126120000{n:02},c-{n}\n" for n in range(40))
    raw = f"phone,external_id\n{rows}".encode()
    side_by_side(
        [lambda: made.pipeline.import_contacts(raw, file="f.csv", default_country=None) for _ in range(4)]  # type: ignore[misc]
    )
    people = [p.contact.external_id for shard in range(64) for p in made.ports.book.page(shard).items]
    assert sorted(people) == sorted(f"c-{n}" for n in range(40))
    made.close()
