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


def decode(kind: type[T], raw: bytes) -> T:
    """Return the value of type `kind` that `encode` wrote. Unknown fields are ignored, missing ones default."""
    value: T = _decoder(kind)(orjson.loads(raw))  # type: ignore[arg-type]
    return value


@cache
def _decoder(kind: Any) -> Decode:
    """Return the function that turns JSON into `kind`."""
    if is_dataclass(kind):
        return _dataclass_decoder(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = _decoder(next(a for a in arguments if a is not type(None)))
        return lambda v: None if v is None else inner(v)
    if origin is tuple:
        return _tuple_decoder(arguments)
    if origin is frozenset:
        each = _decoder(arguments[0])
        return lambda v: frozenset(each(x) for x in v)
    if origin is not None and issubclass(origin, Mapping):
        name, each = _key_decoder(arguments[0]), _decoder(arguments[1])
        return lambda v: {name(k): each(x) for k, x in v.items()}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return float if kind is float else _same


def _same(value: Any) -> Any:
    return value


def _key_decoder(kind: Any) -> Decode:
    return int if kind is int else _same


def _tuple_decoder(arguments: tuple[Any, ...]) -> Decode:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        each = _decoder(arguments[0])
        return lambda v: tuple(each(x) for x in v)
    decoders = [_decoder(a) for a in arguments]
    return lambda v: tuple(d(x) for d, x in zip(decoders, v, strict=True))


def _dataclass_decoder(kind: Any) -> Decode:
    hints = get_type_hints(kind)
    decoders = [(f.name, _decoder(hints[f.name])) for f in fields(kind)]

    def build(value: Any) -> Any:
        return kind(**{name: decoder(value[name]) for name, decoder in decoders if name in value})

    return build
