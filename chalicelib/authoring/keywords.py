"""Folding: what makes two spellings of a word the same, for words that people type and marketers write."""

from __future__ import annotations

import re
import unicodedata

_KEPT = re.compile(r"[^\w\s]", re.UNICODE)
_ALEF = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ـ": ""})


def folded(text: str) -> str:
    """Return text without case, accents, punctuation, Arabic marks, tatweel and direction marks."""
    unmarked = "".join(
        c
        for c in unicodedata.normalize("NFKD", text[:1_000])
        if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"
    )
    plain = unicodedata.normalize("NFKC", unmarked).casefold().translate(_ALEF)
    return " ".join(_KEPT.sub(" ", plain).split())
