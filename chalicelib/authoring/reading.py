"""Reading a definition: YAML or JSON in, a typed `Definition` out, or every problem with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import pytz

from chalicelib.audience.consent import Basis
from chalicelib.audience.instant import HOUR_MS, MINUTE_MS
from chalicelib.audience.segment import Segment, SegmentError, parse, selects_everybody
from chalicelib.authoring.definition import (
    Audience,
    Category,
    ConsentRule,
    Definition,
    Past,
    UnknownTimezone,
)
from chalicelib.authoring.fields import Reader, closest
from chalicelib.authoring.nodes import Fields, Place, Text, compose
from chalicelib.authoring.policy import read_quiet_hours
from chalicelib.authoring.template_reading import read_template
from chalicelib.errors import InvalidDefinition, Problem

LATER = frozenset(
    [
        "labels",
        "dst",
        "days",
        "holidays",
        "experiment",
        "rollout",
        "budget",
        "frequency",
        "replies",
        "tracking",
        "approval",
        "pause_if",
        "retention",
        "tests",
        "recurrence",
        "trigger",
    ]
)
"""Keys of the format that are not built yet: refused by name, never ignored."""
LEAST_WINDOW_MS = 15 * MINUTE_MS
LONGEST_MS = 400 * 24 * HOUR_MS
DEFAULT_LIMIT = 10_000
_FIXED_OFFSET = re.compile(r"[+-]\d{1,2}(:?\d{2})?|(Etc/)?(GMT|UTC)[+-]?\d+|Z|(GMT|UTC)[+-].*", re.IGNORECASE)
_ZONES = {name.lower(): name for name in pytz.all_timezones}


class _CategoryWord(StrEnum):
    MARKETING = "marketing"
    UTILITY = "utility"
    AUTHENTICATION = "authentication"


class _OnMissing(StrEnum):
    SKIP = "skip"
    RE_PERMISSION = "re_permission"


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as far as it could be read: the tree, all problems, and a definition where one could be made.

    With problems the definition holds defaults in the faulty places; it serves
    to find more problems, never to plan.
    """

    tree: Fields
    problems: tuple[Problem, ...]
    definition: Definition | None


def read(source: str, *, file: str = "") -> Definition:
    """Return the definition. Raises InvalidDefinition with all problems at once."""
    reading = read_all(source, file=file)
    if reading.problems or reading.definition is None:
        raise InvalidDefinition(*reading.problems)
    return reading.definition


def read_all(source: str, *, file: str = "") -> Reading:
    """Return all that can be read. Raises InvalidDefinition only when there is no tree at all."""
    tree = compose(source, file=file)
    problems: list[Problem] = []
    root = Reader(tree, problems, file=file)
    definition = _definition(root)
    root.finish(later=LATER)
    return Reading(tree, tuple(sorted(problems, key=lambda p: (p.line, p.column))), definition)


def located(problem: Problem, tree: Fields, file: str) -> Problem:
    """Return a problem with the place of its path in the file, or of the deepest part of it that is there."""
    place, node = tree.place, tree
    for key in problem.path.split("."):
        if key not in node.by_key:
            break
        place = node.key_places[key]
        found = node.by_key[key]
        if not isinstance(found, Fields):
            place = found.place
            break
        node = found
    return replace(problem, line=place.line, column=place.column, file=file)


def _definition(root: Reader) -> Definition | None:
    _format(root)
    for key in ("campaign", "category", "sender", "audience", "send_at", "template"):
        root.required(key)
    campaign = root.matching("campaign", r"[a-z0-9-]{3,64}", "campaign_name_invalid") or ""
    category = _category(root)
    timezone = _timezone(root)
    window = _window(root)
    audience = _audience(root)
    template = read_template(root)
    topic = _topic(root, category)
    consent = _consent(root, category)
    send_at = _send_at(root, timezone)
    quiet = read_quiet_hours(root, "quiet_hours") if root.node("quiet_hours") is not None else None
    definition_fields = {
        "title": root.text("title") or campaign,
        "owner": root.text("owner") or "",
        "sender": root.text("sender") or "",
        "unknown_timezone": _unknown_timezone(root),
        "past": root.choice("past", Past, Past.FAIL_PLAN),
        "max_per_second": _throttle(root),
        "expires_ms": _expires(root, window),
    }
    if audience is None or template is None:
        return None
    return Definition(
        campaign=campaign,
        category=category,
        topic=topic,
        consent=consent,
        audience=audience,
        send_at=send_at,
        timezone=timezone,
        window_ms=window,
        quiet_hours=quiet,
        template=template,
        **definition_fields,  # type: ignore[arg-type]
    )


def _format(root: Reader) -> None:
    found = root.text("format", "1")
    if found != "1":
        root.note("format_unknown", "format", value=str(found))


def _category(root: Reader) -> Category:
    word = root.choice("category", _CategoryWord, _CategoryWord.MARKETING)
    if word is _CategoryWord.AUTHENTICATION:
        root.note("authentication_refused", "category")
        return Category.UTILITY
    return Category(word.value)


def _topic(root: Reader, category: Category) -> str | None:
    topic = root.matching("topic", r"[a-z0-9][a-z0-9_-]{0,63}", "topic_invalid")
    if topic == "all":
        root.note("topic_all", "topic")
    if topic is None and category is Category.MARKETING and "topic" not in root.fields.by_key:
        root.note("topic_required", "topic")
    return topic


