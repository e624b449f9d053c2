"""What a contacts file holds, told before anything is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.csv_rows import read_rows
from chalicelib.audience.headers import suggested
from chalicelib.audience.profiling import MOST_LINES_NAMED, Survey, profiled


def profile(text: str, country: str | None = "MA") -> Survey:
    return profiled(read_rows(text.encode(), may_be_nameless=True), country)


FILE = """\
phone;external_id;city;language;consent_whatsapp_promotions
0612345678;a;Rabat;fr;2026-06-01
0612345678;;Fès;fr;
+33612345678;b;Rabat;ar;
call me;c;;;
0612345679 / 0612345670;d;;;
;;Rabat;;
"""


def test_a_profile_counts_what_an_import_would_do() -> None:
    found = profile(FILE)
    assert (found.rows, found.people, found.duplicates) == (6, 3, 1)
    assert found.delimiter == ";"
    assert found.numbers_by_country == {"MA": 3, "FR": 1}
    assert found.duplicate_lines == [[2, 3]]
    assert {code: one.lines for code, one in found.problems.items()} == {
        "phone.not_a_number": [5],
        "row.no_identity": [7],
    }
    assert {code: one.lines for code, one in found.notices.items()} == {"phone.several": [6]}


def test_columns_say_what_they_are_taken_for_and_what_they_hold() -> None:
    found = {column.name: column for column in profile(FILE).columns}
    assert [column.meaning for column in found.values()] == [
        "phone",
        "external_id",
        "attribute",
        "language",
        "consent_whatsapp_promotions",
    ]
    assert (found["city"].filled, found["city"].values) == (4, {"Rabat": 3, "Fès": 1})
    assert found["phone"].values is None  # numbers are nobody's business here


def test_a_file_that_no_import_would_take_is_read_as_if_its_columns_had_the_names_suggested() -> None:
    found = profile("Téléphone,Prénom,Ville\n0612345678,Amina,Rabat\n0612345678,Zoé,Fès\n")
    assert found.renamed == {"Téléphone": "phone", "Prénom": "first_name"}
    assert (found.people, found.duplicates, found.problems) == (1, 1, {})
    assert found.numbers_by_country == {"MA": 2}


def test_of_two_columns_that_may_be_one_of_ours_the_first_is_read_and_ours_before_both() -> None:
    found = profile("GSM,Tel\n0612345678,0522123456\n")
    assert found.renamed == {"GSM": "phone"}
    found = profile("GSM,phone\n0612345678,0522123456\n")
    assert found.renamed == {}
    assert [column.suggestion for column in found.columns] == ["phone", ""]


@pytest.mark.parametrize(
    ("column", "meaning"),
    [
        ("Téléphone", "phone"),
        ("TELEPHONE", "phone"),
        ("N°_Tel", "phone"),
        ("Phone_number", "phone"),
        ("رقم_الهاتف", "phone"),
        ("Prénom", "first_name"),
        ("Nom", "last_name"),
        ("Pays", "country"),
        ("Code_client", "external_id"),
        ("Ville", ""),
    ],
)
def test_a_column_is_guessed_by_its_name(column: str, meaning: str) -> None:
    assert suggested(column, ["x"], None) == meaning


def test_a_column_is_a_phone_when_most_of_its_cells_are() -> None:
    numbers = [f"06123456{n:02d}" for n in range(10)]
    assert suggested("contact1", [*numbers[:8], "x", "y"], "MA") == "phone"
    assert suggested("contact1", [*numbers[:7], "x", "y", "z"], "MA") == ""
    assert suggested("contact1", numbers, None) == ""
    assert suggested("contact1", [], "MA") == ""


def test_only_some_lines_of_a_problem_are_named() -> None:
    found = profile("phone\n" + "call me\n" * 9)
    (finding,) = found.problems.values()
    assert (finding.rows, len(finding.lines)) == (9, MOST_LINES_NAMED)


def test_values_are_counted_only_where_they_are_few() -> None:
    found = profile("external_id,points\n" + "".join(f"{n},{n}\n" for n in range(40)))
    assert [column.values for column in found.columns] == [None, None]


CELLS = st.sampled_from(["", "a", "b", "0612345678", "0612345679", "call me"])


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=9))
def test_rows_are_people_duplicates_or_invalid_and_nothing_else(rows: list[tuple[str, str]]) -> None:
    found = profile("phone,external_id\n" + "".join(f"{phone},{name}\n" for phone, name in rows))
    invalid = sum(finding.rows for finding in found.problems.values())
    assert found.people + found.duplicates + invalid == found.rows == len(rows)
