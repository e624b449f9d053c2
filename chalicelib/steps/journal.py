"""The journal of an import: what it was about to change, in parts, so that it can be undone.

A part is written before any of its changes is made. A person who was merged
again, because somebody else changed them meanwhile, is in it again: the last
word counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import orjson

from chalicelib.audience.consent import Basis, Consent
from chalicelib.audience.identity import Identity
from chalicelib.audience.undoing import Change
from chalicelib.steps.home import Home

MOST_TRIES = 100
"""Of one part: more than an import ever makes."""


def note_down(home: Home, batch: str, part: int, attempt: int, changes: Sequence[Change]) -> None:
    """Store one part. Of the first attempt also an empty one, which says that the next part may exist."""
    if changes or not attempt:
        lines = (orjson.dumps(_plain(change), default=sorted) for change in changes)
        home.ports.objects.put(_key(batch, part, attempt), b"\n".join(lines))


def parts(home: Home, batch: str) -> Iterator[list[Change]]:
    """Yield what was noted down, in parts: the last word of each person and line, the last line first."""
    part = 0
    while (stored := home.ports.objects.get(_key(batch, part, 0))) is not None:
        by_line: dict[tuple[int, str], Change] = {}
        attempt = 0
        while stored is not None and attempt < MOST_TRIES:
            changes = (_change(orjson.loads(line)) for line in stored.splitlines())
            by_line |= {(change.line, change.person): change for change in changes}
            attempt += 1
            stored = home.ports.objects.get(_key(batch, part, attempt))
        yield [by_line[key] for key in sorted(by_line, reverse=True)]
        part += 1


def keys(home: Home, batch: str) -> Iterator[str]:
    """Yield under which keys something was noted down."""
    part = 0
    while home.ports.objects.get(_key(batch, part, 0)) is not None:
        attempt = 0
        while attempt < MOST_TRIES and home.ports.objects.get(_key(batch, part, attempt)) is not None:
            yield _key(batch, part, attempt)
            attempt += 1
        part += 1


def _key(batch: str, part: int, attempt: int) -> str:
    return f"imports/{batch}.journal/{part:05d}-{attempt:02d}.jsonl"


def _plain(change: Change) -> dict[str, Any]:
    """Return a change without its empty fields: nine in ten are of somebody new."""
    found = {f.name: getattr(change, f.name) for f in fields(change)}
    return {name: value for name, value in found.items() if value or name == "line"}


def _change(plain: Mapping[str, Any]) -> Change:
    return Change(
        person=plain["person"],
        line=plain["line"],
        is_new=plain.get("is_new", False),
        at=plain.get("at", 0),
        claimed=tuple(Identity(i["kind"], i["value"]) for i in plain.get("claimed", ())),
        was=plain.get("was", {}),
        now_is=plain.get("now_is", {}),
        ages_were=plain.get("ages_were", {}),
        tags=frozenset(plain.get("tags", ())),
        lists=frozenset(plain.get("lists", ())),
        consents_were=_consents(plain.get("consents_were", {})),
        consents_are=_consents(plain.get("consents_are", {})),
        suppressed=frozenset(plain.get("suppressed", ())),
    )


def _consents(plain: Mapping[str, Any]) -> dict[str, Consent]:
    return {name: Consent(**{**item, "basis": Basis(item["basis"])}) for name, item in plain.items()}
