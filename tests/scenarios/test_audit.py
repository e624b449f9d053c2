"""The audit trail: every act of the control plane with who, on what, when and how it ended; and no number."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

import app
from chalicelib.authoring.actor import Actor, ActorKind, Role
from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.steps import audit
from chalicelib.tracking.audit import AuditEntry, named
from chalicelib.web.local import call
from chalicelib.web.roles import ACTS
from tests.scenarios.world import World

ANYBODY = Actor(name="amina", role=Role.ADMIN, kind=ActorKind.LOCAL)
HASH = "ab" * 32
PHONE = "+212612000000"


def trail(world: World) -> list[AuditEntry]:
    return list(world.ports.audit.page().items)


def told(world: World) -> list[tuple[str, str, str]]:
    """Return (act, on, outcome), oldest first."""
    return [(e.act, e.on, e.outcome) for e in reversed(trail(world))]


def ask(world: World, method: str, path: str, token: str, body: Any = None) -> int:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    world.status, _, _ = call(method, path, "", headers, json.dumps(body or {}).encode())
    return world.status


def test_what_was_done_is_kept_with_who_did_it_on_what_and_when(world: World) -> None:
    batch = world.people(2)["batch"]
    world.clock.advance(1_000)
    world.upload()
    world.clock.advance(1)
    plan = world.plan()
    world.clock.advance(1)
    world.launch(plan["hash"])
    world.run_for(seconds=1)
    world.api("POST", "/api/broadcasts/test-campaign.1/pause")
    assert told(world) == [
        ("contacts.import", batch, "done"),
        ("campaign.upload", "test-campaign", "done"),
        ("campaign.plan", "test-campaign", "done"),
        ("plan.launch", plan["hash"], "done"),
        ("broadcast.pause", "test-campaign.1", "done"),
    ]
    first, second = trail(world)[:-3:-1]
    assert (first.who, first.kind, first.role, first.token) == ("local", "local", "admin", "")
    assert second.at - first.at == 1_000


@pytest.mark.long
def test_what_was_refused_is_kept_with_why(world: World) -> None:
    token, _ = world.pipeline.create_token("till", role="viewer", owner="amina")
    assert ask(world, "POST", f"/api/plans/{HASH}/launch", token) == 403
    entry = trail(world)[0]
    assert (entry.who, entry.token, entry.role, entry.kind) == ("amina", "till", "viewer", "token")
    assert (entry.act, entry.on, entry.outcome) == ("plan.launch", HASH, "role_needed")
    world.clock.advance(1)
    world.api("POST", "/api/campaigns", {"source": "campaign: x"})
    assert told(world)[-1][0::2] == ("campaign.upload", "key_required")


@pytest.mark.long
def test_reading_and_what_systems_tell_all_day_is_not_kept(world: World) -> None:
    world.people(1)
    before = len(trail(world))
    world.api("GET", "/api/broadcasts")
    world.api("PUT", "/api/contacts/ma0", {"first_name": "Zoé"})
    assert world.status == 200
    world.api("POST", "/api/campaigns/validate", {"source": "campaign: x"})
    assert len(trail(world)) == before


@pytest.mark.long
def test_a_number_is_in_no_entry_whatever_is_asked(world: World) -> None:
    world.people(1)
    for (method, route), act in ACTS.items():
        if act.kept:
            for number in (PHONE, PHONE[1:], "0612000000", "06.12.00.00.00"):
                path = route
                for part in ("contact", "broadcast", "plan", "batch", "token", "campaign"):
                    path = path.replace(f"{{{part}}}", number)
                body = dict.fromkeys(("stop", "name", "contact", "to", "source", "queue"), number)
                world.api(method, path, body, query=f"queue={number}&file={number}.csv")
    kept = json.dumps([(e.act, e.on, e.outcome, e.token) for e in trail(world)])
    assert "612000000" not in kept.replace(".", "")
    assert len(trail(world)) > 60


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("soldes-2027.1", True),
        ("soldes#1", True),
        ("cd" * 32, True),
        ("17", True),
        ("sender:boutique:190", True),
        ("+34612345678", False),
        ("34612345678", False),
        ("06.12.34.56.78", False),
        ("a b", False),
        ("a\nb", False),
        ("x" * 129, False),
        ("", False),
    ],
)
def test_only_names_of_ours_are_kept(value: str, kept: bool) -> None:
    assert named(value) == (value if kept else "")


@pytest.mark.long
def test_what_does_not_exist_is_not_named_since_it_may_be_anything(world: World) -> None:
    world.api("POST", "/api/broadcasts/jean-dupont/pause")
    assert told(world) == [("broadcast.pause", "", "broadcast_unknown")]


@pytest.mark.long
def test_acts_that_tell_the_same_in_one_millisecond_are_all_kept(world: World) -> None:
    for _ in range(3):
        world.api("POST", "/api/home/release")
    assert told(world) == [("home.release", "", "home_not_restored")] * 3


class Unwritable:
    """An audit trail that cannot be written now."""

    def append(self, entry: AuditEntry) -> bool:
        raise HomeUnavailable(Problem(code="aws_unavailable", params={"service": "x", "detail": "x"}))


@pytest.mark.long
def test_an_act_that_cannot_be_kept_is_answered_as_not_done_and_may_be_asked_again(world: World) -> None:
    world.pipeline.home = replace(world.home, ports=replace(world.ports, audit=Unwritable()))
    world.upload()
    assert world.status == 503
    world.pipeline.home = world.home
    again = world.upload()
    assert (world.status, again["version"], again["unchanged"]) == (200, 1, True)
    assert told(world) == [("campaign.upload", "test-campaign", "done")]


def test_the_trail_is_the_admins_to_read_a_page_at_a_time(world: World) -> None:
    for _ in range(101):
        world.clock.advance(1)
        audit.record(world.home, ANYBODY, "home.release")
    page = world.api("GET", "/api/audit")
    assert (len(page["entries"]), page["next"] is None) == (100, False)
    rest = world.api("GET", "/api/audit", query=f"after={page['next']}")
    assert (len(rest["entries"]), rest["next"]) == (1, None)
    assert page["entries"][0] == {
        "at": "2026-12-01T08:00:00.101Z",
        "who": "amina",
        "kind": "local",
        "role": "admin",
        "token": "",
        "act": "home.release",
        "on": "",
        "outcome": "done",
    }
    approver, _ = world.pipeline.create_token("desk", role="approver")
    assert ask(world, "GET", "/api/audit", approver) == 403


@pytest.mark.long
def test_what_comes_by_the_bucket_is_kept_too(world: World) -> None:
    world.ports.objects.put("incoming/campaigns/a.yaml", b"campaign: x\n")
    app.take_in(
        {"detail-type": "Object Created", "detail": {"object": {"key": "incoming/campaigns/a.yaml"}}}, None
    )
    entry = trail(world)[0]
    assert (entry.who, entry.kind, entry.act) == ("incoming", "bucket", "campaign.upload")
    assert entry.outcome not in ("", "done")


def test_entries_go_when_the_policy_says_and_no_sooner(world: World) -> None:
    years = 5 * 365 * 86_400_000
    audit.record(world.home, ANYBODY, "home.release")
    world.clock.advance(1_000)
    audit.record(world.home, ANYBODY, "token.create", on="1")
    world.clock.advance(years - 1_001)
    assert "acts" not in world.pipeline.sweep()
    world.clock.advance(1)
    assert world.pipeline.sweep()["acts"] == 1
    assert told(world) == [("token.create", "1", "done")]
