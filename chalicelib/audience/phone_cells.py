"""Phone cells: what people write in one cell of a contacts file, and which number is taken.

Of several numbers the first that is a valid mobile is the person's, else the
first valid one; what was not taken is named on the row, never dropped in silence.
A slash also stands inside one number, so it parts two only where the whole is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.audience.identity import InvalidPhone, is_mobile, normalise_phone, region_of
from chalicelib.audience.table import Note

SEVERAL = "phone.several"
TWO_READINGS = "phone.two_readings"

LONGEST_CELL_SHOWN = 40
"""Characters of a cell that an error or a note quotes."""
MOST_NUMBERS = 8
"""Of one cell; more is a list, not a person's phone."""

_BETWEEN_NUMBERS = re.compile(r"[;,،؛|\n\r]|\s(?:ou|or|et|and|أو|او)\s", re.IGNORECASE)
_SLASH = re.compile(r"[/\\]")


@dataclass(frozen=True, slots=True)
class PhoneCell:
    """The number taken, as E.164, and what is to be said of the row."""

    phone: str
    notes: tuple[Note, ...] = ()


def read_phone(text: str, country: str | None, *, is_number: bool = False) -> PhoneCell:
    """Return the number of a cell. `is_number`: a spreadsheet kept it as one. Raises InvalidPhone.

    A cell kept as a number has lost its plus and its first zeros: it is read as
    dialled inside `country`, else with a plus; where both are valid, as the mobile.
    """
    if is_number:
        return _with_lost_plus(text, country)
    try:
        return PhoneCell(normalise_phone(text, country))
    except InvalidPhone as whole:
        if whole.code == "phone.spreadsheet":
            raise  # a decimal comma parts no numbers
        parts = [number for part in _BETWEEN_NUMBERS.split(text) for number in _numbers(part, country)]
        return _taken(parts, country, whole)


def _numbers(part: str, country: str | None) -> Sequence[str]:
    """Return the numbers in a part: itself when it is one, else what its slashes part."""
    if not part.strip() or _valid(part, country) is not None:
        return [part] if part.strip() else []
    return [one for one in _SLASH.split(part) if one.strip()]


def _taken(parts: Sequence[str], country: str | None, whole: InvalidPhone) -> PhoneCell:
    """Return the first valid mobile, else the first valid number. Raises InvalidPhone when none is valid."""
    if not 0 < len(parts) <= MOST_NUMBERS:
        raise whole
    phones = [_valid(part, country) for part in parts]
    valid = [phone for phone in phones if phone is not None]
    if not valid:
        raise InvalidPhone("phone.none_valid") if len(parts) > 1 else whole
    taken = next((phone for phone in valid if is_mobile(phone)), valid[0])
    others = [phone or part.strip() for phone, part in zip(phones, parts, strict=True) if phone != taken]
    if not others:
        return PhoneCell(taken)
    left = ", ".join(dict.fromkeys(others))[:LONGEST_CELL_SHOWN]
    return PhoneCell(taken, ((SEVERAL, {"taken": taken, "found": left}),))


def _with_lost_plus(text: str, country: str | None) -> PhoneCell:
    abroad = _valid(f"+{text}", None)
    if country is None:
        return PhoneCell(abroad if abroad is not None else normalise_phone(text, None))
    try:
        inside = normalise_phone(text, country)
    except InvalidPhone:
        if abroad is None:
            raise
        return PhoneCell(abroad)
    if abroad is None or abroad == inside:
        return PhoneCell(inside)
    taken, left = (abroad, inside) if is_mobile(abroad) and not is_mobile(inside) else (inside, abroad)
    return PhoneCell(
        taken, ((TWO_READINGS, {"taken": taken, "found": f"{left} ({region_of(left) or '?'})"}),)
    )


def _valid(text: str, country: str | None) -> str | None:
    try:
        return normalise_phone(text, country)
    except InvalidPhone:
        return None
