"""Contacts files at the command line, over a real home."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.contacts_files import ordered
from cli.main import main

BOOK = """\
phone,external_id,first_name,tags,city,consent_whatsapp_promotions,optout_whatsapp_news
+212612000001,a,Amina,vip;loyal,=1+1,2026-06-01,
+212612000002,b,'Zoé,-x,"two
lines",,2026-06-02
,c,,,,,
"""

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def carillon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str, home: str = "home", plain: bool = False) -> tuple[int, Any, str]:
        given = ["--home", str(tmp_path / home), *([] if plain else ["--json"])]
        status = main([*words, *given], {"CARILLON_CAMPAIGNS": "campaigns"})
        out, err = capsys.readouterr()
        return status, out if plain else json.loads(out), err

    return run


def brought(carillon: Run, file: Path, home: str = "home") -> Any:
    status, done, _ = carillon("contacts", "import", str(file), "--results", f"{file}.results", home=home)
    assert status == 0, done
    return done


@pytest.fixture
def book(tmp_path: Path) -> Path:
    file = tmp_path / "book.csv"
    file.write_text(BOOK, "utf-8")
    return file


def test_an_export_read_back_changes_nothing_and_makes_the_same_people_elsewhere(
    carillon: Run, book: Path, tmp_path: Path
) -> None:
    assert brought(carillon, book)["created"] == 3
    out = tmp_path / "out.csv"
    status, done, _ = carillon("contacts", "export", str(out))
    assert (status, done["people"], done["left_out"], done["unnamed"]) == (0, 3, {}, 0)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "'+212612000001" in out.read_text("utf-8-sig")
    again = brought(carillon, out)
    assert (again["unchanged"], again["rows"]) == (3, 3)
    assert brought(carillon, out, home="other")["created"] == 3
    second = tmp_path / "second.csv"
    carillon("contacts", "export", str(second), home="other")
    assert sorted(second.read_text("utf-8").splitlines()) == sorted(out.read_text("utf-8").splitlines())


def test_an_export_to_standard_output_is_nothing_but_the_file(carillon: Run, book: Path) -> None:
    brought(carillon, book)
    status, out, _ = carillon("contacts", "export", "-", plain=True)
    assert status == 0
    assert out.startswith("\ufeffphone,external_id,")
    status, refused, _ = carillon("contacts", "export", "-")
    assert (status, refused["code"]) == (1, "json_on_stdout")


def test_an_export_that_cannot_be_written_leaves_nothing_behind(
    carillon: Run, book: Path, tmp_path: Path
) -> None:
    brought(carillon, book)
    (tmp_path / "taken").mkdir()
    status, refused, _ = carillon("contacts", "export", str(tmp_path / "taken"))
    assert (status, refused["code"]) == (1, "file_unwritable")
    assert not list(tmp_path.glob("*.part"))


def test_an_empty_book_is_a_header(carillon: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert carillon("contacts", "export", str(out))[1]["people"] == 0
    assert out.read_text("utf-8-sig") == "phone,external_id\n"


def test_an_import_is_undone_by_its_batch(carillon: Run, book: Path) -> None:
    batch = brought(carillon, book)["batch"]
    status, done, _ = carillon("contacts", "undo", batch)
    assert (status, done["people"], done["removed"], done["kept"]) == (0, 3, 2, 1)
    assert [reason["code"] for reason in done["reasons"]] == ["undo.opted_out"]
    status, out, _ = carillon("contacts", "undo", batch, "--lang", "fr", plain=True)
    assert status == 0
    assert "pas entièrement annulés" in out
    status, refused, _ = carillon("contacts", "undo", "b0")
    assert (status, refused["problems"][0]["code"]) == (1, "import_unknown")


def test_a_profile_says_what_a_file_holds_and_writes_nothing(carillon: Run, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_bytes("Téléphone;Prénom;Ville\n0612000001;Zoé;Fès\n0612;Léa;Fès\n".encode("cp1252"))
    status, found, _ = carillon("contacts", "profile", str(file), "--default-country", "ma")
    assert (status, found["rows"], found["people"], found["invalid"]) == (0, 2, 1, 1)
    assert (found["encoding"], found["delimiter"]) == ("windows-1252", ";")
    assert found["numbers_by_country"] == {"MA": 1}
    assert [c["suggestion"] for c in found["columns"]] == ["phone", "first_name", ""]
    assert [(p["code"], p["lines"]) for p in found["problems"]] == [("phone.too_short", [3])]
    status, out, _ = carillon("contacts", "profile", str(file), "--lang", "ar", plain=True)
    assert status == 0
    assert "لم يُكتب شيء" in out
    assert carillon("contacts", "export", str(tmp_path / "out.csv"))[1]["people"] == 0
    status, refused, _ = carillon("contacts", "import", str(file))
    assert (status, refused["next"]) == (1, f"carillon contacts profile {file}")


def test_a_default_country_that_is_none_is_refused_with_what_was_meant(carillon: Run, book: Path) -> None:
    status, refused, _ = carillon("contacts", "import", str(book), "--default-country", "Maroc")
    assert (status, refused["problems"][0]["code"]) == (1, "country_unknown")
    assert "MA" in refused["problems"][0]["text"]
    assert refused["next"]


def test_columns_come_in_the_order_of_a_file() -> None:
    columns = {"optout_sms_a", "zip", "phone", "consent_sms_a", "City", "external_id", "suppressed", "tags"}
    assert ordered(columns) == [
        *("phone", "external_id", "tags", "suppressed"),
        *("City", "zip", "consent_sms_a", "optout_sms_a"),
    ]
