"""API tokens: made, shown once, kept as a hash, revoked."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.settings import aws_settings
from chalicelib.web.front_door import FILES
from chalicelib.web.local import call
from tests.scenarios.world import World


@pytest.fixture
def guarded(world: World) -> World:
    """A home that others reach."""
    world.settings = replace(world.settings, needs_token=True)
    world.open_worker()
    return world


def ask(method: str, path: str, token: str = "", body: Any = None, scheme: str = "Bearer") -> tuple[int, Any]:
    kind = "text/csv" if path in FILES else "application/json"
    headers = {"content-type": kind}
    if token:
        headers["authorization"] = f"{scheme} {token}"
    status, _, raw = call(method, path, "", headers, json.dumps(body or {}).encode())
    return status, json.loads(raw)


def made(world: World, name: str = "shop") -> str:
    return world.pipeline.create_token(name)[0]


def test_a_token_opens_the_api_until_it_is_revoked(guarded: World) -> None:
    token, other = made(guarded), made(guarded, "till")
    assert ask("GET", "/api/broadcasts")[0] == 401
    assert ask("GET", "/api/broadcasts", token)[0] == 200
    assert ask("GET", "/api/broadcasts", token, scheme="bearer")[0] == 200
    status, revoked = ask("POST", "/api/tokens/1/revoke", other)
    assert (status, revoked["name"], revoked["revoked_at"]) == (200, "shop", "2026-12-01T08:00:00Z")
    assert ask("GET", "/api/broadcasts", token)[0] == 401
    assert ask("GET", "/api/broadcasts", other)[0] == 200
    guarded.clock.advance(60_000)
    assert ask("POST", "/api/tokens/1/revoke", other)[1] == revoked


def test_a_wrong_token_opens_nothing(guarded: World) -> None:
    token, other = made(guarded), made(guarded, "till")
    secret, others = token.split("_")[2], other.split("_")[2]
    wrong = [
        f"carillon_1_{others}",
        f"carillon_2_{secret}",
        f"carillon_3_{secret}",
        f"carillon_0_{secret}",
        f"carillon_-1_{secret}",
        f"carillon_٣_{secret}",
        f"carillon_01_{secret[:-1]}",
        f"carillon_1_{secret[:-1]}",
        f"carillon_1_{secret}0",
        "carillon_1_",
        f"carillon__{secret}",
        f"carillon_{'9' * 5000}_{secret}",
        f"other_1_{secret}",
        secret,
        "carillon_1_" + json.loads(guarded.ports.objects.get("keys/tokens/1.json") or b"{}")["hash"],
    ]
    assert {ask("GET", "/api/broadcasts", text.encode().decode("latin-1"))[0] for text in wrong} == {401}


def test_every_route_but_health_and_the_webhook_asks_for_one(guarded: World) -> None:
    from app import app

    answers = {
        (method, path): ask(method, path.replace("{", "").replace("}", ""))[0]
        for path, methods in app.routes.items()
        for method in methods
    }
    assert {place for place, status in answers.items() if status != 401} == {("GET", "/health")}


def test_what_is_kept_and_listed_holds_no_secret(guarded: World) -> None:
    token = made(guarded)
    _, listed = ask("GET", "/api/tokens", token)
    assert listed == {
        "tokens": [{"token": 1, "name": "shop", "created_at": "2026-12-01T08:00:00Z", "revoked_at": None}]
    }
    kept = guarded.ports.objects.get("keys/tokens/1.json") or b""
    assert token.split("_")[2].encode() not in kept


def test_the_token_of_the_environment_opens_too(world: World) -> None:
    world.settings = replace(world.settings, token="from-outside")
    world.open_worker()
    assert ask("GET", "/api/broadcasts")[0] == 401
    assert ask("GET", "/api/broadcasts", "from-outside")[0] == 200
    assert ask("GET", "/api/broadcasts", made(world))[0] == 200


def test_on_aws_the_api_never_opens_without_one() -> None:
    assert aws_settings({}).needs_token


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\nb", 7])
def test_a_token_has_a_name(world: World, name: Any) -> None:
    status, _ = ask("POST", "/api/tokens", body={"name": name})
    assert status in (409, 422)
    assert world.pipeline.tokens() == []


def test_an_unknown_token_is_not_revoked(world: World) -> None:
    for number in ("1", "x", "-1", "9" * 30):
        assert ask("POST", f"/api/tokens/{number}/revoke")[0] == 404


def test_numbers_are_never_given_again(world: World) -> None:
    made(world)
    world.pipeline.revoke_token("1")
    assert made(world, "next").startswith("carillon_2_")
