"""Contacts files of every usual make, through the API."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.cell import Cell

from chalicelib.errors import InvalidImport
from chalicelib.steps import contacts_files
from chalicelib.steps.contacts_files import read_contacts
from tests.scenarios.world import World

BOOK = "phone,external_id,first_name\n+212612000001,a,Zoé\n+212612000002,b,Noël\n"


@pytest.mark.parametrize(
    ("codec", "encoding"), [("utf-8", "utf-8"), ("utf-16", "utf-16"), ("cp1252", "windows-1252")]
)
def test_an_import_says_as_which_encoding_the_file_was_read(world: World, codec: str, encoding: str) -> None:
    done = world.api("POST", "/api/contacts/imports", raw=BOOK.encode(codec))
    assert (done["encoding"], done["created"], done["rows"]) == (encoding, 2, 2)
    assert world.api("GET", "/api/contacts/a")["first_name"] == "Zoé"


def workbook(*sheets: list[tuple[Any, ...]]) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Sheet{number}")
        for row in rows:
            sheet.append(row)
    return book


def saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


CONTACTS: list[tuple[Any, ...]] = [
    ("phone", "external_id", "first_name", "consent_whatsapp_promotions", "points"),
    (212612000001, "a", "Zoé", date(2026, 6, 1), 12.5),
    ("0612000002 / 0661000002", 7, "نور", "2026-06-02", 40),
    (date(2026, 6, 1), "c", "Late", None, None),
]


def test_a_workbook_is_imported_like_a_file_of_text(world: World) -> None:
    raw = saved(workbook(CONTACTS, [("notes",)]))
    done = world.api("POST", "/api/contacts/imports", query="default_country=MA", raw=raw)
    assert [done[n] for n in ("encoding", "rows", "created", "invalid")] == ["XLSX", 3, 2, 1]
    assert [w["params"] for w in done["warnings"]] == [{"sheet": "Sheet1", "others": "Sheet2"}]
    lines = world.api("GET", done["results"])["lines"]
    assert [line["line"] for line in lines] == [2, 3, 4]
    assert [[p["code"] for p in line["problems"]] for line in lines] == [
        [],
        ["phone.several"],
        ["phone.is_date"],
    ]
    contact = world.api("GET", "/api/contacts/7")
    assert (contact["phone"], contact["first_name"]) == ("+212612000002", "نور")
    assert contact["attributes"] == {"points": "40"}
    assert contact["consents"]["whatsapp/promotions"]["granted_at"].startswith("2026-06-02")


def test_numbers_that_are_shown_with_zeros_or_percent_stay_so() -> None:
    book = workbook([("external_id", "zip", "share"), (42, 1234, 0.2)])
    cells = next(book.worksheets[0].iter_rows(min_row=2))
    for cell, number_format in zip(cells, ("00000", "000000", "0%"), strict=True):
        assert isinstance(cell, Cell)
        cell.number_format = number_format
    ((_, row),) = read_contacts(saved(book)).rows
    assert row.cells == {"external_id": "00042", "zip": "001234", "share": "20%"}


def test_a_hidden_sheet_is_not_read() -> None:
    book = workbook([("phone",), ("1",)], [("phone",), ("2",)])
    book.worksheets[0].sheet_state = "hidden"
    table = read_contacts(saved(book))
    assert [row.cells for _, row in table.rows] == [{"phone": "2"}]


def rezipped(raw: bytes, change: Any) -> bytes:
    """Return a workbook whose members went through `change(name, content)`."""
    file = BytesIO()
    with ZipFile(BytesIO(raw)) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, change(member.filename, old.read(member)))
    return file.getvalue()


def truncated(raw: bytes) -> bytes:
    return rezipped(raw, lambda name, content: content[:200] if "sheet1" in name else content)


def with_entities(raw: bytes) -> bytes:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]>'
    return rezipped(raw, lambda name, content: bomb + content if "sheet1" in name else content)


def inflated(raw: bytes) -> bytes:
    return rezipped(raw, lambda name, content: content + b" " * 30_000_000 if "sheet1" in name else content)


def other_zip(raw: bytes) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as made:
        made.writestr("content.xml", "<office/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        (lambda raw: raw[: len(raw) // 2], "xlsx.broken"),
        (truncated, "xlsx.broken"),
        (with_entities, "xlsx.broken"),
        (inflated, "xlsx.too_large_inside"),
        (other_zip, "csv.spreadsheet"),
    ],
)
def test_a_workbook_that_is_broken_or_hostile_is_refused_whole(world: World, spoilt: Any, code: str) -> None:
    raw = spoilt(saved(workbook(CONTACTS)))
    with pytest.raises(InvalidImport) as refused:
        read_contacts(raw, most_unpacked=20_000_000)
    assert [p.code for p in refused.value.problems] == [code]


def test_a_workbook_that_is_too_large_as_it_is_sent_is_refused() -> None:
    raw = b"PK\x03\x04" + bytes(contacts_files.MOST_BYTES)
    with pytest.raises(InvalidImport, match=r"csv\.too_large"):
        read_contacts(raw)


@pytest.mark.parametrize(("given", "guess"), [("Maroc", "MA"), ("XX", ""), ("M", ""), ("+212", "")])
def test_a_default_country_that_is_none_is_refused_before_anything_is_read(
    world: World, given: str, guess: str
) -> None:
    query = urlencode({"default_country": given})
    answer = world.api("POST", "/api/contacts/imports", query=query, raw=BOOK.encode())
    assert (world.status, answer["code"]) == (422, "invalid_request")
    (problem,) = answer["problems"]
    assert (problem["code"], problem["path"]) == ("country_unknown", "default_country")
    assert problem["params"] == {"value": given, "guess": guess}
    world.api("GET", "/api/contacts/a")
    assert world.status == 404


def test_a_default_country_may_be_written_in_any_case(world: World) -> None:
    raw = b"phone,external_id\n0612000001,a\n"
    done = world.api("POST", "/api/contacts/imports", query="default_country=ma", raw=raw)
    assert done["created"] == 1
    assert world.api("GET", "/api/contacts/a")["phone"] == "+212612000001"
