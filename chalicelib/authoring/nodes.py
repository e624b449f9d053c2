"""YAML or JSON to a tree in which every scalar is text and knows its line and column.

YAML 1.1 reads 21:00 as 1260, NO as false and 0612345670 as an octal number, so
nothing is converted here: the schema knows what each value should be. Aliases
and anchors are refused (they make small files huge), as are duplicate keys,
tags and keys that are not plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from chalicelib.errors import InvalidDefinition, Problem

LARGEST_SOURCE = 256 * 1024
DEEPEST = 30


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


def compose(source: str, *, file: str = "") -> Fields:
    """Return the tree of one YAML or JSON document. Raises InvalidDefinition with all its faults."""
    if len(source.encode("utf-8", "replace")) > LARGEST_SOURCE:
        raise InvalidDefinition(
            Problem(code="too_large", params={"limit": str(LARGEST_SOURCE)}, file=file, line=1, column=1)
        )
    problems: list[Problem] = []
    _refuse_aliases(source, file)
    try:
        loader = yaml.SafeLoader(source)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InvalidDefinition(
            Problem(
                code="not_yaml",
                params={"detail": str(error.problem or error.context or "")},
                line=mark.line + 1 if mark else 1,
                column=mark.column + 1 if mark else 1,
                file=file,
            )
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidDefinition(
            Problem(code="not_yaml", params={"detail": str(error)[:200]}, line=1, column=1, file=file)
        ) from error
    tree = _node(root, problems, file, 0) if root is not None else None
    if tree is not None and not isinstance(tree, Fields):
        problems.append(Problem(code="not_a_mapping", line=1, column=1, file=file))
    if problems:
        raise InvalidDefinition(*problems)
    return tree if isinstance(tree, Fields) else Fields({}, {})


def _refuse_aliases(source: str, file: str) -> None:
    """Scan events before composing, so that neither depth nor aliases cost anything."""
    depth = 0
    try:
        for event in yaml.parse(source, Loader=yaml.SafeLoader):
            mark = event.start_mark
            code = ""
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                code = "yaml_alias"
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                code = "too_deep"
            if code:
                raise InvalidDefinition(
                    Problem(
                        code=code,
                        params={"limit": str(DEEPEST)},
                        line=mark.line + 1 if mark else 1,
                        column=mark.column + 1 if mark else 1,
                        file=file,
                    )
                )
    except yaml.YAMLError:
        return  # composing reports it with its place


def _node(node: yaml.Node, problems: list[Problem], file: str, depth: int) -> Node | None:
    place = Place(node.start_mark.line + 1, node.start_mark.column + 1)
    if node.tag.startswith("!") or (
        node.tag.startswith("tag:") and not node.tag.startswith("tag:yaml.org,2002:")
    ):
        problems.append(
            Problem(
                code="yaml_tag", params={"tag": node.tag}, line=place.line, column=place.column, file=file
            )
        )
        return None
    if isinstance(node, yaml.ScalarNode):
        quoted = node.style in ("'", '"', "|", ">")
        is_null = not quoted and node.value in ("", "~", "null", "Null", "NULL")
        if node.style in ("|", ">"):
            return Text(
                node.value, place, is_quoted=True, block_line=place.line + 1, block_indent=_indent(node)
            )
        return Text(node.value, place, is_null=is_null, is_quoted=quoted, block_line=place.line)
    if isinstance(node, yaml.SequenceNode):
        items = (_node(child, problems, file, depth + 1) for child in node.value)
        return Items(tuple(item for item in items if item is not None), place)
    if isinstance(node, yaml.MappingNode):
        return _fields(node, place, problems, file, depth)
    return None


def _indent(node: yaml.ScalarNode) -> int:
    """Return how far a block's text is indented in the file; the value itself no longer says."""
    buffer = node.start_mark.buffer or ""
    lines = buffer[node.start_mark.pointer :].splitlines()[1:]
    first = next((line for line in lines if line.strip()), "")
    return len(first) - len(first.lstrip(" "))


def _fields(node: yaml.MappingNode, place: Place, problems: list[Problem], file: str, depth: int) -> Fields:
    by_key: dict[str, Node] = {}
    places: dict[str, Place] = {}
    for key_node, value_node in node.value:
        key_place = Place(key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        at = {"line": key_place.line, "column": key_place.column, "file": file}
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(code="key_not_text", **at))  # type: ignore[arg-type]
            continue
        key = key_node.value
        if key in by_key:
            problems.append(Problem(code="key_twice", params={"key": key}, **at))  # type: ignore[arg-type]
            continue
        value = _node(value_node, problems, file, depth + 1)
        if value is not None:
            by_key[key] = value
            places[key] = key_place
    return Fields(by_key, places, place)
