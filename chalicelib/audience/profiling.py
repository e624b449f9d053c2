"""Profiling: what a contacts file holds and what an import would make of it, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.audience.duplicates import by_person
from chalicelib.audience.headers import suggested
from chalicelib.audience.identity import region_of
from chalicelib.audience.importing import TWO_PEOPLE
from chalicelib.audience.interpreting import ImportedRow, RowProblem, interpret
from chalicelib.audience.table import IDENTITY_COLUMNS, Note, RawRow, Table, is_attribute

MOST_LINES_NAMED = 5
"""Of one problem, as examples."""
MOST_SAMPLED = 200
"""Cells of a column that are looked at to guess what it holds."""
MOST_VALUES = 12
"""Different values of a column that are counted each; more are no categories."""
ATTRIBUTE = "attribute"
ANYWHERE = "?"
"""For numbers that belong to no single country."""

_PERSONAL = {*IDENTITY_COLUMNS, "first_name", "last_name"}


@dataclass(slots=True)
class ColumnSurvey:
    """One column: its name, what we take it for, what we suggest it is, and what it holds.

    `values` are counted only where they are few and name nobody.
    """

    name: str
    meaning: str
    suggestion: str
    filled: int = 0
    values: Counter[str] | None = field(default_factory=Counter)
    sample: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Finding:
    """A problem or a notice: how many rows have it, and some of their lines with its facts."""

    rows: int = 0
    lines: list[int] = field(default_factory=list)
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a file holds. rows = people + duplicates + invalid rows, always.

    `renamed` are the columns that were read as if they had the names we suggest.
    """

    encoding: str
    delimiter: str
    rows: int
    columns: Sequence[ColumnSurvey]
    renamed: Mapping[str, str]
    numbers_by_country: Mapping[str, int]
    people: int
    duplicates: int
    duplicate_lines: Sequence[Sequence[int]]
    problems: Mapping[str, Finding]
    notices: Mapping[str, Finding]
    warnings: Sequence[Note]


def profiled(table: Table, country: str | None) -> Survey:
    """Return what a file holds, read with `country` for numbers without a plus."""
    rows = list(table.rows)
    columns = _columns(table.columns, rows, country)
    renamed = _renamed(columns)
    problems: dict[str, Finding] = {}
    notices: dict[str, Finding] = {}
    good: list[ImportedRow] = []
    for line, raw in rows:
        row = interpret(_as_renamed(raw, renamed), line, country)
        if isinstance(row, RowProblem):
            _find(problems, row.code, line, row.params)
            continue
        good.append(row)
        for code, params in row.notes:
            _find(notices, code, line, params)
    groups, in_conflict = by_person(good)
    for row in in_conflict:
        _find(problems, TWO_PEOPLE, row.line, {})
    several = [[row.line for row in group.rows] for group in groups if len(group.rows) > 1]
    return Survey(
        encoding=table.encoding,
        delimiter=table.delimiter,
        rows=len(rows),
        columns=columns,
        renamed=renamed,
        numbers_by_country=Counter(region_of(row.phone) or ANYWHERE for row in good if row.phone),
        people=len(groups),
        duplicates=sum(len(lines) - 1 for lines in several),
        duplicate_lines=several[:MOST_LINES_NAMED],
        problems=problems,
        notices=notices,
        warnings=table.warnings,
    )


def _columns(
    names: Sequence[str], rows: Sequence[tuple[int, RawRow]], country: str | None
) -> list[ColumnSurvey]:
    by_name = {
        name: ColumnSurvey(name, "attribute" if is_attribute(name) else name, "") for name in names if name
    }
    for _, row in rows:
        for name, cell in row.cells.items():
            column = by_name[name]
            column.filled += 1
            if len(column.sample) < MOST_SAMPLED:
                column.sample.append(cell)
            if column.values is not None:
                column.values[cell] += 1
                if len(column.values) > MOST_VALUES:
                    column.values = None
    for column in by_name.values():
        if column.meaning == ATTRIBUTE:
            column.suggestion = suggested(column.name, column.sample, country)
        if {column.meaning, column.suggestion} & _PERSONAL:
            column.values = None
    return list(by_name.values())


def _renamed(columns: Sequence[ColumnSurvey]) -> dict[str, str]:
    """Return our names by those of columns, where nothing else has ours: of several the first."""
    taken = {column.name for column in columns}
    renamed: dict[str, str] = {}
    for column in columns:
        if column.suggestion and column.suggestion not in taken:
            renamed[column.name] = column.suggestion
            taken.add(column.suggestion)
    return renamed


def _as_renamed(row: RawRow, renamed: Mapping[str, str]) -> RawRow:
    if not renamed:
        return row
    return replace(row, cells={renamed.get(name, name): cell for name, cell in row.cells.items()})


def _find(findings: dict[str, Finding], code: str, line: int, params: Mapping[str, str]) -> None:
    finding = findings.setdefault(code, Finding(params=params))
    finding.rows += 1
    if len(finding.lines) < MOST_LINES_NAMED:
        finding.lines.append(line)
