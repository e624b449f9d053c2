"""Values to JSON and back, by their type hints, so that stores hold shape and no rules."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import orjson

from chalicelib.audience.contact import Happening
from chalicelib.audience.standing import Send
from chalicelib.sending.broadcast import Member

COMPACT = frozenset({Happening, Member, Send})
"""Kinds of which one item holds many: there a list of their values, in the order of their fields.

New fields of theirs go to the end, with a default.
"""
REMEMBERED = 2_048
"""Items whose value is kept, a few MB: broadcasts, controls and chunks are read far more than written."""
T = TypeVar("T")
Decode = Callable[[Any], Any]


def encode(value: Any) -> bytes:
    """Return a dataclass as JSON. Sets become sorted lists; keys become text."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"cannot store a {type(value).__name__}")


def decode(kind: type[T], raw: bytes, version: int | None = None) -> T:
    """Return the value of type `kind` that `encode` wrote, with the `version` the store gave it.

    Unknown fields are ignored and missing ones take their default, so that an
    older item can still be read. Who decodes the same bytes again gets the same value,
    which nobody changes: values are immutable here.
    """
    decoded: T = _decoded(kind, raw, version)  # type: ignore[arg-type] # every type is hashable
    return decoded


@lru_cache(maxsize=REMEMBERED)
def _decoded(kind: Any, raw: bytes, version: int | None) -> Any:
    found = orjson.loads(raw)
    if version is not None:
        found["version"] = version
    return from_plain(kind, found)


def from_plain(kind: type[T], plain: dict[str, Any]) -> T:
    """Return the value of type `kind` that these lists, mappings and scalars stand for."""
    decoder: Callable[[Any], T] = _decoder(kind)  # type: ignore[arg-type] # every type is hashable
    return decoder(plain)


def lean(value: Any) -> dict[str, Any]:
    """Return a dataclass as lists, mappings and scalars, without the fields that are at their default.

    For a store that bills by size. The outermost `version` is the store's own and left out.
    """
    return {name: item for name, item in _fields(value).items() if name != "version"}


def _fields(value: Any) -> dict[str, Any]:
    return {f.name: _lean(item) for f in fields(value) if (item := getattr(value, f.name)) != _default(f)}


def _lean(value: Any) -> Any:
    if type(value) in COMPACT:
        return [_lean(getattr(value, f.name)) for f in fields(value)]
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return {str(name): _lean(item) for name, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_lean(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def _default(field: Any) -> Any:
    """Return a field's default; MISSING, which equals nothing, when it has none."""
    return field.default if field.default_factory is MISSING else field.default_factory()


@cache
def _decoder(kind: Any) -> Decode:
    """Return the function that turns JSON into `kind`; `_same` where JSON already is it."""
    if is_dataclass(kind):
        return _dataclass_decoder(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = _decoder(next(a for a in arguments if a is not type(None)))
        return inner if inner is _same else lambda v: None if v is None else inner(v)
    if origin is tuple:
        return _tuple_decoder(arguments)
    if origin is frozenset:
        each = _decoder(arguments[0])
        return frozenset if each is _same else lambda v: frozenset(map(each, v))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_decoder(*arguments)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return float if kind is float else _same


def _same(value: Any) -> Any:
    return value


def _mapping_decoder(keys: Any, values: Any) -> Decode:
    name, each = (int if keys is int else _same), _decoder(values)
    if name is _same and each is _same:
        return _same
    return lambda v: {name(k): each(x) for k, x in v.items()}


def _tuple_decoder(arguments: tuple[Any, ...]) -> Decode:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        each = _decoder(arguments[0])
        return tuple if each is _same else lambda v: tuple(map(each, v))
    decoders = [_decoder(a) for a in arguments]
    if all(d is _same for d in decoders):
        return tuple
    return lambda v: tuple(d(x) for d, x in zip(decoders, v, strict=True))


def _dataclass_decoder(kind: Any) -> Decode:
    hints = get_type_hints(kind)
    names = frozenset(f.name for f in fields(kind))
    decoders = [(name, d) for name in names if (d := _decoder(hints[name])) is not _same]

    order = tuple(f.name for f in fields(kind))

    def build(value: Any) -> Any:
        if isinstance(value, list):
            value = dict(zip(order, value, strict=False))
        if not value.keys() <= names:
            value = {name: value[name] for name in names & value.keys()}
        for name, decoder in decoders:
            if name in value:
                value[name] = decoder(value[name])
        return kind(**value)

    return build
