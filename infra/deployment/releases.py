"""Releases: what was deployed when, as the packages' bucket remembers it, and which one is before another.

A release is a zip and a template under their contents' hashes. Each deployment
that succeeded adds one entry to its stage's history; a rollback adds one too,
which takes the newest of those before it away again.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from infra.deployment.changes import DATA

VARIABLE = "CARILLON_RELEASE"
"""What a function is told its release is; `/health` says it again."""
SHOWN = 12
"""Of a hash: how much of it names a release."""


@dataclass(frozen=True, slots=True)
class Release:
    """A template and its zip, by their keys in the packages' bucket. `name`: the zip's hash, shortened."""

    name: str
    template: str
    code: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One deployment of a release. `at`: ISO 8601 in UTC.

    `is_rollback`: it went back to this release, whose template then has the data that came after it.
    """

    at: str
    release: Release
    is_rollback: bool = False


def standing(history: Iterable[Entry]) -> list[Release]:
    """Return the releases that were deployed and not rolled back, the one that runs now last."""
    found: list[Release] = []
    for entry in history:
        if entry.is_rollback and len(found) > 1:
            found[-2:] = [entry.release]
        elif not entry.is_rollback and (not found or found[-1] != entry.release):
            found.append(entry.release)
    return found


def before(history: Iterable[Entry]) -> Release | None:
    """Return the release that a rollback goes to; None when there is none before the one that runs."""
    found = standing(history)
    return found[-2] if len(found) > 1 else None


def text_of(entry: Entry) -> bytes:
    """Return an entry as it is kept."""
    return json.dumps({"v": 1, **asdict(entry)}, sort_keys=True).encode()


def entry_of(text: bytes) -> Entry:
    """Return an entry that was kept."""
    found = json.loads(text)
    return Entry(at=found["at"], release=Release(**found["release"]), is_rollback=found["is_rollback"])


def placed(
    template: Mapping[str, Any],
    *,
    bucket: str,
    code: str,
    release: str,
    names: Mapping[str, str],
) -> dict[str, Any]:
    """Return a template for one account: its zip, its release, and names that AWS would have worked out.

    CloudFormation takes over what was kept of an earlier stack only when its name
    is written out. `names`: those of resources by logical name and property,
    "Bucket.BucketName".
    """
    made = copy.deepcopy(dict(template))
    resources = made["Resources"]
    for resource in resources.values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": code}
    for path, name in names.items():
        logical, _, field = path.partition(".")
        if logical in resources:
            resources[logical]["Properties"][field] = name
    everywhere = made["Globals"]["Function"]["Environment"]["Variables"]
    everywhere[VARIABLE] = release
    return made


def keeping_data(older: Mapping[str, Any], present: Mapping[str, Any]) -> dict[str, Any]:
    """Return an older template with the data that came after it: going back loses none."""
    made = copy.deepcopy(dict(older))
    later = {
        name: resource
        for name, resource in present["Resources"].items()
        if resource["Type"] in DATA and name not in made["Resources"]
    }
    made["Resources"] = {**made["Resources"], **later}
    for part in ("Parameters", "Conditions") if later else ():  # which those name
        made[part] = {**present.get(part, {}), **made.get(part, {})}
    return made


def without(template: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return a template without these resources: what is there already and cannot be taken over."""
    made = copy.deepcopy(dict(template))
    for name in names:
        made["Resources"].pop(name, None)
    return made
