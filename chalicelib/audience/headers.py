"""Headers: what a column that is not called as ours may hold, by its name or its cells.

Only ever a suggestion, which `contacts profile` makes: an import takes no column
for another, since whose phone a column is, only its author knows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from chalicelib.audience.identity import InvalidPhone, normalise_phone

LEAST_SHARE = 0.8
"""Of the cells that must look like a phone for a column to be one."""

_NAMES_BY_MEANING = {
    "phone": "phone number|telephone|tel|mobile|gsm|whatsapp|portable|numero|n tel|phone 1|cell|هاتف|الهاتف|"
    "رقم الهاتف|جوال|الجوال|واتساب|رقم",
    "external_id": "id|customer id|client id|contact id|code client|id client|numero client|crm id|ref|"
    "reference|رقم العميل|المعرف",
    "first_name": "first name|firstname|given name|prenom|prénom|الاسم|الاسم الأول|الاسم الشخصي",
    "last_name": "last name|lastname|surname|family name|nom|nom de famille|النسب|اللقب|الاسم العائلي",
    "language": "lang|langue|locale|language code|اللغة|لغة",
    "country": "pays|country code|code pays|البلد|الدولة|بلد",
    "timezone": "time zone|tz|fuseau|fuseau horaire|المنطقة الزمنية",
    "tags": "labels|etiquettes|étiquettes|tag|وسوم",
    "lists": "list|listes|segments|groupes|groups|قوائم",
    "updated_at": "last modified|modified|updated|date de modification|modifie le|تاريخ التعديل",
}
_MEANING_BY_NAME = {
    name: meaning for meaning, names in _NAMES_BY_MEANING.items() for name in names.split("|")
}


def suggested(column: str, cells: Sequence[str], country: str | None) -> str:
    """Return which of our columns `column` may be, "" for none; `cells` are some of its own."""
    words = " ".join(re.sub(r"[^\w]+|_", " ", column.casefold()).split())
    plain = "".join(c for c in unicodedata.normalize("NFD", words) if not unicodedata.combining(c))
    named = _MEANING_BY_NAME.get(words) or _MEANING_BY_NAME.get(plain)
    if named == "phone" or (named is None and cells and _are_phones(cells, country)):
        return "phone"
    return named or ""


def _are_phones(cells: Sequence[str], country: str | None) -> bool:
    return sum(_is_phone(cell, country) for cell in cells) >= LEAST_SHARE * len(cells)


def _is_phone(cell: str, country: str | None) -> bool:
    try:
        normalise_phone(cell, country)
    except InvalidPhone:
        return False
    return True
