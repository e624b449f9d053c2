"""A sheet's typed cells become what a CSV file of the same sheet would hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import pytest

from chalicelib.audience.interpreting import ImportedRow, RowProblem, interpret
from chalicelib.audience.sheet import MOST_ROWS, table_of_sheets, text_of
from chalicelib.audience.table import RawRow, Table
from chalicelib.audience.wording import WORDING
from chalicelib.errors import InvalidImport

DAY = datetime.fromisoformat("2026-06-01")
"""As a spreadsheet's reader gives a date: without a zone."""

Sheet = Sequence[Sequence[Any]]


def table(*sheets: Sheet) -> Table:
    return table_of_sheets((f"Sheet{n}", iter(sheet)) for n, sheet in enumerate(sheets, 1))


def rows(*sheets: Sheet) -> dict[int, RawRow]:
    return dict(table(*sheets).rows)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("Zoé", "Zoé"),
        (12, "12"),
        (2.12612345678e11, "212612345678"),
        (0.1 + 0.2, "0.3"),
        (12.5, "12.5"),
        (True, "TRUE"),
        (DAY, "2026-06-01"),
        (datetime.fromisoformat("2026-06-01T09:30"), "2026-06-01T09:30:00"),
        (date(2026, 6, 1), "2026-06-01"),
        (time(9, 30), "09:30:00"),
    ],
)
def test_a_cell_is_the_text_that_a_person_saw(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_blank_rows_are_stepped_over_and_lines_are_those_of_the_sheet() -> None:
    found = rows(
        [(None,), ("phone", "city", None), ("0612345678", "Fès", None), (" ", None, None), (1, 2, 3)]
    )
    assert list(found) == [3, 5]
    assert found[3].cells == {"phone": "0612345678", "city": "Fès"}
    assert found[5].fault == "row.too_many_cells"


@pytest.mark.parametrize("kept", [612345678, 612345678.0, 212612345678, 2.12612345678e11])
def test_a_phone_that_the_spreadsheet_kept_as_a_number_is_read(kept: float) -> None:
    (raw,) = rows([("Phone",), (kept,)]).values()
    row = interpret(raw, 2, "MA")
    assert isinstance(row, ImportedRow)
    assert row.phone == "+212612345678"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (DAY, "phone.is_date"),
        (date(2026, 6, 1), "phone.is_date"),
        (612345678.5, "phone.is_date"),
        (-612345678, "phone.is_date"),
        (float("nan"), "phone.is_date"),
        (True, "phone.is_date"),
        ("#N/A", "row.cell_error"),
        ("2.12612E+11", "phone.spreadsheet"),
        (2.0e11, "phone.too_long"),
    ],
)
def test_a_phone_that_the_spreadsheet_spoilt_is_refused_with_a_remedy(value: Any, code: str) -> None:
    (raw,) = rows([("phone",), (value,)]).values()
    problem = interpret(raw, 2, "MA")
    assert isinstance(problem, RowProblem)
    assert problem.code == code
    for language in ("en", "fr", "ar"):
        assert WORDING[code][language].format(**problem.params)


def test_a_consent_kept_as_a_date_is_one() -> None:
    (raw,) = rows([("external_id", "consent_whatsapp_news"), (42, DAY)]).values()
    row = interpret(raw, 2, None)
    assert isinstance(row, ImportedRow)
    assert (row.external_id, list(row.consents)) == ("42", ["whatsapp/news"])


def test_the_first_sheet_with_contacts_is_read_and_the_others_are_named() -> None:
    cover, first, second = [("Our customers",)], [("phone",), ("1",)], [("phone",), ("2",)]
    found = table(cover, first, second)
    assert [row.cells for _, row in found.rows] == [{"phone": "1"}]
    assert found.warnings == (("xlsx.other_sheets", {"sheet": "Sheet2", "others": "Sheet1, Sheet3"}),)
    assert table(first).warnings == ()


@pytest.mark.parametrize(
    ("sheets", "code"),
    [
        ([], "csv.empty"),
        ([[]], "csv.empty"),
        ([[(None, " ")]], "csv.empty"),
        ([[("name",), ("Amina",)]], "csv.no_identity"),
        ([[("phone",)], [("phone",), ("1",)]], "csv.no_rows"),
        ([[("phone", "phone"), (1, 2)]], "csv.duplicate_column"),
        ([[("phone", "consent_whatsapp"), (1, 2)]], "csv.consent_column"),
    ],
)
def test_a_workbook_without_contacts_is_refused(sheets: list[Sheet], code: str) -> None:
    with pytest.raises(InvalidImport) as refused:
        table(*sheets)
    assert [p.code for p in refused.value.problems] == [code]


def test_a_sheet_that_never_ends_is_refused() -> None:
    def endless() -> Any:
        yield ("phone",)
        yield ("1",)
        for _ in range(MOST_ROWS):
            yield (None,)

    with pytest.raises(InvalidImport, match=r"xlsx\.too_many_rows"):
        list(table_of_sheets([("Sheet1", endless())]).rows)
