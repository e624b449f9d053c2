"""Rendering a template's parameters: Jinja2 in a sandbox, in which only expressions of values exist.

The whitelist is of syntax: names `contact` and `attr`, their fields, constants,
the filters below, `or`, `and`, `not`, comparisons, `~` and inline `if`. No
calls, loops, assignments or anything else parses. What an expression depends
on is known, so its renderings are memoised by those values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chalicelib.audience.contact import Contact

LONGEST_EXPRESSION = 500
LONGEST_VALUE = 1_024
MOST_MEMOISED = 20_000
CONTACT_FIELDS = frozenset({"first_name", "last_name", "language", "country", "timezone", "external_id"})
_FORBIDDEN = re.compile(r"[\n\r\t\u2028\u2029]| {5,}")
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Const,
    nodes.Filter,
    nodes.Or,
    nodes.And,
    nodes.Not,
    nodes.CondExpr,
    nodes.Concat,
    nodes.Compare,
    nodes.Operand,
)
MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": tuple(
        [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ]
    ),
    "fr": tuple(
        [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ]
    ),
    "es": tuple(
        [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ]
    ),
    "pt": tuple(
        [
            "janeiro",
            "fevereiro",
            "março",
            "abril",
            "maio",
            "junho",
            "julho",
            "agosto",
            "setembro",
            "outubro",
            "novembro",
            "dezembro",
        ]
    ),
    "ar": tuple(
        [
            "يناير",
            "فبراير",
            "مارس",
            "أبريل",
            "مايو",
            "يونيو",
            "يوليو",
            "أغسطس",
            "سبتمبر",
            "أكتوبر",
            "نوفمبر",
            "ديسمبر",
        ]
    ),
}
LONG_DATE = {"es": "{d} de {m} de {y}", "pt": "{d} de {m} de {y}"}


class InvalidExpression(ValueError):
    """The text is no expression that Carillon renders; `code` and `params` word the problem."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Unrenderable(ValueError):
    """This person's value cannot be sent: it holds a line break, is too long, is not of its type…

    Its text says which rule is broken and never holds the value.
    """


def long_date(value: str, language: str) -> str:
    """Return an ISO date in words: "31 janvier 2027"."""
    day = date.fromisoformat(value)
    base = language.split("-")[0].split("_")[0]
    month = MONTHS.get(base, MONTHS["en"])[day.month - 1]
    return LONG_DATE.get(base, "{d} {m} {y}").format(d=day.day, m=month, y=day.year)


def short_date(value: str, language: str) -> str:
    """Return an ISO date in figures: 31/01/2027."""
    return date.fromisoformat(value).strftime("%d/%m/%Y")


def _date(value: Any, style: str = "short") -> str:
    """Placeholder in the environment: `date` is bound to the language at rendering."""
    return f"\x00{style}\x00{value}\x00"


_MARKED_DATE = re.compile("\x00(long|short)\x00([^\x00]*)\x00")
LATER = frozenset({"link"})
"""Functions of the format that are not built yet: refused by name."""
FILTERS: dict[str, Callable[..., Any]] = {
    "title": lambda v: str(v).title(),
    "upper": lambda v: str(v).upper(),
    "lower": lambda v: str(v).lower(),
    "capitalize": lambda v: str(v).capitalize(),
    "trim": lambda v: str(v).strip(),
    "date": _date,
}


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    kept = environment.filters["default"]
    environment.filters = {**FILTERS, "default": kept}
    environment.tests = {}
    environment.globals = {}
    return environment


_ENVIRONMENT = _environment()


class _Fields:
    """Fields whose missing ones are empty, so that `or` and fallbacks take over.

    No mapping, whose own methods would answer for attributes named "items" or "get".
    """

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> str:
        return self._values.get(name, "")


class Expression:
    """One parameter's compiled expression."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names = _checked(text)
        self._template = _ENVIRONMENT.from_string(text)
        self._memo = lru_cache(maxsize=MOST_MEMOISED)(self._render)
        self._paths = tuple(name.split(".", 1) for name in self.names)

    @property
    def is_constant(self) -> bool:
        """Whether it says the same to everybody."""
        return not self.names

    def render(self, contact: Contact, language: str) -> str:
        """Return the trimmed text, "" when empty. Raises Unrenderable."""
        values = tuple(
            (contact.attributes.get(field) if root == "attr" else getattr(contact, field)) or ""
            for root, field in self._paths
        )
        return self._memo(values, language)

    def _render(self, values: tuple[str, ...], language: str) -> str:
        roots: dict[str, dict[str, str]] = {"contact": {}, "attr": {}}
        for (root, field), value in zip(self._paths, values, strict=True):
            roots[root][field] = value
        try:
            text = self._template.render(contact=_Fields(roots["contact"]), attr=_Fields(roots["attr"]))
            text = _MARKED_DATE.sub(lambda m: _worded_date(m[1], m[2], language), text).strip()
        except Unrenderable:
            raise
        except (TemplateError, SecurityError, ValueError, TypeError) as error:
            raise Unrenderable("it cannot be worked out") from error
        return sendable(text)


def _worded_date(style: str, value: str, language: str) -> str:
    try:
        return long_date(value, language) if style == "long" else short_date(value, language)
    except ValueError as error:
        raise Unrenderable("not a date such as 2027-01-31") from error


def sendable(text: str) -> str:
    """Return the text when Meta takes it as a parameter. Raises Unrenderable."""
    if _FORBIDDEN.search(text):
        raise Unrenderable("a line break, a tab or more than four spaces in a row")
    if len(text) > LONGEST_VALUE:
        raise Unrenderable(f"longer than {LONGEST_VALUE} characters")
    return text


def _checked(text: str) -> tuple[str, ...]:
    """Return the fields an expression reads. Raises InvalidExpression for anything off the whitelist."""
    if len(text) > LONGEST_EXPRESSION:
        raise InvalidExpression("expression_too_long", limit=str(LONGEST_EXPRESSION))
    try:
        tree = _ENVIRONMENT.parse(text)
    except (TemplateSyntaxError, RecursionError) as error:
        raise InvalidExpression("expression_syntax", detail=str(error)[:100]) from error
    names: dict[str, None] = {}
    _walk(tree, names)
    return tuple(names)


def _walk(node: nodes.Node, names: dict[str, None]) -> None:
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        names[_field(node.node.name, node.attr)] = None
        return
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in LATER:
        raise InvalidExpression("expression_later", name=node.node.name)
    if isinstance(node, nodes.Name | nodes.Getattr):
        raise InvalidExpression(
            "expression_name_unknown", name=getattr(node, "name", "") or getattr(node, "attr", "")
        )
    if isinstance(node, nodes.Filter) and node.name not in _ENVIRONMENT.filters:
        raise InvalidExpression("expression_filter_unknown", name=node.name)
    if isinstance(node, nodes.Const) and isinstance(node.value, float) and not math.isfinite(node.value):
        raise InvalidExpression("expression_not_allowed", what="an infinite number")
    if not isinstance(node, _ALLOWED):
        raise InvalidExpression("expression_not_allowed", what=type(node).__name__.lower())
    for child in node.iter_child_nodes():
        _walk(child, names)


def _field(root: str, name: str) -> str:
    if root == "contact" and name in CONTACT_FIELDS:
        return f"contact.{name}"
    if root == "attr" and not name.startswith("_"):
        return f"attr.{name}"
    raise InvalidExpression("expression_name_unknown", name=f"{root}.{name}")
