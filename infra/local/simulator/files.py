"""Files that were uploaded to a number: read from the form of an upload, and kept for thirty days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP

from infra.local.simulator.refusals import RefusedCall

KEPT_MS = 30 * 24 * 3_600_000.0
MEGABYTE = 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."
_DOCUMENTS = frozenset(
    [
        "application/pdf",
        "text/plain",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        f"{_OFFICE}wordprocessingml.document",
        f"{_OFFICE}spreadsheetml.sheet",
        f"{_OFFICE}presentationml.presentation",
    ]
)
_KIND_BY_TYPE = {
    **{kind: "document" for kind in _DOCUMENTS},
    "image/jpeg": "image",
    "image/png": "image",
    "video/mp4": "video",
    "video/3gpp": "video",
}
_LARGEST = {"image": 5 * MEGABYTE, "video": 16 * MEGABYTE, "document": 100 * MEGABYTE}


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of a number, until it runs out."""

    number: str
    type: str
    size: int
    until_ms: float


def kind_of(type_: str) -> str:
    """Return which header may show a MIME type, "" for none."""
    return _KIND_BY_TYPE.get(type_, "")


def read_upload(headers: Mapping[str, str], body: bytes) -> tuple[str, int]:
    """Return the type and size of the file in a form; raise RefusedCall."""
    content_type = next((v for k, v in headers.items() if k.lower() == "content-type"), "")
    if not content_type.lower().startswith("multipart/form-data"):
        raise RefusedCall(100, "The upload must be multipart/form-data")
    found = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts = {str(part.get_param("name", header="content-disposition")): part for part in found.iter_parts()}
    if parts.keys() != {"messaging_product", "type", "file"}:
        raise RefusedCall(100, "The form must have messaging_product, type and file")
    texts = {
        name: _bytes_of(parts[name]).decode("utf-8", "replace") for name in ("messaging_product", "type")
    }
    if texts["messaging_product"] != "whatsapp":
        raise RefusedCall(100, "The parameter messaging_product is required and must be whatsapp")
    kind, size = kind_of(texts["type"]), len(_bytes_of(parts["file"]))
    if not kind or parts["file"].get_content_type() != texts["type"]:
        raise RefusedCall(
            100, f"Param file must be a file with one of the supported types, not {texts['type']}"
        )
    if not 0 < size <= _LARGEST[kind]:
        raise RefusedCall(131053, f"Media of {size} bytes is not within the limits of {kind}")
    return texts["type"], size


def _bytes_of(part: object) -> bytes:
    found = part.get_payload(decode=True)  # type: ignore[attr-defined] # EmailMessage, untyped by kind
    return found if isinstance(found, bytes) else b""
