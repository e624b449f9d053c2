"""Rules that were pushed: files by their content in the home's bucket, and one object that says which count.

`rules/current.json` names each file's content, so that all of them change at
once; what counted before lies under `rules/versions/`. A look is one read of
that object; a file is read when its content is new.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from chalicelib.authoring.media import LONGEST_BEGINNING, MediaFile
from chalicelib.errors import NotFound, Problem
from chalicelib.ports import Objects

CURRENT = "rules/current.json"
MEDIA, TEMPLATES = "media/", "templates/"


def content_key(sha256: str) -> str:
    """Return where a file's content lies."""
    return f"rules/files/{sha256}"


def version_key(version: str) -> str:
    """Return where the manifest of a version lies."""
    return f"rules/versions/{version}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedFile:
    """One file of a manifest; `beginning` is of media alone."""

    sha256: str
    size: int
    beginning: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Which files count: by their names below campaigns/."""

    files: Mapping[str, PushedFile] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The SHA-256 of all names and contents."""
        lines = "".join(f"{file.sha256} {name}\n" for name, file in sorted(self.files.items()))
        return hashlib.sha256(lines.encode()).hexdigest()

    def stored(self) -> bytes:
        """Return the manifest as it is kept."""
        files = {
            name: {"sha256": f.sha256, "size": f.size, "beginning": b64encode(f.beginning).decode()}
            for name, f in self.files.items()
        }
        return orjson.dumps({"v": 1, "version": self.version, "files": files}, option=orjson.OPT_SORT_KEYS)


def manifest_of(stored: bytes | None) -> Manifest:
    """Return a kept manifest; without one there are no files."""
    files: dict[str, Any] = orjson.loads(stored)["files"] if stored else {}
    return Manifest(
        files={
            name: PushedFile(sha256=f["sha256"], size=f["size"], beginning=b64decode(f["beginning"]))
            for name, f in files.items()
        }
    )


def pushed_file(name: str, body: bytes) -> PushedFile:
    """Return what a manifest says of a file."""
    beginning = body[:LONGEST_BEGINNING] if name.startswith(MEDIA) else b""
    return PushedFile(sha256=hashlib.sha256(body).hexdigest(), size=len(body), beginning=beginning)


class PushedFiles:
    """`RulesFiles` of a home: those of `manifest`, else those that count at each look."""

    def __init__(self, objects: Objects, manifest: Manifest | None = None) -> None:
        self._objects = objects
        self._fixed = manifest
        self._manifest = manifest
        self._texts: dict[str, bytes] = {}

    def stamp(self) -> Hashable:
        """GetObject: the version that counts."""
        self._manifest = self._fixed or manifest_of(self._objects.get(CURRENT))
        return self._manifest.version

    def _files(self) -> Mapping[str, PushedFile]:
        if self._manifest is None:
            self.stamp()
        return self._manifest.files if self._manifest else {}

    def read(self, name: str) -> bytes | None:
        """GetObject, once for each content; media each time. Raises NotFound when a content is gone."""
        file = self._files().get(name)
        if file is None:
            return None
        body = self._texts.get(file.sha256) or self._objects.get(content_key(file.sha256))
        if body is None:
            raise NotFound(Problem(code="rules_content_gone", params={"file": name}))
        if not name.startswith(MEDIA):
            self._texts[file.sha256] = body
        return body

    def templates(self) -> list[str]:
        """Return the templates' files."""
        return sorted(name for name in self._files() if name.startswith(TEMPLATES))

    def media(self) -> Mapping[str, MediaFile]:
        """Return the media as the manifest describes them; none is read."""
        found = {}
        for name, file in self._files().items():
            if name.startswith(MEDIA):
                short = name.removeprefix(MEDIA)
                found[short] = MediaFile(
                    name=short, size=file.size, sha256=file.sha256, beginning=file.beginning
                )
        return found

    def __str__(self) -> str:
        return "rules"
