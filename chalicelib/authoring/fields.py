"""Reading a tree of nodes by schema: every conversion, and every problem with its place.

A `Reader` walks one mapping. Each method takes a key and gives a typed value or
the default, and notes what is wrong instead of raising, so that all problems
of a file come out at once. `finish` reports the keys nobody asked for.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TypeVar

from chalicelib.audience.instant import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from chalicelib.authoring.nodes import MOST_PROBLEMS, Fields, Items, Node, Place, Text
from chalicelib.errors import Problem

E = TypeVar("E", bound=StrEnum)

_DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
_MS_BY_UNIT = {"s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def duration_ms(text: str) -> int | None:
    """Return "3h", "45m", "7d" or "30s" in milliseconds, or None."""
    found = _DURATION.fullmatch(text.strip())
    return int(found[1]) * _MS_BY_UNIT[found[2]] if found else None


def clock_minutes(text: str) -> int | None:
    """Return "HH:MM" as minutes since midnight ("24:00" is 0 of the next day: 1440), or None."""
    if text.strip() == "24:00":
        return 1440
    found = _CLOCK.fullmatch(text.strip())
    return int(found[1]) * 60 + int(found[2]) if found else None


def closest(word: str, known: Collection[str]) -> str:
    """Return what was probably meant, or ""."""
    return next(iter(difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)), "")


class Reader:
    """Reads one mapping of a file; `problems` is shared by all readers of the file."""

    def __init__(self, fields: Fields, problems: list[Problem], *, file: str, path: str = "") -> None:
        self.fields = fields
        self.problems = problems
        self._file = file
        self._path = path
        self._asked: set[str] = set()

    def at(self, key: str) -> str:
        """Return the dotted path of a key."""
        return f"{self._path}.{key}" if self._path else key

    def note(self, code: str, key: str, place: Place | None = None, **params: str) -> None:
        """Note a problem at a key, or at a place inside its value; beyond MOST_PROBLEMS of a file none."""
        if len(self.problems) >= MOST_PROBLEMS:
            return
        node = self.fields.by_key.get(key)
        where = place or (node.place if node is not None else None) or self.fields.place
        self.problems.append(
            Problem(
                code=code,
                params={"key": self.at(key), **params},
                path=self.at(key),
                line=where.line,
                column=where.column,
                file=self._file,
            )
        )

    def node(self, key: str) -> Node | None:
        """Return a key's node; an explicit null is as if the key were absent."""
        self._asked.add(key)
        found = self.fields.by_key.get(key)
        return None if isinstance(found, Text) and found.is_null else found

    def required(self, key: str) -> bool:
        """Note a missing key; returns whether it is there."""
        if self.node(key) is None:
            self.note("key_required", key)
            return False
        return True

    def text(self, key: str, default: str | None = None) -> str | None:
        """Return a scalar's text."""
        found = self.node(key)
        if found is None:
            return default
        if not isinstance(found, Text):
            self.note("not_text", key)
            return default
        return found.value.strip()

    def matching(self, key: str, pattern: str, code: str) -> str | None:
        """Return a text that matches a pattern whole."""
        found = self.text(key)
        if found is not None and not re.fullmatch(pattern, found):
            self.note(code, key, value=found)
            return None
        return found

    def choice(self, key: str, kind: type[E], default: E) -> E:
        """Return a word of a closed list."""
        found = self.text(key)
        if found is None:
            return default
        try:
            return kind(found)
        except ValueError:
            words = [word.value for word in kind]
            self.note("not_a_choice", key, value=found, choices=", ".join(words), guess=closest(found, words))
            return default

    def number(self, key: str, default: float | None, *, least: float, most: float) -> float | None:
        """Return a number within bounds."""
        found = self.text(key)
        if found is None:
            return default
        try:
            value = float(found.replace("_", ""))
        except ValueError:
            self.note("not_a_number", key, value=found)
            return default
        if not least <= value <= most:
            self.note("out_of_bounds", key, value=found, least=f"{least:g}", most=f"{most:g}")
            return default
        return value

    def whole(self, key: str, default: int, *, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        found = self.number(key, default, least=least, most=most)
        if found is None or found != int(found):
            self.note("not_a_whole_number", key, value=str(found))
            return default
        return int(found)

    def share(self, key: str, default: float | None, *, least: float, most: float) -> float | None:
        """Return a share such as "5%", as a part of 1; bounds likewise."""
        found = self.text(key)
        if found is None:
            return default
        try:
            value = float(found.removesuffix("%")) / 100 if found.endswith("%") else math.nan
        except ValueError:
            value = math.nan
        if math.isnan(value):
            self.note("not_a_share", key, value=found)
            return default
        if not least <= value <= most:
            self.note("out_of_bounds", key, value=found, least=f"{least:.0%}", most=f"{most:.0%}")
            return default
        return value

    def duration(self, key: str, default: int) -> int:
        """Return a duration in milliseconds."""
        found = self.text(key)
        if found is None:
            return default
        value = duration_ms(found)
        if value is None:
            self.note("not_a_duration", key, value=found)
            return default
        return value

    def mapping(self, key: str) -> Reader | None:
        """Return a reader of a nested mapping."""
        found = self.node(key)
        if found is None:
            return None
        if not isinstance(found, Fields):
            self.note("not_a_mapping_at", key)
            return None
        return Reader(found, self.problems, file=self._file, path=self.at(key))

    def items(self, key: str, *, most: int | None = None) -> tuple[Node, ...]:
        """Return a list's nodes, the first `most` of them; more are a problem."""
        found = self.node(key)
        if found is None:
            return ()
        if not isinstance(found, Items):
            self.note("not_a_list", key)
            return ()
        if most is not None and len(found.items) > most:
            self.note("too_many", key, most=str(most))
        return found.items[:most]

    def readers(self, key: str, *, most: int | None = None) -> list[Reader]:
        """Return a reader for each mapping of a list; anything else is a problem, as are more than `most`."""
        readers = []
        for number, item in enumerate(self.items(key, most=most)):
            if isinstance(item, Fields):
                readers.append(Reader(item, self.problems, file=self._file, path=f"{self.at(key)}[{number}]"))
            else:
                self.note("not_a_mapping_at", key, item.place)
        return readers

    def texts(self, key: str) -> list[Text]:
        """Return the scalars of a list, or a single scalar as a list of one."""
        found = self.node(key)
        if isinstance(found, Text):
            return [found]
        texts = []
        for item in self.items(key):
            if isinstance(item, Text):
                texts.append(item)
            else:
                self.note("not_text", key, item.place)
        return texts

    def finish(self, *, later: Mapping[str, str] | Collection[str] = ()) -> None:
        """Note every key nobody asked for: "not available yet" for those of the format, else unknown."""
        for key, place in self.fields.key_places.items():
            if key in self._asked:
                continue
            if len(self.problems) >= MOST_PROBLEMS:
                return
            if key in later:
                self.note("not_available_yet", key, place)
            else:
                self.note("key_unknown", key, place, guess=closest(key, {*self._asked, *later}))
