import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.csv_rows import read_rows
from chalicelib.audience.table import MOST_COLUMNS, RawRow, consent_of
from chalicelib.audience.wording import WORDING
from chalicelib.errors import InvalidImport


def rows(text: str | bytes) -> list[tuple[int, RawRow]]:
    return list(read_rows(text.encode() if isinstance(text, str) else text).rows)


def faults(text: str | bytes) -> dict[int, str]:
    return {line: row.fault for line, row in rows(text)}


@pytest.mark.parametrize(
    "text",
    [
        "phone,first_name\n+212612345678,Zoé\n",
        "phone;first_name\n+212612345678;Zoé\n",
        "phone\tfirst_name\n+212612345678\tZoé\n",
        "\ufeffphone,first_name\n+212612345678,Zoé",
        "phone,first_name\r\n+212612345678,Zoé\r\n",
        "phone,first_name\r+212612345678,Zoé\r",
        ' Phone , FIRST_NAME\n "+212612345678" , Zoé \n'.replace('"', ""),
        '"phone","first_name"\n"+212612345678","Zoé"\n',
        "phone,first_name,,\n+212612345678,Zoé,,\n",
    ],
)
def test_every_usual_spelling_of_a_file_reads_the_same(text: str) -> None:
    assert rows(text) == [(2, RawRow({"phone": "+212612345678", "first_name": "Zoé"}))]


def test_empty_and_absent_cells_are_not_there() -> None:
    assert rows("phone,city,zip\n1,,\n2\n") == [(2, RawRow({"phone": "1"})), (3, RawRow({"phone": "2"}))]


def test_quoted_cells_keep_delimiters_quotes_and_line_breaks_and_lines_are_counted() -> None:
    text = 'phone,note\n1,"a,b"\n2,"say ""hi"""\n3,"two\nlines"\n4,last\n'
    assert rows(text) == [
        (2, RawRow({"phone": "1", "note": "a,b"})),
        (3, RawRow({"phone": "2", "note": 'say "hi"'})),
        (4, RawRow({"phone": "3", "note": "two\nlines"})),
        (6, RawRow({"phone": "4", "note": "last"})),
    ]


def test_a_quote_inside_a_plain_cell_is_only_a_character() -> None:
    assert rows('phone,size\n1,5"\n2,6"\n')[0] == (2, RawRow({"phone": "1", "size": '5"'}))


def test_the_hint_that_excel_writes_for_itself_is_stepped_over() -> None:
    assert rows("sep=;\nphone;city\n1;Rabat\n") == [(3, RawRow({"phone": "1", "city": "Rabat"}))]


def test_an_unclosed_quote_spoils_its_own_row_alone() -> None:
    text = 'phone,note\n1,"open\n2,fine\n3,"also, fine"\n4,"open again\n'
    assert faults(text) == {2: "row.quotes", 3: "", 4: "", 5: "row.quotes"}


def test_bytes_that_are_not_utf8_spoil_their_own_row_alone() -> None:
    text = b"phone,note\n1,caf\xe9\n2,caf\xc3\xa9\n3,tea\n"
    assert faults(text) == {2: "row.not_utf8", 3: "", 4: ""}
    text = b'phone,note\n1,"open\n\xe9\n2,\xc3\xa9\n3\n'
    assert faults(text) == {2: "row.quotes", 3: "row.not_utf8", 4: "", 5: ""}


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("cp1252", "windows-1252"),
    ],
)
def test_a_file_is_read_in_the_encoding_it_was_saved_in_and_says_which(codec: str, encoding: str) -> None:
    text = "phone,prénom,Prix préféré\r\n1,Zoé Créée,5 €\r\n2,Jürgen,œuvre\r\n"
    mark = b"\xfe\xff" if codec == "utf-16-be" else b""
    table = read_rows(mark + text.encode(codec))
    assert table.encoding == encoding
    assert [dict(row.cells) for _, row in table.rows] == [
        {"phone": "1", "prénom": "Zoé Créée", "Prix_préféré": "5 €"},
        {"phone": "2", "prénom": "Jürgen", "Prix_préféré": "œuvre"},
    ]


def test_a_damaged_pair_in_a_utf16_file_spoils_its_own_row_alone() -> None:
    damaged = "phone,note\n1,".encode("utf-16-le") + b"\x00\xd8" + "\n2,b\n".encode("utf-16-le")
    assert faults(b"\xff\xfe" + damaged) == {2: "row.not_utf8", 3: ""}
    assert faults(b"\xff\xfe" + damaged + b"3") == {2: "row.not_utf8", 3: ""}


