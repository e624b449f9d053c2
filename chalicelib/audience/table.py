"""A contacts file as a table: what its columns mean, and its rows as cells by column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.audience.consent import EVERYTHING, MARKETING
from chalicelib.audience.spreadsheet_cells import unguarded
from chalicelib.errors import InvalidImport, Problem

MOST_COLUMNS = 200
LONGEST_CELL = 4_000
"""Characters."""


IDENTITY_COLUMNS = ("phone", "external_id")
COLUMNS = (*IDENTITY_COLUMNS, "first_name", "last_name", "language", "country", "timezone", "tags", "lists")
AGE = "updated_at"
"""The column that says how old a row is: when what it tells was last true."""
SUPPRESSED = "suppressed"
FILE_COLUMNS = (*COLUMNS, AGE, SUPPRESSED)
CONSENT_PREFIX = "consent_"
OPT_OUT_PREFIX = "optout_"
ALL, ALL_MARKETING = "all", "all_marketing"
"""In an opt-out's column: every topic of the channel, as STOP does; every marketing one."""

Note = tuple[str, Mapping[str, str]]
"""A code of the wording tables and its facts."""

_CONSENT_COLUMN = re.compile(r"(?:consent|optout)_([a-z0-9]+)_([a-z0-9][a-z0-9_-]*)")


@dataclass(frozen=True, slots=True)
class RawRow:
    """One record: its non-empty cells by column. `fault` is a code when it could not be read.

    `phone_is_number`: a spreadsheet kept the phone as a number, so without its plus or first zeros.
    """

    cells: Mapping[str, str]
    fault: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    phone_is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A contacts file: how it was encoded, its columns, and (line, row) of every record.

    `columns` are in the file's order, "" for one without a name. `rows` may be gone through once.
    `delimiter` stands between the cells of a text file, "" in a spreadsheet. `warnings` are about the file.
    """

    encoding: str
    columns: Sequence[str]
    rows: Iterator[tuple[int, RawRow]]
    delimiter: str = ""
    warnings: tuple[Note, ...] = ()


def refused(code: str, **params: str) -> InvalidImport:
    """Return why a file is no contacts file."""
    return InvalidImport(Problem(code=code, params=params))


def columns_of(names: Sequence[str], *, may_be_nameless: bool = False) -> Sequence[str]:
    """Return the columns of a header line, "" for those that have none. Raises InvalidImport.

    `may_be_nameless`: none of them needs to name a person.
    """
    columns = [_column(unguarded(name.strip())) for name in names]
    named = [name for name in columns if name]
    if not set(IDENTITY_COLUMNS) & set(named) and not may_be_nameless:
        raise refused("csv.no_identity", found=", ".join(named)[:200])
    if len(columns) > MOST_COLUMNS:
        raise refused("csv.too_many_columns", most=str(MOST_COLUMNS))
    for name in named:
        if named.count(name) > 1:
            raise refused("csv.duplicate_column", column=name)
        if name.startswith(CONSENT_PREFIX):
            consent_of(name)
        if name.startswith(OPT_OUT_PREFIX):
            opt_out_of(name)
    return columns


def is_attribute(column: str) -> bool:
    """Say whether a column's cells are an attribute of the contact."""
    return column not in FILE_COLUMNS and not column.startswith((CONSENT_PREFIX, OPT_OUT_PREFIX))


def _column(name: str) -> str:
    """Return a header's name: ours in lower case, an attribute's as a segment can name it."""
    lower = name.lower()
    if not is_attribute(lower):
        return lower
    return re.sub(r"\s+", "_", name)


def consent_of(column: str) -> tuple[str, str]:
    """Return (channel, topic) of a consent column. Raises InvalidImport when it names neither.

    A column that was meant as consent must never become a mere attribute; nor
    may `all`, which is no topic, become one.
    """
    match = _CONSENT_COLUMN.fullmatch(column)
    if match is None or match[2] in (ALL, ALL_MARKETING):
        raise refused("csv.consent_column", column=column)
    return match[1], match[2]


def opt_out_of(column: str) -> tuple[str, str]:
    """Return (channel, topic or scope) of an opt-out's column. Raises InvalidImport when it names neither."""
    match = _CONSENT_COLUMN.fullmatch(column)
    if match is None:
        raise refused("csv.optout_column", column=column)
    return match[1], {ALL: EVERYTHING, ALL_MARKETING: MARKETING}.get(match[2], match[2])


def row_of(cells: Sequence[str], columns: Sequence[str]) -> RawRow:
    """Return a record's cells under its columns, or what is wrong with its shape."""
    if any(cell.strip() for cell in cells[len(columns) :]):
        return RawRow({}, "row.too_many_cells", {"found": str(len(cells)), "columns": str(len(columns))})
    found: dict[str, str] = {}
    for name, cell in zip(columns, cells, strict=False):
        text = unguarded(cell.strip())
        if len(text) > LONGEST_CELL:
            return RawRow({}, "row.cell_too_long", {"column": name, "most": str(LONGEST_CELL)})
        if text and name:
            found[name] = text
    return RawRow(found) if found else RawRow({}, "row.empty")
