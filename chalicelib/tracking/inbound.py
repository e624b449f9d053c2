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
    """Something happened to an account; `event` is Meta's word, `at` when.

    `waba` is "" where the webhook does not say whose it is. It may stop the
    account, `until` an instant where one is told, and it may lift earlier causes.
    """

    event: str
    stops: bool
    waba: str = ""
    at: Instant = 0
    until: Instant | None = None
    lifts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TierNews:
    """How many people a day the portfolio of an account may reach now; -1 for no limit."""

    waba: str
    tier: int
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderNews:
    """Something of a number changed; `display_number` is as the platform writes it, digits alone.

    `quality` is "" where nothing is said of it. `is_upgraded`: its throughput was raised.
    """

    display_number: str
    quality: str = ""
    waba: str = ""
    is_upgraded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfamiliar:
    """A change we have no use for yet, or do not understand: kept, counted, not acted on."""

    field: str


News = Reply | Preference | Echo | TemplateNews | AccountNews | TierNews | SenderNews | Unfamiliar

STOPPING_ACCOUNT_EVENTS = frozenset(
    {"ACCOUNT_RESTRICTION", "DISABLED_UPDATE", "ACCOUNT_DELETED", "PARTNER_REMOVED", "ACCOUNT_OFFBOARDED"}
)
LIFTED_BY_EVENT = {"PARTNER_ADDED": ("PARTNER_REMOVED",), "ACCOUNT_RECONNECTED": ("ACCOUNT_OFFBOARDED",)}
LIFTED_BY_REINSTATEMENT = ("DISABLED_UPDATE", "ACCOUNT_RESTRICTION", "ACCOUNT_REJECTED", "368", "131031")
"""What a review that approves the account, or its reinstatement, puts an end to."""
HARMLESS_RESTRICTIONS = frozenset(
    {"RESTRICTED_CUSTOMER_INITIATED_MESSAGING", "RESTRICTED_ADD_PHONE_NUMBER_ACTION"}
)
"""Restrictions that leave our templates alone."""
TIERS = ("max_daily_conversations_per_business", "max_daily_conversation_per_phone", "current_limit")
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
    elif field == "phone_number_quality_update":
        yield from _number_news(value, envelope)
        yield from _tier_news(value, envelope)
    elif field == "business_capability_update":
        yield from _tier_news(value, envelope)
    elif field == "account_update":
        yield _account_news(value, envelope)
    elif field == "account_review_update":
        approved = str(value["decision"]) == "APPROVED"
        rejected = str(value["decision"]) == "REJECTED"
        yield AccountNews(
            event="ACCOUNT_REJECTED" if rejected else f"REVIEW_{value['decision']}"[:40],
            stops=rejected,
            lifts=LIFTED_BY_REINSTATEMENT if approved else (),
            **_whose(envelope),
        )


def _whose(envelope: Mapping[str, Any]) -> dict[str, Any]:
    return {"waba": str(envelope.get("waba") or ""), "at": int(envelope.get("at") or 0)}


def _number_news(value: Mapping[str, Any], envelope: Mapping[str, Any]) -> Iterator[SenderNews]:
    event = str(value["event"])
    if event in QUALITY_BY_EVENT or event == "THROUGHPUT_UPGRADE":
        yield SenderNews(
            display_number="".join(c for c in str(value["display_phone_number"]) if c.isdigit()),
            quality=QUALITY_BY_EVENT.get(event, ""),
            waba=str(envelope.get("waba") or ""),
            is_upgraded=event == "THROUGHPUT_UPGRADE",
        )


def _tier_news(value: Mapping[str, Any], envelope: Mapping[str, Any]) -> Iterator[TierNews]:
    told = next((value[name] for name in TIERS if value.get(name) is not None), None)
    tier = tier_of(told)
    if tier is not None:
        yield TierNews(tier=tier, **_whose(envelope))


def tier_of(told: Any) -> int | None:
    """Return a tier as a number of people, -1 for no limit; None for what is no tier.

    Told as a number, or as a word like TIER_250, TIER_2K or TIER_UNLIMITED.
    """
    if isinstance(told, int) and not isinstance(told, bool):
        return told if told > 0 or told == -1 else None
    word = str(told or "").upper().removeprefix("TIER_")
    if word == "UNLIMITED":
        return -1
    digits = word.removesuffix("K")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9) or not int(digits):
        return None
    return int(digits) * (1_000 if word.endswith("K") else 1)


def _account_news(value: Mapping[str, Any], envelope: Mapping[str, Any]) -> AccountNews:
    event = str(value["event"])[:40]
    stops, until = event in STOPPING_ACCOUNT_EVENTS, None
    lifts: tuple[str, ...] = LIFTED_BY_EVENT.get(event, ())
    if event == "ACCOUNT_RESTRICTION":
        stops, until = _restriction(value.get("restriction_info"))
    elif event == "DISABLED_UPDATE":
        ban = value.get("ban_info")
        if isinstance(ban, dict) and str(ban.get("waba_ban_state")) == "REINSTATE":
            stops, lifts = False, LIFTED_BY_REINSTATEMENT
    return AccountNews(event=event, stops=stops, until=until, lifts=lifts, **_whose(envelope))


def _restriction(told: Any) -> tuple[bool, Instant | None]:
    """Return whether restrictions stop our templates, and until when, None where one has no end.

    What we do not understand stops them.
    """
    listed = [item for item in told if isinstance(item, dict)] if isinstance(told, list) else []
    if not listed:
        return True, None
    stopping = [item for item in listed if str(item.get("restriction_type")) not in HARMLESS_RESTRICTIONS]
    ends = [item.get("expiration") for item in stopping]
    if not stopping or not all(isinstance(end, int) and 0 < end <= 10**11 for end in ends):
        return bool(stopping), None
    return True, max(int(end or 0) for end in ends) * SECOND_MS


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
