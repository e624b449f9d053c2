import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.identity import InvalidPhone, is_country, normalise_phone, region_of
from chalicelib.audience.wording import WORDING


@pytest.mark.parametrize(
    ("written", "country", "phone"),
    [
        ("+212612345678", None, "+212612345678"),
        ("+212 6 12-34.56.78", None, "+212612345678"),
        ("00212612345678", None, "+212612345678"),
        ("00 212 (6) 12 34 56 78", "FR", "+212612345678"),
        ("0612345678", "MA", "+212612345678"),
        ("0612345678", "FR", "+33612345678"),
        ("0612345678", "fr", "+33612345678"),
        ("(06) 12/34/56/78", "MA", "+212612345678"),
        ("212612345678", "MA", "+212612345678"),
        ("612345678", "MA", "+212612345678"),
        ("'+212612345678", None, "+212612345678"),
        ("tel:+212612345678", None, "+212612345678"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("+39 02 1234567", None, "+39021234567"),
        ("٠٦١٢٣٤٥٦٧٨", "MA", "+212612345678"),
        ("\u202a+212\u00a0612\u2011345678\u202c", None, "+212612345678"),
    ],
)
def test_a_number_is_read_however_it_is_written(written: str, country: str | None, phone: str) -> None:
    assert normalise_phone(written, country) == phone


@pytest.mark.parametrize(
    ("written", "country", "code"),
    [
        ("", "MA", "phone.missing"),
        ("   ", "MA", "phone.missing"),
        ("12", "MA", "phone.too_short"),
        ("+2126", None, "phone.too_short"),
        ("+2126123456789012", None, "phone.too_long"),
        ("1" * 41, "MA", "phone.too_long"),
        ("n/a", "MA", "phone.not_a_number"),
        ("+", "MA", "phone.not_a_number"),
        ("++212612345678", None, "phone.not_a_number"),
        ("0612345678 ext 5", "MA", "phone.not_a_number"),
        ("1-800-FLOWERS", "US", "phone.not_a_number"),
        ("0612345678 / 0612345679", "MA", "phone.too_long"),
        ("0000000000", "MA", "phone.unknown_country_code"),
        ("+999123456789", None, "phone.unknown_country_code"),
        ("+15550000000", None, "phone.invalid"),
        ("0612345678", None, "phone.no_country"),
        ("0612345678", "XX", "phone.no_country"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(written: str, country: str | None, code: str) -> None:
    with pytest.raises(InvalidPhone) as refused:
        normalise_phone(written, country)
    assert refused.value.code == code
    assert code in WORDING


@pytest.mark.parametrize("written", ["2.12612E+11", "2,12612E+11", "212612345678.0", "4366412345678,00"])
def test_a_number_that_a_spreadsheet_rewrote_is_refused_since_its_digits_are_lost(written: str) -> None:
    with pytest.raises(InvalidPhone, match=r"phone\.spreadsheet"):
        normalise_phone(written, "MA")


@given(st.text(max_size=60), st.sampled_from([None, "MA", "FR", "US", "XX"]))
def test_any_text_is_a_number_in_its_normal_form_or_has_a_worded_reason(
    text: str, country: str | None
) -> None:
    try:
        phone = normalise_phone(text, country)
    except InvalidPhone as refused:
        phone, code = "+212612345678", refused.code
    else:
        code = "phone.invalid"
    assert code in WORDING
    assert normalise_phone(phone, None) == phone


@pytest.mark.parametrize(
    ("phone", "country"),
    [
        ("+212612345678", "MA"),
        ("+33612345678", "FR"),
        ("+14165550123", "CA"),
        ("+77012345678", "KZ"),
        ("+80012345678", None),
        ("no number", None),
    ],
)
def test_a_number_gives_its_country(phone: str, country: str | None) -> None:
    assert region_of(phone) == country


def test_a_country_is_known_by_its_two_upper_case_letters() -> None:
    assert [c for c in ("MA", "XK", "AQ", "ma", "MAR", "XX", "") if is_country(c)] == ["MA", "XK", "AQ"]
