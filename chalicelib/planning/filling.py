"""Filling: which language a person gets, and the words in the template's slots."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.audience.contact import Contact
from chalicelib.authoring.definition import Definition, Parameter
from chalicelib.authoring.parameter_types import typed
from chalicelib.authoring.rendering import Expression, Unrenderable
from chalicelib.authoring.template import Template, language_for

Render = Callable[[Contact, str], str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody's words cannot be made: a reason of the closed list, and what was seen."""

    reason: str
    saw: str


@dataclass(frozen=True, slots=True)
class Words:
    """What a person will read: parameters in the template's order, and buttons."""

    parameters: tuple[tuple[str, str], ...]
    buttons: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True)
class _Slot:
    name: str
    render: Render
    fallback: str


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
        self._renders = {p.name: _render_of(p) for p in self._use.parameters}
        self._buttons = [(b.kind, b.index, Expression(b.value).render) for b in self._use.buttons]
        self._language_by_contact_language: dict[str | None, str | None] = {}
        self._slots_by_language: dict[str, tuple[_Slot, ...]] = {}

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
        slots = self._slots_by_language.get(language)
        if slots is None:
            slots = self._slots_by_language[language] = self._slots(language)
        place = ""
        parameters, buttons = [], []
        try:
            for slot in slots:
                place = slot.name
                value = slot.render(contact, language) or slot.fallback
                if not value:
                    return Refusal("parameter_missing", place)
                parameters.append((place, value))
            for kind, index, render in self._buttons:
                place = f"button {index}"
                value = render(contact, language)
                if not value:
                    return Refusal("parameter_missing", place)
                buttons.append((kind, index, value))
        except Unrenderable as fault:
            return Refusal("parameter_invalid", f"{place}: {fault}")
        return Words(tuple(parameters), tuple(buttons))

    def _slots(self, language: str) -> tuple[_Slot, ...]:
        """Return the template's slots in its order.

        A positional template's slots are numbers: they take the parameters in
        the order in which the definition has them.
        """
        names = self._template_by_language[language].slots
        parameters = {p.name: p for p in self._use.parameters}
        if not set(names) <= set(parameters):
            parameters = dict(zip(names, self._use.parameters, strict=False))
        return tuple(
            _Slot(
                name,
                self._renders[parameters[name].name],
                _fallback(parameters[name].fallback, language),
            )
            for name in names
        )


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


def _fallback(by_language: Mapping[str, str], language: str) -> str:
    """Return the fallback for a template language: itself, its base ("pt" of "pt_BR"), any."""
    spoken = re.split("[-_]", language.lower())[0]
    folded = {key.lower().replace("-", "_"): text for key, text in by_language.items()}
    return folded.get(language.lower().replace("-", "_")) or folded.get(spoken) or folded.get("", "")
