"""Read a segment's text into its tree, by recursive descent.

Hostile text is refused in milliseconds: its length and depth are bounded, and
each token is looked at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable

from chalicelib.audience.instant import DAY_MS, HOUR_MS
from chalicelib.audience.segment_terms import (
    COMPARISONS,
    FACTS,
    FIELDS,
    ORDERINGS,
    SAME_FACT,
    AllOf,
    AnyOf,
    Comparison,
    Constant,
    Field,
    Happened,
    Literal,
    Marked,
    Membership,
    Missing,
    Node,
    Not,
    Reached,
    number_of,
)
from chalicelib.audience.segment_tokens import SegmentError, Token, stray, tokens_of, unquoted

LONGEST = 10_000
"""Characters."""

DEEPEST = 50
"""Parentheses and nots inside one another."""

NOT_BUILT_YET = frozenset({"now"})
FUNCTIONS = ("tag", "list", "event", "campaign")
UNIT_MS = {"h": HOUR_MS, "d": DAY_MS, "w": 7 * DAY_MS}


def read_segment(source: str) -> Node:
    """Return the tree of a segment's text. Raises SegmentError at the first fault."""
    if len(source) > LONGEST:
        raise SegmentError("segment.too_long", LONGEST, longest=str(LONGEST))
    reader = _Reader(source, tokens_of(source))
    if reader.token.kind == "end":
        raise SegmentError("segment.empty", 0)
    tree = reader.expression()
    if reader.token.kind != "end":
        raise reader.unexpected("and, or")
    return tree


