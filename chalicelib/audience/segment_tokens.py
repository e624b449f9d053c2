"""A segment's text cut into tokens, and the error that points into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

KEYWORDS = frozenset({"and", "or", "not", "in", "is", "missing", "true", "false"})

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<duration>[0-9]+[hdw](?![\w.]))
    |(?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]))
    |(?P<name>[^\W\d][\w-]*(?:\.[^\W\d][\w-]*)*)
    |(?P<symbol>!=|<=|>=|[=<>()\[\],.])""",
    re.VERBOSE | re.DOTALL,
)

# What people write who come from a programming language or a word processor.
_INSTEAD = {"==": "=", "<>": "!=", "&&": "and", "||": "or", "!": "not", **dict.fromkeys("“”„«»", '"')}


class SegmentError(ValueError):
    """The text is no segment. `code` and `params` make the wording; `offset` counts characters from 0."""

    def __init__(self, code: str, offset: int, **params: str) -> None:
        super().__init__(f"{code} at {offset}: {params}")
        self.code = code
        self.params: Mapping[str, str] = MappingProxyType(params)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text; `kind` is text, number, duration, name, keyword, symbol, stray or end."""

    kind: str
    text: str
    start: int
    end: int


def tokens_of(source: str) -> list[Token]:
    """Return the tokens of `source`; a stray character ends them, an end does otherwise.

    A stray one is not refused here, so that a function that is not built yet is
    named as such, whatever its arguments look like.
    """
    tokens: list[Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            return [*tokens, Token("stray", source[at], at, at)]
        kind, text, start, at = match.lastgroup or "", match.group(), at, match.end()
        if kind == "name" and text.lower() in KEYWORDS:
            kind, text = "keyword", text.lower()
        if kind != "space":
            tokens.append(Token(kind, text, start, at))
    return [*tokens, Token("end", "", len(source), len(source))]


def stray(source: str, at: int, expected: str) -> SegmentError:
    """Return what to say of the character at `at`, with which no token starts."""
    if source[at] in "\"'":
        return SegmentError("segment.open_quote", at)
    found = re.match(r"[^\s\w]{1,2}|\S\w{0,20}", source[at:])
    text = found.group() if found else source[at]
    for wrong in (text, text[0]):
        if wrong in _INSTEAD:
            return SegmentError("segment.write_instead", at, found=wrong, instead=_INSTEAD[wrong])
    return SegmentError("segment.unexpected", at, found=text, expected=expected)


def unquoted(text: str) -> str:
    """Return what a quoted text means; a backslash takes the next character as it is."""
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
