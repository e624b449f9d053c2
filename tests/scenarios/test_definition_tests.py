"""The tests in a definition: run by validate, upload and their own route; a failing one blocks the plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios.world import DEFINITION, World

AMINA = {
    "id": "t1",
    "phone": "+212612345678",
    "first_name": "Amina",
    "language": "fr",
    "country": "MA",
    "consent": {"whatsapp": {"promotions": "2026-06-01"}},
}
AT_NINE = {"outcome": "planned", "at": "2026-12-01T09:00:00Z", "language": "fr", "text_contains": "Amina"}


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def source(*tests: dict[str, Any], **changes: Any) -> str:
    return json.dumps({**DEFINITION, **changes, "tests": list(tests)})


def outcome(world: World, *tests: dict[str, Any], **changes: Any) -> Any:
    body = {"source": source(*tests, **changes), "file": "test.json"}
    return world.api("POST", "/api/campaigns/tests", body)


def test_a_test_that_holds_passes(world: World) -> None:
    told = outcome(world, {"name": "Amina at nine", "contact": AMINA, "expect": AT_NINE})
    assert told == {
        "tests": [{"name": "Amina at nine", "passed": True, "outcome": "planned", "differences": []}],
        "passed": True,
    }


@pytest.mark.parametrize(
    ("contact", "expect"),
    [
        ({"consent": {"whatsapp": {}}}, {"outcome": "excluded", "reason": "consent.missing"}),
        ({"consent": {"sms": {"promotions": "2026-06-01"}}}, {"outcome": "excluded"}),
        ({"country": "FR", "phone": "+33612345678"}, {"outcome": "not_in_segment"}),
        ({"phone": None}, {"outcome": "excluded", "reason": "invalid_address"}),
        ({"timezone": "Europe/Paris"}, {"outcome": "planned", "at": "2026-12-01T08:00:00Z"}),
        ({"first_name": None}, {"outcome": "planned", "text_contains": "cher client"}),
    ],
)
def test_every_outcome_of_planning_can_be_expected(
    world: World, contact: dict[str, Any], expect: dict[str, Any]
) -> None:
    person = {k: v for k, v in {**AMINA, **contact}.items() if v is not None}
    told = outcome(world, {"contact": person, "expect": expect})
    assert told["passed"], told


@pytest.mark.parametrize(
    ("expect", "what", "found"),
    [
        ({"outcome": "excluded"}, "outcome", "planned"),
        ({"at": "2026-12-01T10:00:00Z"}, "at", "2026-12-01T09:00:00Z"),
        ({"language": "ar"}, "language", "fr"),
    ],
)
def test_a_failing_test_says_what_was_expected_and_found(
    world: World, expect: dict[str, Any], what: str, found: str
) -> None:
    (told,) = outcome(world, {"contact": AMINA, "expect": {**AT_NINE, **expect}})["tests"]
    assert not told["passed"]
    assert (told["differences"][0]["what"], told["differences"][0]["found"]) == (what, found)


def test_a_failing_test_blocks_upload_and_validate_at_its_line(world: World) -> None:
    text = source({"name": "wrong", "contact": AMINA, "expect": {"outcome": "excluded"}})
    for path in ("/api/campaigns", "/api/campaigns/validate"):
        answer = world.api("POST", path, {"source": text, "file": "test.json"})
        assert world.status == 422
        (problem,) = answer["problems"]
        assert (problem["code"], problem["params"]["name"]) == ("test_failed", "wrong")
    assert world.ports.campaigns.latest("test-campaign") is None


def test_only_the_named_templates_exist_in_a_test(world: World) -> None:
    arabic = {**AMINA, "language": "ar"}
    expect = {"outcome": "planned", "language": "fr"}
    told = outcome(world, {"contact": arabic, "with": {"templates": ["fr"]}, "expect": expect})
    assert told["passed"], told


def test_a_test_may_be_planned_at_its_own_instant(world: World) -> None:
    old = {**AMINA, "consent": {"whatsapp": {"promotions": "2024-01-01"}}}
    told = outcome(
        world,
        {"contact": old, "now": "2026-11-30T06:00:00Z", "expect": {"outcome": "excluded"}},
        consent={"max_age": "24mo"},
    )
    assert told["passed"], told


def test_tests_do_not_change_what_a_definition_means(world: World) -> None:
    first = world.api("POST", "/api/campaigns", {"source": source(), "file": "a"})
    case = {"contact": AMINA, "expect": AT_NINE}
    again = world.api("POST", "/api/campaigns", {"source": source(case), "file": "a"})
    assert (again["unchanged"], again["hash"]) == (True, first["hash"])


@pytest.mark.parametrize(
    ("test", "code"),
    [
        ({"expect": AT_NINE}, "key_required"),
        ({"contact": AMINA}, "key_required"),
        ({"contact": {**AMINA, "phone": "12"}, "expect": AT_NINE}, "test_phone"),
        ({"contact": AMINA, "now": "soon", "expect": AT_NINE}, "test_instant"),
        ({"contact": AMINA, "expect": {"outcome": "sent"}}, "not_a_choice"),
        ({"contact": {**AMINA, "colour": "red"}, "expect": AT_NINE}, "key_unknown"),
    ],
)
def test_a_test_that_is_none_is_refused(world: World, test: dict[str, Any], code: str) -> None:
    answer = outcome(world, test)
    assert world.status == 422
    assert code in [problem["code"] for problem in answer["problems"]]
