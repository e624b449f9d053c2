"""Who may use the API, who approved what and what was done, as the command asks and shows it."""

from __future__ import annotations

import json

import pytest

from tests.cli.fake_api import FakeApi

TOKEN = {
    "token": 2,
    "name": "desk",
    "owner": "amina",
    "role": "approver",
    "scope": ["campaigns", "broadcasts"],
    "created_at": "2026-12-01T08:00:00Z",
    "expires_at": "2027-03-01T08:00:00Z",
    "revoked_at": None,
}


def test_a_token_is_made_with_what_it_is_to_open(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will("POST /api/tokens", {**TOKEN, "secret": "carillon_2_ab"})
    argv = ("--role", "approver", "--owner", "amina", "--scope", "campaigns, broadcasts", "--expires", "90d")
    assert api.carillon("token", "create", "desk", *argv) == 0
    assert api.requests[0][3] == {
        "name": "desk",
        "role": "approver",
        "owner": "amina",
        "scope": ["campaigns", "broadcasts"],
        "expires": "90d",
    }
    out = capsys.readouterr().out
    assert "approver" in out
    assert "carillon_2_ab" in out


def test_a_token_is_an_admins_where_nothing_is_said() -> None:
    api = FakeApi().will("POST /api/tokens", {**TOKEN, "secret": "carillon_2_ab"})
    assert api.carillon("token", "create", "desk") == 0
    fields = {"role": "admin", "owner": "", "scope": [], "expires": ""}
    assert api.requests[0][3] == {"name": "desk", **fields}


def test_tokens_are_listed_with_what_they_open_and_until_when(capsys: pytest.CaptureFixture[str]) -> None:
    revoked = {**TOKEN, "token": 3, "revoked_at": "2026-12-02T08:00:00Z"}
    assert FakeApi().will("GET /api/tokens", {"tokens": [TOKEN, revoked]}).carillon("token", "list") == 0
    first, second = capsys.readouterr().out.splitlines()
    for words in ("desk", "amina", "approver", "campaigns,broadcasts", "until 2027-03-01 08:00:00 UTC"):
        assert words in first
    assert "revoked 2026-12-02 08:00:00 UTC" in second


def test_a_refusal_for_a_role_says_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    problem = {"code": "role_needed", "text": "needs the role admin"}
    refused = {"code": "forbidden", "message": "needs the role admin", "problems": [problem]}
    api = FakeApi().will("GET /api/tokens", refused, status=403)
    assert api.carillon("token", "list", "--json") == 1
    assert json.loads(capsys.readouterr().out)["next"] == "carillon token create NAME --role ROLE"


def act(number: int, **changes: str) -> dict[str, str]:
    at = f"2026-12-01T08:00:{number:02d}Z"
    done = {"at": at, "who": "amina", "kind": "token", "role": "approver", "token": "desk"}
    return {**done, "act": "plan.approve", "on": f"plan-{number}", "outcome": "done", **changes}


def test_the_audit_trail_is_shown_newest_first_as_far_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    pages = [{"entries": [act(3), act(2)], "next": "x"}, {"entries": [act(1), act(0)], "next": None}]
    api = FakeApi().will("GET /api/audit", *pages)
    assert api.carillon("audit", "--most", "3") == 0
    assert [query for _, _, query, _ in api.requests] == [{}, {"after": "x"}]
    out = capsys.readouterr().out.splitlines()
    assert out[0].split("  ") == [
        *("2026-12-01 08:00:03 UTC", "amina (desk)", "approver", "plan.approve", "plan-3", "done"),
    ]
    assert len(out) == 4
    assert "--most" in out[3]


def test_an_audit_trail_is_one_document_and_may_be_empty(capsys: pytest.CaptureFixture[str]) -> None:
    pages = {"entries": [act(1, token="", outcome="role_needed")], "next": None}
    assert FakeApi().will("GET /api/audit", pages).carillon("audit", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"entries": pages["entries"], "more": False}
    assert FakeApi().will("GET /api/audit", {"entries": [], "next": None}).carillon("audit") == 0
    assert "nothing was done" in capsys.readouterr().out
