"""policy.yaml: what every campaign of the company must keep. A campaign may tighten it, never loosen it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.audience.instant import DAY_MS
from chalicelib.authoring.definition import Category, Definition, OnBlock, QuietInterval
from chalicelib.authoring.fields import Reader, clock_minutes
from chalicelib.authoring.nodes import compose
from chalicelib.errors import InvalidDefinition, InvalidSettings, Problem

QUIET_BY_CATEGORY: Mapping[Category, tuple[QuietInterval, ...]] = {
    Category.MARKETING: (QuietInterval(opens=21 * 60, closes=8 * 60),),
    Category.UTILITY: (),
}
LATER = frozenset({"approval", "require_ceiling_above", "countries", "retention", "allow_categories"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequency:
    """At most `most` messages of `scope` ("marketing" or "all") in a rolling `per_ms`."""

    scope: str
    most: int
    per_ms: int
    on_block: OnBlock = OnBlock.DEFER


DEFAULT_FREQUENCY = (
    Frequency(scope="marketing", most=1, per_ms=DAY_MS),
    Frequency(scope="marketing", most=4, per_ms=7 * DAY_MS, on_block=OnBlock.SKIP),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The company's rules; `quiet_hours` None means the format's defaults by category."""

    quiet_hours: tuple[QuietInterval, ...] | None = None
    frequency: tuple[Frequency, ...] = DEFAULT_FREQUENCY

    def quiet_hours_for(self, definition: Definition) -> tuple[QuietInterval, ...]:
        """Return the union of the company's quiet hours and the campaign's.

        Where the policy says nothing, a campaign's own hours stand for the
        category's defaults.
        """
        own = definition.quiet_hours
        if self.quiet_hours is None:
            return QUIET_BY_CATEGORY[definition.category] if own is None else own
        return self.quiet_hours + tuple(q for q in own or () if q not in self.quiet_hours)

    def frequency_for(self, definition: Definition) -> tuple[Frequency, ...]:
        """Return the caps that count for a campaign of this category."""
        return tuple(f for f in self.frequency if f.scope in ("all", definition.category.value))


def parse_policy(text: str, file: str) -> Policy:
    """Return the policy. Raises InvalidSettings with every problem; an empty file is the defaults."""
    problems: list[Problem] = []
    try:
        root = Reader(compose(text, file=file), problems, file=file)
    except InvalidDefinition as error:
        raise InvalidSettings(*error.problems) from error
    quiet = read_quiet_hours(root, "quiet_hours") if root.node("quiet_hours") is not None else None
    frequency = tuple(_frequency(one) for one in root.readers("frequency"))
    policy = Policy(
        quiet_hours=quiet,
        frequency=frequency if root.node("frequency") is not None else DEFAULT_FREQUENCY,
    )
    root.finish(later=LATER)
    if problems:
        raise InvalidSettings(*problems)
    return policy


def read_quiet_hours(root: Reader, key: str) -> tuple[QuietInterval, ...]:
    """Return a list of quiet intervals of a policy or a definition."""
    intervals = []
    for one in root.readers(key):
        opens, closes = (_clock(one, name) for name in ("from", "to"))
        on_block = one.choice("on_block", OnBlock, OnBlock.DEFER)
        one.finish(later=("days", "dates"))
        if opens is None or closes is None:
            continue
        if opens == closes:
            one.note("quiet_all_day", "to")
            continue
        intervals.append(QuietInterval(opens=opens % 1440, closes=closes % 1440, on_block=on_block))
    return tuple(intervals)


def _clock(one: Reader, key: str) -> int | None:
    if not one.required(key):
        return None
    text = one.text(key) or ""
    minutes = clock_minutes(text)
    if minutes is None:
        one.note("not_a_clock_time", key, value=text)
    return minutes


def _frequency(one: Reader) -> Frequency:
    one.required("max")
    one.required("per")
    scope = one.text("scope") or "marketing"
    if scope not in ("marketing", "all"):
        one.note("not_a_choice", "scope", value=scope, choices="marketing, all", guess="")
    frequency = Frequency(
        scope=scope,
        most=int(one.number("max", 1, least=1, most=1_000) or 1),
        per_ms=one.duration("per", DAY_MS),
        on_block=one.choice("on_block", OnBlock, OnBlock.DEFER),
    )
    one.finish()
    return frequency
