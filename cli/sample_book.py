"""A book of some 18,000 made-up people from over sixty countries, as a shop would export it.

Deterministic: the same seed and day give the same bytes. Every clean number is
valid for libphonenumber; about 3 % of the rows are dirty in the ways that real
exports are.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from phonenumbers import (
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    example_number_for_type,
    format_number,
    is_valid_number_for_region,
)

from cli.sample_countries import COUNTRIES, FIRST_NAMES, LAST_NAMES, Country

COLUMNS = (
    "external_id",
    "phone",
    "first_name",
    "last_name",
    "language",
    "country",
    "timezone",
    "tags",
    "lists",
    "city",
    "discount",
    "consent_whatsapp_promotions",
    "consent_sms_promotions",
)
PANELS = 10
"""Everybody is in one of the tags panel-0 to panel-9: a tenth of every country each."""

DIRTY_EVERY = 33
INVALID_ZONES = ("GMT+1", "Paris", "Africa/Dakkar")

Cells = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the book. `promising`: consented lately, at home in the country's main zone."""

    cells: Cells
    country: Country
    panel: int
    promising: bool


def sample_rows(today: date, seed: int = 2027) -> list[Row]:
    """Return the book's rows in a shuffled order; consent dates count back from `today`."""
    random = Random(seed)
    rows: list[Row] = []
    for country in COUNTRIES:
        numbers = phone_numbers(country.code, random)
        rows += [_row(country, n, next(numbers), today, random) for n in range(country.people)]
    random.shuffle(rows)
    return [*_with_dirt(rows, random)]


