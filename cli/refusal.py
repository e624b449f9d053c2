"""What went wrong, as a sentence with the next command to run; never a traceback."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.client import Answer, Unreachable
from cli.texts import next_command, text


class Refusal(Exception):
    """The command was not done. `problems` are the API's, each with its text and place."""

    def __init__(
        self, code: str, message: str, next_: str = "", problems: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.next = next_
        self.problems = problems

    def lines(self, language: str) -> list[str]:
        """Return what people read."""
        lines = [_placed(problem) for problem in self.problems] or [self.message]
        lines = [text("refused", language, text=lines[0]), *lines[1:]] if len(lines) == 1 else lines
        if self.next:
            lines.append(text("next", language, text=self.next))
        return lines

    def document(self) -> dict[str, Any]:
        """Return what scripts read: the API's error, with the next command."""
        return {
            "code": self.code,
            "message": self.message,
            "problems": list(self.problems),
            "next": self.next,
        }


def _placed(problem: Mapping[str, Any]) -> str:
    """Return a problem's text behind its file, line and column, as compilers write them."""
    place = ":".join(str(problem[k]) for k in ("file", "line", "column") if problem.get(k))
    path = f" [{problem['path']}]" if problem.get("path") else ""
    words = str(problem.get("text") or problem.get("code") or "")
    return f"{place}: {words}{path}" if place else f"{words}{path}"


def demanded(answer: Answer, **params: object) -> Any:
    """Return the answer's JSON. Raises Refusal when the API did not do it."""
    if answer.done:
        return answer.json
    body = answer.json if isinstance(answer.json, dict) else {}
    problems = [p for p in body.get("problems") or () if isinstance(p, dict)]
    code = str(body.get("code") or f"http_{answer.status}")
    message = str(body.get("message") or f"the server answered {answer.status}")
    codes = [*(str(p.get("code")) for p in problems), code]
    known = (next_command(c, **params) for c in codes)
    raise Refusal(code, message, next((n for n in known if n), ""), problems)


def refusal_of(error: Exception, arguments: argparse.Namespace, language: str) -> Refusal:
    """Return what an error means for whoever ran the command."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Unreachable):
        words = text("unreachable", language, url=error.url, reason=error.reason)
        return Refusal("server_unreachable", words, next_command("unreachable"))
    worded = _of_carillon(error, arguments, language)
    if worded is not None:
        return worded
    import sqlite3  # only now: --help has no use for it

    if isinstance(error, sqlite3.Error | OSError):
        home = getattr(arguments, "home", None) or ".home"
        return Refusal("home_unavailable", text("home_failed", language, home=home, reason=error))
    reason = f"{type(error).__name__}: {error}"
    next_ = next_command("unexpected", command=arguments.command)
    return Refusal("unexpected", text("unexpected", language, reason=reason), next_)


def _of_carillon(error: Exception, arguments: argparse.Namespace, language: str) -> Refusal | None:
    """Word an error that Carillon raised in this process: a home that cannot be opened, a wrong setting."""
    from chalicelib.errors import CarillonError

    if not isinstance(error, CarillonError):
        return None
    from chalicelib.wording import say

    problems = [
        {
            "code": p.code,
            "path": p.path,
            "line": p.line,
            "column": p.column,
            "file": p.file,
            "params": dict(p.params),
            "text": say(p.code, p.params, language),
        }
        for p in error.problems
    ]
    message = str(problems[0]["text"]) if problems else error.code
    code = str(problems[0]["code"]) if problems else error.code
    return Refusal(error.code, message, next_command(code, command=arguments.command), problems)


def read_file(path: str, language: str) -> bytes:
    """Return a file's bytes. Raises Refusal naming the file and why not."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        words = text("file_unreadable", language, file=path, reason=error.strerror or str(error))
        raise Refusal("file_unreadable", words, next_command("file_unreadable", file=path)) from error


def read_text(path: str, language: str) -> str:
    """Return a definition's text. Raises Refusal."""
    try:
        return read_file(path, language).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal("file_not_text", text("file_not_text", language, file=path)) from error
