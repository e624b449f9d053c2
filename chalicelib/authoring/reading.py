"""Reading a definition: YAML or JSON in, a typed `Definition` out, or every problem with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from chalicelib.audience.consent import Basis
from chalicelib.authoring.approval_reading import read_approval
from chalicelib.authoring.audience_reading import read_audience
from chalicelib.authoring.cases import Case, read_cases
from chalicelib.authoring.definition import (
    THIS_CAMPAIGN,
    Category,
    ConsentRule,
    Criticality,
    Definition,
    Past,
    with_criticality,
)
from chalicelib.authoring.delivery_reading import read_delivery
from chalicelib.authoring.experiment_reading import read_experiment
from chalicelib.authoring.fields import Reader
from chalicelib.authoring.frequency_reading import LABEL, read_frequency
from chalicelib.authoring.guard_reading import read_guards
from chalicelib.authoring.nodes import Fields, Items, Node, Place, compose
from chalicelib.authoring.quiet_reading import read_quiet_hours
from chalicelib.authoring.replies_reading import read_replies
from chalicelib.authoring.retention_reading import read_retention
from chalicelib.authoring.template_reading import read_template
from chalicelib.authoring.time_reading import (
    read_allowed_days,
    read_dst,
    read_send_at,
    read_timezone,
    read_unknown_timezone,
    read_window,
)
from chalicelib.errors import InvalidDefinition, Problem

LATER = frozenset(
    [
        "rollout",
        "budget",
        "tracking",
        "recurrence",
        "trigger",
    ]
)
"""Keys of the format that are not built yet: refused by name, never ignored."""
DEFAULT_PRIORITY = 50


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
    cases: tuple[Case, ...] = ()


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
    cases = read_cases(root)
    root.finish(later=LATER)
    return Reading(tree, tuple(sorted(problems, key=lambda p: (p.line, p.column))), definition, cases)


def located(problem: Problem, tree: Fields, file: str) -> Problem:
    """Return a problem with the place of its path in the file, or of the deepest part of it that is there."""
    place: Place = tree.place
    node: Node = tree
    for key in re.findall(r"[^.\[\]]+", problem.path):
        if isinstance(node, Items) and key.isdecimal() and int(key) < len(node.items):
            node = node.items[int(key)]
            place = node.place
        elif isinstance(node, Fields) and key in node.by_key:
            place = node.key_places[key]
            node = node.by_key[key]
            place = place if isinstance(node, Fields) else node.place
        else:
            break
    return replace(problem, line=place.line, column=place.column, file=file)


def _definition(root: Reader) -> Definition | None:
    _format(root)
    for key in ("campaign", "category", "sender", "audience", "send_at", "template"):
        root.required(key)
    campaign = root.matching("campaign", r"[a-z0-9-]{3,64}", "campaign_name_invalid") or ""
    category = _category(root)
    audience, template, labels = read_audience(root), read_template(root), _labels(root)
    who_and_when = {
        "title": root.text("title") or campaign,
        "owner": root.text("owner") or "",
        "sender": root.text("sender") or "",
        "topic": _topic(root, category),
        **_consent(root, category),
        "experiment": read_experiment(root, campaign),
        "guards": read_guards(root),
        **_throttle(root),
        **labels,
        **_times(root),
        "frequency": read_frequency(root, ("marketing", "all", THIS_CAMPAIGN), with_criticality(**labels)),
    }
    who_and_when["retention"] = read_retention(root)
    who_and_when["approval"] = read_approval(root)
    who_and_when["replies"] = read_replies(root, who_and_when["expires_ms"])
    if audience is None or template is None:
        return None
    return Definition(
        campaign=campaign,
        category=category,
        audience=audience,
        template=template,
        **who_and_when,
    )


def _times(root: Reader) -> dict[str, Any]:
    """Return the fields that say when."""
    window = read_window(root)
    days, holidays = read_allowed_days(root)
    quiet = read_quiet_hours(root, "quiet_hours") if root.node("quiet_hours") is not None else None
    return {
        "send_at": read_send_at(root),
        "timezone": read_timezone(root),
        "unknown_timezone": read_unknown_timezone(root),
        "window_ms": window,
        **read_delivery(root, window),
        "past": root.choice("past", Past, Past.FAIL_PLAN),
        "dst": read_dst(root),
        "days": days,
        "holidays": holidays,
        "quiet_hours": quiet,
    }


def _labels(root: Reader) -> dict[str, Any]:
    """Return the labels, and apart from them the one that has a meaning here."""
    one = root.mapping("labels")
    if one is None:
        return {"labels": {}, "criticality": Criticality.MEDIUM}
    criticality = one.choice("criticality", Criticality, Criticality.MEDIUM)
    labels = {}
    for key, place in one.fields.key_places.items():
        if key == "criticality":
            continue
        if not re.fullmatch(LABEL, key):
            one.note("label_invalid", key, place, value=key)
        labels[key] = one.text(key) or ""
    return {"labels": labels, "criticality": criticality}


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


def _consent(root: Reader, category: Category) -> dict[str, Any]:
    """Return which evidence is enough, and what becomes of people without any."""
    one = root.mapping("consent")
    if one is None:
        return {"consent": ConsentRule()}
    basis = one.choice("basis", Basis, Basis.EXPLICIT_OPTIN)
    if basis is Basis.INBOUND_MESSAGE and category is Category.MARKETING:
        one.note("inbound_basis_marketing", "basis")
    on_missing = one.choice("on_missing", _OnMissing, _OnMissing.SKIP)
    months, exact = _max_age(one)
    one.finish()
    return {
        "consent": ConsentRule(basis=basis, max_age_months=months, max_age_ms=exact),
        "re_permission": on_missing is _OnMissing.RE_PERMISSION,
    }


def _max_age(one: Reader) -> tuple[int | None, int | None]:
    """Return how old evidence may be, in calendar months or in exact milliseconds."""
    age = one.text("max_age")
    found = re.fullmatch(r"(\d{1,3})mo", age) if age is not None else None
    if found and int(found[1]):
        return int(found[1]), None
    if age is None:
        return None, None
    exact = one.duration("max_age", 0) or None
    if exact is None and not any(p.path == one.at("max_age") for p in one.problems):
        one.note("not_a_duration", "max_age", value=age)
    return None, exact


def _throttle(root: Reader) -> dict[str, Any]:
    """Return how fast, and before whom."""
    one = root.mapping("throttle")
    if one is None:
        return {"max_per_second": None}
    most = one.number("max_per_second", None, least=0.1, most=1_000)
    priority = one.number("priority", DEFAULT_PRIORITY, least=0, most=100)
    if priority is not None and priority != int(priority):
        one.note("not_a_whole_number", "priority", value=str(priority))
    share = one.share("share", 1.0, least=0.01, most=1.0)
    one.finish()
    return {"max_per_second": most, "priority": int(priority or 0), "share": share or 1.0}
