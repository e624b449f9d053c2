"""Inbound: what people and the platform tell us, apart from statuses.

A stop word counts as the whole message or as its first word, whatever its
case, accents, punctuation or Arabic marks. Words that could mean something else
("cancel", "safi") count only as the whole message, and then they count: it
costs a message not sent, and the other mistake costs a person who said no.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from chalicelib.audience.instant import SECOND_MS, Instant
from chalicelib.authoring.keywords import folded
from chalicelib.authoring.registry import CHANGED, STATUS_BY_EVENT, TemplateWord


class Intent(StrEnum):
    """What a person's words ask about messages to come."""

    STOP = "stop"
    START = "start"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Something a person sent. `phone` is E.164 or "" when they hide it, `bsuid` likewise.

    `quoted` is the wamid it answers. `payload` is a template quick reply's.
    """

    wamid: str
    phone: str
    bsuid: str
    at: Instant
    kind: str
    text: str = ""
    payload: str = ""
    quoted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """WhatsApp's own "stop" or "resume" of marketing messages."""

    phone: str
    bsuid: str
    at: Instant
    stops: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A message a human typed in the Business app to this person."""

    phone: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateNews:
    """Something of a template changed; `event` is Meta's word, or the name of what changed.

    `waba` is "" where the webhook does not say whose it is.
    """

    waba: str
    template: str
    language: str
    event: str
    word: TemplateWord


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNews:
    """The account was restricted, disabled or removed; `event` is Meta's word."""

    event: str
    stops: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderNews:
    """The platform's opinion of a number changed; `display_number` is as it writes it, digits alone."""

    display_number: str
    quality: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfamiliar:
    """A change we have no use for yet, or do not understand: kept, counted, not acted on."""

    field: str


News = Reply | Preference | Echo | TemplateNews | AccountNews | SenderNews | Unfamiliar

STOPPING_ACCOUNT_EVENTS = frozenset(
    {"ACCOUNT_RESTRICTION", "DISABLED_UPDATE", "ACCOUNT_DELETED", "PARTNER_REMOVED", "ACCOUNT_OFFBOARDED"}
)
QUALITY_BY_EVENT = {"FLAGGED": "RED", "UNFLAGGED": "GREEN"}
IGNORED_FIELDS = frozenset({"history", "smb_app_state_sync"})
"""Old conversations and address books: neither consent nor a reply."""


def parse_inbound(body: str) -> list[News]:
    """Return what one queue message tells. Anything malformed inside its value becomes `Unfamiliar`.

    Raises ValueError for what is no such message, so that it is not taken for done.
    """
    envelope = json.loads(body)
    if not isinstance(envelope, dict) or envelope.get("v") != 1 or not isinstance(envelope.get("field"), str):
        raise ValueError("not a message of news of format 1")
    field, value = str(envelope.get("field")), envelope.get("value")
    if not isinstance(value, dict) or field in IGNORED_FIELDS:
        return [Unfamiliar(field=field)]
    try:
        return list(_news(field, value, envelope)) or [Unfamiliar(field=field)]
    except (KeyError, TypeError, ValueError, AttributeError):
        return [Unfamiliar(field=field)]


def _news(field: str, value: Mapping[str, Any], envelope: Mapping[str, Any]) -> Iterator[News]:
    if field == "messages":
        yield from (_reply(item, value) for item in value.get("messages", []))
    elif field == "user_preferences":
        yield from (_preference(item) for item in value["user_preferences"] if _is_marketing(item))
    elif field == "smb_message_echoes":
        yield from (
            Echo(phone=e164(str(item.get("to") or "")), at=_instant(item["timestamp"]))
            for item in value["message_echoes"]
        )
    elif "message_template_name" in value:
        event, word = _template_word(value, int(envelope.get("at") or 0))
        if event:
            yield TemplateNews(
                waba=str(envelope.get("waba") or ""),
                template=str(value["message_template_name"]),
                language=str(value.get("message_template_language") or ""),
                event=event,
                word=word,
            )
    elif field == "phone_number_quality_update" and str(value["event"]) in QUALITY_BY_EVENT:
        yield SenderNews(
            display_number="".join(c for c in str(value["display_phone_number"]) if c.isdigit()),
            quality=QUALITY_BY_EVENT[str(value["event"])],
        )
    elif field == "account_update":
        event = str(value["event"])
        yield AccountNews(event=event, stops=event in STOPPING_ACCOUNT_EVENTS)


