"""The answers about contacts files: imports, what became of each row, undos."""

from __future__ import annotations

from typing import Any

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
