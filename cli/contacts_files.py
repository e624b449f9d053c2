"""contacts undo, contacts profile, contacts export."""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from cli.client import path_of
from cli.contacts import ANY_BYTES
from cli.invocation import Invocation
from cli.refusal import Refusal, demanded, read_file
from cli.screen import Screen, number
from cli.texts import text

OURS = (
    *("phone", "external_id", "first_name", "last_name", "language", "country", "timezone"),
    *("tags", "lists", "suppressed"),
)
MOST_VALUES = 5
"""Of a column, that people are shown."""
OUTCOMES = {"removed": "removed", "restored": "as_before", "kept": "kept", "nothing": "nothing"}
"""By the API's name, ours."""


def undo(invocation: Invocation) -> int:
    """Take an import back, and say of whom it could not be and why."""
    screen, batch = invocation.screen, invocation.arguments.batch
    done = demanded(invocation.client.request("POST", path_of("contacts", "imports", batch, "undo")))
    screen.say("undone", batch=batch, people=number(done["people"]))
    screen.table([(screen.word(words), done[name]) for name, words in OUTCOMES.items()])
    screen.table([(reason["text"], reason["people"]) for reason in done["reasons"]], indent="    ")
    for kept in done["kept_people"]:
        words = "; ".join(problem["text"] for problem in kept["problems"])
        screen.line(f"    {kept['line']}: {kept['person']}: {words}")
    screen.result(done)
    return 0


def profile(invocation: Invocation) -> int:
    """Say what a contacts file holds and what an import would make of it; nothing is written."""
    screen, arguments = invocation.screen, invocation.arguments
    raw = read_file(arguments.file, screen.language)
    country = arguments.default_country.upper()
    query = {"default_country": country} if country else None
    path = path_of("contacts", "profiles")
    asked = invocation.client.request("POST", path, query=query, body=raw, content_type=ANY_BYTES)
    found = demanded(asked, file=arguments.file)
    screen.say("profile", file=arguments.file, rows=number(found["rows"]), encoding=found["encoding"])
    for warning in found["warnings"]:
        screen.say("warning", text=warning["text"])
    head = [("delimiter", repr(found["delimiter"]))] if found["delimiter"] else []
    counts = [(name, found[name]) for name in ("people", "duplicates", "invalid")]
    screen.table([(screen.word(name), value) for name, value in (*head, *counts)])
    for lines in found["duplicate_lines"]:
        screen.line("    " + screen.word("same_people", lines=", ".join(map(str, lines))))
    screen.say("columns")
    screen.table([_column_row(column, screen) for column in found["columns"]])
    screen.say("numbers_by_country")
    screen.counts(found["numbers_by_country"])
    for name in ("problems", "notices"):
        if found[name]:
            screen.say(name)
        screen.table([(one["rows"], _in_lines(one, screen)) for one in found[name]])
    screen.say("nothing_written")
    screen.result({"file": arguments.file, **found})
    return 0


def _column_row(column: Mapping[str, Any], screen: Screen) -> tuple[object, ...]:
    meaning = screen.word(column["meaning"])
    if column["suggestion"]:
        meaning = screen.word("rename", meaning=meaning, suggestion=column["suggestion"])
    values = list((column["values"] or {}).items())[:MOST_VALUES]
    return column["name"], meaning, column["filled"], ", ".join(f"{value} {n}" for value, n in values)


def _in_lines(finding: Mapping[str, Any], screen: Screen) -> str:
    return screen.word("in_lines", text=finding["text"], lines=", ".join(map(str, finding["lines"])))


@dataclass(slots=True)
class _Book:
    """The book as it came, a line of JSON per person, with its columns: known only at the end."""

    lines: IO[str]
    people: int = 0
    columns: set[str] = field(default_factory=set)
    left_out: Counter[str] = field(default_factory=Counter)


def export(invocation: Invocation) -> int:
    """Write the book as CSV: UTF-8 with its mark, no cell a formula, for the owner's eyes alone."""
    screen, path = invocation.screen, invocation.arguments.file
    if path == "-" and screen.as_json:
        raise Refusal("json_on_stdout", screen.word("json_on_stdout"), "carillon contacts export FILE --json")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as spool:
        book = _fetched(invocation, spool)
        if path == "-":
            _write(book, sys.stdout)
        else:
            with _replaced(path, screen.language) as file:
                _write(book, file)
    unnamed = book.left_out.pop("", 0)
    notes = [
        screen.word("left_out", what=name, people=number(n)) for name, n in sorted(book.left_out.items())
    ]
    notes += [screen.word("unnamed", people=number(unnamed))] if unnamed else []
    for words in notes:
        screen.complain(screen.word("warning", text=words))
    if path != "-":
        screen.say("exported", file=path, people=number(book.people))
    screen.result({"file": path, "people": book.people, "left_out": dict(book.left_out), "unnamed": unnamed})
    return 0


def _fetched(invocation: Invocation, spool: IO[str]) -> _Book:
    book = _Book(spool)
    after: str | None = ""
    while after is not None:
        query = {"after": after} if after else None
        page = demanded(invocation.client.request("GET", path_of("contacts", "export"), query=query))
        for cells in page["rows"]:
            book.columns.update(cells)
            book.people += 1
            spool.write(json.dumps(cells) + "\n")
        book.left_out.update(page["left_out"])
        after = page["next"]
    return book


def _write(book: _Book, file: IO[str]) -> None:
    columns = ordered(book.columns)
    writer = csv.writer(file, lineterminator="\r\n")
    file.write("\ufeff")
    writer.writerow(columns)
    book.lines.seek(0)
    for line in book.lines:
        cells = json.loads(line)
        writer.writerow([cells.get(column, "") for column in columns])


def ordered(columns: Iterable[str]) -> list[str]:
    """Return columns in the order of a file: ours, attributes, consents."""
    named = {"phone", "external_id", *columns}
    ours = [name for name in OURS if name in named]
    others = sorted(named - set(ours), key=lambda name: (name.startswith(("consent_", "optout_")), name))
    return ours + others


@contextmanager
def _replaced(path: str, language: str) -> Iterator[IO[str]]:
    """Open a file that takes the place of `path` once it is whole. Raises Refusal."""
    part = f"{path}.part"
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        os.replace(part, path)
    except OSError as error:
        words = text("file_unwritable", language, file=path, reason=error.strerror or error)
        raise Refusal("file_unwritable", words, "carillon contacts export /tmp/contacts.csv") from error
    finally:
        if os.path.exists(part):
            os.unlink(part)
