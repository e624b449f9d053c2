"""What a backup says of itself, and whether it may be believed."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

import orjson

from chalicelib.audience.instant import Instant, from_iso, to_iso

DATABASE = "carillon.db"
MANIFEST = "manifest.json"
SECRETS = "secrets.env"
LEFT_OUT = (SECRETS, "lock", "logs/")
"""What a home may hold that no backup does; the manifest says so, for whoever looks for it there."""
FORMAT = 1
ROOTS = ("objects", "archive", "campaigns")
MOST_MEMBERS = 500_000
MOST_MANIFEST_BYTES = 128 << 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A backup's schema version, the instant before which all is in it, rows per table, and files."""

    schema: int
    at: Instant
    counts: Mapping[str, int]
    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        """Bytes of everything, unpacked."""
        return sum(member.size for member in self.members)

    def as_dict(self) -> dict[str, Any]:
        """Return it as it is written."""
        return {
            "format": FORMAT,
            "schema": self.schema,
            "at": to_iso(self.at),
            "counts": dict(self.counts),
            "left_out": LEFT_OUT,
            "members": [asdict(member) for member in self.members],
        }


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """Return what the archive says of itself, when nothing of it contradicts what is in it.

    Raises ValueError, KeyError or TypeError: a name that leads outside, one that
    comes twice, a file more or less, another size than is told.
    """
    entries = archive.infolist()
    if len(entries) > MOST_MEMBERS:
        raise ValueError("too many files")
    if archive.getinfo(MANIFEST).file_size > MOST_MANIFEST_BYTES:
        raise ValueError("its manifest is too long")
    found = orjson.loads(archive.read(MANIFEST))
    if found["format"] != FORMAT:
        raise ValueError(f"format {found['format']}")
    members = tuple(_member(fields) for fields in found["members"])
    size_by_name = {member.name: member.size for member in members}
    entry_by_name = {entry.filename: entry for entry in entries}
    if len(size_by_name) != len(members) or len(entry_by_name) != len(entries):
        raise ValueError("a file is in it twice")
    if DATABASE not in size_by_name or {*size_by_name, MANIFEST} != entry_by_name.keys():
        raise ValueError("its files are not those of its manifest")
    for name, size in size_by_name.items():
        if entry_by_name[name].file_size != size or entry_by_name[name].compress_type not in METHODS:
            raise ValueError(f"{name} is not as its manifest says")
    return Manifest(
        schema=int(found["schema"]),
        at=from_iso(found["at"]),
        counts={str(name): int(count) for name, count in found["counts"].items()},
        members=members,
    )


def _member(fields: Any) -> Member:
    name, size = fields["name"], fields["size"]
    if not is_inside(name):
        raise ValueError(f"{name!r} leads outside")
    if not isinstance(size, int) or size < 0:
        raise ValueError(f"{name} has no size")
    return Member(name=name, size=size, sha256=str(fields["sha256"]))


def is_inside(name: Any) -> bool:
    """Say whether a name can only be a place inside the home it is unpacked to."""
    if name == DATABASE:
        return True
    if not isinstance(name, str) or "\\" in name or "\0" in name:
        return False
    parts = PurePosixPath(name).parts
    return (
        len(parts) > 1
        and parts[0] in ROOTS
        and ".." not in parts
        and str(PurePosixPath(name)) == name
        and all(len(part.encode()) <= 255 for part in parts)
    )
