"""Each command: what it asks the API, what it prints, how it exits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fake_api import PROBLEM, REFUSED, REPORT, RUNNING, SEALED, FakeApi


@pytest.fixture
def definition(tmp_path: Path) -> str:
    path = tmp_path / "spring.yaml"
    path.write_text("campaign: spring-news\n", "utf-8")
    return str(path)


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return the one JSON document on stdout; nothing else may be there or on stderr."""
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def planning_api() -> FakeApi:
    return (
        FakeApi()
        .will("POST /api/campaigns", {"campaign": "spring-news", "version": 1, "warnings": []})
        .will("POST /api/campaigns/spring-news/plans", {"plan": "p1"})
        .will("GET /api/plans/p1", {"state": "planning", "tasks": 4, "done": 1}, SEALED)
    )


def test_validate_sends_the_file_and_says_that_it_is_valid(
    definition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    api = FakeApi().will(
        "POST /api/campaigns/validate", {"campaign": "spring-news", "problems": [], "warnings": []}
    )
    assert api.carillon("validate", definition) == 0
    assert api.requests[0][3] == {"source": "campaign: spring-news\n", "file": definition}
    assert capsys.readouterr().out == f"{definition}: valid\n"


def test_problems_are_printed_at_their_place_and_refuse(
    definition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    api = FakeApi().will("POST /api/campaigns/validate", REFUSED, status=422)
    assert api.carillon("validate", definition) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("refused: a.yaml:3:1: unknown key [tpoic]\n")


def test_problems_are_one_document_under_json(definition: str, capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will("POST /api/campaigns/validate", REFUSED, status=422)
    assert api.carillon("validate", definition, "--json") == 1
    refusal = document(capsys)
    assert refusal["code"] == "invalid_definition"
    assert refusal["problems"] == [PROBLEM]


def test_plan_uploads_then_plans_then_waits_until_it_is_sealed(
    definition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    api = planning_api()
    assert api.carillon("plan", definition, "--at", "2027-01-13T06:00:00Z", "--again", "--json") == 0
    assert document(capsys) == SEALED
    assert api.requests[0][3] == {"source": "campaign: spring-news\n", "file": definition}
    assert api.requests[1][3] == {"at": "2027-01-13T06:00:00Z", "again": True}
    assert [path for _, path, _, _ in api.requests[2:]] == ["/api/plans/p1"] * 2


def test_a_plan_on_aws_tells_what_its_region_asks(
    definition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    on_aws = ("plan", definition, "--api", "https://a1.execute-api.eu-west-1.amazonaws.com/v1")
    assert planning_api().carillon(*on_aws) == 0
    assert "AWS in eu-west-1: about $0.01, beside Meta's fee" in capsys.readouterr().out
    assert planning_api().carillon(*on_aws, "--json") == 0
    assert document(capsys)["aws"]["usd"] == 0.01
    assert planning_api().carillon("plan", definition, "--api", "http://127.0.0.1:8000") == 0
    assert "AWS" not in capsys.readouterr().out


def test_plan_prints_the_numbers_for_people(definition: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert planning_api().carillon("plan", definition) == 0
    out = capsys.readouterr().out
    for words in (
        "plan abc123",
        "1 200",
        "consent.missing  150",
        "2027-01-14 08:00:00 UTC  1 000",
        "main zone",
    ):
        assert words in out


def test_a_plan_that_fails_is_refused_with_its_problems(
    definition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = {
        "state": "failed",
        "tasks": 4,
        "done": 4,
        "problems": [{"code": "limit_exceeded", "text": "too many"}],
    }
    api = planning_api().will("GET /api/plans/p1", failed)
    assert api.carillon("plan", definition, "--json") == 1
    assert document(capsys)["problems"][0]["code"] == "limit_exceeded"


def test_launch_waits_until_the_broadcast_is_past_launching(capsys: pytest.CaptureFixture[str]) -> None:
    api = (
        FakeApi()
        .will("POST /api/plans/abc/launch", {"broadcast": "spring-news.1", "already": False})
        .will("GET /api/broadcasts/spring-news.1", {"state": "launching"}, {"state": "running"})
    )
    assert api.carillon("launch", "abc", "--json") == 0
    assert document(capsys) == {"broadcast": "spring-news.1", "already": False, "state": "running"}


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("plan_unknown", "carillon plan FILE"),
        ("plan_stale_age", "carillon plan FILE"),
        ("sender_without_token", "WHATSAPP_TOKEN=... carillon up"),
    ],
)
def test_a_refused_launch_says_what_to_run_next(
    code: str, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = {"code": "refused", "message": "no", "problems": [{"code": code, "text": "no"}]}
    api = FakeApi().will("POST /api/plans/abc/launch", refusal, status=409)
    assert api.carillon("launch", "abc") == 1
    assert capsys.readouterr().err == f"refused: no\nnext: {advice}\n"


def test_status_lists_broadcasts_and_says_when_there_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert FakeApi().will("GET /api/broadcasts", {"broadcasts": []}).carillon("status") == 0
    assert "nothing was launched yet" in capsys.readouterr().out


def test_status_watch_goes_on_until_the_end_and_prints_one_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = {**RUNNING, "state": "completed"}
    api = FakeApi().will("GET /api/broadcasts/spring-news.1", RUNNING, ended)
    assert api.carillon("status", "spring-news.1", "--watch", "--json") == 0
    assert document(capsys) == ended


@pytest.mark.parametrize("order", ["pause", "resume", "cancel"])
def test_orders_name_what_had_been_handed_over(order: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = {"broadcast": "b.1", "state": "paused", "already_handed_over": ["c1", "c2"]}
    assert FakeApi().will(f"POST /api/broadcasts/b.1/{order}", answer).carillon(order, "b.1") == 0
    assert "2 messages had been handed over" in capsys.readouterr().out


def test_report_prints_every_rate_with_its_denominator(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will("GET /api/broadcasts/spring-news.1/report", REPORT)
    assert api.carillon("report", "spring-news.1") == 0
    out = capsys.readouterr().out
    for words in (
        "60.0 %  3 of 5 delivered",
        "131026  1",
        "c42",
        "12.2 s",
        "complete: everybody has an outcome",
    ):
        assert words in out


def test_explain_asks_for_a_phone_number_with_its_plus_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    seen = {
        "person": "c42",
        "outcome": "excluded",
        "reason": "past",
        "instant": None,
        "gates": [
            {"gate": "suppressed", "passed": True, "saw": ""},
            {"gate": "past", "passed": False, "saw": "09:00"},
            {"gate": "no_day", "passed": None, "saw": ""},
        ],
        "events": [{"at": "2027-01-14T08:00:00Z", "what": "excluded"}],
    }
    api = FakeApi().will("GET /api/broadcasts/b.1/people/%2B212612345678", seen)
    assert api.carillon("explain", "b.1", "+212612345678") == 0
    out = capsys.readouterr().out
    assert out.index("passed") < out.index("stopped") < out.index("not reached")


def test_import_sends_the_raw_bytes_and_writes_what_became_of_each_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, results = tmp_path / "book.csv", tmp_path / "out.jsonl"
    book.write_bytes(b"phone\n0612345678\n")
    counts = {
        "batch": "b1",
        "rows": 1,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "duplicate": 0,
        "invalid": 0,
    }
    line = {"line": 2, "verdict": "created", "problems": []}
    api = (
        FakeApi()
        .will("POST /api/contacts/imports", counts)
        .will("GET /api/contacts/imports/b1/results", {"batch": "b1", "lines": [line]})
    )
    argv = ("contacts", "import", str(book), "--default-country", "ma", "--results", str(results), "--json")
    assert api.carillon(*argv) == 0
    assert document(capsys) == counts | {"results": str(results)}
    assert api.requests[0][2:] == ({"file": "book.csv", "default_country": "MA"}, b"phone\n0612345678\n")
    assert json.loads(results.read_text("utf-8")) == line


def test_import_changes_nothing_when_the_results_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "book.csv"
    book.write_bytes(b"phone\n")
    api = FakeApi()
    assert api.carillon("contacts", "import", str(book), "--results", str(tmp_path / "no" / "out.jsonl")) == 1
    assert not api.requests
    assert "cannot be written" in capsys.readouterr().err


def test_a_refused_import_leaves_no_results_file_behind(tmp_path: Path) -> None:
    book, results = tmp_path / "book.csv", tmp_path / "out.jsonl"
    book.write_bytes(b"\x7fELF")
    refusal = {"code": "invalid_import", "message": "not a contacts file", "problems": []}
    api = FakeApi().will("POST /api/contacts/imports", refusal, status=422)
    assert api.carillon("contacts", "import", str(book), "--results", str(results)) == 1
    assert not results.exists()


def test_contacts_show_prints_consents_with_their_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    consent = {
        "granted_at": "2026-01-01T00:00:00Z",
        "revoked_at": None,
        "basis": "explicit_optin",
        "evidence": "row 3",
    }
    person = {
        "id": "c1",
        "tags": ["vip"],
        "attributes": {"city": "Fès"},
        "consents": {"whatsapp/promotions": consent},
    }
    assert FakeApi().will("GET /api/contacts/c1", person).carillon("contacts", "show", "c1") == 0
    out = capsys.readouterr().out
    assert "attr.city  Fès" in out
    assert "+ 2026-01-01 00:00:00 UTC" in out
    assert "row 3" in out


def test_a_test_send_that_the_platform_refuses_exits_with_1(
    definition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    api = FakeApi().will(
        "POST /api/test-sends", {"refused": "131026 not on WhatsApp", "text": "", "language": "fr"}
    )
    assert api.carillon("test-send", definition, "--contact", "c1", "--json") == 1
    assert "131026" in document(capsys)["message"]


def test_a_test_send_prints_the_text_that_left(definition: str, capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will(
        "POST /api/test-sends", {"wamid": "wamid.1", "text": "Bonjour Amina", "language": "fr"}
    )
    assert api.carillon("test-send", definition, "--contact", "c1", "--to", "+212612345678") == 0
    assert "Bonjour Amina" in capsys.readouterr().out


def test_the_client_is_closed_whatever_happens(definition: str) -> None:
    api = FakeApi().will("POST /api/campaigns/validate", REFUSED, status=422)
    api.carillon("validate", definition)
    assert api.closed


LETTER = {"queue": "inbound", "receives": 8, "body": '{"v":1,\n"field":"messages"}'}


def test_dead_letters_are_shown_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will("GET /api/dead-letters", {"letters": [LETTER]})
    assert api.carillon("dead-letters", "--queue", "inbound") == 0
    assert api.requests[0][2] == {"queue": "inbound"}
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_dead_letters_are_given_back(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will("POST /api/dead-letters/replay", {"replayed": 3})
    assert api.carillon("dead-letters", "--replay", "--json") == 0
    assert document(capsys) == {"replayed": 3}


TESTS = {
    "passed": False,
    "tests": [
        {"name": "at nine", "passed": True, "outcome": "planned", "differences": []},
        {
            "name": "too old",
            "passed": False,
            "outcome": "planned",
            "differences": [{"what": "outcome", "expected": "excluded", "found": "planned"}],
        },
    ],
}


def test_a_definitions_tests_are_named_with_what_differs_and_a_failed_one_refuses(
    definition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    api = FakeApi().will("POST /api/campaigns/tests", TESTS)
    assert api.carillon("test", definition) == 1
    assert capsys.readouterr().out.splitlines() == [
        "passed: at nine",
        "FAILED: too old",
        "  outcome: expected excluded, found planned",
    ]
