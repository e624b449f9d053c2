"""Filling: which language a person gets, and the words in the template's slots."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.audience.contact import Contact
from chalicelib.authoring.button_reading import LONGEST_BY_KIND
from chalicelib.authoring.definition import Button, Card, Definition, Header, Parameter, TemplateUse
from chalicelib.authoring.media import LONGEST_ADDRESS
from chalicelib.authoring.parameter_types import typed
from chalicelib.authoring.rendering import Expression, Unrenderable
from chalicelib.authoring.template import Face, Template, language_for
from chalicelib.planning.plan import Filled, FilledButtons, FilledCard, FilledHeader

Render = Callable[[Contact, str], str]
ACTION_KEYS = {
    "flow": "flow_token",
    "catalog": "thumbnail_product_retailer_id",
    "mpm": "thumbnail_product_retailer_id",
}
"""Of buttons whose parameter is an action: where in it the value stands."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody's words cannot be made: a reason of the closed list, and what was seen."""

    reason: str
    saw: str


@dataclass(frozen=True, slots=True)
class Words:
    """What a person will read: the header, parameters in the template's order, buttons, and cards."""

    parameters: Filled
    buttons: FilledButtons
    header: FilledHeader = ()
    cards: tuple[FilledCard, ...] = ()


@dataclass(frozen=True, slots=True)
class _Slot:
    place: str
    name: str
    render: Render
    fallback: str = ""


class _Missing(Exception):
    """A slot is empty for a person; the text is its place."""


class _Filler:
    """Fills one face in one language. `place` goes before the names of slots in a refusal."""

    def __init__(self, face: Face, use: TemplateUse | Card, language: str, place: str = "") -> None:
        self._language = language
        self._slots = tuple(_slots(face.slots, use.parameters, language, place))
        self._buttons = tuple(
            (_Slot(f"{place}button {b.index}", b.kind, _button_render(b, _room(face, b))), b.index)
            for b in use.buttons
            if b.kind != "phone_number" and (b.value or b.data)
        )
        self._header = _header(face, use.header, language, place)
        self._shown_as = _shown_as(use.header)

    def fill(self, contact: Contact) -> FilledCard:
        """Return header, parameters and buttons. Raises _Missing, and Unrenderable with its place."""
        header: FilledHeader = ()
        if self._header is not None:
            slot, name = self._header
            if self._shown_as is not None:
                name = self._value(_Slot(slot.place, "", self._shown_as), contact)
            header = (slot.name, self._value(slot, contact), name)
        parameters = tuple([(slot.name, self._value(slot, contact)) for slot in self._slots])
        buttons = tuple([(slot.name, index, self._value(slot, contact)) for slot, index in self._buttons])
        return header, parameters, buttons

    def _value(self, slot: _Slot, contact: Contact) -> str:
        try:
            value = slot.render(contact, self._language) or slot.fallback
        except Unrenderable as fault:
            raise Unrenderable(f"{slot.place}: {fault}") from fault
        if not value:
            raise _Missing(slot.place)
        return value


class Fillings:
    """Everything about words that can be settled before the first person is looked at."""

    def __init__(
        self,
        definition: Definition,
        templates: Mapping[tuple[str, str], Template],
        sender_languages: Sequence[str],
    ) -> None:
        self._use = definition.template
        self._sender_languages = sender_languages
        self._template_by_language = {
            language: template for (name, language), template in templates.items() if name == self._use.name
        }
        self._language_by_contact_language: dict[str | None, str | None] = {}
        self._fillers_by_language: dict[str, tuple[_Filler, tuple[_Filler, ...]]] = {}

    def language_of(self, contact: Contact) -> str | None:
        """Return the template language this person gets, None when the template has none for them."""
        spoken = contact.language
        known = self._language_by_contact_language
        if spoken not in known:
            known[spoken] = language_for(
                spoken, self._use, self._sender_languages, self._template_by_language.keys()
            )
        return known[spoken]

    def words_for(self, contact: Contact, language: str) -> Words | Refusal:
        """Return the words of one person, or the first slot that cannot be filled."""
        fillers = self._fillers_by_language.get(language)
        if fillers is None:
            fillers = self._fillers_by_language[language] = self._fillers(language)
        whole, cards = fillers
        try:
            header, parameters, buttons = whole.fill(contact)
            return Words(parameters, buttons, header, tuple([card.fill(contact) for card in cards]))
        except _Missing as missing:
            return Refusal("parameter_missing", str(missing))
        except Unrenderable as fault:
            return Refusal("parameter_invalid", str(fault))

    def _fillers(self, language: str) -> tuple[_Filler, tuple[_Filler, ...]]:
        template = self._template_by_language[language]
        cards = tuple(
            _Filler(card, use, language, f"card {number}: ")
            for number, (card, use) in enumerate(zip(template.cards, self._use.carousel, strict=False), 1)
        )
        return _Filler(template, self._use, language), cards


