"""Identities: the outside names of a person, each owned by exactly one contact.

Numbers are read with libphonenumber's metadata. Its geocoder, carrier and
timezone modules are never imported: they are large, and its time zones give
Morocco the clock of the Canary Islands.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, ValidationResult
from pytz import country_names

PHONE = "phone"
EXTERNAL_ID = "external_id"
BSUID = "bsuid"
"""WhatsApp's business-scoped user id, for people who hide their number."""

LONGEST_PHONE = 40
"""Characters of a written number, separators included; more is no number."""

_SEPARATORS = re.compile(r"[\s.\-()/‐-―−]+")
_AS_SPREADSHEETS_WRITE = re.compile(r"\+?\d+(?:[.,]\d+)?[eE]\+?\d+|\+?\d{7,}[.,]0+")
_PARSE_REASONS = {
    NumberParseException.INVALID_COUNTRY_CODE: "phone.unknown_country_code",
    NumberParseException.NOT_A_NUMBER: "phone.not_a_number",
    NumberParseException.TOO_SHORT_AFTER_IDD: "phone.too_short",
    NumberParseException.TOO_SHORT_NSN: "phone.too_short",
    NumberParseException.TOO_LONG: "phone.too_long",
}
_LENGTH_REASONS = {
    ValidationResult.TOO_SHORT: "phone.too_short",
    ValidationResult.TOO_LONG: "phone.too_long",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "phone.too_short",
}

# ISO 3166 places without a numbering plan of their own, so absent from phonenumbers.
_WITHOUT_NUMBERS = frozenset({"AQ", "BV", "GS", "HM", "PN", "TF", "UM"})

_USUAL_NAMES = {
    **{"uk": "GB", "england": "GB", "great britain": "GB", "usa": "US", "united states": "US", "uae": "AE"},
    **{"mar": "MA", "maroc": "MA", "المغرب": "MA", "fra": "FR", "dza": "DZ", "algérie": "DZ"},
    **{"الجزائر": "DZ", "tun": "TN", "tunisie": "TN", "تونس": "TN", "esp": "ES", "espagne": "ES"},
    **{"deu": "DE", "egy": "EG", "مصر": "EG", "belgique": "BE", "suisse": "CH"},
    **{"sau": "SA", "السعودية": "SA", "allemagne": "DE"},
}
"""What people write for a country and no list of English names has."""


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """An outside name: `kind` is one of the constants above, `value` is normalised."""

    kind: str
    value: str


class InvalidPhone(ValueError):
    """No number can be read; `code` says why and is a key of the wording tables."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_country(code: str) -> bool:
    """Say whether `code` is an ISO 3166 alpha-2 country, upper case."""
    return code in phonenumbers.SUPPORTED_REGIONS or code in _WITHOUT_NUMBERS


def country_guess(text: str) -> str:
    """Return the code of the country that somebody who wrote `text` may mean, "" for none."""
    words = " ".join(text.casefold().split())
    usual = _USUAL_NAMES.get(words)
    if usual is not None:
        return usual
    code_by_name = {name.casefold(): code for code, name in country_names.items()}
    near = get_close_matches(words, code_by_name, n=1, cutoff=0.8) if len(words) > 3 else []
    return code_by_name[near[0]] if near else ""


def normalise_phone(text: str, default_country: str | None) -> str:
    """Return a written number as E.164 with its plus.

    Spaces, dots, dashes, slashes, parentheses, invisible marks and digits of any
    script are understood, and 00 stands for the plus. A number without either is
    read as dialled inside `default_country` (alpha-2, any case). Raises InvalidPhone.
    """
    country = (default_country or "").upper()
    compact = _compact(text)
    if compact.startswith("00"):
        compact = "+" + compact[2:]
    if not compact.startswith("+") and not is_country(country):
        raise InvalidPhone("phone.no_country")
    try:
        number = phonenumbers.parse(compact, country or None)
    except NumberParseException as refused:
        raise InvalidPhone(_PARSE_REASONS[refused.error_type]) from None
    if not phonenumbers.is_valid_number(number):
        length = phonenumbers.is_possible_number_with_reason(number)
        raise InvalidPhone(_LENGTH_REASONS.get(length, "phone.invalid"))
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _compact(text: str) -> str:
    """Return plus and digits only. Raises InvalidPhone for what was never a number."""
    visible = "".join(c for c in text if unicodedata.category(c) != "Cf").strip()
    visible = visible.removeprefix("'").removeprefix("tel:").replace("＋", "+")
    if not visible:
        raise InvalidPhone("phone.missing")
    if _AS_SPREADSHEETS_WRITE.fullmatch(visible):
        raise InvalidPhone("phone.spreadsheet")  # digits are lost; ".0" would add one
    if len(visible) > LONGEST_PHONE:
        raise InvalidPhone("phone.too_long")
    compact = _SEPARATORS.sub("", visible.replace("(0)", "") if visible[0] == "+" else visible)
    # phonenumbers would read letters as a telephone's keys and find a number in any text.
    if not compact.removeprefix("+").isdecimal():
        raise InvalidPhone("phone.not_a_number")
    return compact


def is_mobile(phone: str) -> bool:
    """Say whether an E.164 number may be a mobile's; in some countries the number does not tell."""
    kind = phonenumbers.number_type(phonenumbers.parse(phone))
    return kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def region_of(phone: str) -> str | None:
    """Return the alpha-2 country of an E.164 number; None when no single one has it."""
    try:
        number = phonenumbers.parse(phone)
    except NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    return None if region in (None, "001") else str(region)
