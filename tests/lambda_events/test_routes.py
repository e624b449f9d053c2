"""The control plane behind API Gateway's REST API."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

import app
from tests.lambda_events.account import Account, BrokenQueues, invoke, rewired
from tests.lambda_events.shapes import rest_request
from tests.scenarios.world import DEFINITION, World

CSV = "phone,external_id,first_name,language,country,consent_whatsapp_promotions\n"
ROW = "+212612000000,ma0,Zoé,fr,MA,2026-06-01\n"
TOKEN = "a-long-secret"


def ask(method: str, resource: str, body: Any = None, **more: Any) -> tuple[int, Any]:
    """Send a request; returns the status and what the JSON says."""
    sent = body if isinstance(body, str | bytes | None) else json.dumps(body)
    answer = invoke(app.app, rest_request(method, resource, sent, **more))
    return answer["statusCode"], json.loads(answer["body"])


def uploading(**changes: Any) -> dict[str, str]:
    """Return the body of an upload."""
    return {"source": json.dumps({**DEFINITION, **changes}), "file": "été.yaml", "author": "Zoé"}


def test_health_says_that_we_live(world: World) -> None:
    status, answer = ask("GET", "/health")
    assert (status, answer["status"]) == (200, "ok")


def test_answers_are_json_that_nobody_may_keep(world: World) -> None:
    answer = invoke(app.app, rest_request("GET", "/api/broadcasts"))
    assert answer["headers"]["Content-Type"] == "application/json; charset=utf-8"
    assert answer["headers"]["Cache-Control"] == "no-store"


@pytest.mark.parametrize("encoded", [True, False], ids=["base64", "plain"])
def test_a_json_body_is_read_however_it_travels(world: World, encoded: bool) -> None:
    body = json.dumps(uploading(title="Soldes d'été"), ensure_ascii=False)
    status, answer = ask("POST", "/api/campaigns", body.encode() if encoded else body)
    assert (status, answer["campaign"], answer["version"]) == (200, "test-campaign", 1)


@pytest.mark.parametrize("encoded", [True, False], ids=["base64", "plain"])
def test_a_contacts_file_is_the_raw_body(world: World, encoded: bool) -> None:
    status, answer = ask(
        "POST",
        "/api/contacts/imports",
        (CSV + ROW).encode() if encoded else CSV + ROW,
        query={"file": "mes contacts.csv", "default_country": "MA"},
        headers={"Content-Type": "text/csv; charset=utf-8"},
    )
    assert (status, answer["created"]) == (200, 1)
    assert ask("GET", "/api/contacts/{contact}", path={"contact": "ma0"})[1]["first_name"] == "Zoé"


@pytest.mark.parametrize("name", ["+212612000000", "%2B212612000000", "ma0"])
def test_a_path_parameter_may_come_encoded_or_not(world: World, name: str) -> None:
    world.people(1)
    status, answer = ask("GET", "/api/contacts/{contact}", path={"contact": name})
    assert (status, answer["external_id"]) == (200, "ma0")


def test_a_whole_campaign_goes_through_the_routes(account: Account) -> None:
    account.world.people(3)
    broadcast = account.sent("test-campaign")
    path = {"broadcast": broadcast}
    assert ask("GET", "/api/broadcasts/{broadcast}", path=path)[1]["state"] == "running"
    assert ask("GET", "/api/broadcasts/{broadcast}/report", path=path)[1]["accepted"] == 3
    explain = ask("GET", "/api/broadcasts/{broadcast}/people/{contact}", path={**path, "contact": "ma0"})
    assert explain[0] == 200
    paused = ask("POST", "/api/broadcasts/{broadcast}/pause", path=path)
    assert (paused[0], paused[1]["state"]) == (200, "paused")


def test_every_problem_of_a_file_is_answered_in_the_language_that_was_asked_for(world: World) -> None:
    body = uploading(category="spam", send_at="tomorrow")
    status, answer = ask("POST", "/api/campaigns", body, headers={"Accept-Language": "fr-MA,fr;q=0.9"})
    assert (status, answer["code"]) == (422, "invalid_definition")
    assert {problem["path"] for problem in answer["problems"]} == {"category", "send_at"}
    french = [problem["text"] for problem in answer["problems"]]
    english = [problem["text"] for problem in ask("POST", "/api/campaigns", body)[1]["problems"]]
    assert not set(french) & set(english)


@pytest.mark.parametrize(
    ("method", "resource", "path", "status", "code"),
    [
        ("GET", "/api/plans/{plan}", {"plan": "nothing"}, 404, "not_found"),
        ("POST", "/api/plans/{plan}/launch", {"plan": "nothing"}, 404, "not_found"),
        ("GET", "/api/broadcasts/{broadcast}", {"broadcast": "nothing.1"}, 404, "not_found"),
        ("GET", "/api/contacts/{contact}", {"contact": "nobody"}, 404, "not_found"),
        ("POST", "/api/campaigns", {}, 409, "refused"),
    ],
)
def test_what_cannot_be_done_is_an_error_with_a_code(
    world: World, method: str, resource: str, path: dict[str, str], status: int, code: str
) -> None:
    found, answer = ask(method, resource, path=path)
    assert (found, answer["code"]) == (status, code)
    assert answer["message"] == answer["problems"][0]["text"]


@pytest.mark.parametrize("body", ["{", "[]", '"text"', b"\xff\xfe\x00"])
def test_a_body_that_is_no_json_object_is_refused(world: World, body: str | bytes) -> None:
    status, answer = ask("POST", "/api/campaigns", body)
    assert (status, answer["problems"][0]["code"]) == (409, "body_not_json")


def test_a_home_out_of_reach_is_said_as_such(world: World) -> None:
    world.people(1)
    world.upload()
    rewired(world, queues=BrokenQueues())
    status, answer = ask("POST", "/api/campaigns/{campaign}/plans", {}, path={"campaign": "test-campaign"})
    assert (status, answer["code"]) == (503, "home_unavailable")


@pytest.mark.parametrize("given", [None, "", "Bearer guess", "Bearer é", "Basic YTpi"])
def test_without_the_right_token_nothing_is_done(world: World, given: str | None) -> None:
    rewired(world, settings=replace(world.settings, token=TOKEN))
    headers = {} if given is None else {"Authorization": given}
    status, answer = ask("POST", "/api/campaigns", uploading(), headers=headers)
    assert (status, answer["problems"][0]["code"]) == (401, "token_wrong")
    assert world.ports.campaigns.latest("test-campaign") is None


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_the_right_token_opens_whatever_the_case_of_its_header(world: World, name: str) -> None:
    rewired(world, settings=replace(world.settings, token=TOKEN))
    assert ask("GET", "/api/broadcasts", headers={name: f"Bearer {TOKEN}"})[0] == 200


def test_every_route_but_health_asks_for_the_token(world: World) -> None:
    rewired(world, settings=replace(world.settings, token=TOKEN))
    for resource, views in app.app.routes.items():
        for method, view in views.items():
            path = dict.fromkeys(view.view_args, "x")
            status, _ = ask(method, resource, path=path, headers={"Content-Type": view.content_types[0]})
            assert status == (200 if resource == "/health" else 401), resource


def test_a_method_that_a_route_does_not_have_is_refused_by_name(world: World) -> None:
    answer = invoke(app.app, rest_request("DELETE", "/api/broadcasts"))
    assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, "GET")


def test_a_json_route_takes_no_form(world: World) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ask("POST", "/api/campaigns", "source=x", headers=headers)[0] == 415


def test_a_route_that_only_the_gateway_knows_is_refused(world: World) -> None:
    status, answer = ask("GET", "/api/of-yesterday")
    app.app.routes.pop("/api/of-yesterday")  # Chalice makes an empty route of whatever it is asked for
    assert (status, answer["Code"]) == (405, "MethodNotAllowedError")
