"""Copy the audit trail: stretches that are finished go into the archive, and only then may entries go.

What a file will have is decided once: whoever adds it first beside our own objects
decides it, and everybody else, after a crash or at once, archives those very
bytes. The head only says where to go on; one that is behind catches up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import orjson

from chalicelib.audience.instant import Instant
from chalicelib.log import log, without_numbers
from chalicelib.steps.home import Home
from chalicelib.tracking.audit import AuditEntry
from chalicelib.tracking.audit_copies import (
    LOOK_BACK_MS,
    SETTLED_MS,
    AuditCopy,
    CopiesHead,
    behind,
    forgotten,
    key_of,
    name_of,
    next_file,
    parted,
    read,
    ready,
)

COPIES = "audit/copies/"
HEAD = "audit/head.json"
ARCHIVED = "audit/"
"""Where the archive has the files."""
MOST_MS = 20_000
"""Of one sweep, beside its other work."""


def head_of(home: Home) -> CopiesHead:
    """Return how far the trail is copied."""
    body = home.ports.objects.get(HEAD)
    if body is None:
        return CopiesHead()
    found = orjson.loads(body)
    return CopiesHead(**{**found, "late": tuple(found["late"])})


def copy_on(home: Home) -> int:
    """Copy what is finished, oldest first, for a while; returns how many entries. Safe at any time."""
    began = home.ports.clock.now()
    end, copied = began - SETTLED_MS, 0
    head = head_of(home)
    while home.ports.clock.now() < began + MOST_MS:
        entries, until = _stretch(home, head, end)
        if not entries:
            break
        # Where a clock that ran ahead has taken the head into what is to come, all until then is late.
        head, copy = keep(home, head, entries, max(until, head.until))
        copied += len(copy.keys)
        if until >= end and copy.until >= end:
            break
    return copied


def _stretch(home: Home, head: CopiesHead, end: Instant) -> tuple[list[AuditEntry], Instant]:
    """Return what the next file will have, and until when all then is copied, page by page."""
    start = min(head.until + 1, max(0, end - LOOK_BACK_MS))
    is_copied = _copied_since(home, head, start)
    found: list[AuditEntry] = []
    after = None
    while True:
        page = home.ports.audit.between(start, end, after=after)
        found += [entry for entry in page.items if entry.at > head.until or not is_copied(entry)]
        if page.next is None:
            return found, end
        reached = page.items[-1].at
        full = ready(found, reached, head.until)
        if full is not None:
            return full, reached - 1
        after = page.next


def _copied_since(home: Home, head: CopiesHead, start: Instant) -> Callable[[AuditEntry], bool]:
    """Return what says whether an entry behind `start` is in a file; the files are read when first asked."""
    known = set(head.late)
    number = head.stretch

    def is_copied(entry: AuditEntry) -> bool:
        nonlocal number
        while key_of(entry) not in known and number > 0:
            body = home.ports.objects.get(_copy_key(number))
            if body is None:  # retention removed it, and with it what was in it
                number = 0
                break
            copy = read(body)
            known.update(copy.keys)
            number = copy.number - 1 if copy.since >= start else 0
        return key_of(entry) in known

    return is_copied


def keep(
    home: Home, head: CopiesHead, entries: Sequence[AuditEntry], until: Instant
) -> tuple[CopiesHead, AuditCopy]:
    """Put a file behind the head into the archive; returns the head behind it, and what the file has.

    Where another sweep has decided what that file has, it is its file.
    """
    key = _copy_key(head.number + 1)
    body = next_file(head, map(_without_numbers, entries), until)
    if not home.ports.objects.add(key, body):
        body = home.ports.objects.get(key) or body
    copy = read(body)
    home.ports.archive.add(ARCHIVED + name_of(copy.number, body), body)
    later = behind(head, body)
    _put_head(home, later)
    log.info("audit_copied", extra={"file": copy.number, "entries": len(copy.keys), "late": len(copy.late)})
    return later, copy


def _put_head(home: Home, head: CopiesHead) -> None:
    home.ports.objects.put(HEAD, orjson.dumps(asdict(head)))


def _copy_key(number: int) -> str:
    return f"{COPIES}{number:08d}.jsonl"


def _without_numbers(entry: AuditEntry) -> AuditEntry:
    """Return an entry as nobody will be able to change it: a name that somebody chose may be a number."""
    return replace(
        entry,
        who=without_numbers(entry.who),
        token=without_numbers(entry.token),
        on=without_numbers(entry.on),
        outcome=without_numbers(entry.outcome),
    )


def forget(home: Home, until: Instant, go_on: Callable[[int], bool]) -> None:
    """Remove entries at or before `until`, oldest first, each only when it is in the archive.

    What came so late that no look back has met it is copied here, and goes then. After
    every step `go_on` is told how many went, and says whether to.
    """
    head = head_of(home)
    while (keys := home.ports.objects.keys(COPIES)) and head.number:
        oldest = read(home.ports.objects.get(keys[0]) or b"")
        old = home.ports.audit.until(min(until, oldest.until))
        gone, missed = parted(old, {*oldest.keys, *head.late})
        if missed:
            head, _ = keep(home, head, missed, head.until)
        elif gone:
            home.ports.audit.remove_all(gone)
        elif oldest.until <= until and oldest.number < head.number:
            head = forgotten(head, oldest.until)
            _put_head(home, head)
            home.ports.objects.remove_all(keys[:1])
        else:
            return
        if not go_on(len(gone) if not missed else 0):
            return
