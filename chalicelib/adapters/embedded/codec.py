"""Values to JSON and back, by their type hints, so that stores hold shape and no rules."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import orjson

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
    older item can still be read.
    """
    found = orjson.loads(raw)
    if version is not None:
        found["version"] = version
    decoder: Callable[[Any], T] = _decoder(kind)  # type: ignore[arg-type] # every type is hashable
    return decoder(found)


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

    def build(value: dict[str, Any]) -> Any:
        if not value.keys() <= names:
            value = {name: value[name] for name in names & value.keys()}
        for name, decoder in decoders:
            if name in value:
                value[name] = decoder(value[name])
        return kind(**value)

    return build
