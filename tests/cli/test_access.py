"""Who may use the API, who approved what and what was done, as the command asks and shows it."""

from __future__ import annotations

import json

import pytest

from tests.cli.fake_api import SEALED, FakeApi

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


AGREED = {"needed": 2, "given": 1, "missing": 1, "not_author": True}
WORD = {
    "who": "badr",
    "at": "2026-12-01T08:00:00Z",
    "verdict": "approved",
    "comment": "go",
    "worth": "counts",
}


def answered(verdict: str = "approved", **approval: object) -> dict[str, object]:
    return {"hash": "abc", "verdict": verdict, "approval": {**AGREED, "words": [WORD], **approval}}


def test_approving_says_how_many_are_still_missing(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will("POST /api/plans/abc/approve", answered())
    assert api.carillon("approve", "abc", "--comment", "go") == 0
    assert api.requests[0][3] == {"comment": "go", "reject": False}
    out = capsys.readouterr().out
    for words in ("1 of 2", "approvals: 1/2", "badr"):
        assert words in out
    assert "launch" not in out


def test_approving_as_the_last_one_says_what_to_run_next(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will("POST /api/plans/abc/approve", answered(given=2, missing=0))
    assert api.carillon("approve", "abc") == 0
    assert "next: carillon launch abc" in capsys.readouterr().out


def test_where_somebody_else_sent_it_back_nothing_is_to_be_launched(
    capsys: pytest.CaptureFixture[str],
) -> None:
    back = {**WORD, "who": "carl", "verdict": "sent_back", "worth": "sent_back", "comment": "wait"}
    api = FakeApi().will("POST /api/plans/abc/approve", answered(given=2, missing=0, words=[WORD, back]))
    assert api.carillon("approve", "abc") == 0
    out = capsys.readouterr().out
    assert "sent back" in out
    assert "launch" not in out


def test_a_plan_is_sent_back_with_a_comment(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will("POST /api/plans/abc/approve", answered("sent_back"))
    assert api.carillon("approve", "abc", "--reject", "--comment", "not on Friday", "--json") == 0
    assert api.requests[0][3] == {"comment": "not on Friday", "reject": True}
    assert json.loads(capsys.readouterr().out)["verdict"] == "sent_back"


def test_a_launch_that_lacks_approvals_says_what_to_run_next(capsys: pytest.CaptureFixture[str]) -> None:
    problem = {"code": "approval_missing", "text": "approvals missing: 1 of 2"}
    refused = {"code": "refused", "message": "no", "problems": [problem]}
    assert FakeApi().will("POST /api/plans/abc/launch", refused, status=409).carillon("launch", "abc") == 1
    assert "next: carillon approve abc" in capsys.readouterr().err


def test_the_status_of_a_hash_is_the_plans_with_who_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    plan_hash = "ab" * 32
    shown = {**SEALED, "approval": {**AGREED, "words": [WORD]}}
    assert FakeApi().will(f"GET /api/plans/{plan_hash}", shown).carillon("status", plan_hash) == 0
    out = capsys.readouterr().out
    for words in ("plan abc123", "approvals: 1/2", "badr  approved  2026-12-01 08:00:00 UTC  go"):
        assert words in out
    expired = {"plan": "p1", "state": "expired", "problems": []}
    assert FakeApi().will(f"GET /api/plans/{plan_hash}", expired).carillon("status", plan_hash) == 0
    assert "expired" in capsys.readouterr().out
