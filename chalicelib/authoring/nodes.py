"""YAML or JSON to a tree in which every scalar is text and knows its line and column.

YAML 1.1 reads 21:00 as 1260, NO as false and 0612345670 as an octal number, so
nothing is converted here: the schema knows what each value should be. Aliases
and anchors are refused (they make small files huge), as are duplicate keys,
tags, keys that are not plain text, and characters that are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from chalicelib.errors import InvalidDefinition, Problem

LARGEST_SOURCE = 256 * 1024
DEEPEST = 30
MOST_NODES = 10_000
"""Keys and values; a file of more has a list that belongs into the contact book."""
MOST_PROBLEMS = 500
"""Told of one file: nobody reads more, and each costs time."""
_PLAIN = re.compile(r"[ -~\n]*")
_REFUSED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\ud800-\udfff\ufeff\ufffe\uffff]")
"""No text: controls, what turns the order of reading around, halves of characters."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node begins; lines and columns count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, as it was written. A block's text begins on `block_line`, `block_indent` columns in."""

    value: str
    place: Place
    is_null: bool = False
    is_quoted: bool = False
    block_line: int = 0
    block_indent: int = 0


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping, with the place of every key."""

    by_key: Mapping[str, Node]
    key_places: Mapping[str, Place]
    place: Place = field(default=Place(1, 1))


Node = Text | Items | Fields

_Event = Any  # of PyYAML, whose stubs know neither their marks nor their tags


def compose(source: str, *, file: str = "") -> Fields:
    """Return the tree of one YAML or JSON document. Raises InvalidDefinition with all its faults."""
    if len(source.encode("utf-8", "replace")) > LARGEST_SOURCE:
        raise InvalidDefinition(
            Problem(code="too_large", params={"limit": str(LARGEST_SOURCE)}, file=file, line=1, column=1)
        )
    composer = _Composer(source, file)
    try:
        tree = composer.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InvalidDefinition(composer.not_yaml(str(error.problem or error.context or ""), mark)) from error
    except yaml.reader.ReaderError as error:
        detail = f"U+{error.character:04X}" if isinstance(error.character, int) else str(error.reason)
        before = source[: error.position]
        at = Place(before.count("\n") + 1, error.position - before.rfind("\n"))
        raise InvalidDefinition(composer.problem("character_refused", at, character=detail)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidDefinition(composer.not_yaml(str(error)[:200], None)) from error
    if tree is not None and not isinstance(tree, Fields):
        composer.problems.append(Problem(code="not_a_mapping", line=1, column=1, file=file))
    if composer.problems:
        raise InvalidDefinition(*composer.problems)
    return tree if isinstance(tree, Fields) else Fields({}, {})


class _Composer:
    """Makes the tree from the parser's events, in one pass that ends where the file asks too much."""

    def __init__(self, source: str, file: str) -> None:
        self.problems: list[Problem] = []
        self._lines = source.splitlines()
        self._file = file
        self._events = yaml.parse(source, Loader=yaml.SafeLoader)
        self._nodes = 0

    def problem(self, code: str, place: Place, **params: str) -> Problem:
        """Return a problem at a place."""
        return Problem(code=code, params=params, line=place.line, column=place.column, file=self._file)

    def not_yaml(self, detail: str, mark: Any) -> Problem:
        """Return what the parser found."""
        return self.problem("not_yaml", _place(mark) if mark else Place(1, 1), detail=detail)

    def document(self) -> Node | None:
        """Return the only document's node, None when there is none."""
        root = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise InvalidDefinition(self.not_yaml("but found another document", event.start_mark))
                root = self._node(next(self._events), 0)
        return root

    def _node(self, event: _Event, depth: int) -> Node | None:
        place = _place(event.start_mark)
        self._bound(event, place, depth)
        tagged = getattr(event, "tag", None) is not None
        if tagged:
            self.problems.append(self.problem("yaml_tag", place, tag=event.tag[:80]))
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = self._text(event, place)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Items(tuple(self._items(depth)), place)
        else:
            node = self._fields(place, depth)
        return None if tagged else node

    def _bound(self, event: _Event, place: Place, depth: int) -> None:
        """Refuse what makes a small file huge, before it costs anything."""
        self._nodes += 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InvalidDefinition(self.problem("yaml_alias", place))
        if depth > DEEPEST or (depth == DEEPEST and isinstance(event, yaml.CollectionStartEvent)):
            raise InvalidDefinition(self.problem("too_deep", place, limit=str(DEEPEST)))
        if self._nodes > MOST_NODES or len(self.problems) >= MOST_PROBLEMS:
            raise InvalidDefinition(
                *self.problems[:MOST_PROBLEMS], self.problem("too_many_values", place, limit=str(MOST_NODES))
            )

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            item = self._node(event, depth + 1)
            if item is not None:
                yield item

    def _fields(self, place: Place, depth: int) -> Fields:
        by_key: dict[str, Node] = {}
        places: dict[str, Place] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key_place = _place(event.start_mark)
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if key is None:
                continue
            if not isinstance(key, Text):
                self.problems.append(self.problem("key_not_text", key_place))
            elif key.value in by_key:
                self.problems.append(self.problem("key_twice", key_place, key=key.value))
            elif value is not None:
                by_key[key.value] = value
                places[key.value] = key_place
        return Fields(by_key, places, place)

    def _text(self, event: yaml.ScalarEvent, place: Place) -> Text:
        value = event.value
        if not _PLAIN.fullmatch(value):
            value = self._checked(value, place)
        if event.style in ("|", ">"):
            return Text(
                value, place, is_quoted=True, block_line=place.line + 1, block_indent=self._indent(place)
            )
        quoted = event.style in ("'", '"')
        is_null = not quoted and value in ("", "~", "null", "Null", "NULL")
        return Text(value, place, is_null=is_null, is_quoted=quoted, block_line=place.line)

    def _checked(self, value: str, place: Place) -> str:
        """Return a text with JSON's pairs of surrogates as the characters they mean; note what is no text."""
        value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        found = _REFUSED.search(value)
        if found:
            self.problems.append(self.problem("character_refused", place, character=f"U+{ord(found[0]):04X}"))
        return value

    def _indent(self, place: Place) -> int:
        """Return how far a block's text is indented in the file; the value itself no longer says."""
        first = next((line for line in self._lines[place.line :] if line.strip()), "")
        return len(first) - len(first.lstrip(" "))


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)
