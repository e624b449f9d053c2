"""What a code says to a person, in English, French and Arabic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

LANGUAGES = ("en", "fr", "ar")
GUESS = {"en": "; did you mean {guess}?", "fr": " ; vouliez-vous dire {guess} ?", "ar": "؛ هل تقصد {guess}؟"}
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
"""Around what is put into an Arabic sentence, so that a Latin value cannot turn its order around."""
_SLOT = re.compile(r"\{([a-z_]+)\}")


@cache
def tables() -> Mapping[str, Mapping[str, str]]:
    """Return every code's texts by language. Read when the first is said: a cold start needs none."""
    from chalicelib.audience.wording import WORDING
    from chalicelib.wording_tables import ALL

    spoken = {code: texts for table in ALL for code, texts in table.items()}
    return {**WORDING, **{code: dict(zip(LANGUAGES, texts, strict=True)) for code, texts in spoken.items()}}


def say(code: str, params: Mapping[str, str], language: str = "en") -> str:
    """Return the text of a code, with a "did you mean" where there is a guess.

    A code we do not know is said as it is, with its facts; a missing fact leaves
    its name. Values are put in as they are: nothing in them is a format.
    """
    texts = tables().get(code)
    if texts is None:
        facts = ", ".join(f"{name}: {value}" for name, value in params.items())
        return f"{code} ({facts})" if facts else code
    text = texts.get(language, texts["en"])
    if params.get("guess") and "{guess}" not in text:
        text += GUESS.get(language, GUESS["en"])
    return _SLOT.sub(lambda found: _shown(found[1], params, language), text)


def _shown(name: str, params: Mapping[str, str], language: str) -> str:
    value = str(params.get(name, name))
    return f"{ISOLATE}{value}{END_ISOLATE}" if language == "ar" else value
