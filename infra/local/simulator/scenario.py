"""What the platform does today: latency, odds, faults. A file says only what differs from the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, get_type_hints

import yaml

TEMPLATE_STATUSES = frozenset(
    ("APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "PENDING_DELETION", "ARCHIVED")
)

CATEGORIES = frozenset(("MARKETING", "UTILITY", "AUTHENTICATION"))
QUALITIES = frozenset(("GREEN", "YELLOW", "RED", "UNKNOWN"))
KNOWN_BY_KEY = {
    "templates": (TEMPLATE_STATUSES, "status"),
    "categories": (CATEGORIES, "category"),
    "qualities": (QUALITIES, "quality"),
}


class UnreadableScenario(Exception):
    """The scenario cannot be used; the text says which key and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """A log-normal delay: its median in milliseconds and the sigma of its logarithm."""

    median: float = 0.0
    spread: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """How events reach the subscriber. Odds are per event; `retry_ms` doubles with every attempt."""

    batch: int = 50
    linger_ms: float = 100.0
    connections: int = 8
    timeout_ms: float = 10_000.0
    retry_ms: float = 1_000.0
    duplicated: float = 0.0
    duplicated_after: Delay = Delay(median=500.0, spread=0.5)
    reordered: float = 0.0
    reordered_by: Delay = Delay(median=3_000.0, spread=0.5)
    delayed: float = 0.0
    delayed_by: Delay = Delay(median=20_000.0, spread=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything that may be set. Odds lie in [0, 1].

    `refused` are codes answered at once, `failed` codes that come by webhook
    after an acceptance. `lost_answers` were accepted, `resets` were not; a
    `garbled` answer is a 502 in HTML, for an accepted message or not, evenly.
    `not_on_whatsapp` is a trait of a number, not of an attempt. `read`,
    `replies` and `stops` are shares of the delivered. `per_second` overrides a
    number's throughput by its phone number id, `templates` a status by
    NAME.LANGUAGE, `categories`, `qualities` and `bodies` what else the platform
    may change of one.
    """

    seed: int = 1
    latency: Delay = Delay(median=60.0, spread=0.3)
    refused: Mapping[int, float] = field(default_factory=dict)
    failed: Mapping[int, float] = field(default_factory=dict)
    not_on_whatsapp: float = 0.0
    us_marketing_paused: bool = True
    resets: float = 0.0
    lost_answers: float = 0.0
    garbled: float = 0.0
    held: float = 0.0
    held_for: Delay = Delay(median=60_000.0, spread=0.3)
    sent_after: Delay = Delay(median=400.0, spread=0.4)
    delivered: float = 0.97
    delivered_omitted: float = 0.0
    delivered_after: Delay = Delay(median=1_500.0, spread=0.8)
    read: float = 0.6
    read_after: Delay = Delay(median=6_000.0, spread=1.0)
    replies: float = 0.0
    stops: float = 0.0
    reply_after: Delay = Delay(median=15_000.0, spread=0.8)
    count_inbound: bool = True
    per_second: Mapping[str, int] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    qualities: Mapping[str, str] = field(default_factory=dict)
    bodies: Mapping[str, str] = field(default_factory=dict)
    webhooks: Webhooks = Webhooks()


SHARES = frozenset(
    (
        *("not_on_whatsapp", "resets", "lost_answers", "garbled", "held"),
        *("delivered", "delivered_omitted", "read", "replies", "stops"),
        *("duplicated", "reordered", "delayed"),
    )
)


def read_scenario(text: str) -> Scenario:
    """Return the scenario that YAML or JSON text describes; raise UnreadableScenario."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UnreadableScenario(f"the scenario is neither YAML nor JSON: {error}") from error
    return amended(Scenario(), {} if found is None else found)


def amended(scenario: Scenario, changes: object) -> Scenario:
    """Return `scenario` with the keys of `changes` replaced; nested keys one by one."""
    changed = _merged(scenario, changes, "")
    assert isinstance(changed, Scenario)
    return changed


def _merged(value: Any, changes: object, path: str) -> Any:
    if not isinstance(changes, Mapping):
        raise UnreadableScenario(f"{path or 'the scenario'}: expected keys and values, got {changes!r}")
    known = {each.name for each in fields(value)}
    updates: dict[str, Any] = {}
    for key, new in changes.items():
        where = f"{path}.{key}" if path else str(key)
        if key not in known:
            raise UnreadableScenario(f"{where}: unknown; known are {', '.join(sorted(known))}")
        current = getattr(value, key)
        if is_dataclass(current):
            updates[key] = _merged(current, new, where)
        else:
            updates[key] = _checked(key, get_type_hints(type(value))[key], new, where)
    return replace(value, **updates)


def _checked(key: str, wanted: Any, new: Any, where: str) -> Any:
    if key in ("refused", "failed"):
        return _odds_by_code(new, where)
    if key == "per_second":
        return {str(k): int(_number(v, where, at_least=1)) for k, v in _mapping(new, where).items()}
    if key in KNOWN_BY_KEY:
        return _known(new, where, *KNOWN_BY_KEY[key])
    if key == "bodies":
        return {str(name): str(text) for name, text in _mapping(new, where).items()}
    if wanted is bool:
        if not isinstance(new, bool):
            raise UnreadableScenario(f"{where}: expected true or false, got {new!r}")
        return new
    number = _number(new, where)
    if key in SHARES and number > 1:
        raise UnreadableScenario(f"{where}: a share lies between 0 and 1, got {new!r}")
    if key in ("batch", "connections") and number < 1:
        raise UnreadableScenario(f"{where}: expected at least 1, got {new!r}")
    return int(number) if wanted is int else float(number)


def _odds_by_code(new: Any, where: str) -> dict[int, float]:
    odds: dict[int, float] = {}
    for code, share in _mapping(new, where).items():
        if not str(code).isdigit():
            raise UnreadableScenario(f"{where}: {code!r} is no error code")
        odds[int(code)] = _number(share, f"{where}.{code}")
    if sum(odds.values()) > 1 + 1e-9:
        raise UnreadableScenario(f"{where}: the odds add up to more than 1")
    return odds


def _known(new: Any, where: str, known: frozenset[str], what: str) -> dict[str, str]:
    words = {str(name): str(word) for name, word in _mapping(new, where).items()}
    for name, word in words.items():
        if word not in known:
            raise UnreadableScenario(f"{where}.{name}: {word!r} is no {what} of a template")
    return words


def _mapping(new: Any, where: str) -> Mapping[Any, Any]:
    if not isinstance(new, Mapping):
        raise UnreadableScenario(f"{where}: expected keys and values, got {new!r}")
    return new


def _number(new: Any, where: str, *, at_least: float = 0) -> float:
    if isinstance(new, bool) or not isinstance(new, int | float) or not at_least <= new < 1e15:
        raise UnreadableScenario(f"{where}: expected a number from {at_least:g}, got {new!r}")
    return new
