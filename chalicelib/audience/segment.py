"""Segments: the rule that selects contacts, in three-valued logic.

A comparison with a missing value is unknown, `not` of unknown is unknown, and
whoever is unknown is not selected; `x is missing` is how to mean it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from chalicelib.audience.contact import Contact
from chalicelib.audience.instant import Instant
from chalicelib.audience.segment_reading import read_segment
from chalicelib.audience.segment_terms import (
    COUNTS,
    ORDERINGS,
    AllOf,
    AnyOf,
    Comparison,
    Constant,
    Field,
    Happened,
    Literal,
    Marked,
    Membership,
    Memory,
    Missing,
    Node,
    Not,
    Reached,
    Term,
    counting,
    number_of,
    reading,
    text_of,
)
from chalicelib.audience.segment_tokens import SegmentError

__all__ = [
    "Answer",
    "Memory",
    "Segment",
    "SegmentError",
    "campaigns_named",
    "compiled",
    "parse",
    "selects_everybody",
    "trace",
]

NOTHING: Memory = {}

Answer = Callable[[Contact], bool | None]
"""True, False, or None for unknown."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A boolean expression over a contact. Making one from a faulty text raises SegmentError."""

    source: str
    tree: Node = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", read_segment(self.source))


def parse(text: str) -> Segment:
    """Return the segment that `text` writes. Raises SegmentError with code, params and offset."""
    return Segment(text)


def compiled(segment: Segment, at: Instant, memory: Memory = NOTHING) -> Answer:
    """Return the segment as one function of a contact, about a microsecond a call.

    Events are counted back from `at`, the instant of evaluation; `memory` is
    what earlier campaigns came to with the people it will be asked about.
    """
    return _compiled(segment.tree, at, memory)


def campaigns_named(segment: Segment) -> frozenset[str]:
    """Return the campaigns whose outcomes the segment asks for."""
    return frozenset(term.campaign for term in _terms(segment.tree) if isinstance(term, Reached))


def selects_everybody(segment: Segment) -> bool:
    """Say whether the segment is true whatever the contact, as `true` is.

    Only what follows from `true` and `false` is seen, not from laws of logic.
    """
    return _folded(segment.tree) is True


def trace(
    segment: Segment, contact: Contact, at: Instant, memory: Memory = NOTHING
) -> list[tuple[str, bool | None, str]]:
    """Return each term in the order written: its text, its answer, and the value it saw."""
    return [
        (term.text, _compiled(term, at, memory)(contact), _seen(term, contact, at, memory))
        for term in _terms(segment.tree)
    ]


def _compiled(node: Node, at: Instant, memory: Memory) -> Answer:
    match node:
        case Comparison():
            return _comparison(node)
        case Membership():
            among = _among(node.field, node.literals)
            return _opposite(among) if node.negated else among
        case Missing():
            read, negated = reading(node.field), node.negated
            return lambda contact: (read(contact) is None) is not negated
        case Marked() | Happened() | Reached() | Constant():
            return _fact(node, at, memory)
        case Not():
            return _opposite(_compiled(node.part, at, memory))
        case AllOf():
            return _first_found(False, [_compiled(part, at, memory) for part in node.parts])
        case AnyOf():
            return _first_found(True, [_compiled(part, at, memory) for part in node.parts])
        case _:  # pragma: no cover - mypy proves that the cases are all there are
            assert_never(node)


def _fact(term: Marked | Happened | Reached | Constant, at: Instant, memory: Memory) -> Answer:
    """Return the answer of a term that is never unknown."""
    match term:
        case Marked():
            return _marked(term)
        case Happened():
            counted, holds, number = counting(term, at), COUNTS[term.operator], term.number
            return lambda contact: holds(counted(contact), number)
        case Reached():
            people = memory.get((term.campaign, term.fact), frozenset())
            return lambda contact: contact.id in people
        case Constant():
            value = term.value
            return lambda contact: value
        case _:  # pragma: no cover - mypy proves that the cases are all there are
            assert_never(term)


def _marked(term: Marked) -> Answer:
    name = term.name
    if term.kind == "tag":
        return lambda contact: name in contact.tags
    return lambda contact: name in contact.lists


def _first_found(decisive: bool, parts: Sequence[Answer]) -> Answer:
    """Return Kleene's or (`decisive` True) or and (False) of `parts`."""
    otherwise = not decisive

    def answer(contact: Contact) -> bool | None:
        known = True
        for part in parts:
            found = part(contact)
            if found is decisive:
                return decisive
            if found is None:
                known = False
        return otherwise if known else None

    return answer


def _opposite(part: Answer) -> Answer:
    def answer(contact: Contact) -> bool | None:
        found = part(contact)
        return None if found is None else not found

    return answer


def _comparison(term: Comparison) -> Answer:
    if term.operator in ("=", "!="):
        equal = _among(term.field, (term.literal,))
        return equal if term.operator == "=" else _opposite(equal)
    read, holds = reading(term.field), ORDERINGS[term.operator]
    if isinstance(term.literal, str):
        limit = text_of(term.field, term.literal)

        def by_text(contact: Contact) -> bool | None:
            value = read(contact)
            return None if value is None else holds(value, limit)

        return by_text

    number = term.literal

    def by_number(contact: Contact) -> bool | None:
        value = read(contact)
        found = None if value is None else number_of(value)
        return None if found is None else holds(found, number)

    return by_number


def _among(place: Field, literals: Sequence[Literal]) -> Answer:
    """Return whether a value equals one of `literals`: numbers by value, all else as text.

    Text that is no number is neither equal nor unequal to one: unknown.
    """
    read = reading(place)
    texts = frozenset(text_of(place, x) for x in literals if isinstance(x, str | bool))
    truths = frozenset(text_of(place, x) for x in literals if isinstance(x, bool))
    numbers = frozenset(x for x in literals if not isinstance(x, str | bool))

    def plainly(contact: Contact) -> bool | None:
        value = read(contact)
        return None if value is None else value in texts

    def carefully(contact: Contact) -> bool | None:
        value = read(contact)
        if value is None:
            return None
        if value in texts or value.casefold() in truths:
            return True
        if not numbers:
            return False
        found = number_of(value)
        return None if found is None else found in numbers

    return carefully if numbers or truths else plainly


def _folded(node: Node) -> bool | None:
    """Return what the tree is for every contact: True, False, or None when it depends."""
    match node:
        case Constant():
            return node.value
        case Not():
            part = _folded(node.part)
            return None if part is None else not part
        case AllOf() | AnyOf():
            decisive = isinstance(node, AnyOf)
            parts = [_folded(part) for part in node.parts]
            if decisive in parts:
                return decisive
            return None if None in parts else not decisive
        case _:
            return None


def _terms(node: Node) -> Iterator[Term]:
    match node:
        case Not():
            yield from _terms(node.part)
        case AllOf() | AnyOf():
            for part in node.parts:
                yield from _terms(part)
        case _:
            yield node


def _seen(term: Term, contact: Contact, at: Instant, memory: Memory) -> str:
    match term:
        case Reached():
            facts = (fact for name, fact in memory if name == term.campaign)
            return ", ".join(sorted(f for f in facts if contact.id in memory[term.campaign, f])) or "nothing"
        case Happened():
            return str(counting(term, at)(contact))
        case Marked():
            return ", ".join(sorted(contact.tags if term.kind == "tag" else contact.lists)) or "none"
        case Constant():
            return term.text
        case _:
            place = term.field
            value = contact.attributes.get(place.name) if place.attribute else getattr(contact, place.name)
            return value or "missing"
