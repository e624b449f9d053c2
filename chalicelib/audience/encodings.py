"""Encodings: the bytes of a contacts file as lines of text, and which encoding was assumed.

UTF-8 first. UTF-16 when its mark says so. Windows-1252, which old spreadsheets
write, only when nothing beyond ASCII is valid UTF-8 and what comes out reads
like Western text: a wrong guess would garble every name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.errors import InvalidImport, Problem

UTF8 = "utf-8"
UTF16 = "utf-16"
WINDOWS = "windows-1252"

_UTF8_BOM = b"\xef\xbb\xbf"
_CODEC_BY_BOM = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_BROKEN = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair: what a damaged UTF-16 line holds."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FOREIGN = re.compile(r"[^\x00-\x7f]{3,}")
"""No Western word has three letters in a row beyond ASCII; Arabic read as Windows-1252 has little else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A file's lines, None where one cannot be read, and the name of the encoding."""

    lines: Sequence[str | None]
    encoding: str


def decode(raw: bytes) -> Decoded:
    """Return the lines of a file. Raises InvalidImport when they are no text we can tell."""
    codec = _CODEC_BY_BOM.get(raw[:2])
    if codec is not None:
        return Decoded(lines=_utf16_lines(raw[2:], codec), encoding=UTF16)
    if b"\x00" in raw:
        raise InvalidImport(Problem(code="csv.binary"))
    body = raw.removeprefix(_UTF8_BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        return Decoded(lines=body.decode().split("\n"), encoding=UTF8)
    except UnicodeDecodeError:
        return _in_doubt(body.split(b"\n"), is_marked=raw.startswith(_UTF8_BOM))


def _in_doubt(raw_lines: Sequence[bytes], *, is_marked: bool) -> Decoded:
    """Return lines that are not all UTF-8: broken ones alone, or the whole file as Windows-1252."""
    lines = [_utf8(line) for line in raw_lines]
    if is_marked or any(line is not None and not line.isascii() for line in lines):
        return Decoded(lines=lines, encoding=UTF8)
    try:
        text = b"\n".join(raw_lines).decode("cp1252")
    except UnicodeDecodeError:
        return Decoded(lines=lines, encoding=UTF8)
    if not _is_plausible(text):
        return Decoded(lines=lines, encoding=UTF8)
    return Decoded(lines=text.split("\n"), encoding=WINDOWS)


def _is_plausible(text: str) -> bool:
    foreign = sum(len(run) for run in _FOREIGN.findall(text))
    beyond_ascii = sum(not c.isascii() for c in text)
    return _CONTROL.search(text) is None and foreign * 2 <= beyond_ascii


def _utf8(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def _utf16_lines(body: bytes, codec: str) -> Sequence[str | None]:
    text = body[: len(body) // 2 * 2].decode(codec, "surrogatepass")
    if "\x00" in text:
        raise InvalidImport(Problem(code="csv.binary"))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [None if _BROKEN.search(line) else line for line in lines]
