"""What the platform says of our templates: a fold over syncs and webhooks, whatever their order.

The files are the truth of the texts, the platform of status, category and
quality. Each of these has the second it was said in, and the newest wins: a
webhook of an hour ago changes nothing that is known since. Within one second,
which is all that webhooks tell, the answer that stops more wins.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.audience.instant import Instant

APPROVED = "APPROVED"
DELETED = "DELETED"
MISSING = "MISSING"
"""Of a template that no listing of its account shows."""
CHANGED = "changed"
"""Instead of a hash: the components were edited, and nobody has read yet into what."""

HOPELESS = frozenset({"REJECTED", "DISABLED", DELETED, "PENDING_DELETION", "ARCHIVED", MISSING})
"""Statuses that waiting does not cure."""

STATUS_BY_EVENT = {
    **{s: s for s in ("APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "FLAGGED", "IN_APPEAL")},
    **{s: s for s in ("PENDING_DELETION", "DELETED", "ARCHIVED", "LOCKED")},
    "REINSTATED": APPROVED,
}
"""What `event` of a status webhook makes of a template; others (LIMIT_EXCEEDED…) leave it as it is."""

FACETS = ("status", "category", "quality", "components")
_QUALITY = {"GREEN": 0, "UNKNOWN": 1, "YELLOW": 2, "RED": 3}
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,4})?")
SECOND_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredTemplate:
    """A template in one language as one WhatsApp Business Account has it; "" is what nobody said yet.

    Each facet has the second at which it was said. `components` is
    `components_hash` of what people get, or CHANGED. `coming_category` is the one
    that the platform announced for the next days. `first_approved_at` is when we
    saw it approved for the first time, None when it was so before we looked.
    """

    waba: str
    name: str
    language: str
    version: int = 1
    status: str = ""
    status_at: Instant = 0
    reason: str = ""
    category: str = ""
    category_at: Instant = 0
    previous_category: str = ""
    coming_category: str = ""
    quality: str = ""
    quality_at: Instant = 0
    components: str = ""
    components_at: Instant = 0
    first_approved_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateWord:
    """What the platform said of a template at one instant; "" for what it did not mention."""

    at: Instant
    status: str = ""
    reason: str = ""
    category: str = ""
    previous_category: str = ""
    coming_category: str = ""
    quality: str = ""
    components: str = ""


def is_name(name: str, language: str) -> bool:
    """Say whether these can be a template's name and language: they become keys and file names."""
    return bool(_NAME.fullmatch(name) and _LANGUAGE.fullmatch(language))


def second_of(instant: Instant) -> Instant:
    """Return the beginning of the second, as exact as a webhook is."""
    return instant - instant % SECOND_MS


def told(known: RegisteredTemplate, word: TemplateWord, *, synced_at: Instant = 0) -> RegisteredTemplate:
    """Return what is known after a word of the platform. The order of words does not matter.

    `synced_at` is when the whole account was last listed: what was said before
    is in it already.
    """
    at = second_of(word.at)
    if at < second_of(synced_at):
        return known
    changes: dict[str, Any] = {}
    for facet in FACETS:
        said = getattr(word, facet)
        before = (getattr(known, f"{facet}_at"), _rank(facet, getattr(known, facet)))
        if said and (at, _rank(facet, said)) > before:
            changes |= {facet: said, f"{facet}_at": at}
    if "status" in changes:
        changes["reason"] = word.reason
    if "category" in changes:
        moved = known.category != word.category
        changes |= {
            "previous_category": word.previous_category
            or (known.category if moved else known.previous_category),
            "coming_category": word.coming_category or ("" if moved else known.coming_category),
        }
    if changes.get("status") == APPROVED and known.status in ("", "PENDING", "IN_APPEAL", "REJECTED"):
        changes["first_approved_at"] = known.first_approved_at or at
    return replace(known, **changes)


def listed(known: RegisteredTemplate, word: TemplateWord) -> RegisteredTemplate:
    """Return what is known after a listing of the whole account; the same item when it says nothing new.

    A template that was approved before we first looked is not taken for a new one.
    """
    same = all(getattr(word, f) in ("", getattr(known, f)) for f in FACETS)
    if same:
        return known
    after = told(known, word)
    return after if known.status else replace(after, first_approved_at=known.first_approved_at)


def _rank(facet: str, value: str) -> tuple[int, str]:
    """Order what may be said in one second: what stops more, or costs more, is above."""
    if facet == "status":
        return (0 if not value else 1 if value == APPROVED else 3 if value in HOPELESS else 2), value
    if facet == "quality":
        return _QUALITY.get(value, 1) + bool(value), value
    return (2 if value in (CHANGED, "MARKETING") else bool(value)), value


def components_hash(components: Any) -> str:
    """Return a hash of what people get of these components, as Graph lists them.

    Examples are left out (those of media are addresses that change with every
    listing), and so are empty values, the order of the parts and the case of their kinds.
    """
    parts = [_shown(part) for part in components if isinstance(part, dict)]
    for part in parts:
        if part.get("type") == "HEADER":
            part.setdefault("format", "TEXT")
    parts.sort(key=lambda part: str(part.get("type")))
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _shown(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        inner = {str(k): _shown(v, str(k)) for k, v in value.items() if k != "example"}
        return {k: v for k, v in inner.items() if v not in ("", None, [], {})}
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if isinstance(value, str):
        return value.upper() if key in ("type", "format") else value.replace("\r\n", "\n").strip()
    return value
