"""What a code says to a person, in English, French and Arabic."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.audience.wording import WORDING as AUDIENCE

LANGUAGES = ("en", "fr", "ar")
TABLES: Mapping[str, Mapping[str, str]] = dict(AUDIENCE)


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return name


def say(code: str, params: Mapping[str, str], language: str = "en") -> str:
    """Return the text of a code; one we do not know is said as it is, with its facts."""
    texts = TABLES.get(code)
    if texts is None:
        facts = ", ".join(f"{name}: {value}" for name, value in params.items())
        return f"{code} ({facts})" if facts else code
    return texts.get(language, texts["en"]).format_map(_Shown(params))
