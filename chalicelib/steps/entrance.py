"""Take in: a file put under `incoming/` is uploaded or imported; what became of it lies under `results/`.

For whoever has a bucket and no API. The event that tells of a file comes at
least once and may tell of one that was replaced or removed since: what is taken
in is the file that lies there now, and taking it in again changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import orjson

from chalicelib.authoring.actor import Actor, ActorKind, Role
from chalicelib.authoring.nodes import LARGEST_SOURCE
from chalicelib.errors import (
    CarillonError,
    HomeUnavailable,
    InvalidDefinition,
    InvalidImport,
    NotFound,
    Problem,
)
from chalicelib.log import log
from chalicelib.steps import audit
from chalicelib.steps.home import Home
from chalicelib.steps.imports import VERDICTS, import_contacts
from chalicelib.steps.keeping import list_upload
from chalicelib.steps.upload import upload
from chalicelib.tracking.audit import DONE
from chalicelib.wording import say

INCOMING = "incoming/"
RESULTS = "results/"
"""Outside of what wakes us, so that no result is ever taken in."""

DEFINITION = re.compile(r"incoming/campaigns/[^/]+\.(?:yaml|yml|json)", re.IGNORECASE)
CONTACTS = re.compile(r"incoming/contacts/[^/]+\.(?:csv|xlsx)", re.IGNORECASE)

MEGABYTE = 1024 * 1024
LARGEST_CONTACTS = 16 * MEGABYTE
"""About 250,000 rows, which take half a gigabyte while they are read: half of what a Lambda function has."""
LARGEST_UNPACKED = 96 * MEGABYTE
"""Of a workbook: about as many rows."""

WHOEVER = Actor(name="incoming", role=Role.MARKETER, kind=ActorKind.BUCKET)
"""Who puts files there is the bucket's to know, not ours."""

LANGUAGES = ("en", "fr")
"""A file asks for no language, so that a problem is said in both."""

Result = dict[str, Any]


def take_in(home: Home, key: str) -> None:
    """Upload or import the object and store its result; a key that is neither is ignored.

    Whatever is wrong with the file is its result. Raises HomeUnavailable, and
    then nothing is lost by taking the same key in again.
    """
    definition, contacts = DEFINITION.fullmatch(key), CONTACTS.fullmatch(key)
    if definition is None and contacts is None:
        log.info("object_ignored", extra={"key": key})
        return
    raw = content(home, key, (LARGEST_SOURCE if definition else LARGEST_CONTACTS) + 1)
    if raw is None:
        log.info("object_missing", extra={"key": key})
        return
    file = key.rpartition("/")[2]
    sha256 = hashlib.sha256(raw).hexdigest()
    if contacts is not None:
        list_upload(home, key, sha256)
    try:
        done = uploaded(home, raw, file) if definition else imported(home, raw, file)
    except HomeUnavailable:
        raise
    except CarillonError as error:
        done = refused(error)
    act, on = ("campaign.upload", "campaign") if definition else ("contacts.import", "batch")
    audit.record(home, WHOEVER, act, on=str(done.get(on, "")), outcome=str(done.get("code", DONE)))
    done = {"key": key, "sha256": sha256, **done}
    home.ports.objects.put(result_key(key), orjson.dumps(done, option=orjson.OPT_INDENT_2))
    log.info("object_taken_in", extra={"key": key, "outcome": done["outcome"]})


def result_key(key: str) -> str:
    """Return where an incoming object's result lies."""
    return f"{RESULTS}{key.removeprefix(INCOMING)}.json"


def content(home: Home, key: str, most: int) -> bytes | None:
    """Return an object's first `most` bytes, or None when it is not there any more."""
    try:
        return home.ports.objects.get_range(key, 0, most)
    except NotFound:
        return None


def uploaded(home: Home, raw: bytes, file: str) -> Result:
    """Return the version a definition became. Raises InvalidDefinition with every problem."""
    if len(raw) > LARGEST_SOURCE:
        raise InvalidDefinition(Problem(code="too_large", params={"limit": str(LARGEST_SOURCE)}, file=file))
    try:
        source = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InvalidDefinition(
            Problem(code="not_utf8", params={"line": str(line)}, line=line, file=file)
        ) from error
    done = upload(home, source, file=file, author="")
    return {
        "outcome": "accepted",
        "campaign": done.definition.campaign,
        "version": done.version,
        "hash": done.hash,
        "unchanged": done.unchanged,
        "warnings": [worded(warning) for warning in done.warnings],
    }


def imported(home: Home, raw: bytes, file: str) -> Result:
    """Return what an import did. Raises InvalidImport when the file is no contacts file."""
    if len(raw) > LARGEST_CONTACTS:
        most = str(LARGEST_CONTACTS // MEGABYTE)
        raise InvalidImport(Problem(code="csv.too_large", params={"most": most}))
    done = import_contacts(home, raw, file=file, default_country=None, most_unpacked=LARGEST_UNPACKED)
    counts = {verdict: getattr(done, verdict) for verdict in VERDICTS}
    return {
        "outcome": "imported",
        "batch": done.batch,
        "rows": done.rows,
        "encoding": done.encoding,
        **counts,
        "warnings": [worded(Problem(code=code, params=params)) for code, params in done.warnings],
    }


def refused(error: CarillonError) -> Result:
    """Return everything that is wrong with a file, in the order of its lines."""
    return {"outcome": "refused", "code": error.code, "problems": [worded(p) for p in error.problems]}


def worded(problem: Problem) -> Result:
    """Return a problem with its place and its texts."""
    return {
        "code": problem.code,
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "file": problem.file,
        "params": dict(problem.params),
        "text": {language: say(problem.code, problem.params, language) for language in LANGUAGES},
    }
