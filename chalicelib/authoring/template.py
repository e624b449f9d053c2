"""Templates as Graph lists them: which slots they have, which buttons, and which languages serve whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.authoring.definition import TemplateUse
from chalicelib.errors import InvalidSettings, Problem

_SLOT = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
LONGEST_BODY = 1_024
HEADER_KINDS = ("text", "image", "video", "document")
STOP_WORDS = re.compile(
    r"\b(stop|arr[eê]t|d[eé]sabonner|unsubscribe|baja|sair)\b|إيقاف|الغاء|إلغاء", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateButton:
    """One approved button; `url` holds its slot when it has a variable part."""

    kind: str
    index: int
    text: str
    url: str = ""

    @property
    def has_slot(self) -> bool:
        """Whether a send must give it a value."""
        return "{{" in self.url or self.kind in ("copy_code", "flow", "mpm")


class Face(Protocol):
    """What of a template is filled together: the message itself, or one card of its carousel."""

    @property
    def header_kind(self) -> str:
        """ "" without a header, else text, image, video or document."""

    @property
    def header_slots(self) -> tuple[str, ...]:
        """The slot of a text header, if it has one."""

    @property
    def slots(self) -> tuple[str, ...]:
        """The body's slots, in the order of the text."""

    @property
    def buttons(self) -> tuple[TemplateButton, ...]:
        """The approved buttons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCard:
    """One approved card of a carousel."""

    header_kind: str
    body: str
    slots: tuple[str, ...]
    buttons: tuple[TemplateButton, ...]
    header_slots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template in one language. `header` is a text header's text; `slots` are the body's, in its order."""

    name: str
    language: str
    category: str
    status: str
    parameter_format: str
    header: str
    body: str
    footer: str
    slots: tuple[str, ...]
    buttons: tuple[TemplateButton, ...]
    header_kind: str = ""
    header_slots: tuple[str, ...] = ()
    cards: tuple[TemplateCard, ...] = ()

    def filled(
        self,
        parameters: Mapping[str, str],
        header: Sequence[str] = (),
        cards: Sequence[Mapping[str, str]] = (),
    ) -> str:
        """Return the texts as a person will read them: a text header, the body, each card's body.

        `header` is (kind, value, slot or file name), `cards` each card's parameters.
        """
        above = {header[2]: header[1]} if header and header[0] == "text" else {}
        texts = [
            _replaced(self.header, above),
            _replaced(self.body, parameters),
            *(_replaced(card.body, values) for card, values in zip(self.cards, cards, strict=False)),
        ]
        return "\n".join(text for text in texts if text)

    def offers_stop(self) -> bool:
        """Whether the text or a quick reply tells people how to say no."""
        words = " ".join([self.body, self.footer, *(b.text for b in self.buttons if b.kind == "quick_reply")])
        return bool(STOP_WORDS.search(words))


Templates = Mapping[tuple[str, str], Template]
"""By (name, language)."""


def _replaced(text: str, values: Mapping[str, str]) -> str:
    return _SLOT.sub(lambda found: values.get(found[1], found[0]), text)


def parse_template(fields: Any, file: str) -> Template:
    """Return a template of Graph's JSON. Raises InvalidSettings with every problem."""
    problems: list[Problem] = []

    def wrong(code: str, **params: str) -> None:
        problems.append(Problem(code=code, params=params, file=file))

    if not isinstance(fields, dict):
        raise InvalidSettings(Problem(code="template_not_an_object", file=file))
    texts = {}
    for key in ("name", "language", "category", "status"):
        value = fields.get(key)
        if not isinstance(value, str) or not value:
            wrong("template_field_missing", key=key)
        texts[key] = str(value or "")
    components = fields.get("components")
    if not isinstance(components, list):
        wrong("template_field_missing", key="components")
    by_type = _by_type(components)
    body = _text_of(by_type, "BODY")
    if not body:
        wrong("template_field_missing", key="components.BODY.text")
    header_kind, header_slots = _header(by_type, wrong)
    cards = tuple(_card(card, wrong) for card in _objects(by_type.get("CAROUSEL", {}).get("cards")))
    if problems:
        raise InvalidSettings(*problems)
    return Template(
        **texts,
        parameter_format=str(fields.get("parameter_format") or "POSITIONAL").upper(),
        header=_text_of(by_type, "HEADER") if header_kind == "text" else "",
        header_kind=header_kind,
        header_slots=header_slots,
        body=body,
        footer=_text_of(by_type, "FOOTER"),
        slots=_slots(body),
        buttons=_buttons(by_type.get("BUTTONS", {}).get("buttons")),
        cards=cards,
    )


def _card(fields: Mapping[str, Any], wrong: Callable[..., None]) -> TemplateCard:
    by_type = _by_type(fields.get("components"))
    body = _text_of(by_type, "BODY")
    header_kind, _ = _header(by_type, wrong)
    return TemplateCard(
        header_kind=header_kind,
        body=body,
        slots=_slots(body),
        buttons=_buttons(by_type.get("BUTTONS", {}).get("buttons")),
    )


def _header(
    by_type: Mapping[str, Mapping[str, Any]], wrong: Callable[..., None]
) -> tuple[str, tuple[str, ...]]:
    """Return a header's kind and its slots."""
    header = by_type.get("HEADER")
    if header is None:
        return "", ()
    kind = str(header.get("format", "TEXT")).lower()
    if kind not in HEADER_KINDS:
        wrong("template_header_not_available", format=str(header.get("format")))
    return kind, _slots(str(header.get("text") or "")) if kind == "text" else ()


def _objects(listed: Any) -> list[dict[str, Any]]:
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _by_type(components: Any) -> dict[str, dict[str, Any]]:
    return {str(c.get("type", "")).upper(): c for c in _objects(components)}


def _text_of(by_type: Mapping[str, Mapping[str, Any]], kind: str) -> str:
    return str(by_type.get(kind, {}).get("text") or "")


def _slots(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_SLOT.findall(text)))


def _buttons(listed: Any) -> tuple[TemplateButton, ...]:
    return tuple(
        TemplateButton(
            kind=str(button.get("type", "")).lower(),
            index=index,
            text=str(button.get("text") or ""),
            url=str(button.get("url") or ""),
        )
        for index, button in enumerate(listed if isinstance(listed, list) else [])
        if isinstance(button, dict)
    )


def languages_of(templates: Templates, name: str) -> frozenset[str]:
    """Return the languages a template exists in."""
    return frozenset(language for known, language in templates if known == name)


def language_for(
    contact_language: str | None,
    use: TemplateUse,
    sender_languages: Collection[str],
    available: Collection[str],
) -> str | None:
    """Return the language somebody gets, or None when the chain ends without one.

    The person's own language, then its base ("fr-ma", then "fr"), then the
    campaign's chain for it, then the chain of any other ("*"), then the sender's.
    """
    wanted = contact_language if use.language_from == "contact.language" else use.language_from
    tried: list[str] = []
    if wanted:
        own = wanted.replace("_", "-").lower()
        base = own.split("-", 1)[0]
        tried += [own, base, *use.chain.get(own, ()), *use.chain.get(base, ())]
    tried += [*use.chain.get("*", ()), *sender_languages]
    by_folded = {language.replace("_", "-").lower(): language for language in available}
    for language in tried:
        found = by_folded.get(language.replace("_", "-").lower())
        if found is not None:
            return found
    return None
