"""Which number of a phone cell is a person's, and what is said of the others."""

from __future__ import annotations

import pytest

from chalicelib.audience.identity import InvalidPhone, country_guess
from chalicelib.audience.phone_cells import MOST_NUMBERS, read_phone

MOBILE, OTHER, LANDLINE = "+212612345678", "+212661234567", "+212522123456"


@pytest.mark.parametrize(
    "cell",
    [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06/12/34/56/78",
        "06-12-34-56-78",
        "(06) 12 34 56 78",
        "٠٦١٢٣٤٥٦٧٨",
        "۰۶۱۲۳۴۵۶۷۸",
        "\u202a+212 612-345678\u202c",
        "\u200f0612345678\u200e",
        "\u00a006\u202f12\u00a034\u00a056\u00a078",
        "+212 (0)6 12 34 56 78",
        "00212612345678",
        "212612345678",
        "'+212612345678",
        "tel:+212612345678",
        "＋212612345678",
        "0612345678 / 0612345678",
        "0612345678;",
        "0612345678\n",
    ],
)
def test_one_number_in_any_usual_writing_needs_no_note(cell: str) -> None:
    found = read_phone(cell, "MA")
    assert (found.phone, found.notes) == (MOBILE, ())


@pytest.mark.parametrize(
    ("cell", "taken", "left"),
    [
        ("0612345678 / 0661234567", MOBILE, OTHER),
        ("0612345678/0661234567", MOBILE, OTHER),
        ("0612345678;0661234567", MOBILE, OTHER),
        ("0612345678, 0661234567", MOBILE, OTHER),
        ("0612345678 ou 0661234567", MOBILE, OTHER),
        ("0612345678 OR 0661234567", MOBILE, OTHER),
        ("0612345678 أو 0661234567", MOBILE, OTHER),
        ("٠٦١٢٣٤٥٦٧٨، ٠٦٦١٢٣٤٥٦٧", MOBILE, OTHER),
        ("0612345678\n0661234567", MOBILE, OTHER),
        ("0661234567 / 0612345678", OTHER, MOBILE),
        ("0522123456 / 0612345678", MOBILE, LANDLINE),
        ("06/12/34/56/78 ; 05/22/12/34/56", MOBILE, LANDLINE),
        ("0522123456 / 0522123457", LANDLINE, "+212522123457"),
        ("06 12 34 56 78/79", MOBILE, "79"),
        ("bureau, 0612345678", MOBILE, "bureau"),
        ("0612345678 / 0661234567 / 0661234567", MOBILE, OTHER),
    ],
)
def test_of_several_numbers_the_first_valid_mobile_is_taken_and_the_others_are_named(
    cell: str, taken: str, left: str
) -> None:
    found = read_phone(cell, "MA")
    assert (found.phone, found.notes) == (taken, (("phone.several", {"taken": taken, "found": left}),))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("06123 / 0661", "phone.none_valid"),
        ("home / office", "phone.none_valid"),
        ("2,12612E+11", "phone.spreadsheet"),
        ("212612345678,00", "phone.spreadsheet"),
        ("call me", "phone.not_a_number"),
        (" ; ", "phone.not_a_number"),
        ("0612345678," * (MOST_NUMBERS + 1), "phone.too_long"),
    ],
)
def test_a_cell_without_a_valid_number_says_why(cell: str, code: str) -> None:
    with pytest.raises(InvalidPhone) as refused:
        read_phone(cell, "MA")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("digits", "country", "taken"),
    [
        ("612345678", "MA", MOBILE),
        ("212612345678", "MA", MOBILE),
        ("212612345678", "FR", MOBILE),
        ("212612345678", None, MOBILE),
        ("33612345678", "MA", "+33612345678"),
    ],
)
def test_a_number_kept_as_a_number_gets_its_plus_or_zero_back(
    digits: str, country: str | None, taken: str
) -> None:
    found = read_phone(digits, country, is_number=True)
    assert (found.phone, found.notes) == (taken, ())


@pytest.mark.parametrize(
    ("digits", "country", "taken", "left"),
    [
        ("982485014", "FR", "+33982485014", "+982485014 (IR)"),
        ("33620370692", "DE", "+33620370692", "+4933620370692 (DE)"),  # a mobile in France, a landline here
    ],
)
def test_a_number_kept_as_a_number_that_has_two_meanings_says_both(
    digits: str, country: str, taken: str, left: str
) -> None:
    found = read_phone(digits, country, is_number=True)
    assert found.phone == taken
    assert found.notes == (("phone.two_readings", {"taken": taken, "found": left}),)


def test_a_number_kept_as_a_number_without_any_country_is_refused() -> None:
    with pytest.raises(InvalidPhone) as refused:
        read_phone("612345", None, is_number=True)
    assert refused.value.code == "phone.no_country"
    with pytest.raises(InvalidPhone) as refused:
        read_phone("12", "MA", is_number=True)
    assert refused.value.code == "phone.too_short"


@pytest.mark.parametrize(
    ("words", "code"),
    [("Maroc", "MA"), ("morocco", "MA"), ("UK", "GB"), ("Germny", "DE"), ("zzz", ""), ("Atlantis", "")],
)
def test_a_country_written_as_a_word_is_guessed(words: str, code: str) -> None:
    assert country_guess(words) == code
