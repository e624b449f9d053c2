"""Reading the template of a definition: its name, language chain, parameters and buttons."""

from __future__ import annotations

import re
from typing import Any

from chalicelib.authoring.definition import Button, Parameter, TemplateUse, ValueKind
from chalicelib.authoring.fields import Reader
from chalicelib.authoring.nodes import Text
from chalicelib.authoring.parameter_types import bound
from chalicelib.authoring.rendering import Expression, InvalidExpression


def read_template(root: Reader) -> TemplateUse | None:
    """Return which template is used and how it is filled; None where it cannot be told."""
    one = root.mapping("template")
    if one is None:
        return None
    one.required("name")
    name = one.matching("name", r"[a-z0-9_]{1,512}", "template_name_invalid") or ""
    language_from, chain = _language(one)
    use = TemplateUse(
        name=name,
        language_from=language_from,
        chain=chain,
        parameters=_parameters(one),
        buttons=_buttons(one),
    )
    one.finish(later=("header", "carousel"))
    return use


def _language(one: Reader) -> tuple[str, dict[str, tuple[str, ...]]]:
    found = one.node("language")
    if found is None:
        return "contact.language", {}
    if isinstance(found, Text):
        return found.value.strip(), {}
    inner = one.mapping("language")
    if inner is None:
        return "contact.language", {}
    source = inner.text("from", "contact.language") or "contact.language"
    if source != "contact.language" and not re.fullmatch(r"[a-z]{2,3}([-_][A-Za-z]{2,4})?", source):
        inner.note("language_from_invalid", "from", value=source)
    chain: dict[str, tuple[str, ...]] = {}
    table = inner.mapping("chain")
    for key in table.fields.by_key if table else ():
        texts = table.texts(key) if table else []
        chain[key.lower().replace("_", "-")] = tuple(t.value for t in texts)
    inner.finish()
    return source, chain


def _parameters(one: Reader) -> tuple[Parameter, ...]:
    table = one.mapping("parameters")
    if table is None:
        return ()
    parameters = []
    for name in table.fields.by_key:
        node = table.node(name)
        if isinstance(node, Text):  # `name: text` is short for `name: {value: text}`
            _check_expression(table, name, node.value)
            parameters.append(Parameter(name=name, value=node.value))
        else:
            inner = table.mapping(name)
            if inner is None:
                continue
            inner.required("value")
            value = inner.text("value") or ""
            _check_expression(inner, "value", value)
            parameters.append(Parameter(name=name, value=value, fallback=_fallback(inner), **_type(inner)))
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


def _check_expression(inner: Reader, key: str, text: str) -> None:
    try:
        Expression(text)
    except InvalidExpression as error:
        inner.note(error.code, key, None, **error.params)


def _fallback(inner: Reader) -> dict[str, str]:
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


def _buttons(one: Reader) -> tuple[Button, ...]:
    buttons = []
    for inner in one.readers("buttons"):
        kind = inner.text("type") if inner.required("type") else None
        inner.required("index")
        index = inner.number("index", 0, least=0, most=9)
        key = "payload" if kind == "quick_reply" else "value"
        if kind not in ("url", "quick_reply"):
            if kind is not None:
                inner.note("button_not_available", "type", value=kind)
            inner.text(key)
        else:
            inner.required(key)
        value = inner.text(key) or ""
        if kind == "url":
            _check_expression(inner, key, value)
        inner.finish()
        buttons.append(Button(kind=kind or "", index=int(index or 0), value=value))
    return tuple(buttons)
