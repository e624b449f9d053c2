"""Checks the components of a template send: counts, names, formats, characters, lengths."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from infra.local.simulator.catalogue import Button, Face, Template, Text
from infra.local.simulator.files import kind_of
from infra.local.simulator.refusals import RefusedCall

LONGEST_BODY = 1_024
LONGEST_HEADER = 60
LONGEST_ADDRESS = 2_000
LONGEST_COUPON = 15
LONGEST_PAYLOAD = 256
_BAD_CHARACTERS = re.compile(r"[\n\r\t]| {4}")
_MEDIA = frozenset(("image", "video", "document"))
_LINK = re.compile(r"https://[^\s/]+/\S*")
_SHORT = {"quick_reply": ("payload", LONGEST_PAYLOAD), "copy_code": ("coupon_code", LONGEST_COUPON)}
_ALWAYS_FILLED = frozenset(("copy_code", "flow", "mpm"))
_ACTION_KEYS = {
    "flow": {"flow_token", "flow_action_data"},
    "catalog": {"thumbnail_product_retailer_id"},
    "mpm": {"thumbnail_product_retailer_id", "sections"},
}
_TEXT_KEYS = {"flow_token", "thumbnail_product_retailer_id"}
MOST_SECTIONS, MOST_PRODUCTS, LONGEST_TITLE = 10, 30, 24


def check_components(
    components: Sequence[Any], template: Template, type_by_media_id: Mapping[str, str]
) -> None:
    """Raise RefusedCall unless `components` are exactly what the template wants.

    `type_by_media_id` are the files that the sending number has uploaded, as MIME types.
    """
    carousels = [each for each in components if _is_carousel(each)]
    others = [each for each in components if not _is_carousel(each)]
    _check_face(others, template.face, template.named, type_by_media_id)
    _check_carousel(carousels, template, type_by_media_id)


def _is_carousel(component: Any) -> bool:
    return isinstance(component, dict) and str(component.get("type")).lower() == "carousel"


def _check_carousel(
    carousels: Sequence[Mapping[str, Any]], template: Template, type_by_media_id: Mapping[str, str]
) -> None:
    """A carousel has exactly the cards that were approved, in their order, and each is filled whole."""
    if len(carousels) != bool(template.cards):
        raise RefusedCall(132012, f"carousel: {len(carousels)} given, expected {int(bool(template.cards))}")
    cards = carousels[0].get("cards") if carousels else []
    if not isinstance(cards, list) or not all(isinstance(card, dict) for card in cards):
        raise RefusedCall(100, "carousel: cards must be an array of objects")
    if len(cards) != len(template.cards):
        raise RefusedCall(
            132000,
            f"carousel: number of cards ({len(cards)}) does not match the expected ({len(template.cards)})",
        )
    for index, (card, face) in enumerate(zip(cards, template.cards, strict=True)):
        inner = card.get("components")
        if card.keys() - {"card_index", "components"} or not isinstance(inner, list):
            raise RefusedCall(100, f"carousel: card {index} needs card_index and components alone")
        if type(card.get("card_index")) is not int or card["card_index"] != index:
            raise RefusedCall(131009, f"carousel: card_index {card.get('card_index')!r} stands at {index}")
        _check_face(inner, face, template.named, type_by_media_id)


def _check_face(
    components: Sequence[Any], face: Face, named: bool, type_by_media_id: Mapping[str, str]
) -> None:
    body: Sequence[Any] = ()
    header: Sequence[Any] = ()
    buttons: dict[int, Mapping[str, Any]] = {}
    seen: set[str] = set()
    for component in components:
        kind = _kind(component)
        if kind == "button":
            index = _index(component, face)
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
    _check_text("body", body, face.body, named, LONGEST_BODY)
    _check_header(header, face, named, type_by_media_id)
    for index, button in enumerate(face.buttons):
        _check_button(index, button, buttons.get(index))


def _kind(component: Any) -> str:
    kind = component.get("type") if isinstance(component, dict) else None
    if not isinstance(kind, str) or kind.lower() not in ("body", "header", "button"):
        raise RefusedCall(100, f"components: type {kind!r} is not one of header, body, button, carousel")
    return kind.lower()


def _index(component: Mapping[str, Any], face: Face) -> int:
    index = component.get("index")
    if isinstance(index, bool) or not isinstance(index, int | str) or not str(index).isdecimal():
        raise RefusedCall(131009, f"buttons: index {index!r} is not valid")
    if int(index) >= len(face.buttons):
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


def _check_header(
    parameters: Sequence[Any], face: Face, named: bool, type_by_media_id: Mapping[str, str]
) -> None:
    if face.header not in _MEDIA:
        _check_text("header", parameters, face.header_text, named, LONGEST_HEADER)
        return
    if len(parameters) != 1 or parameters[0].get("type") != face.header:
        raise RefusedCall(132012, f"header: Format mismatch, expected {face.header.upper()}")
    media = parameters[0].get(face.header)
    if not isinstance(media, dict) or ("id" in media) == ("link" in media):
        raise RefusedCall(131008, f"header: {face.header} needs either an id or a link")
    if unexpected := media.keys() - {"id", "link"} - ({"filename"} if face.header == "document" else set()):
        raise RefusedCall(100, f'Unexpected key "{min(map(str, unexpected))}" on param "{face.header}"')
    if "id" in media:
        _check_media_id(media["id"], face.header, type_by_media_id)
    elif not isinstance(media["link"], str) or not _LINK.fullmatch(media["link"]):
        raise RefusedCall(131009, f"header: {media['link']!r} is no https link")


def _check_media_id(found: Any, kind: str, type_by_media_id: Mapping[str, str]) -> None:
    """An id that nobody uploaded to this number, or that ran out, is a parameter fault that names it."""
    if not isinstance(found, str) or found not in type_by_media_id:
        raise RefusedCall(131009, f"header: media {found!r} does not exist or has expired")
    if kind_of(type_by_media_id[found]) != kind:
        raise RefusedCall(131009, f"header: media {found!r} is {type_by_media_id[found]}, not {kind}")


def _check_button(index: int, button: Button, component: Mapping[str, Any] | None) -> None:
    if component is None:
        if button.kind in _ALWAYS_FILLED or button.address.slots:
            raise RefusedCall(
                131008, f"buttons: Button at index {index} ({button.kind}) requires a parameter"
            )
        return
    if str(component.get("sub_type")).lower() != button.kind:
        raise RefusedCall(132012, f"buttons: the button at index {index} is of type {button.kind}")
    parameters = _parameters(component)
    if len(parameters) != 1:
        raise RefusedCall(
            132000, f"buttons: Button at index {index} takes 1 parameter, not {len(parameters)}"
        )
    parameter = parameters[0]
    if button.kind == "url":
        _check_address(index, button, parameter)
    elif button.kind in _SHORT:
        _check_short(index, parameter, *_SHORT[button.kind])
    elif button.kind in _ACTION_KEYS:
        _check_action(index, button.kind, parameter)
    else:
        raise RefusedCall(132012, f"buttons: Button at index {index} ({button.kind}) takes no parameter")


def _check_address(index: int, button: Button, parameter: Mapping[str, Any]) -> None:
    if not button.address.slots:
        raise RefusedCall(132012, f"buttons: the address of button {index} has no parameter")
    if len(_value("buttons", parameter)) + button.address.fixed_length > LONGEST_ADDRESS:
        raise RefusedCall(132005, f"buttons: the address of button {index} is too long")


def _check_action(index: int, kind: str, parameter: Mapping[str, Any]) -> None:
    action = parameter.get("action")
    if parameter.get("type") != "action" or not isinstance(action, dict):
        raise RefusedCall(132012, f"buttons: Button {index} ({kind}) needs an action")
    if unexpected := action.keys() - _ACTION_KEYS[kind]:
        raise RefusedCall(100, f'Unexpected key "{min(map(str, unexpected))}" on param "action"')
    if not all(isinstance(action[key], str) and action[key] for key in action.keys() & _TEXT_KEYS):
        raise RefusedCall(131008, f"buttons: Button {index} ({kind}): a text of its action is empty")
    data = action.get("flow_action_data")
    if data is not None and (not isinstance(data, dict) or not data):
        raise RefusedCall(131009, f"buttons: Button {index}: flow_action_data must be a non-empty object")
    if kind == "mpm":
        _check_sections(index, action.get("sections"))


def _check_sections(index: int, sections: Any) -> None:
    if not isinstance(sections, list) or not 0 < len(sections) <= MOST_SECTIONS:
        raise RefusedCall(131008, f"buttons: Button {index} needs 1 to {MOST_SECTIONS} sections")
    products = 0
    for section in sections:
        title = section.get("title") if isinstance(section, dict) else None
        items = section.get("product_items") if isinstance(section, dict) else None
        if not isinstance(title, str) or not 0 < len(title) <= LONGEST_TITLE or not isinstance(items, list):
            raise RefusedCall(131009, f"buttons: Button {index}: a section needs a title and product_items")
        if not all(isinstance(item, dict) and item.get("product_retailer_id") for item in items):
            raise RefusedCall(131008, f"buttons: Button {index}: a product without product_retailer_id")
        products += len(items)
    if not 0 < products <= MOST_PRODUCTS:
        raise RefusedCall(131009, f"buttons: Button {index} needs 1 to {MOST_PRODUCTS} products")


def _check_short(index: int, parameter: Mapping[str, Any], kind: str, longest: int) -> None:
    value = parameter.get(kind)
    if parameter.get("type") != kind or not isinstance(value, str) or not 0 < len(value) <= longest:
        raise RefusedCall(132012, f"buttons: Button {index} needs a {kind} of 1 to {longest} characters")
