"""How large DynamoDB takes an item to be, which is what it bills: its rules, in bytes.

Of a number the documentation says "approximately"; a sign is counted here too.
"""

from __future__ import annotations

from typing import Any

WRITE_UNIT = 1_024
"""Bytes of one write."""


def size_of(item: dict[str, Any]) -> int:
    """Return the size of an item in DynamoDB's own notation."""
    return sum(_text(name) + _value(value) for name, value in item.items())


def _value(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return _text(content)
    if kind == "N":
        return _number(content)
    if kind == "M":
        return 3 + sum(1 + _text(name) + _value(inner) for name, inner in content.items())
    if kind == "L":
        return 3 + sum(1 + _value(inner) for inner in content)
    return 1


def _text(text: str) -> int:
    return len(text.encode())


def _number(number: str) -> int:
    digits = number.lstrip("-").partition("e")[0].replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + number.startswith("-")