def _consent(root: Reader, category: Category) -> ConsentRule:
    one = root.mapping("consent")
    if one is None:
        return ConsentRule()
    basis = one.choice("basis", Basis, Basis.EXPLICIT_OPTIN)
    if basis is Basis.INBOUND_MESSAGE and category is Category.MARKETING:
        one.note("inbound_basis_marketing", "basis")
    if one.choice("on_missing", _OnMissing, _OnMissing.SKIP) is _OnMissing.RE_PERMISSION:
        one.note("not_available_yet", "on_missing")
    months, exact = None, None
    age = one.text("max_age")
    if age is not None:
        found = re.fullmatch(r"(\d{1,3})mo", age)
        if found and int(found[1]):
            months = int(found[1])
        else:
            exact = one.duration("max_age", 0) or None
            if exact is None and not any(p.path == one.at("max_age") for p in one.problems):
                one.note("not_a_duration", "max_age", value=age)
    one.finish()
    return ConsentRule(basis=basis, max_age_months=months, max_age_ms=exact)


def _audience(root: Reader) -> Audience | None:
    one = root.mapping("audience")
    if one is None:
        return None
    segment = _segment(one) if one.required("segment") else None
    exclude = tuple(_named_sets(one, "exclude"))
    limit = one.number("limit", DEFAULT_LIMIT, least=1, most=100_000_000)
    one.finish(later=("include",))
    if segment is None:
        return None
    return Audience(segment=segment, exclude=exclude, limit=int(limit or DEFAULT_LIMIT))


def _segment(one: Reader) -> Segment | None:
    node = one.node("segment")
    if not isinstance(node, Text):
        one.note("not_text", "segment")
        return None
    try:
        segment = parse(node.value)
    except SegmentError as error:
        one.note(error.code, "segment", _place_in(node, error.offset), **_shown(error))
        return None
    if selects_everybody(segment):
        one.note("segment_everybody", "segment")
        return None
    return segment


def _shown(error: SegmentError) -> dict[str, str]:
    """Return the error's facts; `key` names the place already."""
    return {("name" if name == "key" else name): value for name, value in error.params.items()}


def _place_in(node: Text, offset: int) -> Place:
    """Return where the `offset`-th character of a text stands in the file."""
    before = node.value[:offset]
    line = before.count("\n")
    if node.block_line != node.place.line:  # a block scalar: its lines begin under the key
        return Place(node.block_line + line, node.block_indent + len(before) - before.rfind("\n"))
    quote = 1 if node.is_quoted else 0
    return Place(node.place.line + line, node.place.column + quote + len(before) - (before.rfind("\n") + 1))


def _named_sets(one: Reader, key: str) -> list[tuple[str, str]]:
    sets = []
    for text in one.texts(key):
        kind, separator, name = text.value.partition(":")
        if not separator or kind not in ("list", "tag") or not name:
            one.note("not_a_set", key, text.place, value=text.value)
        else:
            sets.append((kind, name))
    return sets


def _timezone(root: Reader) -> str | None:
    found = root.text("timezone", "recipient")
    if found in (None, "recipient"):
        return None
    return _zone(root, "timezone", str(found))


def _zone(root: Reader, key: str, name: str) -> str | None:
    """Return an IANA zone's proper name, or note why it is none."""
    if _FIXED_OFFSET.fullmatch(name):
        root.note("zone_is_offset", key, value=name)
        return None
    known = _ZONES.get(name.lower())
    if known is None:
        root.note("zone_unknown", key, value=name, guess=_ZONES.get(closest(name.lower(), _ZONES), ""))
    return known


def _unknown_timezone(root: Reader) -> UnknownTimezone:
    found = root.node("unknown_timezone")
    if found is None:
        return UnknownTimezone()
    if isinstance(found, Fields):
        one = root.mapping("unknown_timezone")
        if one is None:
            return UnknownTimezone()
        name = one.text("use") if one.required("use") else None
        zone = _zone(one, "use", name) if name else None
        share = (one.text("max_share") or "5%").removesuffix("%")
        try:
            fraction = float(share) / 100
        except ValueError:
            fraction = -1.0
        if not 0 <= fraction <= 1:
            one.note("not_a_share", "max_share", value=share)
        one.finish()
        return UnknownTimezone(use=zone, max_share=fraction)
    word = root.text("unknown_timezone")
    if word not in ("skip", "fail_plan"):
        root.note(
            "not_a_choice",
            "unknown_timezone",
            value=str(word),
            choices="{use: ZONE}, skip, fail_plan",
            guess="",
        )
    return UnknownTimezone(skip=word == "skip")


def _send_at(root: Reader, timezone: str | None) -> datetime | None:
    found = root.text("send_at")
    if found is None or found == "now":
        return None
    if re.search(r"(Z|[+-]\d{2}:?\d{2})$", found) and re.match(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}.+", found):
        root.note("send_at_has_offset", "send_at", value=found)
        return None
    try:
        return datetime.strptime(found.replace("T", " "), "%Y-%m-%d %H:%M")  # noqa: DTZ007 - a wall time
    except ValueError:
        root.note("send_at_invalid", "send_at", value=found)
        return None


def _window(root: Reader) -> int:
    window = root.duration("window", 2 * HOUR_MS)
    if not LEAST_WINDOW_MS <= window <= LONGEST_MS:
        root.note("window_too_short" if window < LEAST_WINDOW_MS else "too_long", "window")
    return window


def _expires(root: Reader, window: int) -> int:
    one = root.mapping("delivery")
    if one is None:
        return window
    expires = one.duration("expires", window)
    if expires < window:
        one.note("expires_before_window", "expires")
    if expires > LONGEST_MS:
        one.note("too_long", "expires")
    one.finish(later=("retry", "on_uncertain", "fallback"))
    return expires


def _throttle(root: Reader) -> float | None:
    one = root.mapping("throttle")
    if one is None:
        return None
    found = one.number("max_per_second", None, least=0.1, most=1_000)
    one.finish(later=("priority", "share"))
    return found
