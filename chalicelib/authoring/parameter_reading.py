"""Reading parameters: expressions with their types, bounds and fallbacks."""

from __future__ import annotations

from typing import Any

from chalicelib.authoring.definition import Parameter, ValueKind
from chalicelib.authoring.fields import Reader
from chalicelib.authoring.nodes import Text
from chalicelib.authoring.parameter_types import bound
from chalicelib.authoring.rendering import Expression, InvalidExpression

MOST_PARAMETERS = 100


def read_parameters(one: Reader) -> tuple[Parameter, ...]:
    """Return the values of a template's slots, in the order of the file."""
    table = one.mapping("parameters")
    if table is None:
        return ()
    if len(table.fields.by_key) > MOST_PARAMETERS:
        one.note("too_many", "parameters", most=str(MOST_PARAMETERS))
        return ()
    parameters = []
    for name in table.fields.by_key:
        node = table.node(name)
        if isinstance(node, Text):  # `name: text` is short for `name: {value: text}`
            check_expression(table, name, node.value)
            parameters.append(Parameter(name=name, value=node.value))
        else:
            inner = table.mapping(name)
            if inner is None:
                continue
            inner.required("value")
            value = inner.text("value") or ""
            check_expression(inner, "value", value)
            parameters.append(
                Parameter(name=name, value=value, fallback=read_fallback(inner), **_type(inner))
            )
            inner.finish()
    return tuple(parameters)


def _type(inner: Reader) -> dict[str, Any]:
    """Return what a value must be, with its bounds, which must be of that type and in order."""
    kind = inner.choice("type", ValueKind, ValueKind.TEXT)
    least, most = inner.text("min") or "", inner.text("max") or ""
    currency = inner.matching("currency", "[A-Z]{3}", "currency_invalid") or ""
    limits = []
    for key, text in (("min", least), ("max", most)):
        limit = bound(kind, text) if text else None
        if text and limit is None:
            inner.note("bound_not_of_type", key, value=text, type=kind.value)
        limits.append(limit)
    if None not in limits and limits[0] > limits[1]:  # type: ignore[operator] # both of one type
        inner.note("bounds_reversed", "min", least=least, most=most)
    if (kind is ValueKind.CURRENCY) != (inner.node("currency") is not None):
        inner.note("currency_needed" if kind is ValueKind.CURRENCY else "currency_without_type", "type")
    return {"type": kind, "least": least, "most": most, "currency": currency}


def check_expression(inner: Reader, key: str, text: str) -> None:
    """Note what makes a text no expression."""
    try:
        Expression(text)
    except InvalidExpression as error:
        inner.note(error.code, key, None, **error.params)


def read_fallback(inner: Reader) -> dict[str, str]:
    """Return what to say when a value is empty, by language."""
    found = inner.node("fallback")
    if found is None:
        return {}
    if isinstance(found, Text):
        return {"": found.value.strip()}
    table = inner.mapping("fallback")
    texts = {key: table.text(key) or "" for key in table.fields.by_key} if table else {}
    for key, text in texts.items():
        if not text and table is not None:
            table.note("fallback_empty", key)
    return texts
