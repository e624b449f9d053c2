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


def test_a_token_of_a_newer_version_opens_an_older_one_too(guarded: World) -> None:
    token = made(guarded)
    objects = guarded.home.ports.objects
    kept = json.loads(objects.get("keys/tokens/1.json") or b"")
    objects.put("keys/tokens/1.json", json.dumps({**kept, "colour": "blue"}).encode())
    assert ask("GET", "/api/broadcasts", token)[0] == 200


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
    shown = {"token": 1, "name": "shop", "owner": "", "role": "admin", "scope": []}
    times = {"created_at": "2026-12-01T08:00:00Z", "expires_at": None, "revoked_at": None}
    assert listed == {"tokens": [shown | times]}
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


def test_a_token_made_before_there_were_roles_is_an_admins(guarded: World) -> None:
    token = made(guarded)
    kept = json.loads(guarded.ports.objects.get("keys/tokens/1.json") or b"{}")
    old = {name: kept[name] for name in ("number", "name", "hash", "created_at", "revoked_at")}
    guarded.ports.objects.put("keys/tokens/1.json", json.dumps(old).encode())
    status, listed = ask("GET", "/api/tokens", token)
    assert (status, listed["tokens"][0]["role"], listed["tokens"][0]["expires_at"]) == (200, "admin", None)


def test_a_token_has_a_role_an_owner_areas_and_an_end(guarded: World) -> None:
    admin = made(guarded)
    body = {"name": "desk", "role": "viewer", "owner": "amina", "scope": ["broadcasts"], "expires": "90d"}
    status, viewer = ask("POST", "/api/tokens", admin, body)
    assert (status, viewer["role"], viewer["owner"], viewer["scope"]) == (
        200,
        "viewer",
        "amina",
        ["broadcasts"],
    )
    assert viewer["expires_at"] == "2027-03-01T08:00:00Z"
    assert ask("GET", "/api/broadcasts", viewer["secret"])[0] == 200
    assert ask("GET", "/api/queues", viewer["secret"])[0] == 403
    guarded.clock.advance(90 * 86_400_000 - 1)
    assert ask("GET", "/api/broadcasts", viewer["secret"])[0] == 200
    guarded.clock.advance(1)
    status, refused = ask("GET", "/api/broadcasts", viewer["secret"])
    assert (status, refused["problems"][0]["code"]) == (401, "token_expired")
    wrong = viewer["secret"][:-1] + "x"
    assert ask("GET", "/api/broadcasts", wrong)[1]["problems"][0]["code"] == "token_wrong"


@pytest.mark.long
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"role": "owner"}, "token_role"),
        ({"role": ""}, "token_role"),
        ({"owner": "x" * 65}, "token_owner"),
        ({"owner": "a\x1b[2Jb"}, "token_owner"),
        ({"scope": ["contacts", "everything"]}, "token_scope"),
        ({"scope": "contacts"}, "field_missing"),
        ({"expires": "soon"}, "token_expiry"),
        ({"expires": "0d"}, "token_expiry"),
        ({"expires": "3654d"}, "token_expiry"),
        ({"expires": "2026-12-01T08:00:00Z"}, "token_expiry"),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(world: World, fields: dict[str, Any], code: str) -> None:
    status, refused = ask("POST", "/api/tokens", body={"name": "desk", **fields})
    assert (status in (409, 422), [p["code"] for p in refused["problems"]]) == (True, [code])
    assert world.pipeline.tokens() == []


@pytest.mark.long
def test_where_no_token_is_asked_for_one_still_counts_for_what_it_is(world: World) -> None:
    viewer, _ = world.pipeline.create_token("desk", role="viewer")
    assert ask("GET", "/api/tokens")[0] == 200
    assert ask("GET", "/api/tokens", viewer)[0] == 403
    world.pipeline.revoke_token("1")
    assert ask("GET", "/api/broadcasts", viewer)[0] == 401
