"""The answers about campaigns and their plans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib.planning.approval import Agreement, Worth
from chalicelib.planning.plan import Planning, PlanState
from chalicelib.planning.trial import Trial
from chalicelib.steps.upload import Uploaded
from chalicelib.web.shapes import instant, problem, waves, worded


def validated(done: Uploaded, language: str) -> dict[str, Any]:
    """Return a valid definition's warnings."""
    return {
        "campaign": done.definition.campaign,
        "problems": [],
        "warnings": [problem(w, language) for w in done.warnings],
    }


def trials(found: Sequence[Trial]) -> dict[str, Any]:
    """Return what came of a definition's tests, each difference with what was expected."""
    tests = [
        {
            "name": trial.case.name,
            "passed": not trial.differences,
            "outcome": trial.outcome,
            "differences": [
                {"what": what, "expected": expected, "found": seen}
                for what, expected, seen in trial.differences
            ],
        }
        for trial in found
    ]
    return {"tests": tests, "passed": all(test["passed"] for test in tests)}


def uploaded(done: Uploaded, language: str) -> dict[str, Any]:
    """Return the stored version."""
    return {
        "campaign": done.definition.campaign,
        "version": done.version,
        "hash": done.hash,
        "unchanged": done.unchanged,
        "warnings": [problem(w, language) for w in done.warnings],
    }


def agreement(value: Agreement) -> dict[str, Any]:
    """Return who said what of a plan, what each word is worth now, and how many approvals are missing."""
    return {
        "needed": value.needed,
        "given": value.given,
        "missing": value.missing,
        "not_author": value.not_author,
        "words": [
            {
                "who": word.who,
                "at": instant(word.at),
                "verdict": word.verdict.value,
                "comment": word.comment,
                "worth": worth.value,
                "until": instant(word.at + value.expires_ms) if worth is Worth.COUNTS else None,
            }
            for word, worth in value.words
        ],
    }


def planning(value: Planning, language: str, agreed: Agreement | None = None) -> dict[str, Any]:
    """Return how far a plan is and, when it is sealed, all it says and who agrees to it."""
    answer: dict[str, Any] = {
        "plan": value.id,
        "campaign": value.campaign,
        "run": value.run,
        "state": value.state.value,
        "tasks": value.tasks,
        "done": len(value.parts),
        "problems": [worded(code, params, language) for code, params in value.problems],
    }
    plan = value.plan
    if plan is None or value.state is not PlanState.SEALED:
        return answer
    if agreed is not None:
        answer["approval"] = agreement(agreed)
    return answer | {
        "hash": plan.hash,
        "author": value.author,
        "version": plan.version,
        "evaluated_at": instant(plan.evaluated_at),
        "audience": plan.audience,
        "planned": plan.planned,
        "excluded": dict(sorted(plan.excluded.items())),
        "waves": waves(plan.waves),
        "countries": dict(sorted(plan.countries.items(), key=lambda kv: -kv[1])),
        "languages": dict(sorted(plan.languages.items(), key=lambda kv: -kv[1])),
        "first_send": instant(plan.first_send),
        "last_send": instant(plan.last_send),
        "last_safe_launch": instant(plan.last_safe_launch),
        "tzdata": plan.versions.tzdata,
        "warnings": [worded(w.code, w.params, language) for w in plan.warnings],
    }