def _slots(names: Sequence[str], given: Sequence[Parameter], language: str, place: str) -> Iterator[_Slot]:
    """Yield a body's slots in its order.

    A positional template's slots are numbers: they take the parameters in the
    order in which the definition has them.
    """
    parameters = {p.name: p for p in given}
    if not set(names) <= set(parameters):
        parameters = dict(zip(names, given, strict=False))
    for name in names:
        one = parameters[name]
        yield _Slot(f"{place}{name}", name, _render_of(one), fallback_for(one.fallback, language))


def _header(face: Face, header: Header | None, language: str, place: str) -> tuple[_Slot, str] | None:
    """Return a header's slot, named by its kind, and what goes with its value."""
    if header is None or (header.kind == "text" and not face.header_slots):
        return None
    plain = Expression(fallback_for(header.values, language)).render
    render = plain if header.kind == "text" else _sendable_address(plain)
    fallback = fallback_for(header.fallback, language)
    return _Slot(f"{place}header", header.kind, render, fallback), "".join(face.header_slots)


def _shown_as(header: Header | None) -> Render | None:
    return Expression(header.filename).render if header is not None and header.filename else None


def _sendable_address(render: Render) -> Render:
    def checked(contact: Contact, language: str) -> str:
        address = render(contact, language)
        if len(address) > LONGEST_ADDRESS or any(c.isspace() for c in address):
            raise Unrenderable("no address: a space in it, or too long")
        return address

    return checked


def _room(face: Face, button: Button) -> int:
    """Return how long a button's value may be; what is fixed of an address counts with it."""
    fixed = sum(len(b.url) - len("{{1}}") for b in face.buttons if b.index == button.index and b.has_slot)
    return LONGEST_BY_KIND[button.kind] - (fixed if button.kind == "url" else 0)


def _button_render(button: Button, longest: int) -> Render:
    """Return what renders a button: its value, or the JSON of the action of kinds that have one."""
    value = Expression(button.value).render
    data = {key: Expression(text).render for key, text in button.data.items()}

    def rendered(contact: Contact, language: str) -> str:
        text = value(contact, language)
        if len(text) > longest:
            raise Unrenderable(f"longer than {longest} characters")
        if button.kind not in ACTION_KEYS or not text:
            return text
        action: dict[str, object] = {ACTION_KEYS[button.kind]: text}
        if data:
            action["flow_action_data"] = {key: one(contact, language) for key, one in data.items()}
        if button.sections:
            action["sections"] = [
                {"title": title, "product_items": [{"product_retailer_id": p} for p in products]}
                for title, products in button.sections
            ]
        return json.dumps(action, ensure_ascii=False, separators=(",", ":"))

    return rendered


def _render_of(parameter: Parameter) -> Render:
    """Return what renders a parameter as its type is written; what is empty stays empty."""
    render = Expression(parameter.value).render
    written = typed(parameter)
    if written is None:
        return render

    def both(contact: Contact, language: str) -> str:
        text = render(contact, language)
        return written(text, language) if text else text

    return both


def fallback_for(by_language: Mapping[str, str], language: str) -> str:
    """Return the text for a template language: its own, its base ("pt" of "pt_BR"), any."""
    spoken = re.split("[-_]", language.lower())[0]
    folded = {key.lower().replace("-", "_"): text for key, text in by_language.items()}
    return folded.get(language.lower().replace("-", "_")) or folded.get(spoken) or folded.get("", "")
