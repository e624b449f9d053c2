"""The answers about contacts files: imports, what became of each row, undos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from chalicelib.audience.profiling import Finding, Survey
from chalicelib.pipeline import Pipeline
from chalicelib.steps.imports import ImportResult, result_lines
from chalicelib.steps.undo import UndoResult
from chalicelib.web.shapes import worded

MOST_KEPT = 100
"""People of an undo whom its answer names."""


def imported(value: ImportResult, language: str) -> dict[str, Any]:
    """Return an import's counts, which add up to its rows, and what is to be said of the file."""
    return {
        "batch": value.batch,
        "rows": value.rows,
        "created": value.created,
        "updated": value.updated,
        "unchanged": value.unchanged,
        "duplicate": value.duplicate,
        "invalid": value.invalid,
        "encoding": value.encoding,
        "warnings": [worded(code, params, language) for code, params in value.warnings],
        "results": f"/api/contacts/imports/{value.batch}/results",
    }


def import_lines(pipeline: Pipeline, batch: str, language: str) -> list[dict[str, Any]]:
    """Return one object per row: line, verdict and, where refused, what is wrong with it."""
    return [
        {
            **line,
            "problems": [worded(code, params, language) for code, params in line["problems"]],
        }
        for line in result_lines(pipeline.home, batch)
    ]


def undo_done(value: UndoResult, language: str) -> dict[str, Any]:
    """Return what an undo did, and who was not wholly undone and why, up to MOST_KEPT people."""
    return {
        "batch": value.batch,
        "people": value.people,
        **value.by_outcome,
        "reasons": [{**worded(code, {}, language), "people": n} for code, n in value.by_reason.items()],
        "kept_people": [
            {
                "line": line["line"],
                "person": line["person"],
                "problems": [worded(code, params, language) for code, params in line["problems"]],
            }
            for line in value.kept[:MOST_KEPT]
        ],
    }


def profile(value: Survey, language: str) -> dict[str, Any]:
    """Return what a file holds; rows = people + duplicates + invalid."""
    return {
        "encoding": value.encoding,
        "delimiter": value.delimiter,
        "rows": value.rows,
        "people": value.people,
        "duplicates": value.duplicates,
        "duplicate_lines": value.duplicate_lines,
        "invalid": sum(finding.rows for finding in value.problems.values()),
        "columns": [
            {
                "name": column.name,
                "meaning": column.meaning,
                "suggestion": column.suggestion,
                "filled": column.filled,
                "values": None if column.values is None else dict(column.values.most_common()),
            }
            for column in value.columns
        ],
        "renamed": value.renamed,
        "numbers_by_country": dict(Counter(value.numbers_by_country).most_common()),
        "problems": _findings(value.problems, language),
        "notices": _findings(value.notices, language),
        "warnings": [worded(code, params, language) for code, params in value.warnings],
    }


def _findings(found: Mapping[str, Finding], language: str) -> list[dict[str, Any]]:
    """Return findings, most frequent first, worded with the facts of the first row of each."""
    ordered = sorted(found.items(), key=lambda pair: (-pair[1].rows, pair[0]))
    return [
        {**worded(code, finding.params, language), "rows": finding.rows, "lines": finding.lines}
        for code, finding in ordered
    ]
