"""The API's answers: what scripts outside rely on. Here what all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.audience.instant import Instant, to_iso
from chalicelib.errors import CarillonError, Problem
from chalicelib.pipeline import Pipeline
from chalicelib.steps.tokens import Token
from chalicelib.wording import say


def instant(value: Instant | None) -> str | None:
    """Return an instant as ISO 8601 in UTC."""
    return None if value is None else to_iso(value)


def problem(value: Problem, language: str) -> dict[str, Any]:
    """Return a problem with its text."""
    return {
        "code": value.code,
        "path": value.path,
        "line": value.line,
        "column": value.column,
        "file": value.file,
        "params": dict(value.params),
        "text": say(value.code, value.params, language),
    }


def worded(code: str, params: Mapping[str, str], language: str) -> dict[str, Any]:
    """Return a warning with its text."""
    return {"code": code, "params": dict(params), "text": say(code, params, language)}


def error(value: CarillonError, language: str) -> dict[str, Any]:
    """Return an error with all its problems; the message is the first one's text."""
    problems = [problem(p, language) for p in value.problems]
    message = problems[0]["text"] if problems else value.code
    return {"code": value.code, "message": message, "problems": problems}


def health(pipeline: Pipeline) -> dict[str, Any]:
    """Return that we live, and which data we run on; on AWS also which release."""
    from chalicelib.planning.local_time import tzdata_version

    release = pipeline.home.settings.release
    told = {"status": "ok", "now": to_iso(pipeline.home.ports.clock.now()), "tzdata": tzdata_version()}
    return told | ({"release": release} if release else {})


def waves(waves: Mapping[Instant, int]) -> list[dict[str, Any]]:
    """Return waves in order of time; the instant 0 of `send_at: now` is said as the word."""
    return [{"at": instant(at) if at else "now", "people": waves[at]} for at in sorted(waves)]


def token(value: Token) -> dict[str, Any]:
    """Return what may be shown of an API token."""
    return {
        "token": value.number,
        "name": value.name,
        "owner": value.owner,
        "role": value.role,
        "scope": list(value.scope),
        "created_at": instant(value.created_at),
        "expires_at": instant(value.expires_at),
        "revoked_at": instant(value.revoked_at),
    }
