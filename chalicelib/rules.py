"""The rules marketers own, read from files when they change, and definitions by version."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any

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


LOOK_SECONDS = 1.0
"""How long the files are not looked at again: the pacer asks for the rules many times a second."""


class RulesShelf:
    """The files of one directory that marketers own beside definitions; re-read when one changes.

    `monotonic` is a clock in seconds that nobody sets.
    """

    def __init__(self, directory: Path, *, monotonic: Callable[[], float]) -> None:
        self._directory = directory
        self._monotonic = monotonic
        self._lock = Lock()
        self._looked_at = -math.inf
        self._seen: tuple[Any, ...] | None = None
        self._rules: Rules | None = None

    def current(self) -> Rules:
        """Return the rules as the files say, or said less than `LOOK_SECONDS` ago.

        Raises InvalidSettings with every problem, as long as there is one.
        """
        with self._lock:
            now = self._monotonic()
            if self._rules is None or now - self._looked_at >= LOOK_SECONDS:
                seen = self._stamp()
                if self._rules is None or seen != self._seen:
                    self._rules = load_rules(self._directory)
                    self._seen = seen
                self._looked_at = now
            return self._rules

    def look_again(self) -> None:
        """Have the next `current` look, however short ago the last look was."""
        with self._lock:
            self._looked_at = -math.inf

    def _stamp(self) -> tuple[Any, ...]:
        files = [self._directory / name for name in ("senders.yaml", "policy.yaml", "webhooks.yaml")]
        files += sorted((self._directory / "templates").glob("*.json"))
        files += media_files(self._directory)
        return tuple((f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in files if f.exists())


def load_rules(directory: Path) -> Rules:
    """Read a campaigns directory. Raises InvalidSettings with every problem in every file."""
    senders_file = directory / "senders.yaml"
    if not senders_file.exists():
        raise InvalidSettings(Problem(code="senders_missing", params={"file": str(senders_file)}))
    policy_file = directory / "policy.yaml"
    problems: list[Problem] = []
    senders = _gather(problems, parse_senders, senders_file.read_text("utf-8"), "senders.yaml")
    policy_text = policy_file.read_text("utf-8") if policy_file.exists() else "{}"
    policy = _gather(problems, parse_policy, policy_text, "policy.yaml")
    endpoints_file = directory / "webhooks.yaml"
    endpoints_text = endpoints_file.read_text("utf-8") if endpoints_file.exists() else "{}"
    endpoints = _gather(problems, parse_endpoints, endpoints_text, "webhooks.yaml")
    templates: dict[tuple[str, str], Template] = {}
    component_hashes: dict[tuple[str, str], str] = {}
    for file in sorted((directory / "templates").glob("*.json")):
        found = _gather(problems, _template, file.read_bytes(), f"templates/{file.name}")
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
        media={path.name: _media(path) for path in media_files(directory)},
        read_media=lambda name: (directory / "media" / name).read_bytes(),
    )


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
