"""Media: which files and addresses may stand in a header, after the platform's own limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.authoring.definition import Header, TemplateUse

PREFIX = "media:"
"""Before the name of a file of campaigns/media/."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
ADDRESS = re.compile(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?/\S*")
LONGEST_ADDRESS = 2_000
MEGABYTE = 1024 * 1024

# Meta, "Supported media types" of the Cloud API, read 2026-09: type by ending, then the largest size.
_OFFICE = "application/vnd.openxmlformats-officedocument"
TYPE_BY_ENDING: Mapping[str, Mapping[str, str]] = {
    "image": {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png"},
    "video": {"mp4": "video/mp4", "3gp": "video/3gpp"},
    "document": {
        "pdf": "application/pdf",
        "txt": "text/plain",
        "doc": "application/msword",
        "xls": "application/vnd.ms-excel",
        "ppt": "application/vnd.ms-powerpoint",
        "docx": f"{_OFFICE}.wordprocessingml.document",
        "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
        "pptx": f"{_OFFICE}.presentationml.presentation",
    },
}
LARGEST_BYTES: Mapping[str, int] = {
    "image": 5 * MEGABYTE,
    "video": 16 * MEGABYTE,
    "document": 100 * MEGABYTE,
}
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_BEGINNINGS: Mapping[str, tuple[int, bytes]] = {
    "jpg": (0, b"\xff\xd8\xff"),
    "jpeg": (0, b"\xff\xd8\xff"),
    "png": (0, b"\x89PNG\r\n\x1a\n"),
    "mp4": (4, b"ftyp"),
    "3gp": (4, b"ftyp"),
    "pdf": (0, b"%PDF-"),
    **{ending: (0, _OLE) for ending in ("doc", "xls", "ppt")},
    **{ending: (0, _ZIP) for ending in ("docx", "xlsx", "pptx")},
}
LONGEST_BEGINNING = 16
MEDIA_KINDS = tuple(TYPE_BY_ENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A file of campaigns/media/: `sha256` names its content, `beginning` is its first 16 bytes."""

    name: str
    size: int
    sha256: str
    beginning: bytes


def ending_of(name: str) -> str:
    """Return what stands behind the last dot, in small letters."""
    return name.rpartition(".")[2].lower()


def type_of(name: str) -> str:
    """Return the MIME type that a file's name promises, "" for one that no header takes."""
    ending = ending_of(name)
    return next((types[ending] for types in TYPE_BY_ENDING.values() if ending in types), "")


def fault_of(file: MediaFile, kind: str) -> tuple[str, Mapping[str, str]] | None:
    """Return why the platform would not take a file as an image, video or document: code and params."""
    ending = ending_of(file.name)
    if ending not in TYPE_BY_ENDING[kind]:
        endings = ", ".join(TYPE_BY_ENDING[kind])
        return "media_wrong_kind", {"file": file.name, "kind": kind, "endings": endings}
    if not file.size or file.size > LARGEST_BYTES[kind]:
        most = str(LARGEST_BYTES[kind] // MEGABYTE)
        return "media_size", {"file": file.name, "bytes": str(file.size), "most": most}
    at, wanted = _BEGINNINGS.get(ending, (0, b""))
    if file.beginning[at : at + len(wanted)] != wanted:
        return "media_not_what_it_says", {"file": file.name, "ending": ending}
    return None


def headers_of(use: TemplateUse) -> Iterator[tuple[str, Header]]:
    """Yield every header of a message and its cards, with its path in the definition."""
    if use.header is not None:
        yield "template.header", use.header
    for number, card in enumerate(use.carousel):
        if card.header is not None:
            yield f"template.carousel[{number}].header", card.header


def files_of(use: TemplateUse) -> frozenset[str]:
    """Return the names of all files that a message may show."""
    return frozenset(
        value.removeprefix(PREFIX)
        for _, header in headers_of(use)
        if header.kind in MEDIA_KINDS
        for value in header.values.values()
        if value.startswith(PREFIX)
    )
