"""Templates as Graph lists them: which slots they have, which buttons, and which languages serve whom."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.authoring.definition import TemplateUse
from chalicelib.errors import InvalidSettings, Problem

_SLOT = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
LONGEST_BODY = 1_024
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
        return "{{" in self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template in one language. `slots` are the body's, in the order of the text."""

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

    def filled(self, parameters: Mapping[str, str]) -> str:
        """Return the body as a person will read it."""
        return _SLOT.sub(lambda found: parameters.get(found[1], found[0]), self.body)

    def offers_stop(self) -> bool:
        """Whether the text or a quick reply tells people how to say no."""
        words = " ".join([self.body, self.footer, *(b.text for b in self.buttons if b.kind == "quick_reply")])
        return bool(STOP_WORDS.search(words))


Templates = Mapping[tuple[str, str], Template]
"""By (name, language)."""


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
        components = []
    by_type = {str(c.get("type", "")).upper(): c for c in components if isinstance(c, dict)}
    body = str(by_type.get("BODY", {}).get("text") or "")
    if not body:
        wrong("template_field_missing", key="components.BODY.text")
    header = by_type.get("HEADER", {})
    if header and str(header.get("format", "TEXT")).upper() != "TEXT":
        wrong("template_header_not_available", format=str(header.get("format")))
    if _SLOT.search(str(header.get("text") or "")):
        wrong("template_header_not_available", format="TEXT with a variable")
    if problems:
        raise InvalidSettings(*problems)
    return Template(
        **texts,
        parameter_format=str(fields.get("parameter_format") or "POSITIONAL").upper(),
        header=str(header.get("text") or ""),
        body=body,
        footer=str(by_type.get("FOOTER", {}).get("text") or ""),
        slots=tuple(dict.fromkeys(_SLOT.findall(body))),
        buttons=_buttons(by_type.get("BUTTONS", {}).get("buttons")),
    )


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