class _Reader:
    """A cursor over the tokens; each method reads one rule of the grammar."""

    def __init__(self, source: str, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def take(self) -> Token:
        token = self.token
        self.index += 1
        return token

    def takes(self, text: str) -> bool:
        """Step over `text` when it is what comes next."""
        found = self.token.kind in ("keyword", "symbol") and self.token.text == text
        self.index += found
        return found

    def expect(self, text: str) -> None:
        if not self.takes(text):
            raise self.unexpected(text)

    def unexpected(self, expected: str) -> SegmentError:
        token = self.token
        if token.kind == "stray":
            return stray(self.source, token.start, expected)
        if token.kind == "end":
            return SegmentError("segment.ends_early", token.start, expected=expected)
        before = self.tokens[self.index - 1].text if self.index else ""
        if token.text == "=" and before == "=":
            return SegmentError("segment.write_instead", token.start - 1, found="==", instead="=")
        if token.text == ">" and before == "<":
            return SegmentError("segment.write_instead", token.start - 1, found="<>", instead="!=")
        return SegmentError("segment.unexpected", token.start, found=token.text, expected=expected)

    def expression(self) -> Node:
        return self._joined("or", AnyOf, lambda: self._joined("and", AllOf, self._negation))

    def _joined(self, word: str, join: Callable[[tuple[Node, ...]], Node], part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self.takes(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else join(tuple(parts))

    def _deeper(self, rule: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise SegmentError("segment.too_deep", self.token.start, deepest=str(DEEPEST))
        node = rule()
        self.depth -= 1
        return node

    def _negation(self) -> Node:
        if self.takes("not"):
            return Not(self._deeper(self._negation))
        if self.takes("("):
            node = self._deeper(self.expression)
            self.expect(")")
            return node
        return self._term()

    def _term(self) -> Node:
        token = self.token
        if token.text in ("true", "false") and token.kind == "keyword":
            self.take()
            return Constant(token.text == "true", token.text)
        if token.kind != "name":
            raise self.unexpected('country, attr.…, tag("…"), event("…"), (')
        self.take()
        if self.token.text == "(" and self.token.kind == "symbol":
            return self._call(token)
        return self._comparison(_field(token), token)

    def _call(self, name: Token) -> Node:
        kind = name.text.lower()
        if kind.split(".")[0] in NOT_BUILT_YET:
            raise SegmentError("not_available_yet", name.start, key=f"{kind}()")
        if kind not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise SegmentError("segment.unknown_function", name.start, found=name.text, known=known)
        self.expect("(")
        if self.token.kind != "text":
            raise self.unexpected(f'{kind}("…")')
        named = unquoted(self.take().text)
        self.expect(")")
        if kind == "event":
            return self._happened(named, name)
        return self._reached(named, name) if kind == "campaign" else Marked(kind, named, self._since(name))

    def _reached(self, campaign: str, start: Token) -> Node:
        """Read `.delivered` and its like."""
        self.expect(".")
        token = self.token
        if token.text == "clicked":
            raise SegmentError("not_available_yet", token.start, key="campaign().clicked")
        fact = SAME_FACT.get(token.text, token.text)
        if token.kind != "name" or fact not in FACTS:
            raise self.unexpected(", ".join(FACTS))
        self.take()
        return Reached(campaign, fact, self._since(start))

    def _happened(self, event: str, start: Token) -> Node:
        """Read `.count(365d) >= 2`, `.count() = 0` or `.last(30d)`, which is `.count(30d) > 0`."""
        self.expect(".")
        what = self.take() if self.token.kind == "name" else None
        if what is None or what.text not in ("count", "last"):
            self.index -= what is not None
            raise self.unexpected("count(365d), last(30d)")
        self.expect("(")
        window = self._window(needed=what.text == "last")
        self.expect(")")
        operator, number = self._counted() if what.text == "count" else (">", 0)
        return Happened(event, window, operator, number, self._since(start))

    def _window(self, *, needed: bool) -> int | None:
        if self.token.kind != "duration":
            if needed or self.token.text != ")":
                raise self.unexpected("365d")
            return None
        text = self.take().text
        return int(text[:-1]) * UNIT_MS[text[-1]]

    def _counted(self) -> tuple[str, int | float]:
        if self.token.kind != "symbol" or self.token.text not in COMPARISONS:
            raise self.unexpected("=, !=, <, <=, >, >=")
        operator = self.take().text
        if self.token.kind != "number":
            raise self.unexpected("2")
        return operator, number_of(self.take().text) or 0

    def _comparison(self, field: Field, start: Token) -> Node:
        if self.takes("is"):
            negated = self.takes("not")
            self.expect("missing")
            return Missing(field, negated, self._since(start))
        negated = self.takes("not")
        if self.takes("in"):
            return Membership(field, self._literals(), negated, self._since(start))
        if negated or self.token.text not in COMPARISONS:
            raise self.unexpected("in" if negated else "=, !=, <, <=, >, >=, in, is missing")
        operator = self.take()
        literal_at = self.token
        literal = self._literal()
        if operator.text in ORDERINGS:
            _check_order(literal, literal_at)
        return Comparison(field, operator.text, literal, self._since(start))

    def _literals(self) -> tuple[Literal, ...]:
        self.expect("[")
        found = [self._literal()]
        while self.takes(","):
            found.append(self._literal())
        self.expect("]")
        return tuple(found)

    def _literal(self) -> Literal:
        token = self.token
        if token.kind == "text":
            return unquoted(self.take().text)
        if token.kind == "number":
            self.take()
            return number_of(token.text) or 0
        if token.kind == "keyword" and token.text in ("true", "false"):
            return self.take().text == "true"
        if token.kind == "name":
            if token.text.lower() in NOT_BUILT_YET:
                raise SegmentError("not_available_yet", token.start, key=token.text)
            raise SegmentError("segment.quote_text", token.start, found=token.text)
        raise self.unexpected('"…", 0')

    def _since(self, start: Token) -> str:
        """Return the text read since `start`, on one line."""
        return " ".join(self.source[start.start : self.tokens[self.index - 1].end].split())


def _check_order(literal: Literal, at: Token) -> None:
    """Refuse orders that would surprise: of truth values, and of numbers compared as text."""
    if isinstance(literal, bool):
        raise SegmentError("segment.no_order", at.start, found=at.text)
    if isinstance(literal, str) and number_of(literal) is not None:
        raise SegmentError("segment.number_in_quotes", at.start, found=at.text, instead=literal)


def _field(token: Token) -> Field:
    name, _, rest = token.text.partition(".")
    if name == "attr" and rest:
        return Field(rest, attribute=True)
    if token.text in FIELDS:
        return Field(token.text)
    if name in NOT_BUILT_YET:
        raise SegmentError("not_available_yet", token.start, key=token.text)
    known = [*FIELDS, "attr.NAME", *FUNCTIONS]
    near = difflib.get_close_matches(token.text.lower().removeprefix("contact."), known, n=1)
    if near:
        raise SegmentError("segment.unknown_field_near", token.start, found=token.text, near=near[0])
    raise SegmentError("segment.unknown_field", token.start, found=token.text, known=", ".join(known))
