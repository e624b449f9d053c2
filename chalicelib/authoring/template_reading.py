"""Reading the template of a definition: its name, language chain, parameters and buttons."""

from __future__ import annotations

import re

from chalicelib.authoring.definition import Button, Parameter, TemplateUse
from chalicelib.authoring.fields import Reader
from chalicelib.authoring.nodes import Text
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
            value, fallback = node.value, {}
            _check_expression(table, name, value)
        else:
            inner = table.mapping(name)
            if inner is None:
                continue
            inner.required("value")
            value = inner.text("value") or ""
            _check_expression(inner, "value", value)
            fallback = _fallback(inner)
            inner.finish(later=("type", "min", "max"))
        parameters.append(Parameter(name=name, value=value, fallback=fallback))
    return tuple(parameters)


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
