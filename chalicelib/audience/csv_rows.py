"""A CSV file as a table: its delimiter, header and records.

One faulty record never takes its neighbours with it: an unclosed quote or bytes
that are not UTF-8 spoil their own line alone. A file is refused as a whole only
when it is evidently no contacts file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import takewhile

from chalicelib.audience.encodings import decode
from chalicelib.audience.table import RawRow, Table, columns_of, refused, row_of

MOST_BYTES = 512 * 1024 * 1024

MOST_LINES_OF_A_RECORD = 20
"""A quoted cell may span lines; one that spans more was never closed."""

_DELIMITERS = (",", ";", "\t")


def read_rows(raw: bytes, *, most_bytes: int = MOST_BYTES, may_be_nameless: bool = False) -> Table:
    """Return every record behind the header; a record's line is its first, from 1.

    Wholly blank lines are no rows. Raises InvalidImport, before the first row,
    when the file is no contacts file; with `may_be_nameless` it needs no identity column.
    """
    _check_size_and_kind(raw, most_bytes)
    decoded = decode(raw)
    lines = decoded.lines
    numbered = [(n, line) for n, line in enumerate(lines) if line is None or line.strip()]
    if numbered and (numbered[0][1] or "").lower().startswith("sep="):
        numbered = numbered[1:]  # Excel's hint to itself; the header tells as much
    if not numbered:
        raise refused("csv.empty")
    header, first = numbered[0]
    broken = [n for n, line in numbered if line is None]
    if first is None or len(broken) * 2 > len(numbered) - 1:
        raise refused("csv.not_utf8", line=str(broken[0] + 1))
    delimiter = max(_DELIMITERS, key=first.count)
    columns = _columns(first, delimiter, may_be_nameless)
    if len(numbered) < 2:
        raise refused("csv.no_rows")
    rows = _records(lines, header + 1, delimiter, columns)
    return Table(encoding=decoded.encoding, columns=columns, rows=rows, delimiter=delimiter)


def _check_size_and_kind(raw: bytes, most_bytes: int) -> None:
    if len(raw) > most_bytes:
        raise refused("csv.too_large", most=str(most_bytes // 1024 // 1024))
    if not raw.strip():
        raise refused("csv.empty")
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise refused("csv.spreadsheet")


def _columns(header: str, delimiter: str, may_be_nameless: bool) -> Sequence[str]:
    names, _ = _record([header], 0, delimiter)
    if names is None:
        raise refused("csv.header")
    return columns_of(names, may_be_nameless=may_be_nameless)


def _records(
    lines: Sequence[str | None], start: int, delimiter: str, columns: Sequence[str]
) -> Iterator[tuple[int, RawRow]]:
    at = start
    while at < len(lines):
        line = lines[at]
        if line is None:
            yield at + 1, RawRow({}, "row.not_utf8")
            at += 1
            continue
        if not line.strip():
            at += 1
            continue
        cells, after = _record(lines, at, delimiter)
        yield at + 1, row_of(cells, columns) if cells is not None else RawRow({}, "row.quotes")
        at = after


def _record(lines: Sequence[str | None], at: int, delimiter: str) -> tuple[list[str] | None, int]:
    """Return the cells of the record that starts at `at`, and where the next one starts.

    None for a record that cannot be read: then the next one starts on the next line.
    """
    first = lines[at] or ""
    if '"' not in first:
        return first.split(delimiter), at + 1
    readable = takewhile(lambda line: line is not None, lines[at : at + MOST_LINES_OF_A_RECORD])
    reader = csv.reader((f"{line}\n" for line in readable), delimiter=delimiter, strict=True)
    try:
        return next(reader), at + reader.line_num
    except csv.Error:
        return None, at + 1
