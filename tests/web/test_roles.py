"""Which role may do what, route by route; what a token's scope opens; who needs a second factor."""

from __future__ import annotations

import json
import os
import pwd
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import app
from chalicelib.authoring.actor import Actor, ActorKind, Area, Role
from chalicelib.errors import CarillonError, Forbidden, InvalidSettings, Unauthorized
from chalicelib.settings import aws_settings, embedded_settings
from chalicelib.web.front_door import FILES
from chalicelib.web.identity import actor_of_claims, claims_of
from chalicelib.web.local import call
from chalicelib.web.roles import ACTS, Act, act_of, refusal
from tests.scenarios.world import World

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
ROUTES = {(method, path) for path, methods in app.routes.items() for method in methods}
OPEN = {("GET", "/health")}

LEAST: dict[Role, set[str]] = {
    Role.VIEWER: {
        *("campaign.validate", "campaign.test", "plan.read", "templates.read", "template.read"),
        *("broadcasts.read", "broadcast.read", "report.read", "person.explain", "send.read"),
        *("stops.read", "queues.read", "home.read", "rules.read"),
    },
    Role.MARKETER: {
        *("event.record", "contact.state", "contact.read", "contacts.profile", "contacts.import"),
        *(
            "import.read",
            "contacts.undo",
            "campaign.upload",
            "campaign.plan",
            "plan.launch",
            "templates.sync",
        ),
        *("broadcast.pause", "broadcast.resume", "broadcast.cancel", "broadcast.verify"),
        *("send.ask", "send.test"),
    },
    Role.APPROVER: {"plan.approve"},
    Role.ADMIN: {
        *("contact.erase", "contacts.export", "stop.lift"),
        *("dead_letters.read", "dead_letters.replay", "home.hold", "home.release"),
        *("tokens.read", "audit.read", "token.create", "token.revoke", "rules.bring"),
        "rules.push",
    },
}
"""Each act under the least role that may do it."""


def test_every_route_is_in_the_table_and_no_other() -> None:
    assert set(ACTS) == ROUTES - OPEN


def test_each_act_has_the_least_role_it_needs() -> None:
    found: dict[Role, set[str]] = {role: set() for role in Role}
    for act in ACTS.values():
        found[act.role].add(act.name)
    assert found == LEAST
    assert len({act.name for act in ACTS.values()}) == len(ACTS)


def test_whatever_changes_something_is_kept_for_the_audit_trail_but_what_systems_tell_all_day() -> None:
    changes = {act.name for (method, _), act in ACTS.items() if method != "GET" and not act.kept}
    nothing_changes = {"campaign.validate", "campaign.test", "contacts.profile"}
    assert changes - nothing_changes == {"event.record", "contact.state", "send.ask"}
    assert {act.name for (method, _), act in ACTS.items() if method == "GET" and act.kept} == {
        "contacts.export"
    }


def test_a_route_that_the_table_forgot_is_the_admins() -> None:
    act = act_of("POST", "/api/forgotten")
    assert (act.role, act.kept) == (Role.ADMIN, True)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    made.settings = replace(made.settings, needs_token=True)
    made.open_worker()
    yield made
    made.close()


def ask(method: str, route: str, token: str, language: str = "en") -> tuple[int, Any]:
    path = route.replace("{", "").replace("}", "")
    headers = {
        "content-type": "text/csv" if path in FILES else "application/json",
        "authorization": f"Bearer {token}",
        "accept-language": language,
    }
    status, _, raw = call(method, path, "", headers, b"{}")
    return status, json.loads(raw)


def test_each_role_opens_the_routes_it_reaches_and_is_told_which_it_lacks(world: World) -> None:
    tokens = {role: world.pipeline.create_token(role.value, role=role.value)[0] for role in Role}
    for (method, route), act in ACTS.items():
        for role, token in tokens.items():
            status, answer = ask(method, route, token)
            assert ((method, route, role), status == 403) == (
                (method, route, role),
                not role.reaches(act.role),
            )
            if status == 403:
                (problem,) = answer["problems"]
                assert problem["code"] == "role_needed"
                assert problem["params"] == {"act": act.name, "needed": act.role.value, "role": role.value}


def test_a_refusal_is_in_the_readers_language_and_names_the_role(world: World) -> None:
    token = world.pipeline.create_token("reader", role="viewer")[0]
    said = {tag: ask("GET", "/api/tokens", token, tag)[1]["message"] for tag in ("en", "fr", "ar")}
    assert len(set(said.values())) == 3
    assert all("admin" in message and "viewer" in message for message in said.values())


@pytest.mark.parametrize("area", list(Area))
def test_a_scope_opens_its_areas_alone(area: Area) -> None:
    actor = Actor(name="shop", role=Role.ADMIN, kind=ActorKind.TOKEN, scope=frozenset({area}))
    opened = {act.area for act in ACTS.values() if refusal(actor, act) is None}
    assert opened == {area}


LAUNCH = act_of("POST", "/api/plans/{plan}/launch")


