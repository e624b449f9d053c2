"""Types of parameters: what a rendered value must be, its bounds, and how it is written in a language.

Every value leaves as text. WhatsApp's own currency and date_time objects only
carry a text of ours (`fallback_value`) to be shown, and what the plan shows
and hashes is then what people read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from chalicelib.authoring.definition import Parameter, ValueKind
from chalicelib.authoring.rendering import MOST_MEMOISED, Unrenderable, long_date

INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
AMOUNT = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,3})?")
SEPARATORS = {"en": (",", "."), "fr": ("\u202f", ","), "es": (".", ","), "pt": (".", ","), "ar": (",", ".")}
"""Between thousands, and before the decimals. Arabic as the Maghreb writes it: Latin digits."""
NO_BREAK = "\u00a0"


def typed(parameter: Parameter) -> Callable[[str, str], str] | None:
    """Return what makes (rendered text, language) the text that is sent; None where it stays as it is.

    The function raises Unrenderable with the rule that the value breaks, never
    with the value: what it says is shown beside a person's id. Memoised by value.
    """
    if parameter.type is ValueKind.TEXT:
        return None
    return lru_cache(maxsize=MOST_MEMOISED)(_WRITERS[parameter.type](parameter))


def bound(type_: ValueKind, text: str) -> Decimal | datetime | None:
    """Return `min` or `max` as a value of the type, None when it is none."""
    if type_ is ValueKind.INTEGER:
        return Decimal(text) if INTEGER.fullmatch(text) else None
    if type_ is ValueKind.CURRENCY:
        return Decimal(text) if AMOUNT.fullmatch(text) else None
    return _moment(text) if type_ is ValueKind.DATE_TIME else None


def _integer(parameter: Parameter) -> Callable[[str, str], str]:
    def written(text: str, language: str) -> str:
        if not INTEGER.fullmatch(text):
            raise Unrenderable("not a whole number")
        _keep(parameter, Decimal(text))
        return text.removeprefix("+")

    return written


def _currency(parameter: Parameter) -> Callable[[str, str], str]:
    def written(text: str, language: str) -> str:
        if not AMOUNT.fullmatch(text):
            raise Unrenderable("not an amount such as 1290 or 1290.50")
        amount = Decimal(text)
        _keep(parameter, amount)
        thousands, point = SEPARATORS.get(_spoken(language), SEPARATORS["en"])
        decimals = 0 if amount == amount.to_integral_value() else 2
        figures = f"{amount:,.{decimals}f}".replace(",", "\0").replace(".", point).replace("\0", thousands)
        return f"{figures}{NO_BREAK}{parameter.currency}"

    return written


def _date_time(parameter: Parameter) -> Callable[[str, str], str]:
    def written(text: str, language: str) -> str:
        moment = _moment(text)
        if moment is None:
            raise Unrenderable("not a date such as 2027-01-31 or 2027-01-31 14:30")
        _keep(parameter, moment)
        day = long_date(moment.date().isoformat(), language)
        return day if len(text) == len("2027-01-31") else f"{day}, {moment:%H:%M}"

    return written


_WRITERS = {
    ValueKind.INTEGER: _integer,
    ValueKind.CURRENCY: _currency,
    ValueKind.DATE_TIME: _date_time,
}


def _keep(parameter: Parameter, value: Decimal | datetime) -> None:
    """Raise Unrenderable unless the value lies within the bounds, which belong to it."""
    for text, word, beyond in ((parameter.least, "below", -1), (parameter.most, "above", 1)):
        limit = bound(parameter.type, text) if text else None
        if limit is None:
            continue
        if (value > limit) - (value < limit) == beyond:  # type: ignore[operator] # both of the parameter's type
            raise Unrenderable(f"{word} {text}")


def _moment(text: str) -> datetime | None:
    """Return a date or a wall time to the minute; anything else, zones too, is none."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return datetime.combine(date.fromisoformat(text), datetime.min.time())
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}", text):
            return datetime.fromisoformat(text)
    except ValueError:
        return None
    return None


def _spoken(language: str) -> str:
    return re.split("[-_]", language.lower())[0]
