"""Contacts files: the bytes somebody sent, told apart by what they are and read as a table.

A workbook is a zip of XML: what it unpacks to is bounded before anything is
unpacked, and the library that reads it is loaded for the first one that comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from chalicelib.audience.csv_rows import read_rows
from chalicelib.audience.sheet import MOST_ROWS, table_of_sheets
from chalicelib.audience.table import MOST_COLUMNS, Table, refused
from chalicelib.errors import CarillonError

if TYPE_CHECKING:
    from openpyxl import Workbook

ZIP = b"PK\x03\x04"
MOST_BYTES = 64 * 1024 * 1024
"""Of a workbook as it is sent; a million rows of contacts are less."""
MOST_UNPACKED = 256 * 1024 * 1024
MOST_SHARED_TEXT = 64 * 1024 * 1024
"""Of the table of texts, which is held in memory as a whole."""
MOST_MEMBERS = 2_000
_TEXTS = "xl/sharedstrings.xml"
_ZEROS = re.compile("0{2,40}")
"""The format of a number shown with leading zeros, as postal codes and ids are."""


def read_contacts(raw: bytes, *, most_unpacked: int = MOST_UNPACKED, may_be_nameless: bool = False) -> Table:
    """Return a CSV file or a workbook as a table. Raises InvalidImport when it is no contacts file.

    `most_unpacked` bytes of a workbook, for a home with less memory. With
    `may_be_nameless` no column needs to name people.
    """
    if raw.startswith(ZIP):
        return _workbook(raw, most_unpacked, may_be_nameless)
    return read_rows(raw, may_be_nameless=may_be_nameless)


def _workbook(raw: bytes, most_unpacked: int, may_be_nameless: bool) -> Table:
    if len(raw) > MOST_BYTES:
        raise refused("csv.too_large", most=str(MOST_BYTES // 1024 // 1024))
    try:
        _check_unpacked(raw, most_unpacked)
        return _guarded(table_of_sheets(_sheets(_opened(raw)), may_be_nameless=may_be_nameless))
    except CarillonError:
        raise
    except Exception as error:  # whatever a broken or hostile file makes the reader raise
        raise refused("xlsx.broken") from error


def _check_unpacked(raw: bytes, most: int) -> None:
    """Refuse what unpacks to too much; `zipfile` never unpacks more than a member declares."""
    try:
        book = ZipFile(BytesIO(raw))
    except BadZipFile:
        raise refused("xlsx.broken") from None
    members = book.infolist()
    names = {member.filename.lower() for member in members}
    if "xl/workbook.xml" not in names and "[content_types].xml" not in names:
        raise refused("csv.spreadsheet")
    texts = sum(m.file_size for m in members if m.filename.lower() == _TEXTS)
    unpacked = sum(m.file_size for m in members)
    if len(members) > MOST_MEMBERS or unpacked > most or texts > MOST_SHARED_TEXT:
        raise refused("xlsx.too_large_inside", most=str(most // 1024 // 1024))
    if any(_declares_entities(book, member) for member in members if member.filename.endswith(".xml")):
        raise refused("xlsx.broken")


def _declares_entities(book: ZipFile, member: ZipInfo) -> bool:
    """Say whether an XML file has a document type, which no spreadsheet writes and an entity bomb needs."""
    with book.open(member) as file:
        return b"<!DOCTYPE" in file.read(1_024).replace(b"\x00", b"").upper()


def _opened(raw: bytes) -> Workbook:
    from openpyxl import load_workbook  # only now: no other request needs it

    return load_workbook(BytesIO(raw), read_only=True, data_only=True, keep_links=False)


def _sheets(book: Workbook) -> Iterator[tuple[str, Iterator[Sequence[Any]]]]:
    """Yield the names and rows of visible sheets."""
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            sheet.reset_dimensions()  # what a file says of its size is a claim
            rows = sheet.iter_rows(max_col=_width(sheet))
            yield sheet.title, ([_shown(cell) for cell in row] for row in rows)


def _width(sheet: Any) -> int:
    """Return the columns of the first row that is not blank, and one, so that cells behind it are noticed."""
    for row in sheet.iter_rows(max_col=MOST_COLUMNS + 1, max_row=MOST_ROWS, values_only=True):
        filled = [n for n, value in enumerate(row, 1) if value is not None and str(value).strip()]
        if filled:
            return min(filled[-1], MOST_COLUMNS) + 1
    return 1


def _shown(cell: Any) -> Any:
    """Return a cell's value; of a number with leading zeros or in percent, the text that is shown."""
    value = cell.value
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    number_format = cell.number_format
    if _ZEROS.fullmatch(number_format) and float(value).is_integer():
        return str(int(value)).zfill(len(number_format))
    if number_format.endswith("%"):
        return f"{value * 100:.12g}%"
    return value


def _guarded(table: Table) -> Table:
    """Read the whole sheet now, so that what is broken in it refuses the file before a row is written."""
    return replace(table, rows=iter(list(table.rows)))
