"""What a command says: one JSON document or text on stdout, progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from cli.texts import text

YES = frozenset({"y", "yes", "o", "oui", "نعم"})


class Screen:
    """Where a command's words go. With `as_json`, stdout gets exactly one document."""

    def __init__(
        self,
        *,
        as_json: bool = False,
        language: str = "en",
        out: TextIO | None = None,
        err: TextIO | None = None,
        keys: TextIO | None = None,
    ) -> None:
        self.as_json = as_json
        self.language = language
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._keys = keys or sys.stdin
        self._progress_width = 0

    @property
    def is_terminal(self) -> bool:
        """Whether somebody watches the progress."""
        return self._err.isatty()

    def word(self, name: str, /, **params: object) -> str:
        """Return one of our texts in the reader's language."""
        return text(name, self.language, **params)

    def line(self, words: str = "") -> None:
        """Print a line for people; nothing under --json."""
        if not self.as_json:
            self.clear_progress()
            print(words, file=self._out, flush=True)

    def say(self, name: str, /, **params: object) -> None:
        """Print one of our texts for people."""
        self.line(self.word(name, **params))

    def result(self, document: Any) -> None:
        """Print the JSON document, if that is what was asked for."""
        if self.as_json:
            self.clear_progress()
            print(json.dumps(document, ensure_ascii=False, indent=2), file=self._out, flush=True)

    def complain(self, words: str) -> None:
        """Print a line on stderr, for people."""
        if not self.as_json:
            self.clear_progress()
            print(words, file=self._err, flush=True)

    def agrees(self, name: str, /, **params: object) -> bool | None:
        """Ask whether to go on, in the reader's language; None when nobody is there to answer."""
        if self.as_json or not self._keys.isatty():
            return None
        self.clear_progress()
        print(self.word(name, **params), end=" ", file=self._err, flush=True)
        return self._keys.readline().strip().casefold() in YES

    @property
    def is_asked(self) -> bool:
        """Whether somebody sits at the keys."""
        return self._keys.isatty()

    def typed(self, name: str, /, **params: object) -> str | None:
        """Have a word typed; None when nobody is there to type it."""
        if self.as_json or not self.is_asked:
            return None
        self.clear_progress()
        print(self.word(name, **params), end=" ", file=self._err, flush=True)
        return self._keys.readline().strip()

    def given(self, most: int) -> str:
        """Return what comes in from standard input, at most so many characters and one."""
        return self._keys.read(most + 1)

    def progress(self, words: str) -> None:
        """Replace the progress line; only a terminal has one."""
        if self.is_terminal:
            print("\r" + words.ljust(self._progress_width), end="", file=self._err, flush=True)
            self._progress_width = len(words)

    def clear_progress(self) -> None:
        """Wipe the progress line before other words."""
        if self._progress_width:
            print("\r" + " " * self._progress_width + "\r", end="", file=self._err, flush=True)
            self._progress_width = 0

    def table(self, rows: Sequence[Sequence[object]], *, indent: str = "  ") -> None:
        """Print rows in aligned columns; numbers to the right."""
        for words in aligned(rows):
            self.line(indent + words)

    def counts(self, numbers: Mapping[str, int], *, indent: str = "    ") -> None:
        """Print a name and a number a line, largest first."""
        ordered = sorted(numbers.items(), key=lambda kv: (-kv[1], kv[0]))
        self.table([(name, n) for name, n in ordered], indent=indent)


def aligned(rows: Sequence[Sequence[object]]) -> list[str]:
    """Return rows as lines of equal columns."""
    cells = [[number(cell) for cell in row] for row in rows]
    columns = max((len(row) for row in cells), default=0)
    widths = [max((len(row[n]) for row in cells if n < len(row)), default=0) for n in range(columns)]
    lines = []
    for row, texts in zip(rows, cells, strict=True):
        parts = [
            words.rjust(width) if isinstance(value, int | float) else words.ljust(width)
            for value, words, width in zip(row, texts, widths, strict=False)
        ]
        lines.append("  ".join(parts).rstrip())
    return lines


def number(value: object) -> str:
    """Return a cell as text; thousands apart, nothing as a dash."""
    if value is None:
        return "-"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}".replace(",", " ")
    return str(value)


def share(value: float | None) -> str:
    """Return a share as percent; of nobody there is none."""
    return "-" if value is None else f"{100 * value:.1f} %"


def clock(iso: object) -> str:
    """Return an ISO instant as people read it, in UTC; other words as they are."""
    words = str(iso or "-")
    if len(words) >= 19 and words[10:11] == "T":
        return f"{words[:10]} {words[11:19]} UTC"
    return words
