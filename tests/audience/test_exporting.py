"""What is exported, imported again, is the same person; and no cell is a formula."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.consent import EVERYTHING, MARKETING, Basis, Consent, state_at
from chalicelib.audience.contact import Contact
from chalicelib.audience.csv_rows import read_rows
from chalicelib.audience.exporting import exported
from chalicelib.audience.importing import ImportedRow, interpret, merge
from chalicelib.audience.instant import DAY_MS, from_iso
from chalicelib.audience.spreadsheet_cells import guarded, unguarded
from chalicelib.audience.standing import Person, Standing

NOW = from_iso("2026-11-21T12:00:00Z")
PAST = from_iso("2026-06-01T09:30:00Z")
FORMULA = re.compile(r"(?:^|[,;\t\n|])\s*[=+\-@＝]")

TRICKY = st.text(alphabet="'=+-@ ;,\t\"|aZé٤\n＝", min_size=1, max_size=12)
TEXTS = (TRICKY | st.text(min_size=1, max_size=30)).filter(lambda t: "\x00" not in t and "\r" not in t)
VALUES = TEXTS.map(str.strip).filter(lambda t: bool(t) and t.count("\n") < 19)
NAMES = st.text(alphabet="abC_éع'=-+@.", min_size=1, max_size=8)
LABELS = VALUES.map(lambda t: " ".join(t.replace(";", "").split())).filter(bool)
DATES = st.integers(PAST, NOW)
CONSENTS = st.fixed_dictionaries(
    {},
    optional={
        "whatsapp/promotions": st.builds(Consent, granted_at=DATES),
        "whatsapp/order_news": st.builds(Consent, granted_at=DATES, revoked_at=st.none() | st.just(NOW)),
        "sms/promotions": st.builds(Consent, revoked_at=DATES),
        f"whatsapp/{MARKETING}": st.builds(Consent, revoked_at=st.just(NOW)),
        f"whatsapp/{EVERYTHING}": st.builds(Consent, revoked_at=st.just(NOW)),
    },
)


@st.composite
def people(draw: st.DrawFn) -> Person:
    phone = draw(st.sampled_from([None, "+212612345678", "+33612345678"]))
    one_line = VALUES.map(lambda t: " ".join(t.split()))
    contact = Contact(
        id="p",
        external_id=draw(VALUES if phone is None else st.none() | VALUES),
        phone=phone,
        first_name=draw(st.none() | one_line),
        last_name=draw(st.none() | one_line),
        language=draw(st.sampled_from([None, "fr", "pt-br"])),
        country=draw(st.sampled_from([None, "MA", "FR"])),
        timezone=draw(st.sampled_from([None, "Europe/Paris"])),
        tags=draw(st.frozensets(LABELS, max_size=3)),
        lists=draw(st.frozensets(LABELS, max_size=2)),
        attributes=draw(st.dictionaries(NAMES, VALUES, max_size=3)),
    )
    suppressed = draw(st.dictionaries(st.sampled_from(["manual", "blocked"]), DATES))
    standing = Standing(person="p", phone=phone, consents=draw(CONSENTS), suppressed=suppressed)
    return Person(contact=contact, standing=standing)


def written(people: list[Person]) -> str:
    """Return a contacts file as the command writes it."""
    found = [one.cells for person in people if (one := exported(person)) is not None]
    columns = sorted({"phone", "external_id"}.union(*found))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guarded(column) for column in columns])
    writer.writerows([[guarded(cells.get(column, "")) for column in columns] for cells in found])
    return "\ufeff" + text.getvalue()


def states(standing: Standing) -> Any:
    return [
        state_at(standing.consents, channel, topic, NOW, basis=Basis.EXPLICIT_OPTIN, marketing=marketing)
        for channel in ("whatsapp", "sms")
        for topic in ("promotions", "order_news", None)
        for marketing in (True, False)
    ]


@given(people())
def test_a_person_exported_and_imported_anew_is_the_same(person: Person) -> None:
    ((_, raw),) = read_rows(written([person]).encode()).rows
    row = interpret(raw, 2, None)
    assert isinstance(row, ImportedRow), row
    made = merge(None, None, row, person="p", now=NOW, batch="b1")
    assert made.contact == Contact(
        **{f: getattr(person.contact, f) for f in Contact.__slots__ if f != "updated_at"}, updated_at=NOW
    )
    assert states(made.standing) == states(person.standing)
    assert (made.standing.suppressed, made.standing.phone) == (
        person.standing.suppressed,
        person.standing.phone,
    )
    again = merge(person.contact, person.standing, row, person="p", now=NOW, batch="b2")
    assert (again.verdict, again.notes) == ("unchanged", ())


@given(st.lists(people(), min_size=1, max_size=3))
def test_no_cell_of_an_export_begins_a_formula(many: list[Person]) -> None:
    for cells in csv.reader(io.StringIO(written(many))):
        for cell in cells:
            assert not FORMULA.search(cell), cell


@given(TRICKY)
def test_what_is_guarded_reads_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not FORMULA.search(guarded(text))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("+212612345678", "'+212612345678"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("@SUM(1)", "'@SUM(1)"),
        ("vip;=1+1", "vip;'=1+1"),
        ("'=1", "''=1"),
        ("O'Neill", "O'Neill"),
        ("2026-06-01", "2026-06-01"),
        ("a-b", "a-b"),
    ],
)
def test_only_what_begins_a_formula_gets_an_apostrophe(text: str, cell: str) -> None:
    assert guarded(text) == cell


def test_what_no_file_can_say_is_named() -> None:
    contact = Contact(
        id="p",
        phone="+212612345678",
        tags=frozenset({"a;b", "c"}),
        attributes={"Phone": "1", "x;y": "2", "long": "a\n" * 30, "nul": "a\x00b", "city": "Fès"},
    )
    one = exported(Person(contact=contact, standing=Standing(person="p")))
    assert one is not None
    assert set(one.left_out) == {"tags", "Phone", "x;y", "long", "nul"}
    assert one.cells["tags"] == "c"
    assert one.cells["long"] == " ".join(["a"] * 30)
    assert one.cells["nul"] == "ab"
    assert "Phone" not in one.cells


def test_that_somebody_wrote_to_us_is_not_exported_as_an_opt_in() -> None:
    consents = {"whatsapp/news": Consent(granted_at=PAST, basis=Basis.INBOUND_MESSAGE)}
    person = Person(
        contact=Contact(id="p", external_id="e"), standing=Standing(person="p", consents=consents)
    )
    one = exported(person)
    assert one is not None
    assert one.cells == {"external_id": "e"}


def test_a_yes_that_lifted_a_no_is_exported_alone() -> None:
    consents = {"whatsapp/news": Consent(granted_at=PAST + DAY_MS, revoked_at=PAST)}
    person = Person(
        contact=Contact(id="p", external_id="e"), standing=Standing(person="p", consents=consents)
    )
    one = exported(person)
    assert one is not None
    assert list(one.cells) == ["external_id", "consent_whatsapp_news"]


def test_who_was_erased_or_has_no_name_is_not_exported() -> None:
    named, nameless = Contact(id="p", external_id="e"), Contact(id="p")
    assert exported(Person(contact=named, standing=Standing(person="p", erased=True))) is None
    assert exported(Person(contact=nameless, standing=Standing(person="p"))) is None
