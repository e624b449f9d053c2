"""`carillon templates`: what it asks, prints and writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.arguments import parse
from cli.main import run
from tests.cli.fake_api import FakeApi

COMPONENTS = [{"type": "BODY", "text": "Bonjour {{1}}, c'est l'été ☀"}]


def row(name: str = "promo", language: str = "fr", **changes: Any) -> dict[str, Any]:
    template = {
        "name": name,
        "language": language,
        "category": "MARKETING",
        "status": "APPROVED",
        "parameter_format": "POSITIONAL",
        "components": COMPONENTS,
    }
    usual = {
        "waba": "1",
        "name": name,
        "language": language,
        "status": "APPROVED",
        "category": "MARKETING",
        "quality": "GREEN",
        "changes": [],
        "file": "same",
        "template": template,
        "unusable": [],
    }
    return {**usual, **changes}


def api(*rows: dict[str, Any], failed: str = "") -> FakeApi:
    account = {"waba": "1", "senders": ["boutique"], "at": None, "listed": len(rows), "failed": failed}
    return FakeApi().will(
        "POST /api/templates/sync", {"accounts": [account], "changes": {}, "templates": list(rows)}
    )


def write(directory: Path, fake: FakeApi, *more: str) -> int:
    argv = ("templates", "sync", "--write", *more)
    return run(parse(argv), {"CARILLON_CAMPAIGNS": str(directory)}, fake)


def test_what_changed_is_a_table_and_what_did_not_is_not_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    paused = [{"what": "status", "was": "APPROVED", "now": "PAUSED"}]
    fake = api(row("calm"), row(status="PAUSED", changes=paused, file="differs"))
    assert fake.carillon("templates", "sync", "--sender", "boutique") == 0
    assert fake.requests[0][3] == {"sender": "boutique", "texts": False}
    out = capsys.readouterr().out
    assert out.splitlines() == [
        "  promo.fr  PAUSED  MARKETING  status APPROVED → PAUSED; not as its file says",
        "account 1: 2 templates",
        "next: carillon templates sync --write",
    ]


def test_a_change_is_said_in_french_and_arabic(capsys: pytest.CaptureFixture[str]) -> None:
    gone = [{"what": "gone", "was": "APPROVED", "now": "DELETED"}]
    for language, words in (("fr", "disparu de la plateforme"), ("ar", "اختفى من المنصة")):
        fake = api(row(status="DELETED", changes=gone, file="differs"))
        fake.carillon("templates", "sync", "--lang", language)
        assert words in capsys.readouterr().out


def test_an_account_that_was_not_listed_refuses_with_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert api(failed="190: expired").carillon("templates", "sync") == 1
    assert "account 1 could not be listed: 190: expired" in capsys.readouterr().out


def test_write_makes_files_as_graph_lists_them_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(tmp_path, api(row()), "--json") == 0
    path = tmp_path / "templates" / "promo.fr.json"
    assert json.loads(path.read_text("utf-8")) == row()["template"]
    assert "l'été ☀" in path.read_text("utf-8")
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == [{"file": str(path), "done": "created", "reason": ""}]
    assert "template" not in told["templates"][0]
    assert [p.name for p in path.parent.iterdir()] == ["promo.fr.json"]


def test_write_brings_the_file_that_holds_the_template_in_line_whatever_it_is_called(tmp_path: Path) -> None:
    directory = tmp_path / "templates"
    directory.mkdir()
    old = {**row()["template"], "status": "PENDING"}
    (directory / "été.json").write_text(json.dumps(old), "utf-8")
    (directory / "other.json").write_text("{}", "utf-8")
    assert write(tmp_path, api(row())) == 0
    assert sorted(p.name for p in directory.iterdir()) == ["other.json", "été.json"]
    assert json.loads((directory / "été.json").read_text("utf-8"))["status"] == "APPROVED"


def test_write_leaves_alone_what_is_right_and_deletes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, api(row(), row("old")))
    path = tmp_path / "templates" / "promo.fr.json"
    before = path.stat().st_mtime_ns
    capsys.readouterr()
    write(tmp_path, api(row(), row("old", status="DELETED", template=None)), "--json")
    assert json.loads(capsys.readouterr().out)["files"] == []
    assert path.stat().st_mtime_ns == before
    assert (tmp_path / "templates" / "old.fr.json").exists()


def test_two_accounts_with_two_texts_of_one_template_write_neither(tmp_path: Path) -> None:
    other = row(waba="2")
    other["template"] = {**other["template"], "components": [{"type": "BODY", "text": "Bonsoir"}]}
    assert write(tmp_path, api(row(), other)) == 1
    assert not (tmp_path / "templates" / "promo.fr.json").exists()
    assert write(tmp_path, api(row(), row(waba="2"))) == 0


@pytest.mark.parametrize("broken", [row(unusable=["has a header of media"]), row("p" * 400)])
def test_what_could_stop_every_campaign_or_has_no_file_name_is_not_written(
    tmp_path: Path, broken: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(tmp_path, api(broken, row("good"))) == 1
    assert [p.name for p in (tmp_path / "templates").iterdir()] == ["good.fr.json"]
    assert "not written" in capsys.readouterr().out


def test_a_directory_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "templates").write_text("in the way", "utf-8")
    assert write(tmp_path, api(row())) == 1
    assert "cannot be written" in capsys.readouterr().err


def standing(name: str = "promo", **changes: Any) -> dict[str, Any]:
    usual = {
        "waba": "1",
        "name": name,
        "language": "fr",
        "status": "APPROVED",
        "category": "MARKETING",
        "quality": "GREEN",
        "coming_category": "",
        "file": "same",
        "body": "Bonjour {{1}}\nSTOP",
        "problems": [],
    }
    return {**usual, **changes}


ACCOUNT = {"waba": "1", "senders": ["boutique"], "synced_at": None}


@pytest.mark.parametrize("argv", [("templates",), ("templates", "list")])
def test_templates_are_listed_to_the_last_page(argv: Any, capsys: pytest.CaptureFixture[str]) -> None:
    coming = standing("soon", coming_category="UTILITY", quality="", file="unasked")
    fake = FakeApi().will(
        "GET /api/templates",
        {"accounts": [ACCOUNT], "templates": [standing()], "next": "1|promo|fr"},
        {"accounts": [ACCOUNT], "templates": [coming], "next": None},
    )
    assert fake.carillon(*argv) == 0
    assert [query for _, _, query, _ in fake.requests] == [{}, {"after": "1|promo|fr"}]
    assert capsys.readouterr().out.splitlines() == [
        "account 1 (boutique), last sync: never",
        "  promo.fr  APPROVED  MARKETING            GREEN",
        "  soon.fr   APPROVED  MARKETING → UTILITY  -      the platform was not asked for its words",
    ]


def test_a_list_is_one_json_document_of_all_pages(capsys: pytest.CaptureFixture[str]) -> None:
    fake = FakeApi().will(
        "GET /api/templates",
        {"accounts": [ACCOUNT], "templates": [standing("a")], "next": "1|a|fr"},
        {"accounts": [ACCOUNT], "templates": [standing("b")], "next": None},
    )
    assert fake.carillon("templates", "list", "--sender", "boutique", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert ([t["name"] for t in told["templates"]], set(told)) == (["a", "b"], {"accounts", "templates"})
    assert fake.requests[0][2] == {"sender": "boutique"}


def test_one_template_is_shown_with_its_text_and_what_is_against_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    paused = standing(status="PAUSED", problems=[{"text": "not approved"}])
    fake = FakeApi().will(
        "GET /api/templates/promo", {"name": "promo", "accounts": [ACCOUNT], "templates": [paused]}
    )
    assert fake.carillon("templates", "show", "promo") == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  promo.fr  PAUSED  MARKETING  GREEN",
        "    Bonjour {{1}}",
        "    STOP",
        "    warning: not approved",
    ]


def test_a_template_that_nobody_knows_is_refused_with_the_command_that_lists_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    problem = {"code": "template_unknown", "text": "there is no template x"}
    fake = FakeApi().will(
        "GET /api/templates/x", {"code": "not_found", "message": "", "problems": [problem]}, status=404
    )
    assert fake.carillon("templates", "show", "x") == 1
    assert "next: carillon templates" in capsys.readouterr().err


def test_converting_and_submitting_are_said_to_come_later(capsys: pytest.CaptureFixture[str]) -> None:
    assert FakeApi().carillon("templates", "submit", "x.json") == 1
    assert "not available yet" in capsys.readouterr().err
