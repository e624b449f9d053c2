"""templates: how they stand; and sync, what the platform says of them, with --write written to files."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.client import path_of
from cli.invocation import Invocation
from cli.refusal import Refusal, demanded
from cli.screen import Screen, clock

LONGEST_NAME = 200
"""Of a file made from a template's name, in bytes; file systems take 255."""
KEYS = ("name", "language", "category", "status", "parameter_format", "components")


def sync(invocation: Invocation) -> int:
    """List every account's templates; with --write, bring the files in line with them."""
    screen, arguments = invocation.screen, invocation.arguments
    body = {"sender": arguments.sender or "", "texts": bool(arguments.write)}
    told = demanded(invocation.client.request("POST", "/api/templates/sync", body=body))
    rows = told["templates"]
    screen.table(_lines(screen, rows))
    for account in told["accounts"]:
        name = "not_listed" if account["failed"] else "listed"
        screen.say(name, waba=account["waba"], n=account["listed"], reason=account["failed"])
    failed = any(account["failed"] for account in told["accounts"])
    if arguments.write:
        directory = Path(invocation.environment.get("CARILLON_CAMPAIGNS", "campaigns")) / "templates"
        told["files"] = write_files(screen, directory, rows)
        for row in rows:
            row.pop("template", None)
        failed |= any(file["done"] == "refused" for file in told["files"])
        for file in told["files"]:
            screen.say(f"file_{file['done']}", file=file["file"], reason=file["reason"])
    elif any(row["file"] == "differs" for row in rows):
        screen.say("next", text="carillon templates sync --write")
    screen.result(told)
    return 1 if failed else 0


def listed(invocation: Invocation) -> int:
    """Print how templates stand for each account, as the last sync and the webhooks say. Asks nobody."""
    screen = invocation.screen
    told: dict[str, Any] = {"accounts": [], "templates": []}
    query = {"sender": invocation.arguments.sender} if invocation.arguments.sender else {}
    after: str | None = ""
    while after is not None:
        asked = {**query, "after": after} if after else query
        page = demanded(invocation.client.request("GET", "/api/templates", query=asked))
        told["accounts"], after = page["accounts"], page["next"]
        told["templates"] += page["templates"]
    for account in told["accounts"]:
        screen.line(_account(screen, account))
        rows = [row for row in told["templates"] if row["waba"] == account["waba"]]
        screen.table([_standing(screen, row) for row in rows])
    screen.result(told)
    return 0


def show(invocation: Invocation) -> int:
    """Print one template in every language and account, and why a campaign could not be launched with it."""
    screen, arguments = invocation.screen, invocation.arguments
    query = {"sender": arguments.sender} if arguments.sender else {}
    path = path_of("templates", arguments.name)
    told = demanded(invocation.client.request("GET", path, query=query), template=arguments.name)
    for account in told["accounts"]:
        screen.line(_account(screen, account))
        for row in (row for row in told["templates"] if row["waba"] == account["waba"]):
            screen.table([_standing(screen, row)])
            if row["body"]:
                screen.line(f"    {row['body']}".replace("\n", "\n    "))
            for problem in row["problems"]:
                screen.line("    " + screen.word("warning", text=problem["text"]))
    screen.result(told)
    return 0


def _account(screen: Screen, account: Mapping[str, Any]) -> str:
    when = clock(account["synced_at"]) if account["synced_at"] else screen.word("never_synced")
    senders = ", ".join(account["senders"])
    return screen.word("template_account", waba=account["waba"], senders=senders, when=when)


def _standing(screen: Screen, row: Mapping[str, Any]) -> tuple[object, ...]:
    category = row["category"]
    if row["coming_category"]:
        category += f" → {row['coming_category']}"
    file = "" if row["file"] == "same" else screen.word(f"template_{row['file']}")
    return f"{row['name']}.{row['language']}", row["status"], category, row["quality"] or "-", file


def _lines(screen: Screen, rows: Sequence[Mapping[str, Any]]) -> list[tuple[object, ...]]:
    """Return a line for whatever changed, or is not as its file says."""
    lines: list[tuple[object, ...]] = []
    for row in rows:
        what = [_change(screen, change) for change in row["changes"]]
        if row["file"] != "same" and row["status"] != "DELETED":
            what.append(screen.word(f"template_{row['file']}"))
        if what:
            lines.append(
                (f"{row['name']}.{row['language']}", row["status"], row["category"], "; ".join(what))
            )
    return lines


def _change(screen: Screen, change: Mapping[str, str]) -> str:
    what = screen.word(f"changed_{change['what']}")
    if change["what"] in ("new", "gone", "components"):
        return what
    return f"{what} {change['was'] or '-'} → {change['now']}"


def write_files(screen: Screen, directory: Path, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Write what differs from its file, whole or not at all; delete nothing. Returns what was done.

    Two accounts may have one template with two texts: then neither is written,
    for there is one file. Nor is what no campaign could use: it would stop all.
    """
    paths = _paths(directory)
    done: list[dict[str, str]] = []
    by_key: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        if row.get("template") is not None:
            by_key.setdefault((row["name"], row["language"]), []).append(row)
    for (name, language), same in sorted(by_key.items()):
        wanted = {k: same[0]["template"][k] for k in KEYS if k in same[0]["template"]}
        path = paths.get((name, language), directory / f"{name}.{language}.json")
        reason = _refusal(screen, same, wanted, path)
        if reason:
            done.append({"file": str(path), "done": "refused", "reason": reason})
            continue
        existed = path.exists()
        if not existed or _read(path) != wanted:
            _replace(path, wanted, screen)
            done.append({"file": str(path), "done": "updated" if existed else "created", "reason": ""})
    return done


def _refusal(screen: Screen, same: Sequence[Mapping[str, Any]], wanted: Any, path: Path) -> str:
    if any(_texts(row["template"]) != _texts(wanted) for row in same):
        return screen.word("accounts_differ", accounts=", ".join(str(row["waba"]) for row in same))
    if same[0]["unusable"]:
        return str(same[0]["unusable"][0])
    if len(path.name.encode()) > LONGEST_NAME:
        return screen.word("name_too_long")
    return ""


def _texts(template: Mapping[str, Any]) -> Any:
    return [template.get(key) for key in ("category", "parameter_format", "components")]


def _paths(directory: Path) -> dict[tuple[str, str], Path]:
    """Return the files there are by name and language, whatever they are called."""
    found = {}
    for path in sorted(directory.glob("*.json")):
        fields = _read(path)
        if isinstance(fields, dict):
            found[(str(fields.get("name")), str(fields.get("language")))] = path
    return found


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _replace(path: Path, wanted: Any, screen: Screen) -> None:
    """Write a file beside it and put it in its place, so that nobody reads half of one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".new")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(json.dumps(wanted, ensure_ascii=False, indent=2) + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        words = screen.word("file_unwritable", file=path, reason=error.strerror or str(error))
        raise Refusal("file_unwritable", words) from error