def _template_word(value: Mapping[str, Any], at: Instant) -> tuple[str, TemplateWord]:
    """Return what is said of a template, found by the keys: the names of the fields vary.

    With `correct_category`, `new_category` is the present one and the correct one
    comes within days; without, it is what `previous_category` has become.
    """
    if "event" in value:
        return str(value["event"]), TemplateWord(
            at=at,
            status=STATUS_BY_EVENT.get(str(value["event"]), ""),
            reason=_reason(value),
            category=_said(value, "message_template_category"),
        )
    if "new_quality_score" in value:
        return "quality", TemplateWord(at=at, quality=_said(value, "new_quality_score"))
    if "new_category" in value:
        return "category", TemplateWord(
            at=at,
            category=_said(value, "new_category"),
            previous_category=_said(value, "previous_category"),
            coming_category=_said(value, "correct_category"),
        )
    if "message_template_element" in value:
        return "components", TemplateWord(at=at, components=CHANGED)
    return "", TemplateWord(at=at)


def _said(value: Mapping[str, Any], key: str) -> str:
    return str(value.get(key) or "").upper()[:40]


def _reason(value: Mapping[str, Any]) -> str:
    """Return why, as far as it is told: a code, and the title of a pause."""
    other = value.get("other_info")
    title = other.get("title") if isinstance(other, dict) else ""
    words = [str(word) for word in (value.get("reason"), title) if word and word != "NONE"]
    return " ".join(words)[:200]


def _is_marketing(item: Mapping[str, Any]) -> bool:
    return str(item.get("category", "")) == "marketing_messages" and item.get("value") in ("stop", "resume")


def _preference(item: Mapping[str, Any]) -> Preference:
    return Preference(
        phone=e164(str(item.get("wa_id") or "")),
        bsuid=str(item.get("user_id") or ""),
        at=_instant(item["timestamp"]),
        stops=item["value"] == "stop",
    )


def _reply(item: Mapping[str, Any], value: Mapping[str, Any]) -> Reply:
    kind = str(item["type"])
    found = item.get(kind)
    content: Mapping[str, Any] = found if isinstance(found, dict) else {}
    text, payload = "", ""
    if kind == "text":
        text = str(content.get("body") or "")
    elif kind == "button":
        text, payload = str(content.get("text") or ""), str(content.get("payload") or "")
    elif kind == "interactive":
        chosen = content.get("button_reply") or content.get("list_reply") or {}
        text, payload = str(chosen.get("title") or ""), str(chosen.get("id") or "")
    context = item.get("context")
    return Reply(
        wamid=str(item["id"]),
        phone=e164(str(item.get("from") or "")),
        bsuid=str(item.get("from_user_id") or ""),
        at=_instant(item["timestamp"]),
        kind=kind,
        text=text,
        payload=payload,
        quoted=str(context.get("id") or "") if isinstance(context, dict) else "",
    )


def e164(text: str) -> str:
    """Return a wa_id as E.164; "" for anything that is no number (a business-scoped id may stand there)."""
    digits = text.removeprefix("+")
    return f"+{digits}" if digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 15 else ""


def _instant(timestamp: Any) -> Instant:
    return int(timestamp) * SECOND_MS


@cache
def _words() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    stored = json.loads(files("chalicelib.tracking").joinpath("data/keywords.json").read_text("utf-8"))
    stop, unsure, start = (
        frozenset(folded(word) for words in stored[name].values() for word in words)
        for name in ("stop", "unsure", "start")
    )
    return stop, unsure, start


def intent_of(text: str, further: Iterable[str] = ()) -> Intent:
    """Return what a person's words ask for; `further` are a campaign's own stop words."""
    words = folded(text)
    stop, unsure, start = _words()
    if not words:
        return Intent.NONE
    own = {folded(word) for word in further}
    first = words.split(" ", 1)[0]
    if words in stop or first in stop or words in unsure or words in own or first in own:
        return Intent.STOP
    return Intent.START if words in start else Intent.NONE


_PAYLOAD = re.compile(r"^STOP(?:_(?P<topic>[A-Z0-9_]+))?$")
EVERY_MARKETING_PAYLOAD = frozenset({"MKT", "MARKETING", "ALL_MARKETING"})


def stopped_topic(payload: str, topics: frozenset[str]) -> str | None:
    """Return the scope a quick reply's payload revokes, or None when it is no stop.

    STOP revokes everything, STOP_MKT all marketing, STOP_PROMOS the topic that
    begins with "promos" or is named so; a topic we do not know revokes all marketing.
    """
    found = _PAYLOAD.match(payload.strip().upper())
    if found is None:
        return None
    name = found["topic"]
    if name is None:
        return "*"
    if name in EVERY_MARKETING_PAYLOAD:
        return "*marketing"
    wanted = name.lower().replace("_", "-")
    same = {
        t for t in topics if t == wanted or t.replace("_", "-") == wanted or t.startswith(wanted.rstrip("s"))
    }
    return same.pop() if len(same) == 1 else "*marketing"