@pytest.mark.parametrize(
    ("kind", "has_mfa", "code"),
    [
        (ActorKind.PERSON, False, "mfa_needed"),
        (ActorKind.PERSON, True, None),
        (ActorKind.TOKEN, False, None),
        (ActorKind.LOCAL, False, None),
    ],
)
def test_a_person_launches_with_a_second_factor(kind: ActorKind, has_mfa: bool, code: str | None) -> None:
    actor = Actor(name="amina", role=Role.ADMIN, kind=kind, has_mfa=has_mfa)
    problem = refusal(actor, LAUNCH)
    assert (problem and problem.code) == code
    assert refusal(actor, Act(name="x", role=Role.VIEWER, area=Area.HOME)) is None


CLAIMS: list[tuple[dict[str, Any], tuple[str, Role, bool] | type[CarillonError]]] = [
    ({"cognito:username": "amina", "cognito:groups": "approver"}, ("amina", Role.APPROVER, False)),
    ({"username": "amina", "cognito:groups": ["viewer", "marketer"]}, ("amina", Role.MARKETER, False)),
    ({"sub": "42", "cognito:groups": "marketer,carillon-admin"}, ("42", Role.ADMIN, False)),
    ({"sub": "42", "cognito:groups": "[viewer staff]", "amr": "[pwd mfa]"}, ("42", Role.VIEWER, True)),
    ({"sub": "42", "cognito:groups": "viewer", "amr": ["pwd", "mfa"]}, ("42", Role.VIEWER, True)),
    ({"sub": "42", "cognito:groups": "viewer", "amr": "mfa_not"}, ("42", Role.VIEWER, False)),
    ({"sub": "42", "cognito:groups": "administrators"}, Forbidden),
    ({"sub": "42"}, Forbidden),
    ({"email": "amina@shop.example", "cognito:groups": "admin"}, Unauthorized),
    ({"sub": " ", "cognito:groups": "admin"}, Unauthorized),
    ({"sub": "a\x1b[2Jb", "cognito:groups": "admin"}, Unauthorized),
    ({"sub": "x" * 129, "cognito:groups": "admin"}, Unauthorized),
]


@pytest.mark.parametrize(("claims", "expected"), CLAIMS)
def test_an_identity_providers_claims_say_who_it_is(
    claims: dict[str, Any], expected: tuple[str, Role, bool] | type[CarillonError]
) -> None:
    if isinstance(expected, tuple):
        actor = actor_of_claims(claims)
        assert (actor.name, actor.role, actor.has_mfa) == expected
        assert actor.kind is ActorKind.PERSON
    else:
        with pytest.raises(expected):
            actor_of_claims(claims)


def test_where_the_provider_enforces_a_second_factor_its_claims_need_not_say_so() -> None:
    claims = {"sub": "42", "cognito:groups": "marketer", "amr": "pwd"}
    assert not actor_of_claims(claims).has_mfa
    assert actor_of_claims(claims, mfa_enforced=True).has_mfa
    assert aws_settings({"CARILLON_MFA": "enforced"}).mfa_enforced
    assert not aws_settings({}).mfa_enforced
    with pytest.raises(InvalidSettings):
        aws_settings({"CARILLON_MFA": "no"})


def test_claims_lie_where_api_gateway_puts_them() -> None:
    claims = {"sub": "42"}
    assert claims_of({"authorizer": {"claims": claims}}) == claims
    assert claims_of({"authorizer": {"jwt": {"claims": claims}}}) == claims
    assert claims_of({"authorizer": None}) is claims_of({}) is claims_of({"authorizer": {"x": 1}}) is None


def test_what_an_authorizer_has_checked_counts_before_any_token(world: World) -> None:
    admin = world.pipeline.create_token("root")[0]
    headers = {"content-type": "application/json", "authorization": f"Bearer {admin}"}
    viewer: Any = {"claims": {"sub": "42", "cognito:groups": "viewer"}}
    assert call("GET", "/api/tokens", "", headers, b"", viewer)[0] == 403
    assert call("GET", "/api/queues", "", {}, b"", viewer)[0] == 200
    assert call("GET", "/api/queues", "", {}, b"", {"carillon": "local"})[0] == 401


def test_a_person_without_a_second_factor_launches_where_the_provider_enforces_one(world: World) -> None:
    marketer: Any = {"claims": {"sub": "42", "cognito:groups": "marketer"}}
    place: Any = ("POST", "/api/plans/" + "ab" * 32 + "/launch", "", {}, b"{}", marketer)
    assert call(*place)[0] == 403
    world.pipeline.home = replace(world.home, settings=replace(world.settings, mfa_enforced=True))
    assert call(*place)[0] == 404
    world.pipeline.home = world.home


def test_the_page_has_every_act_with_its_role_its_area_and_whether_it_is_kept() -> None:
    rows = re.findall(
        r"^\| `(\S+) (\S+)` \| `(\S+)` \| (\w+) \| (\w+) \| (yes|) ?\|$", PAGE.read_text("utf-8"), re.M
    )
    expected = {
        (*place, act.name, act.role.value, act.area.value, "yes" if act.kept else "")
        for place, act in ACTS.items()
    }
    assert set(rows) == expected


def test_whoever_sits_at_the_home_is_known_by_a_variable_or_by_the_system() -> None:
    assert embedded_settings({"CARILLON_USER": " Amina "}).local_name == "Amina"
    assert embedded_settings({}).local_name == pwd.getpwuid(os.getuid()).pw_name
    for name in ("x" * 65, "a\x1b[2Jb"):
        with pytest.raises(InvalidSettings):
            embedded_settings({"CARILLON_USER": name})
