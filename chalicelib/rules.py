"""The rules marketers own, read from files when they change, and definitions by version."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import orjson

from chalicelib.authoring.definition import Definition
from chalicelib.authoring.endpoints import parse_endpoints
from chalicelib.authoring.media import LARGEST_BYTES, LONGEST_BEGINNING, NAME, MediaFile
from chalicelib.authoring.policy import parse_policy
from chalicelib.authoring.reading import read
from chalicelib.authoring.registry import components_hash
from chalicelib.authoring.senders import parse_senders
from chalicelib.authoring.template import Template, parse_template
from chalicelib.errors import InvalidSettings, NotFound, Problem
from chalicelib.ports import Campaigns
from chalicelib.steps.home import Rules


def digest(value: Any) -> str:
    """Return the SHA-256 of a value's JSON: the meaning of a file, not its spelling."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=_plain)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


NAMES = ("senders.yaml", "policy.yaml", "webhooks.yaml")
"""The files beside templates/ and media/."""

LOOK_SECONDS = 1.0
"""How long the files are not looked at again: the pacer asks for the rules many times a second."""


class RulesFiles(Protocol):
    """The files that marketers own beside definitions, wherever they lie, by names as "policy.yaml"."""

    def stamp(self) -> Hashable:
        """Look at them; return something that differs once any has changed. The others tell of this look."""

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None without it."""

    def templates(self) -> list[str]:
        """Return the names of the templates' files, in order."""

    def media(self) -> Mapping[str, MediaFile]:
        """Return the files of media/ that a header could name."""


class RulesShelf:
    """The rules of one home; read again when a file changes.

    `monotonic` is a clock in seconds that nobody sets.
    """

    def __init__(self, files: RulesFiles, *, monotonic: Callable[[], float]) -> None:
        self._files = files
        self._monotonic = monotonic
        self._lock = Lock()
        self._looked_at = -math.inf
        self._seen: Hashable = None
        self._rules: Rules | None = None

    def current(self) -> Rules:
        """Return the rules as the files say, or said less than `LOOK_SECONDS` ago.

        Raises InvalidSettings with every problem, as long as there is one.
        """
        with self._lock:
            now = self._monotonic()
            if self._rules is None or now - self._looked_at >= LOOK_SECONDS:
                seen = self._files.stamp()
                if self._rules is None or seen != self._seen:
                    self._rules = rules_of(self._files)
                    self._seen = seen
                self._looked_at = now
            return self._rules

    def look_again(self) -> None:
        """Have the next `current` look, however short ago the last look was."""
        with self._lock:
            self._looked_at = -math.inf


class LocalFiles:
    """`RulesFiles` in a directory of this machine."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def stamp(self) -> Hashable:
        """Names, times and sizes."""
        files = [self._directory / name for name in NAMES]
        files += sorted((self._directory / "templates").glob("*.json"))
        files += media_files(self._directory)
        return tuple((f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in files if f.exists())

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes; raises OSError when it cannot be read."""
        file = self._directory / name
        return file.read_bytes() if file.exists() or name.startswith("media/") else None

    def templates(self) -> list[str]:
        """Return the templates' files."""
        return [f"templates/{file.name}" for file in sorted((self._directory / "templates").glob("*.json"))]

    def media(self) -> Mapping[str, MediaFile]:
        """Return the media, looked at whole."""
        return {path.name: _media(path) for path in media_files(self._directory)}

    def __str__(self) -> str:
        return str(self._directory)


def load_rules(directory: Path) -> Rules:
    """Read a campaigns directory. Raises InvalidSettings with every problem in every file."""
    return rules_of(LocalFiles(directory))


def rules_of(files: RulesFiles) -> Rules:
    """Read the rules. Raises InvalidSettings with every problem in every file."""
    if files.read("senders.yaml") is None:
        raise InvalidSettings(Problem(code="senders_missing", params={"file": f"{files}/senders.yaml"}))
    problems: list[Problem] = []
    senders = _gather(problems, parse_senders, _text(files, "senders.yaml"), "senders.yaml")
    policy = _gather(problems, parse_policy, _text(files, "policy.yaml"), "policy.yaml")
    endpoints = _gather(problems, parse_endpoints, _text(files, "webhooks.yaml"), "webhooks.yaml")
    templates: dict[tuple[str, str], Template] = {}
    component_hashes: dict[tuple[str, str], str] = {}
    for name in files.templates():
        found = _gather(problems, _template, files.read(name) or b"", name)
        if found is not None:
            template, shown = found
            templates[(template.name, template.language)] = template
            component_hashes[(template.name, template.language)] = shown
    if problems or senders is None or policy is None:
        raise InvalidSettings(*problems)
    by_name: dict[str, dict[str, Any]] = {}
    for (name, language), template in templates.items():
        meaning = {**asdict(template), "components": component_hashes[(name, language)]}
        del meaning["status"]
        by_name.setdefault(name, {})[language] = meaning
    return Rules(
        senders=senders,
        policy=policy,
        templates=templates,
        policy_hash=digest(asdict(policy)),
        sender_hashes={key: digest(asdict(sender)) for key, sender in senders.items()},
        endpoints=endpoints,
        template_hashes={name: digest(languages) for name, languages in by_name.items()},
        component_hashes=component_hashes,
        media=files.media(),
        read_media=lambda name: files.read(f"media/{name}") or b"",
    )


def _text(files: RulesFiles, name: str) -> str:
    """Return a file's text; one that is not there says nothing."""
    found = files.read(name)
    return "{}" if found is None else found.decode("utf-8")


def media_files(directory: Path) -> list[Path]:
    """Return the files of media/ that a header could name, in order."""
    found = (directory / "media").glob("*")
    return sorted(path for path in found if NAME.fullmatch(path.name) and path.is_file())


def _media(path: Path) -> MediaFile:
    """Return what a file is; one above every limit is not read, since nothing may use it."""
    size = path.stat().st_size
    if size > max(LARGEST_BYTES.values()):
        return MediaFile(name=path.name, size=size, sha256="", beginning=b"")
    with path.open("rb") as stream:
        beginning = stream.read(LONGEST_BEGINNING)
        stream.seek(0)
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    return MediaFile(name=path.name, size=size, sha256=found, beginning=beginning)


def _template(raw: bytes, file: str) -> tuple[Template, str]:
    """Return the template of a file, and the hash of what people get of it."""
    try:
        fields = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidSettings(Problem(code="not_json", params={"detail": str(error)}, file=file)) from error
    return parse_template(fields, file), components_hash(fields["components"])


def _gather(problems: list[Problem], parse: Any, source: Any, file: str) -> Any:
    """Parse one file, keeping its problems beside the other files'."""
    try:
        return parse(source, file)
    except InvalidSettings as error:
        problems.extend(error.problems)
        return None


class DefinitionShelf:
    """Definitions by campaign and version, parsed once each; versions never change."""

    def __init__(self, campaigns: Campaigns, most: int = 64) -> None:
        self._campaigns = campaigns
        self._most = most
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, int], Definition] = OrderedDict()

    def definition(self, campaign: str, number: int) -> Definition:
        """Return a stored version, parsed. Raises NotFound."""
        with self._lock:
            known = self._known.get((campaign, number))
            if known is not None:
                self._known.move_to_end((campaign, number))
                return known
        version = self._campaigns.get(campaign, number)
        if version is None:
            raise NotFound(Problem(code="campaign_unknown", params={"campaign": campaign}))
        definition = read(version.source, file=version.file)
        with self._lock:
            self._known[(campaign, number)] = definition
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return definition
