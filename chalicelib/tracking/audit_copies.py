"""Copies of the audit trail: finished stretches of it as files, of which each has the hash of the one before.

A file is JSON lines: a heading, then entries. Its name has its number and the
first digits of its own SHA-256, so that a file that was altered, and one that
is missing among the others, shows to whoever has the files alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from chalicelib.audience.instant import DAY_MS, HOUR_MS, Instant, from_iso, to_iso
from chalicelib.errors import Problem
from chalicelib.tracking.audit import AuditEntry, facts_of

SETTLED_MS = HOUR_MS
"""Before an instant is copied: longer than anything of ours runs that could still write an entry of it."""
LOOK_BACK_MS = DAY_MS
"""How far back every look goes for entries that came late: a clock was set back, or a process stood still."""
MOST_LINES = 1_000
"""Of a file, and those of one millisecond more: entries of one instant are never in two files."""
_NAME = re.compile(r"(\d{8,})-([0-9a-f]{16})\.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiesHead:
    """How far the trail is copied: number and SHA-256 of the last file, 0 and "" before the first.

    What came until `until` is in a file, except what comes yet; `late` names what came after its stretch was
    copied, and is in a later file. `stretch` is the number of the last file that has more than late ones.
    """

    number: int = 0
    stretch: int = 0
    sha256: str = ""
    until: Instant = -1
    late: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCopy:
    """One file: its number, the SHA-256 of the file before, the stretch (since, until], and whose it has."""

    number: int
    before: str
    since: Instant
    until: Instant
    keys: tuple[str, ...]
    late: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiesVerified:
    """What a set of files says of itself. `first` and `last` are numbers, 0 without a file."""

    files: int
    entries: int
    late: int
    first: int
    last: int
    until: Instant
    sha256: str
    faults: tuple[Problem, ...]


def key_of(entry: AuditEntry) -> str:
    """Return what an entry is known by among all others."""
    return f"{entry.at}|{entry.id}"


def instant_of(key: str) -> Instant:
    """Return the instant of whatever is known by `key`."""
    return int(key.partition("|")[0])


def name_of(number: int, body: bytes) -> str:
    """Return a file's name: the same for the same bytes, and another for others."""
    return f"{number:08d}-{hashlib.sha256(body).hexdigest()[:16]}.jsonl"


def ready(found: Sequence[AuditEntry], reached: Instant, until: Instant) -> list[AuditEntry] | None:
    """Return those before the instant `reached`, if they fill a file; None while there may be more of them.

    Whatever has just been read may have others of its millisecond behind it, on the next page.
    """
    some = [entry for entry in found if entry.at < reached]
    return some if reached - 1 > until and len(some) >= MOST_LINES else None


def next_file(head: CopiesHead, entries: Iterable[AuditEntry], until: Instant) -> bytes:
    """Return the file behind `head` with what came until `until`; what an earlier one lacks is late."""
    listed = sorted(entries, key=lambda entry: (entry.at, entry.id))
    heading = {
        "number": head.number + 1,
        "before": head.sha256,
        "since": to_iso(head.until) if head.number else "",
        "until": to_iso(until),
        "entries": len(listed),
    }
    lines = [heading, *(_line(entry, is_late=head.number > 0 and entry.at <= head.until) for entry in listed)]
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)


def _line(entry: AuditEntry, *, is_late: bool) -> dict[str, Any]:
    line: dict[str, Any] = {"at": to_iso(entry.at), "id": entry.id, **facts_of(entry)}
    return line | {"late": True} if is_late else line


def read(body: bytes) -> AuditCopy:
    """Return what a file has. Raises ValueError for what is no whole file of ours."""
    try:
        heading, *lines = [orjson.loads(line) for line in body.splitlines()]
        if len(lines) != heading["entries"] or not body.endswith(b"\n"):
            raise ValueError("not as many entries as it says")
        keyed = [(f"{from_iso(line['at'])}|{line['id']}", bool(line.get("late"))) for line in lines]
        return AuditCopy(
            number=int(heading["number"]),
            before=str(heading["before"]),
            since=from_iso(heading["since"]) if heading["since"] else -1,
            until=from_iso(heading["until"]),
            keys=tuple(key for key, _ in keyed),
            late=tuple(key for key, is_late in keyed if is_late),
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no copy of the audit trail: {error!r}") from error


def behind(head: CopiesHead, body: bytes) -> CopiesHead:
    """Return the head behind one more file. Raises ValueError for what is no file of ours."""
    copy = read(body)
    return CopiesHead(
        number=copy.number,
        stretch=copy.number if copy.until > copy.since else head.stretch,
        sha256=hashlib.sha256(body).hexdigest(),
        until=copy.until,
        late=(*head.late, *(key for key in copy.late if key not in head.late)),
    )


def forgotten(head: CopiesHead, until: Instant) -> CopiesHead:
    """Return the head without those late ones that the trail itself no longer has."""
    return replace(head, late=tuple(key for key in head.late if instant_of(key) > until))


def parted(
    entries: Iterable[AuditEntry], copied: Collection[str]
) -> tuple[list[AuditEntry], list[AuditEntry]]:
    """Return (those that are copied, those that are not)."""
    has: list[AuditEntry] = []
    lacks: list[AuditEntry] = []
    for entry in entries:
        (has if key_of(entry) in copied else lacks).append(entry)
    return has, lacks


def verify(files: Iterable[tuple[str, bytes]]) -> CopiesVerified:
    """Check files, as (name, content) in the order of their names: one chain, nothing altered or left out.

    It may begin anywhere, since the first files may be gone when their lock is over. Files that
    are missing at its end do not show: whoever asks compares `last` with what the home says.
    """
    seen = CopiesVerified(files=0, entries=0, late=0, first=0, last=0, until=-1, sha256="", faults=())
    for name, body in files:
        try:
            copy = read(body)
        except ValueError:
            fault = Problem(code="audit_file_unreadable", params={"file": name})
            seen = replace(seen, files=seen.files + 1, faults=(*seen.faults, fault))
            continue
        seen = replace(
            seen,
            files=seen.files + 1,
            entries=seen.entries + len(copy.keys),
            late=seen.late + len(copy.late),
            first=seen.first or copy.number,
            last=copy.number,
            until=copy.until,
            sha256=hashlib.sha256(body).hexdigest(),
            faults=(*seen.faults, *_faults(seen, name, body, copy)),
        )
    return seen


def _faults(seen: CopiesVerified, name: str, body: bytes, copy: AuditCopy) -> Iterator[Problem]:
    """Yield what is wrong with a file behind those seen so far."""
    found = _NAME.fullmatch(name)
    if found is None or name != name_of(copy.number, body):
        yield Problem(code="audit_file_altered", params={"file": name})
    if copy.number == seen.last:
        yield Problem(code="audit_file_twice", params={"file": name, "number": str(copy.number)})
    elif seen.last and copy.number != seen.last + 1:
        missing = span(seen.last + 1, copy.number - 1)
        yield Problem(code="audit_file_missing", params={"file": name, "numbers": missing})
    elif copy.before != seen.sha256 and (seen.last or copy.number == 1):
        yield Problem(code="audit_chain_broken", params={"file": name})


def span(first: int, last: int) -> str:
    """Return "2" or "2–5"."""
    return str(first) if first == last else f"{first}–{last}"