def test_one_line_of_real_utf8_keeps_a_file_from_being_taken_for_windows_1252() -> None:
    table = read_rows("phone,city\n1,Fès\n2,Rabat\n3,Oujda\n".encode() + b"4,Sal\xe9\n")
    assert table.encoding == "utf-8"
    assert {line: row.fault for line, row in table.rows} == {2: "", 3: "", 4: "", 5: "row.not_utf8"}


def test_blank_lines_are_no_rows_but_empty_cells_are_an_empty_one() -> None:
    assert faults("phone,note\n\n1,a\n   \n,,\n") == {3: "", 5: "row.empty"}


def test_more_cells_than_columns_means_shifted_cells() -> None:
    (_, row), (_, fine) = rows("phone,note\n1,a,b\n2,a,,\n")
    assert (row.fault, row.params) == ("row.too_many_cells", {"found": "3", "columns": "2"})
    assert fine.fault == ""


def test_a_cell_of_thousands_of_characters_is_refused() -> None:
    assert faults(f"phone,note\n1,{'x' * 4001}\n2,{'x' * 4000}\n") == {2: "row.cell_too_long", 3: ""}


def test_an_attribute_keeps_its_name_but_for_spaces_which_no_segment_could_name() -> None:
    assert rows("phone,Ville  préférée,LoyaltyTier\n1,Fès,2\n")[0][1].cells == {
        "phone": "1",
        "Ville_préférée": "Fès",
        "LoyaltyTier": "2",
    }


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "csv.empty"),
        (b" \r\n\n", "csv.empty"),
        (b"PK\x03\x04\x14\x00\x06", "csv.spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "csv.spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "csv.binary"),
        (b"\xef\xbb\xbf", "csv.empty"),
        (b"sep=;\n", "csv.empty"),
        ("".encode("utf-16"), "csv.empty"),
        (b"\xff\xfep\x00\x00\x00", "csv.binary"),
        ("phone,city\n1,فاس\n2,سلا\n".encode("cp1256"), "csv.not_utf8"),
        (b"phone,city\n1,\xe9\x81\n2,\xe9\x8d\n", "csv.not_utf8"),
        (b"\xef\xbb\xbfphone,city\n1,F\xe8s\n2,Sal\xe9\n", "csv.not_utf8"),
        (b"name,city\nAmina,Rabat\n", "csv.no_identity"),
        (b'{"phone": "+212612345678"}', "csv.no_identity"),
        (b"<html><body>phone</body></html>", "csv.no_identity"),
        (b"phone,city,Phone\n1,2,3\n", "csv.duplicate_column"),
        (b"phone,consent_whatsapp\n1,2026-01-01\n", "csv.consent_column"),
        (b"phone,consent_whatsapp_all\n1,2026-01-01\n", "csv.consent_column"),
        (b"phone,consent_whatsapp_*\n1,2026-01-01\n", "csv.consent_column"),
        (b"phone,city\n", "csv.no_rows"),
        (b"phone,city\n\n\n", "csv.no_rows"),
        (b'"phone,city\n1,2\n', "csv.header"),
        (b"phone," + b",".join(b"a%d" % n for n in range(MOST_COLUMNS)) + b"\n1\n", "csv.too_many_columns"),
    ],
)
def test_what_is_no_contacts_file_is_refused_before_any_row(raw: bytes, code: str) -> None:
    with pytest.raises(InvalidImport) as refused:
        read_rows(raw)
    (problem,) = refused.value.problems
    assert problem.code == code
    assert WORDING[code]["fr"].format(**problem.params)


def test_a_file_beyond_the_limit_is_refused() -> None:
    with pytest.raises(InvalidImport, match=r"csv\.too_large"):
        read_rows(b"phone\n1\n", most_bytes=7)


def test_a_consent_column_names_its_channel_and_topic() -> None:
    assert consent_of("consent_whatsapp_promotions") == ("whatsapp", "promotions")
    assert consent_of("consent_sms_order_news") == ("sms", "order_news")


@given(st.binary(max_size=200).map(lambda body: b"phone,note\n" + body))
def test_any_bytes_are_rows_with_rising_lines_or_a_refusal(raw: bytes) -> None:
    try:
        lines = [line for line, _ in read_rows(raw).rows]
    except InvalidImport as refused:
        lines, codes = [], [p.code for p in refused.problems]
    else:
        codes = ["csv.empty"]
    assert lines == sorted(set(lines))
    assert set(codes) <= set(WORDING)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=12)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]))
def test_what_was_quoted_properly_is_read_back(cells: list[tuple[str, str]], delimiter: str) -> None:
    quoted = [delimiter.join('"' + c.replace('"', '""') + '"' for c in pair) for pair in cells]
    text = "\n".join([f"phone{delimiter}note", *quoted])
    read = [(row.cells.get("phone", ""), row.cells.get("note", "")) for _, row in rows(text)]
    assert read == [(a.strip(), b.strip()) for a, b in cells]
