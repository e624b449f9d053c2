"""backup and restore, as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.main import main
from tests.cli.test_home_client import carillon

BOOK = "external_id,phone,country,consent_whatsapp_promotions\nana,+34612345678,ES,2026-01-01\n"


def test_a_home_goes_into_a_file_and_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text(BOOK)
    carillon(tmp_path, "contacts", "import", "book.csv")
    status, saved = carillon(tmp_path, "backup", "home.zip")
    assert (status, saved["counts"]["contacts"], saved["file"]) == (0, 1, "home.zip")
    status, checked = carillon(tmp_path, "backup", "home.zip", "--check")
    assert (status, checked["whole"], checked["at"]) == (0, True, saved["at"])
    status, restored = carillon(tmp_path, "restore", "home.zip", "--home", "new")
    assert (status, restored["backed_up_at"], restored["held"]) == (0, saved["at"], [])
    assert "opted out" in restored["warnings"][0]
    status, shown = carillon(tmp_path, "contacts", "show", "ana", "--home", "new")
    assert (status, shown["phone"]) == (0, "+34612345678")
    status, refused = carillon(tmp_path, "restore", "home.zip", "--home", "new")
    assert (status, refused["problems"][0]["code"]) == (1, "home_not_empty")


def test_a_held_broadcast_is_named_with_how_many_wait(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text(BOOK)
    (tmp_path / "a.yaml").write_text(
        'campaign: aaa\ncategory: utility\nsender: boutique\naudience: {segment: country = "ES"}\n'
        "send_at: now\n"
        "template: {name: commande_expediee, parameters: {nom: a, commande: b, livraison: c}, language: fr}\n"
    )
    (tmp_path / ".home").mkdir(mode=0o700)
    (tmp_path / ".home" / "secrets.env").write_text("WHATSAPP_TOKEN=x\n")
    (tmp_path / ".home" / "secrets.env").chmod(0o600)
    carillon(tmp_path, "contacts", "import", "book.csv")
    status, planned = carillon(tmp_path, "plan", "a.yaml")
    assert (status, planned.get("planned")) == (0, 1), planned
    assert carillon(tmp_path, "launch", planned["hash"])[0] == 0
    carillon(tmp_path, "backup", "home.zip")
    _, restored = carillon(tmp_path, "restore", "home.zip", "--home", "new")
    assert restored["held"] == [{"broadcast": "aaa.1", "planned": 1, "waiting": 0, "uncertain": 1}]
    status, shown = carillon(tmp_path, "status", "aaa.1", "--home", "new")
    assert (status, shown["state"], shown["held"]["backed_up_at"]) == (0, "paused", restored["backed_up_at"])
    status, refused = carillon(tmp_path, "resume", "aaa.1", "--home", "new", "--lost-at", "yesterday")
    assert (status, refused["code"]) == (2, "wrong_usage")
    vouched = ("--lost-at", restored["backed_up_at"])
    status, resumed = carillon(tmp_path, "resume", "aaa.1", "--home", "new", *vouched)
    assert (status, resumed["state"], resumed["restored"]["waiting"]) == (0, "running", 1)
    assert not (tmp_path / "new" / "secrets.env").exists()


def test_a_restored_home_launches_when_it_is_released(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text(BOOK)
    carillon(tmp_path, "contacts", "import", "book.csv")
    carillon(tmp_path, "backup", "home.zip")
    status, restored = carillon(tmp_path, "restore", "home.zip", "--replace", "--home", ".home")
    assert status == 0
    assert (tmp_path / restored["put_aside"]).is_dir()
    status, released = carillon(tmp_path, "release")
    assert (status, released["held"]) == (0, False)
    status, refused = carillon(tmp_path, "release", "--home", restored["put_aside"])
    assert (status, refused["problems"][0]["code"]) == (1, "home_not_restored")


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_files_of_a_home_are_not_reached_through_a_server(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main((command, "x.zip", "--api", "http://127.0.0.1:9", "--json"), {}) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "on_its_machine"


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_what_is_no_backup_is_refused_with_what_to_do(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.zip").write_text("no backup")
    assert main(("backup", str(tmp_path / "x.zip"), "--check", "--lang", language), {}) == 1
    assert "carillon backup FILE --check" in capsys.readouterr().err
