"""The accounts and templates that the platform knows, read from senders.yaml and templates/*.json."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
import yaml

CLOUD_PER_SECOND = 80
COEXISTENCE_PER_SECOND = 20
_SLOT = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class UnreadableCatalogue(Exception):
    """A file of the catalogue cannot be used; the text names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One business phone number. `per_second` is the platform's limit, inbound included."""

    key: str
    phone_number_id: str
    waba_id: str
    portfolio: str
    per_second: int
    display_phone_number: str
    auth_header: str = ""
    tier: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text with slots: their names in order of first use, and once per use."""

    slots: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    fixed_length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button of a template; only a URL with a slot, or a code, needs a parameter."""

    kind: str
    text: str
    address: Text = Text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What is filled together: a message, or one card of its carousel. `header` is "" or its format."""

    body: Text
    header: str = ""
    header_text: Text = Text()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template in one language; `raw` is what a listing shows. `header` is "" or its format."""

    id: str
    name: str
    language: str
    category: str
    status: str
    named: bool
    body: Text
    header: str
    header_text: Text
    buttons: tuple[Button, ...]
    raw: Mapping[str, Any]
    cards: tuple[Face, ...] = ()

    @property
    def face(self) -> Face:
        """The message itself."""
        return Face(body=self.body, header=self.header, header_text=self.header_text, buttons=self.buttons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Numbers by phone number id, templates by (name, language); every account has every template."""

    numbers: Mapping[str, Number]
    templates: Mapping[tuple[str, str], Template]


def load_catalogue(directory: Path) -> Catalogue:
    """Return the catalogue under `directory`; raise UnreadableCatalogue."""
    try:
        senders = (directory / "senders.yaml").read_text(encoding="utf-8")
        files = {path.name: path.read_bytes() for path in sorted((directory / "templates").glob("*.json"))}
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableCatalogue(f"{directory}: {error}") from error
    templates = [parse_template(raw, name) for name, raw in files.items()]
    return Catalogue(
        numbers={number.phone_number_id: number for number in parse_numbers(senders)},
        templates={(template.name, template.language): template for template in templates},
    )


def parse_numbers(text: str) -> list[Number]:
    """Return the numbers that a senders.yaml lists."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UnreadableCatalogue(f"senders.yaml: {error}") from error
    senders = found.get("senders") if isinstance(found, dict) else None
    if not isinstance(senders, dict) or not senders:
        raise UnreadableCatalogue("senders.yaml: no `senders` in it")
    return [_number(str(key), fields) for key, fields in senders.items()]


def _number(key: str, fields: object) -> Number:
    if not isinstance(fields, dict):
        raise UnreadableCatalogue(f"senders.yaml: {key}: expected keys and values")
    missing = {"phone_number_id", "waba_id"} - fields.keys()
    if missing:
        raise UnreadableCatalogue(f"senders.yaml: {key}: no {' and no '.join(sorted(missing))}")
    tier = fields.get("tier")
    phone_number_id = str(fields["phone_number_id"])
    return Number(
        key=key,
        phone_number_id=phone_number_id,
        waba_id=str(fields["waba_id"]),
        portfolio=str(fields.get("portfolio", key)),
        per_second=_per_second(key, fields),
        display_phone_number="1555" + phone_number_id[-7:].rjust(7, "0"),
        auth_header=str(fields.get("auth_header") or ""),
        tier=tier if isinstance(tier, int) else None,
    )


def _per_second(key: str, fields: Mapping[str, Any]) -> int:
    """A number in coexistence has a fixed limit; any other has the one its file expects."""
    coexists = fields.get("mode") == "coexistence"
    stated = fields.get("max_per_second", COEXISTENCE_PER_SECOND if coexists else CLOUD_PER_SECOND)
    if isinstance(stated, bool) or not isinstance(stated, int | float) or stated < 1:
        raise UnreadableCatalogue(f"senders.yaml: {key}: max_per_second {stated!r} is no rate")
    return min(int(stated), COEXISTENCE_PER_SECOND) if coexists else int(stated)


def parse_template(raw: bytes, file: str) -> Template:
    """Return the template of one file, as Graph lists it."""
    try:
        fields = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise UnreadableCatalogue(f"{file}: {error}") from error
    if not isinstance(fields, dict):
        raise UnreadableCatalogue(f"{file}: expected one object")
    for key in ("name", "language", "category", "status"):
        if not isinstance(fields.get(key), str):
            raise UnreadableCatalogue(f"{file}: {key} is missing")
    parts = _parts(fields.get("components"))
    if "BODY" not in parts:
        raise UnreadableCatalogue(f"{file}: no BODY component")
    face = _face(parts)
    cards = tuple(
        _face(_parts(card.get("components"))) for card in parts.get("CAROUSEL", {}).get("cards", ())
    )
    return Template(
        id=str(fields.get("id") or _id_of(fields["name"], fields["language"])),
        name=fields["name"],
        language=fields["language"],
        category=fields["category"].upper(),
        status=fields["status"].upper(),
        named=str(fields.get("parameter_format", "POSITIONAL")).upper() == "NAMED",
        body=face.body,
        header=face.header,
        header_text=face.header_text,
        buttons=face.buttons,
        cards=cards,
        raw=fields,
    )


def _parts(components: Any) -> dict[str, Mapping[str, Any]]:
    return {str(part.get("type", "")).upper(): part for part in components or ()}


def _face(parts: Mapping[str, Mapping[str, Any]]) -> Face:
    header = parts.get("HEADER")
    return Face(
        body=_text(str(parts.get("BODY", {}).get("text", ""))),
        header="" if header is None else str(header.get("format", "TEXT")).lower(),
        header_text=_text(str((header or {}).get("text", ""))),
        buttons=tuple(_button(each) for each in parts.get("BUTTONS", {}).get("buttons", ())),
    )


def _button(fields: Mapping[str, Any]) -> Button:
    return Button(
        kind=str(fields.get("type", "")).lower(),
        text=str(fields.get("text", "")),
        address=_text(str(fields.get("url", ""))),
    )


def _text(text: str) -> Text:
    uses = tuple(match.group(1) for match in _SLOT.finditer(text))
    slots = tuple(dict.fromkeys(uses))
    if slots and all(slot.isdigit() for slot in slots):
        slots = tuple(sorted(slots, key=int))
    return Text(slots=slots, uses=uses, fixed_length=len(_SLOT.sub("", text)))


def _id_of(name: str, language: str) -> str:
    return str(int.from_bytes(blake2b(f"{name}.{language}".encode(), digest_size=6).digest()))
