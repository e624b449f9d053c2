"""A contacts file as rows: its encoding, delimiter, header and records.

One faulty record never takes its neighbours with it: an unclosed quote or bytes
that are not UTF-8 spoil their own line alone. A file is refused as a whole only
when it is evidently no contacts file.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from chalicelib.errors import InvalidImport, Problem

MOST_BYTES = 512 * 1024 * 1024
MOST_COLUMNS = 200
LONGEST_CELL = 4_000
"""Characters."""

MOST_LINES_OF_A_RECORD = 20
"""A quoted cell may span lines; one that spans more was never closed."""

IDENTITY_COLUMNS = ("phone", "external_id")
COLUMNS = (*IDENTITY_COLUMNS, "first_name", "last_name", "language", "country", "timezone", "tags", "lists")
CONSENT_PREFIX = "consent_"

_CONSENT_COLUMN = re.compile(r"consent_([a-z0-9]+)_([a-z0-9][a-z0-9_-]*)")
_DELIMITERS = (",", ";", "\t")
_UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class RawRow:
    """One record: its non-empty cells by column. `fault` is a code when it could not be read."""

    cells: Mapping[str, str]
    fault: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


def read_rows(raw: bytes, *, most_bytes: int = MOST_BYTES) -> Iterator[tuple[int, RawRow]]:
    """Yield (line, row) for every record behind the header; a record's line is its first, from 1.

    Wholly blank lines are no rows. Raises InvalidImport, before the first row,
    when the file is no contacts file.
    """
    if len(raw) > most_bytes:
        raise _refused("csv.too_large", most=str(most_bytes // 1024 // 1024))
    lines = _lines(raw)
    numbered = [(n, line) for n, line in enumerate(lines) if line is None or line.strip()]
    if numbered and (numbered[0][1] or "").lower().startswith("sep="):
        numbered = numbered[1:]  # Excel's hint to itself; the header tells as much
    header, first = numbered[0] if numbered else (0, "")
    broken = [n for n, line in numbered if line is None]
    if first is None or len(broken) * 2 > len(numbered) - 1:
        raise _refused("csv.not_utf8", line=str(broken[0] + 1))
    delimiter = max(_DELIMITERS, key=first.count)
    columns = _columns(first, delimiter)
    if len(numbered) < 2:
        raise _refused("csv.no_rows")
    return _records(lines, header + 1, delimiter, columns)


def _refused(code: str, **params: str) -> InvalidImport:
    return InvalidImport(Problem(code=code, params=params))


def _lines(raw: bytes) -> Sequence[str | None]:
    """Return the file's lines as text, None where the bytes are not UTF-8."""
    if not raw.strip():
        raise _refused("csv.empty")
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _refused("csv.spreadsheet")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused("csv.not_utf8", line="1")
    if b"\x00" in raw:
        raise _refused("csv.binary")
    body = raw.removeprefix(_UTF8_BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return [_text(line) for line in body.split(b"\n")]


def _text(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def _columns(header: str, delimiter: str) -> Sequence[str]:
    """Return the columns' names, "" for those that have none. Raises InvalidImport."""
    names, _ = _record([header], 0, delimiter)
    if names is None:
        raise _refused("csv.header")
    columns = [_column(name.strip()) for name in names]
    named = [name for name in columns if name]
    if not set(IDENTITY_COLUMNS) & set(named):
        raise _refused("csv.no_identity", found=", ".join(named)[:200])
    if len(columns) > MOST_COLUMNS:
        raise _refused("csv.too_many_columns", most=str(MOST_COLUMNS))
    for name in named:
        if named.count(name) > 1:
            raise _refused("csv.duplicate_column", column=name)
        if name.startswith(CONSENT_PREFIX):
            consent_of(name)
    return columns


def _column(name: str) -> str:
    """Return a header's name: ours in lower case, an attribute's as a segment can name it."""
    lower = name.lower()
    if lower in COLUMNS or lower.startswith(CONSENT_PREFIX):
        return lower
    return re.sub(r"\s+", "_", name)


def consent_of(column: str) -> tuple[str, str]:
    """Return (channel, topic) of a consent column. Raises InvalidImport when it names neither.

    A column that was meant as consent must never become a mere attribute; nor
    may `all`, which is no topic, become one.
    """
    match = _CONSENT_COLUMN.fullmatch(column)
    if match is None or match[2] == "all":
        raise _refused("csv.consent_column", column=column)
    return match[1], match[2]


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
        yield at + 1, _row(cells, columns) if cells is not None else RawRow({}, "row.quotes")
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


def _row(cells: Sequence[str], columns: Sequence[str]) -> RawRow:
    if any(cell.strip() for cell in cells[len(columns) :]):
        return RawRow({}, "row.too_many_cells", {"found": str(len(cells)), "columns": str(len(columns))})
    found: dict[str, str] = {}
    for name, cell in zip(columns, cells, strict=False):
        text = cell.strip()
        if len(text) > LONGEST_CELL:
            return RawRow({}, "row.cell_too_long", {"column": name, "most": str(LONGEST_CELL)})
        if text and name:
            found[name] = text
    return RawRow(found) if found else RawRow({}, "row.empty")
