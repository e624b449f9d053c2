"""contacts import, contacts show, contacts erase."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cli.client import path_of
from cli.invocation import Invocation
from cli.refusal import Refusal, demanded, read_file
from cli.screen import clock, number
from cli.texts import text

COUNTS = ("created", "updated", "unchanged", "duplicate", "invalid")
USUAL_ENCODING = "utf-8"
ANY_BYTES = "application/octet-stream"
"""API Gateway hands only binary types over as they are; a text type must be UTF-8."""


def bring(invocation: Invocation) -> int:
    """Import a contacts file; write what became of each row beside us."""
    screen, arguments = invocation.screen, invocation.arguments
    raw = read_file(arguments.file, screen.language)
    results = Path(arguments.results or f"{Path(arguments.file).stem}.results.jsonl")
    is_new = not results.exists()
    _make_writable(results, screen.language)  # before anything is changed
    try:
        imported = imported_as(invocation, raw, Path(arguments.file).name, arguments.default_country, results)
    except Refusal:
        if is_new:
            results.unlink(missing_ok=True)  # a refused file leaves nothing behind
        raise
    screen.say("imported", file=arguments.file, rows=number(imported["rows"]), batch=imported["batch"])
    if imported.get("encoding", USUAL_ENCODING) != USUAL_ENCODING:
        screen.say("read_as", encoding=imported["encoding"])
    for warning in imported.get("warnings") or ():
        screen.say("warning", text=warning["text"])
    screen.table([(screen.word(name), imported[name]) for name in COUNTS])
    screen.say("results", path=imported["results"])
    screen.result(imported)
    return 0


def imported_as(
    invocation: Invocation, raw: bytes, name: str, default_country: str, results: Path
) -> dict[str, Any]:
    """Import bytes as `name`, and write one line per row to `results`."""
    query = {"file": name}
    if default_country:
        query["default_country"] = default_country.upper()
    imported: dict[str, Any] = demanded(
        invocation.client.request(
            "POST", "/api/contacts/imports", query=query, body=raw, content_type=ANY_BYTES
        ),
        file=getattr(invocation.arguments, "file", name),
    )
    lines = demanded(
        invocation.client.request("GET", path_of("contacts", "imports", imported["batch"], "results"))
    )
    _write(results, lines["lines"], invocation.screen.language)
    return imported | {"results": str(results)}


def _make_writable(path: Path, language: str) -> None:
    try:
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise _unwritable(path, error, language) from error


def _write(path: Path, lines: Iterable[Mapping[str, Any]], language: str) -> None:
    try:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    except OSError as error:
        raise _unwritable(path, error, language) from error


def _unwritable(path: Path, error: OSError, language: str) -> Refusal:
    words = text("file_unwritable", language, file=path, reason=error.strerror or error)
    return Refusal("file_unwritable", words, f"carillon contacts import FILE --results /tmp/{path.name}")


def show(invocation: Invocation) -> int:
    """Print a person, the consents and where each one comes from."""
    screen = invocation.screen
    found = demanded(invocation.client.request("GET", path_of("contacts", invocation.arguments.person)))
    plain = ("id", "external_id", "phone", "first_name", "last_name", "language", "country", "timezone")
    rows = [(name, found[name]) for name in plain if found.get(name)]
    rows += [(name, ", ".join(found[name])) for name in ("tags", "lists") if found.get(name)]
    rows += [(f"attr.{name}", value) for name, value in (found.get("attributes") or {}).items()]
    screen.table(rows)
    if found.get("consents"):
        screen.say("consents")
    screen.table([_consent_row(name, consent) for name, consent in (found.get("consents") or {}).items()])
    if found.get("suppressed"):
        screen.say("suppressed")
    screen.table([(cause, clock(at)) for cause, at in (found.get("suppressed") or {}).items()])
    screen.result(found)
    return 0


def erase(invocation: Invocation) -> int:
    """Say what there is of a person, and forget it all once that is agreed to."""
    screen, arguments = invocation.screen, invocation.arguments
    found = _erasing(invocation, confirmed=False)
    if found["already"]:
        screen.say("erased_already", person=found["person"])
    else:
        screen.say("would_erase", person=found["person"])
    screen.table([(screen.word(f"erase_{name}"), number(count)) for name, count in found["found"].items()])
    agreed = True if arguments.yes else screen.agrees("erase_sure")
    if not agreed:
        screen.say("erased_nothing")
        screen.result(found)
        return 0 if agreed is None else 1
    done = _erasing(invocation, confirmed=True)
    screen.say("erased" if done["done"] else "erased_soon", person=done["person"])
    screen.say("erased_elsewhere")
    screen.result(done)
    return 0


def _erasing(invocation: Invocation, *, confirmed: bool) -> dict[str, Any]:
    wanted = {"contact": invocation.arguments.person, "confirmed": confirmed}
    answer: dict[str, Any] = demanded(
        invocation.client.request("POST", path_of("contacts", "erase"), body=wanted)
    )
    return answer


def _consent_row(name: str, consent: Mapping[str, Any]) -> tuple[str, ...]:
    granted, revoked = consent.get("granted_at"), consent.get("revoked_at")
    return (
        name,
        f"+ {clock(granted)}" if granted else "",
        f"- {clock(revoked)}" if revoked else "",
        str(consent.get("basis") or ""),
        str(consent.get("evidence") or ""),
    )
