"""Cells that a spreadsheet may open: what would be a formula there gets an apostrophe, and loses it here.

Also behind a delimiter inside a cell, since a spreadsheet of another country
parts cells there. A cell that has apostrophes before such a sign already gets
one more, so that reading what was written gives the same text again.
"""

from __future__ import annotations

import re

_STARTS = r"(^|[,;\t\n\r|])(\s*)"
_FORMULA = r"(?=[=+\-@＝＋－＠])"
_ESCAPES = re.compile(f"{_STARTS}('*){_FORMULA}")
_ESCAPED = re.compile(f"{_STARTS}'('*){_FORMULA}")


def guarded(text: str) -> str:
    """Return a cell's text with an apostrophe before each sign that would begin a formula."""
    return _ESCAPES.sub(r"\1\2'\3", text)


def unguarded(text: str) -> str:
    """Return the text of a guarded cell."""
    return _ESCAPED.sub(r"\1\2\3", text) if "'" in text else text
