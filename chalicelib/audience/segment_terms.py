"""What a segment is made of: terms about one contact, joined by and, or, not.

Text is compared exactly, but for country and language, whose case means
nothing. A missing value makes a comparison unknown, never false.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.audience.contact import Contact
from chalicelib.audience.instant import Instant

FACTS = ("accepted", "delivered", "read", "replied", "opted_out", "failed")
"""What a segment may ask of an earlier campaign."""
SAME_FACT = {"replied_stop": "opted_out"}
Memory = Mapping[tuple[str, str], frozenset[str]]
"""By (campaign, fact): the ids of the people of whom it is true."""

Literal = str | int | float | bool
Reading = Callable[[Contact], str | None]

FIELDS = ("country", "language", "timezone", "first_name", "last_name", "external_id")
CASELESS = frozenset({"country", "language"})

ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COUNTS: Mapping[str, Callable[[Any, Any], bool]] = {"=": operator.eq, "!=": operator.ne, **ORDERINGS}
COMPARISONS = tuple(COUNTS)


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the contact: one of FIELDS, or an attribute when `attribute` says so."""

    name: str
    attribute: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """`field` is compared by `operator`, one of COMPARISONS, with a literal."""

    field: Field
    operator: str
    literal: Literal
    text: str


@dataclass(frozen=True, slots=True)
class Membership:
    """`field` equals one of `literals`; with `negated`, none of them."""

    field: Field
    literals: tuple[Literal, ...]
    negated: bool
    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """`field` has no value; with `negated`, it has one. Never unknown."""

    field: Field
    negated: bool
    text: str


@dataclass(frozen=True, slots=True)
class Marked:
    """The contact carries a tag or is on a list, by `kind`. Never unknown."""

    kind: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Happened:
    """How often an event happened, compared with a number: in the `window_ms` before now, or ever (None).

    Never unknown: what nobody told has not happened.
    """

    event: str
    window_ms: int | None
    operator: str
    number: int | float
    text: str


@dataclass(frozen=True, slots=True)
class Reached:
    """What an earlier campaign came to with this person: `fact` is one of FACTS, in any of its runs.

    Never unknown: whom a campaign was not for, it never reached.
    """

    campaign: str
    fact: str
    text: str


@dataclass(frozen=True, slots=True)
class Constant:
    """`true` or `false`, written out."""

    value: bool
    text: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; of unknown, unknown."""

    part: Node


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part is true."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part is true."""

    parts: tuple[Node, ...]


Term = Comparison | Membership | Missing | Marked | Happened | Reached | Constant
Node = Term | Not | AllOf | AnyOf


def reading(field: Field) -> Reading:
    """Return what reads `field` of a contact: its text, or None when missing or empty."""
    if field.attribute:
        name = field.name
        return lambda contact: contact.attributes.get(name) or None
    get: Reading = operator.attrgetter(field.name)
    if field.name in CASELESS:

        def folded(contact: Contact) -> str | None:
            value = get(contact)
            return value.casefold() if value else None

        return folded
    return lambda contact: get(contact) or None


def counting(term: Happened, at: Instant) -> Callable[[Contact], int]:
    """Return what counts a contact's events of the window that ends at `at`, without its start."""
    name = term.event
    since = None if term.window_ms is None else at - term.window_ms

    def count(contact: Contact) -> int:
        instants = (happening.at for happening in contact.events.get(name, ()))
        return sum(when <= at and (since is None or when > since) for when in instants)

    return count


def number_of(text: str) -> int | float | None:
    """Return the finite number that `text` writes, None for any other text."""
    if "_" in text:
        return None  # Python would read 1_000
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def text_of(field: Field, literal: Literal) -> str:
    """Return a text or truth literal as the field's values are spelled."""
    if isinstance(literal, bool):
        return "true" if literal else "false"
    text = str(literal)
    return text.casefold() if not field.attribute and field.name in CASELESS else text
