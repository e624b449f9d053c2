"""Export: the book in pages of cells, from which whoever asks writes a contacts file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.audience.contact import SHARDS
from chalicelib.audience.exporting import exported
from chalicelib.audience.spreadsheet_cells import guarded
from chalicelib.errors import InvalidRequest, Problem
from chalicelib.steps.home import Home

MOST_PEOPLE = 1_000
MOST_CHARACTERS = 1_000_000
"""Of the cells of one page; an answer of API Gateway has six megabytes at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPage:
    """People as cells by column, none of them a formula; `next` resumes behind them, None at the end.

    `left_out` counts, by name, people of whom a file cannot say something; "" those whom it cannot name.
    """

    rows: Sequence[Mapping[str, str]]
    left_out: Mapping[str, int]
    next: str | None


def export_page(home: Home, after: str | None) -> ExportPage:
    """Return the page of the book behind `after`. Raises InvalidRequest when that is no cursor of ours."""
    shard, cursor = _place(after)
    rows: list[Mapping[str, str]] = []
    left_out: dict[str, int] = {}
    size = 0
    while shard < SHARDS and len(rows) < MOST_PEOPLE and size < MOST_CHARACTERS:
        page = home.ports.book.page(shard, after=cursor)
        for person in page.items:
            one = exported(person)
            if one is None:
                left_out[""] = left_out.get("", 0) + (not person.standing.erased)
                continue
            rows.append({guarded(name): guarded(text) for name, text in one.cells.items()})
            size += sum(map(len, one.cells.values()))
            for name in one.left_out:
                left_out[name] = left_out.get(name, 0) + 1
        cursor = page.next
        if cursor is None:
            shard += 1
    next_ = f"{shard}.{cursor or ''}" if shard < SHARDS else None
    return ExportPage(rows=rows, left_out={name: n for name, n in left_out.items() if n}, next=next_)


def _place(after: str | None) -> tuple[int, str | None]:
    shard, _, cursor = (after or "0.").partition(".")
    if not (shard.isascii() and shard.isdecimal() and int(shard) < SHARDS):
        raise InvalidRequest(
            Problem(code="cursor_unknown", path="after", params={"value": (after or "")[:40]})
        )
    return int(shard), cursor or None
