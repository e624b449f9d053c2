"""Push: the rules come to a home that has no directory of them, and count all at once or not at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.authoring.media import LARGEST_BYTES, NAME
from chalicelib.errors import InvalidRequest, Problem, Refused, TooLarge
from chalicelib.log import log
from chalicelib.pushed_rules import (
    CURRENT,
    MEDIA,
    Manifest,
    PushedFile,
    PushedFiles,
    content_key,
    manifest_of,
    pushed_file,
    version_key,
)
from chalicelib.rules import NAMES, rules_of
from chalicelib.steps.home import Home

TEMPLATE = re.compile(r"templates/[A-Za-z0-9._-]{1,200}\.json")
SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_FILES = 2_000
LARGEST_TEXT = 1024 * 1024
LARGEST_MEDIA = max(LARGEST_BYTES.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push did: with `missing` contents nothing changed, bring them and push again."""

    version: str
    files: int
    missing: tuple[str, ...] = ()
    unchanged: bool = False


def keep_content(home: Home, sha256: str, body: bytes) -> None:
    """Store a file's content under its hash. Raises Refused, InvalidRequest or TooLarge."""
    _demand_pushed_rules(home)
    if len(body) > LARGEST_MEDIA:
        raise TooLarge(Problem(code="body_too_large", params={"most": str(LARGEST_MEDIA // 1024)}))
    if hashlib.sha256(body).hexdigest() != sha256:
        raise InvalidRequest(Problem(code="rules_content_differs", params={"content": sha256[:12]}))
    home.ports.objects.put(content_key(sha256), body)


def push(home: Home, wanted: Mapping[str, Any]) -> Pushed:
    """Have these files count, by name and content, if nothing is wrong with them.

    Whatever is not named is gone. Raises Refused, InvalidRequest, or InvalidSettings with every problem.
    """
    _demand_pushed_rules(home)
    _demand_well_named(wanted)
    objects = home.ports.objects
    current = manifest_of(objects.get(CURRENT))
    known = {(name, file.sha256): file for name, file in current.files.items()}
    files: dict[str, PushedFile] = {}
    missing: set[str] = set()
    for name, sha256 in sorted(wanted.items()):
        file = known.get((name, sha256)) or _looked_at(home, name, sha256)
        if file is None:
            missing.add(sha256)
        else:
            files[name] = file
    manifest = Manifest(files=files)
    if missing:
        return Pushed(version=current.version, files=len(current.files), missing=tuple(sorted(missing)))
    if manifest.version == current.version and current.files:
        return Pushed(version=current.version, files=len(files), unchanged=True)
    rules_of(PushedFiles(objects, manifest))
    objects.put(version_key(manifest.version), manifest.stored())
    objects.put(CURRENT, manifest.stored())
    home.look_again()
    log.info("rules_pushed", extra={"version": manifest.version[:12], "files": len(files)})
    return Pushed(version=manifest.version, files=len(files))


def pushed(home: Home) -> Pushed:
    """Return which rules count."""
    _demand_pushed_rules(home)
    current = manifest_of(home.ports.objects.get(CURRENT))
    return Pushed(version=current.version, files=len(current.files), unchanged=True)


def _looked_at(home: Home, name: str, sha256: str) -> PushedFile | None:
    body = home.ports.objects.get(content_key(sha256))
    if body is None:
        return None
    most = LARGEST_MEDIA if name.startswith(MEDIA) else LARGEST_TEXT
    if len(body) > most:
        raise TooLarge(Problem(code="body_too_large", params={"most": str(most // 1024)}))
    return pushed_file(name, body)


def _demand_pushed_rules(home: Home) -> None:
    if not home.settings.pushed_rules:
        raise Refused(Problem(code="rules_in_a_directory"))


def _demand_well_named(wanted: Mapping[str, Any]) -> None:
    problems = [
        Problem(code="rules_file_name", params={"file": str(name)[:200]})
        for name, sha256 in wanted.items()
        if not (is_rule(name) and isinstance(sha256, str) and SHA256.fullmatch(sha256))
    ]
    if len(wanted) > MOST_FILES:
        problems = [Problem(code="rules_too_many", params={"most": str(MOST_FILES)})]
    if problems:
        raise InvalidRequest(*problems)


def is_rule(name: str) -> bool:
    """Say whether a file of campaigns/ with this name is one of the rules."""
    if name.startswith(MEDIA):
        return bool(NAME.fullmatch(name.removeprefix(MEDIA)))
    return name in NAMES or bool(TEMPLATE.fullmatch(name))
