"""Approval, bound to the plan's hash: by others than its authors, as many as asked, expiring, taken back."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from chalicelib.web.local import call
from tests.contracts.threads import side_by_side
from tests.scenarios.world import DEFINITION, World

HOUR = 3_600_000


class Office:
    """People with a token each, who use one Carillon."""

    def __init__(self, world: World, **roles: str) -> None:
        self.world = world
        self.tokens = {
            name: world.pipeline.create_token(f"{name}-laptop", role=role, owner=name)[0]
            for name, role in roles.items()
        }
        self.status = 0

    def ask(self, who: str, method: str, path: str, body: Any = None, language: str = "en") -> Any:
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {self.tokens[who]}",
            "accept-language": language,
        }
        self.status, _, raw = call(method, path, "", headers, json.dumps(body or {}).encode())
        return json.loads(raw)

    def writes(self, who: str, **changes: Any) -> None:
        """Upload the test campaign."""
        definition = {k: v for k, v in {**DEFINITION, **changes}.items() if v is not None}
        self.ask(who, "POST", "/api/campaigns", {"source": json.dumps(definition), "author": "somebody else"})
        assert self.status == 200

    def plans(self, who: str) -> Any:
        """Plan it, to the seal."""
        started = self.ask(who, "POST", "/api/campaigns/test-campaign/plans")
        self.world.run_for(seconds=2)
        return self.ask(who, "GET", f"/api/plans/{started['plan']}")

    def says(self, who: str, plan_hash: str, **body: Any) -> Any:
        """Approve, or send back."""
        return self.ask(who, "POST", f"/api/plans/{plan_hash}/approve", body)

    def launches(self, who: str, plan_hash: str, language: str = "en") -> Any:
        """Launch."""
        return self.ask(who, "POST", f"/api/plans/{plan_hash}/launch", language=language)


@pytest.fixture
def office(world: World) -> Office:
    world.people(2)
    roles = {"zoe": "approver", "badr": "marketer", "amina": "approver", "carl": "approver"}
    return Office(world, **roles)


def codes(answer: Any) -> list[str]:
    return [problem["code"] for problem in answer["problems"]]


def planned(office: Office, *, approvers: int = 1, author: str = "zoe", planner: str = "badr") -> str:
    office.writes(author, approval={"approvers": approvers})
    return str(office.plans(planner)["hash"])


def test_launch_refuses_until_somebody_else_has_approved(office: Office) -> None:
    plan = planned(office)
    refused = office.launches("badr", plan)
    assert (office.status, codes(refused)) == (409, ["approval_missing"])
    assert refused["problems"][0]["params"] == {"missing": "1", "needed": "1", "hash": plan}
    agreed = office.says("amina", plan, comment="go")
    assert (office.status, agreed["approval"]["missing"]) == (200, 0)
    launched = office.launches("badr", plan)
    assert (office.status, launched["already"]) == (200, False)
    assert office.launches("badr", plan)["already"] is True


@pytest.mark.long
def test_nobody_approves_what_they_wrote_or_planned_nor_without_the_role(office: Office) -> None:
    plan = planned(office, planner="carl")
    for who in ("zoe", "carl"):
        assert codes(office.says(who, plan)) == ["approval_own"]
        assert codes(office.says(who, plan, reject=True, comment="no")) == ["approval_own"]
        assert office.status == 409
    assert codes(office.says("badr", plan)) == ["role_needed"]
    assert office.status == 403
    assert codes(office.launches("badr", plan)) == ["approval_missing"]


@pytest.mark.long
def test_who_asks_is_who_has_the_token_whatever_the_body_says(office: Office) -> None:
    plan = planned(office)
    claims = {"who": "amina", "author": "amina", "actor": "amina", "name": "amina"}
    assert codes(office.ask("zoe", "POST", f"/api/plans/{plan}/approve", claims)) == ["approval_own"]


@pytest.mark.long
def test_where_two_are_asked_for_one_who_says_it_twice_is_one(office: Office) -> None:
    plan = planned(office, approvers=2)
    office.says("amina", plan)
    again = office.says("amina", plan)
    assert (again["approval"]["given"], again["approval"]["missing"]) == (1, 1)
    refused = office.launches("badr", plan)
    assert refused["problems"][0]["params"]["missing"] == "1"
    assert office.says("carl", plan)["approval"]["missing"] == 0
    office.launches("badr", plan)
    assert office.status == 200


def test_two_who_approve_at_once_both_count(office: Office) -> None:
    plan = planned(office, approvers=2)
    together = threading.Barrier(2)

    def approves(who: str) -> Any:
        def work() -> None:
            together.wait()
            Office.says(office, who, plan)

        return work

    side_by_side([approves("amina"), approves("carl")])
    shown = office.ask("badr", "GET", f"/api/plans/{plan}")["approval"]
    assert (sorted(w["who"] for w in shown["words"]), shown["missing"]) == (["amina", "carl"], 0)


@pytest.mark.long
def test_an_approval_expires(office: Office) -> None:
    office.writes("zoe", approval={"approvers": 1, "expires": "2h"}, send_at="2026-12-02 12:00")
    plan = str(office.plans("badr")["hash"])
    office.says("amina", plan)
    office.world.clock.advance(2 * HOUR)
    assert codes(office.launches("badr", plan)) == ["approval_missing"]
    shown = office.ask("badr", "GET", f"/api/plans/{plan}")["approval"]
    assert [(w["who"], w["worth"]) for w in shown["words"]] == [("amina", "expired")]
    office.says("amina", plan)
    office.world.clock.advance(2 * HOUR - 1)
    office.launches("badr", plan)
    assert office.status == 200


@pytest.mark.long
def test_an_approval_of_the_plan_before_does_not_count_for_the_next(office: Office) -> None:
    first = planned(office)
    office.says("amina", first)
    office.writes("zoe", approval={"approvers": 1}, title="Something else")
    second = str(office.plans("badr")["hash"])
    assert second != first
    assert codes(office.launches("badr", second)) == ["approval_missing"]
    assert "plan_stale_definition" in codes(office.launches("badr", first))


@pytest.mark.long
@pytest.mark.parametrize("approvers", [0, 1])
def test_a_plan_that_was_sent_back_is_not_launched_until_whoever_did_approves(
    office: Office, approvers: int
) -> None:
    plan = planned(office, approvers=approvers)
    office.says("carl", plan)
    office.says("amina", plan, reject=True, comment="not before Friday")
    refused = office.launches("badr", plan)
    assert (office.status, codes(refused)) == (409, ["approval_sent_back"])
    assert "not before Friday" in refused["message"]
    office.says("amina", plan, comment="fine now")
    office.launches("badr", plan)
    assert office.status == 200


@pytest.mark.long
def test_a_plan_shows_who_said_what_and_until_when(office: Office) -> None:
    plan = planned(office)
    office.says("amina", plan, comment="go")
    office.world.clock.advance(1)
    office.says("carl", plan, reject=True, comment="wait")
    shown = office.ask("badr", "GET", f"/api/plans/{plan}")
    assert shown["author"] == "badr"
    approval = shown["approval"]
    assert (approval["needed"], approval["given"], approval["missing"]) == (1, 1, 0)
    first, second = approval["words"]
    assert (first["who"], first["comment"], first["worth"]) == ("amina", "go", "counts")
    assert first["until"][:10] == "2026-12-04"
    assert (second["verdict"], second["worth"], second["until"]) == ("sent_back", "sent_back", None)


@pytest.mark.long
def test_nothing_is_asked_for_where_nobody_asks_for_it(office: Office) -> None:
    office.writes("zoe")
    plan = str(office.plans("zoe")["hash"])
    office.launches("zoe", plan)
    assert office.status == 200
    answer = office.says("amina", plan)
    assert codes(answer) == ["approval_launched"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"reject": True}, "approval_comment_needed"),
        ({"reject": True, "comment": "  "}, "approval_comment_needed"),
        ({"comment": "x" * 501}, "approval_comment"),
        ({"comment": "a\x1b[2Jb"}, "approval_comment"),
        ({"comment": 7}, "field_missing"),
        ({"reject": "yes"}, "field_missing"),
    ],
)
def test_a_word_that_makes_no_sense_is_not_kept(office: Office, body: dict[str, Any], code: str) -> None:
    plan = planned(office)
    assert codes(office.says("amina", plan, **body)) == [code]
    assert office.ask("badr", "GET", f"/api/plans/{plan}")["approval"]["words"] == []


@pytest.mark.long
def test_an_unknown_plan_is_not_approved(office: Office) -> None:
    assert codes(office.says("amina", "ab" * 32)) == ["plan_unknown"]
    assert office.status == 404


@pytest.mark.long
def test_what_is_missing_is_said_in_three_languages(office: Office) -> None:
    plan = planned(office, approvers=2)
    said = [office.launches("badr", plan, language)["message"] for language in ("en", "fr", "ar")]
    assert len(set(said)) == 3
    assert all("2" in message and plan in message for message in said)


def test_words_are_in_the_audit_trail(office: Office) -> None:
    plan = planned(office)
    office.says("zoe", plan)
    office.world.clock.advance(1)
    office.says("amina", plan)
    office.world.clock.advance(1)
    office.says("carl", plan, reject=True, comment="no")
    acts = [e for e in office.world.ports.audit.page().items if e.act == "plan.approve"]
    assert [(e.who, e.token, e.on, e.outcome) for e in acts] == [
        ("carl", "carl-laptop", plan, "sent_back"),
        ("amina", "amina-laptop", plan, "approved"),
        ("zoe", "zoe-laptop", plan, "approval_own"),
    ]
