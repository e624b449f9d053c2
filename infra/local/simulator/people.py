"""The people on the other side: their identifiers, where they are, and what they answer."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

import phonenumbers

STOP_WORDS = {
    "fr": ("STOP", "Arrêt", "Désabonner", "stop"),
    "ar": ("إيقاف", "توقف", "إلغاء الاشتراك", "قف"),
    "en": ("STOP", "Unsubscribe", "Stop."),
    "es": ("BAJA", "Parar"),
    "pt": ("SAIR", "Parar"),
}
ANSWERS = {
    "fr": ("Merci !", "Vous êtes ouverts dimanche ?", "Super, je passe demain", "Non merci"),
    "ar": ("شكرا", "هل المتجر مفتوح يوم الأحد؟", "تمام"),
    "en": ("Thanks!", "Are you open on Sunday?", "I will not stop by today", "👍"),
    "es": ("¡Gracias!", "¿Abren el domingo?"),
    "pt": ("Obrigado!", "Abrem no domingo?"),
}


def words_for(language: str, table: dict[str, tuple[str, ...]], draw: float) -> str:
    """Return one of the words of a template's language; `draw` in [0, 1) chooses."""
    words = table.get(language.split("_")[0].lower(), table["en"])
    return words[int(draw * len(words))]


def is_stop(text: str) -> bool:
    """Whether a button's text is a word for stop in any language."""
    return any(text.casefold() == word.casefold() for words in STOP_WORDS.values() for word in words)


def wa_id_of(to: str) -> str:
    """Return how webhooks write a phone number: digits only."""
    return to.removeprefix("+")


@lru_cache(maxsize=16_384)  # asked five times within seconds, by every webhook about a message
def user_id_of(to: str, portfolio: str) -> str | None:
    """Return the business-scoped user id of a phone in a portfolio; None when its country is unknown."""
    if not to.startswith("+"):
        return to
    for length in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(to[1 : 1 + length]))
        if regions:
            break
    else:
        return None
    if not regions[0].isalpha():
        return None
    return f"{regions[0]}.{blake2b(f'{portfolio}|{to}'.encode(), digest_size=8).hexdigest()}"


def is_in_the_us(to: str) -> bool:
    """Whether a number has a United States area code (Canada and the Caribbean share the +1)."""
    if not to.startswith("+1"):
        return False
    try:
        return bool(phonenumbers.region_code_for_number(phonenumbers.parse(to)) == "US")
    except phonenumbers.NumberParseException:
        return False
