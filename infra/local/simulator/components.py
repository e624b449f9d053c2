"""Checks the components of a template send: counts, names, formats, characters, lengths."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from infra.local.simulator.catalogue import Button, Template, Text
from infra.local.simulator.refusals import RefusedCall

LONGEST_BODY = 1_024
LONGEST_HEADER = 60
LONGEST_ADDRESS = 2_000
LONGEST_COUPON = 15
LONGEST_PAYLOAD = 256
_BAD_CHARACTERS = re.compile(r"[\n\r\t]| {4}")
_MEDIA = frozenset(("image", "video", "document"))


def check_components(components: Sequence[Any], template: Template) -> None:
    """Raise RefusedCall unless `components` are exactly what the template wants."""
    body: Sequence[Any] = ()
    header: Sequence[Any] = ()
    buttons: dict[int, Mapping[str, Any]] = {}
    seen: set[str] = set()
    for component in components:
        kind = _kind(component)
        if kind == "button":
            index = _index(component, template)
            if index in buttons:
                raise RefusedCall(131009, f"buttons: index {index} is given twice")
            buttons[index] = component
            continue
        if kind in seen:
            raise RefusedCall(131009, f"components: {kind} is given twice")
        seen.add(kind)
        if kind == "body":
            body = _parameters(component)
        else:
            header = _parameters(component)
    _check_text("body", body, template.body, template.named, LONGEST_BODY)
    _check_header(header, template)
    for index, button in enumerate(template.buttons):
        _check_button(index, button, buttons.get(index))


def _kind(component: Any) -> str:
    kind = component.get("type") if isinstance(component, dict) else None
    if not isinstance(kind, str) or kind.lower() not in ("body", "header", "button"):
        raise RefusedCall(100, f"components: type {kind!r} is not one of header, body, button")
    return kind.lower()


def _index(component: Mapping[str, Any], template: Template) -> int:
    index = component.get("index")
    if isinstance(index, bool) or not isinstance(index, int | str) or not str(index).isdecimal():
        raise RefusedCall(131009, f"buttons: index {index!r} is not valid")
    if int(index) >= len(template.buttons):
        raise RefusedCall(131009, f"buttons: the template has no button at index {index}")
    return int(index)


def _parameters(component: Mapping[str, Any]) -> Sequence[Any]:
    parameters = component.get("parameters", [])
    if not isinstance(parameters, list) or not all(isinstance(each, dict) for each in parameters):
        raise RefusedCall(100, f"{component.get('type')}: parameters must be an array of objects")
    return parameters


def _check_text(where: str, parameters: Sequence[Any], wanted: Text, named: bool, longest: int) -> None:
    if len(parameters) != len(wanted.slots):
        raise RefusedCall(
            132000,
            f"{where}: number of localizable_params ({len(parameters)}) does not match the expected "
            f"number of params ({len(wanted.slots)})",
        )
    values: dict[str, str] = {}
    for slot, parameter in zip(wanted.slots, parameters, strict=True):
        values[_name(where, parameter, named, slot)] = _value(where, parameter)
    if values.keys() != set(wanted.slots):
        raise RefusedCall(132012, f"{where}: parameter names do not match the template's")
    length = wanted.fixed_length + sum(len(values[slot]) for slot in wanted.uses)
    if length > longest:
        raise RefusedCall(132005, f"{where}: translated text too long ({length} > {longest})")


def _name(where: str, parameter: Mapping[str, Any], named: bool, slot: str) -> str:
    """Named templates need the name on every parameter; positional ones must omit it."""
    name = parameter.get("parameter_name")
    if named:
        if not isinstance(name, str) or not name:
            raise RefusedCall(100, f"{where}: Parameter name is missing or empty")
        return name
    if name is not None:
        raise RefusedCall(132012, f"{where}: a positional template takes no parameter_name")
    return slot


def _value(where: str, parameter: Mapping[str, Any]) -> str:
    kind, text = parameter.get("type"), parameter.get("text")
    if kind != "text":
        raise RefusedCall(132012, f"{where}: expected a parameter of type text, got {kind!r}")
    if not isinstance(text, str) or not text.strip():
        raise RefusedCall(131008, f"{where}: Parameter of type text is missing text value")
    if _BAD_CHARACTERS.search(text):
        raise RefusedCall(
            132018, f"{where}: Param text cannot have new-line/tab characters or 4 or more consecutive spaces"
        )
    return text


def _check_header(parameters: Sequence[Any], template: Template) -> None:
    if template.header not in _MEDIA:
        _check_text("header", parameters, template.header_text, template.named, LONGEST_HEADER)
        return
    if len(parameters) != 1 or parameters[0].get("type") != template.header:
        raise RefusedCall(132012, f"header: Format mismatch, expected {template.header.upper()}")
    media = parameters[0].get(template.header)
    if not isinstance(media, dict) or ("id" in media) == ("link" in media):
        raise RefusedCall(131008, f"header: {template.header} needs either an id or a link")


def _check_button(index: int, button: Button, component: Mapping[str, Any] | None) -> None:
    if component is None:
        if button.kind == "copy_code" or button.address.slots:
            raise RefusedCall(
                131008, f"buttons: Button at index {index} ({button.kind}) requires a parameter"
            )
        return
    if component.get("sub_type") != button.kind:
        raise RefusedCall(132012, f"buttons: the button at index {index} is of type {button.kind}")
    parameters = _parameters(component)
    if len(parameters) != 1:
        raise RefusedCall(
            132000, f"buttons: Button at index {index} takes 1 parameter, not {len(parameters)}"
        )
    parameter = parameters[0]
    if button.kind == "url":
        if not button.address.slots:
            raise RefusedCall(132012, f"buttons: the address of button {index} has no parameter")
        if len(_value("buttons", parameter)) + button.address.fixed_length > LONGEST_ADDRESS:
            raise RefusedCall(132005, f"buttons: the address of button {index} is too long")
    elif button.kind == "quick_reply":
        _check_short(index, parameter, "payload", LONGEST_PAYLOAD)
    elif button.kind == "copy_code":
        _check_short(index, parameter, "coupon_code", LONGEST_COUPON)
    else:
        raise RefusedCall(132012, f"buttons: Button at index {index} ({button.kind}) takes no parameter")


def _check_short(index: int, parameter: Mapping[str, Any], kind: str, longest: int) -> None:
    value = parameter.get(kind)
    if parameter.get("type") != kind or not isinstance(value, str) or not 0 < len(value) <= longest:
        raise RefusedCall(132012, f"buttons: Button {index} needs a {kind} of 1 to {longest} characters")
