"""A spreadsheet's sheet as a table: typed cells become the texts that a CSV file would hold.

A whole number is written without its ".0", a date as ISO 8601. That a phone was
kept as a number is remembered: such a cell has lost its plus and its zeros.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from itertools import chain
from typing import Any

from chalicelib.audience.table import IDENTITY_COLUMNS, RawRow, Table, columns_of, refused, row_of
from chalicelib.errors import InvalidImport

XLSX = "XLSX"
MOST_ROWS = 1_048_576
"""As many as a sheet of Excel has; whatever claims more was not made by a spreadsheet."""

ERRORS = frozenset(
    ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!")
)
LONGEST_NAMES = 200
"""Characters of names that a warning or an error quotes."""
_PHONE = "phone"

Row = Sequence[Any]


def table_of_sheets(sheets: Iterable[tuple[str, Iterable[Row]]], *, may_be_nameless: bool = False) -> Table:
    """Return the first sheet whose first row that is not blank names an identity column.

    `sheets` are names with rows; that there were others is a warning. Raises
    InvalidImport when there is no such sheet, or nothing below its header. With
    `may_be_nameless` the first sheet that is not blank is taken.
    """
    reason: InvalidImport | None = None
    found: Table | None = None
    name, others = "", []
    for title, sheet in sheets:
        rows = _numbered(sheet)
        header = next(rows, None) if found is None else None
        names = [text_of(value) for value in header[1]] if header else []
        is_named = bool({name.strip().lower() for name in names} & set(IDENTITY_COLUMNS))
        if not header or not (is_named or may_be_nameless):
            others.append(title)
            reason = reason or (_no_header(names) if header else None)
            continue
        name, found = title, _table(names, rows, may_be_nameless)
    if found is None:
        raise reason or refused("csv.empty")
    told = {"sheet": name, "others": ", ".join(others)[:LONGEST_NAMES]}
    return replace(found, warnings=(("xlsx.other_sheets", told),) if others else ())


def _table(names: Sequence[str], rows: Iterator[tuple[int, Row]], may_be_nameless: bool) -> Table:
    columns = columns_of(_without_blank_end(names), may_be_nameless=may_be_nameless)
    first = next(rows, None)
    if first is None:
        raise refused("csv.no_rows")
    records = ((line, _record(row, columns)) for line, row in chain([first], rows))
    return Table(encoding=XLSX, columns=columns, rows=records)


def text_of(value: Any) -> str:
    """Return a cell's value as the text that a spreadsheet shows, "" for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(value, ".15g")  # as many digits as it keeps
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _numbered(sheet: Iterable[Row]) -> Iterator[tuple[int, Row]]:
    """Yield the rows that are not blank, by their number in the sheet."""
    for line, row in enumerate(sheet, start=1):
        if line > MOST_ROWS:
            raise refused("xlsx.too_many_rows", most=str(MOST_ROWS))
        if any(value is not None and (not isinstance(value, str) or value.strip()) for value in row):
            yield line, row


def _no_header(names: Sequence[str]) -> InvalidImport:
    return refused("csv.no_identity", found=", ".join(name for name in names if name)[:LONGEST_NAMES])


def _without_blank_end(names: Sequence[str]) -> Sequence[str]:
    last = max(index for index, name in enumerate(names) if name.strip())
    return names[: last + 1]


def _record(values: Row, columns: Sequence[str]) -> RawRow:
    is_number = False
    for name, value in zip(columns, values, strict=False):
        if not name or value is None:
            continue
        if isinstance(value, str):
            if value in ERRORS:
                return RawRow({}, "row.cell_error", {"column": name, "found": value})
        elif name == _PHONE:
            if not isinstance(value, int | float) or isinstance(value, bool) or value % 1 or value < 1:
                return RawRow({}, "phone.is_date", {"found": text_of(value)[:LONGEST_NAMES]})
            is_number = True
    row = row_of([value if isinstance(value, str) else text_of(value) for value in values], columns)
    return replace(row, phone_is_number=True) if is_number and not row.fault else row