def sample_csv(rows: list[Row]) -> bytes:
    """Return the rows as a CSV file with a BOM, as spreadsheets write it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(row.cells for row in rows)
    return text.getvalue().encode("utf-8-sig")


def phone_numbers(code: str, random: Random) -> Iterator[PhoneNumber]:
    """Yield distinct valid mobile numbers of a country: the example, with other last digits."""
    example = example_number_for_type(code, PhoneNumberType.MOBILE)
    assert example is not None, code
    digits = str(example.national_number)
    vary = min(6, len(digits) - 3)
    kept, seen = digits[:-vary], set[int]()
    while True:
        national = int(kept + f"{random.randrange(10**vary):0{vary}d}")
        number = PhoneNumber()
        number.merge_from(example)
        number.national_number = national
        if national not in seen and is_valid_number_for_region(number, code):
            seen.add(national)
            yield number


def _row(country: Country, n: int, number: PhoneNumber, today: date, random: Random) -> Row:
    whatsapp, sms = _consents(today, random)
    zone = _stored_zone(country, random)
    cells = {
        "external_id": f"{country.code.lower()}-{n:05d}",
        "phone": _spelling(number, random),
        "first_name": "" if random.random() < 0.04 else random.choice(FIRST_NAMES[country.names]),
        "last_name": random.choice(LAST_NAMES[country.names]),
        "language": "" if random.random() < 0.03 else country.language,
        "country": country.code,
        "timezone": zone,
        "tags": ";".join(_tags(n, random)),
        "lists": "staff" if random.random() < 0.01 else random.choice(("", "newsletter", "shop;newsletter")),
        "city": "" if random.random() < 0.1 else random.choice(country.cities),
        "discount": random.choice(("", "", "10", "25", "30")),
        "consent_whatsapp_promotions": whatsapp,
        "consent_sms_promotions": sms,
    }
    recent = bool(whatsapp) and date.fromisoformat(whatsapp) > today - timedelta(days=700)
    at_home = zone in ("", country.zone) and "staff" not in cells["lists"] + cells["tags"]
    return Row(cells=cells, country=country, panel=n % PANELS, promising=recent and at_home)


def _consents(today: date, random: Random) -> tuple[str, str]:
    """Return the dates of consent on WhatsApp and by SMS: recent, old, elsewhere or none."""

    def ago(least: int, most: int) -> str:
        return (today - timedelta(days=random.randint(least, most))).isoformat()

    luck = random.random()
    if luck < 0.86:
        return ago(3, 690), ago(3, 690) if random.random() < 0.3 else ""
    if luck < 0.91:
        return ago(760, 2200), ""
    if luck < 0.95:
        return "", ago(3, 690)
    return "", ""


def _stored_zone(country: Country, random: Random) -> str:
    """Return the zone in the book: mostly none, some right, a few of travellers, a few wrong."""
    luck = random.random()
    if luck < 0.80:
        return ""
    if luck < 0.97:
        return country.zone
    if luck < 0.995:
        return random.choice(("Europe/Paris", "America/New_York", "Asia/Dubai", "Asia/Tokyo"))
    return random.choice(INVALID_ZONES)


def _tags(n: int, random: Random) -> list[str]:
    tags = [f"panel-{n % PANELS}"]
    tags += [tag for tag, odds in (("loyal", 0.4), ("vip", 0.05), ("staff", 0.01)) if random.random() < odds]
    return tags


def _spelling(number: PhoneNumber, random: Random) -> str:
    """Return a number as somebody typed it; the national spelling stands beside its country."""
    luck = random.random()
    if luck < 0.75:
        return str(format_number(number, PhoneNumberFormat.E164))
    if luck < 0.9:
        return str(format_number(number, PhoneNumberFormat.INTERNATIONAL))
    if luck < 0.95:
        return "00" + str(format_number(number, PhoneNumberFormat.E164))[1:]
    return str(format_number(number, PhoneNumberFormat.NATIONAL))


def _with_dirt(rows: list[Row], random: Random) -> Iterator[Row]:
    """Yield the rows, and behind every thirty-third a dirty one that is like it."""
    for at, row in enumerate(rows):
        yield row
        if at % DIRTY_EVERY == DIRTY_EVERY - 1:
            spoil = DIRT[at // DIRTY_EVERY % len(DIRT)]
            cells = dict(row.cells, external_id=f"{row.cells['external_id']}-x")
            spoil(cells, random)
            yield Row(cells=cells, country=row.country, panel=row.panel, promising=False)


def _letters(cells: Cells, random: Random) -> None:
    cells["phone"] = cells["phone"][:-3] + random.choice(("ABC", "xxx", "O1l"))


def _too_short(cells: Cells, random: Random) -> None:
    cells["phone"] = cells["phone"][:5]


def _no_phone(cells: Cells, random: Random) -> None:
    """Half of them are known by their own id, and are in the book without an address."""
    cells.update(phone="", external_id=random.choice(("", cells["external_id"])))


def _two_numbers(cells: Cells, random: Random) -> None:
    cells["phone"] = f"{cells['phone']} / {cells['phone']}"


def _spreadsheet(cells: Cells, random: Random) -> None:
    cells["phone"] = f"{random.uniform(2.1, 2.9):.5f}E+11"


def _missing_columns(cells: Cells, random: Random) -> None:
    for name in COLUMNS[1:]:
        cells.pop(name)
    cells["external_id"] = ""


def _bad_consent_date(cells: Cells, random: Random) -> None:
    cells["consent_whatsapp_promotions"] = random.choice(("31/02/2026", "yes", "2026-13-01", "0000-00-00"))


def _national_without_country(cells: Cells, random: Random) -> None:
    cells.update(phone=f"0{random.randrange(10**8, 10**9)}", country="")


def _bad_country(cells: Cells, random: Random) -> None:
    cells["country"] = random.choice(("ZZ", "Maroc", "U.K."))


def _spaces_and_duplicate(cells: Cells, random: Random) -> None:
    """The same person once more, with blanks around the values."""
    cells.update({name: f" {value}  " if value else "" for name, value in cells.items()})
    cells["external_id"] = cells["external_id"].strip().removesuffix("-x")


DIRT: tuple[Callable[[Cells, Random], None], ...] = (
    _letters,
    _too_short,
    _no_phone,
    _two_numbers,
    _spreadsheet,
    _missing_columns,
    _bad_consent_date,
    _national_without_country,
    _bad_country,
    _spaces_and_duplicate,
)


if __name__ == "__main__":
    day = date.fromisoformat(sys.argv[1])
    sys.stdout.buffer.write(sample_csv(sample_rows(day)))
