from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.consent import (
    EVERYTHING,
    MARKETING,
    Basis,
    Consent,
    ConsentState,
    state_at,
)
from chalicelib.audience.contact import Contact
from chalicelib.audience.importing import ImportedRow, Merged, RawRow, RowProblem, interpret, merge
from chalicelib.audience.instant import DAY_MS, HOUR_MS, Instant, from_iso
from chalicelib.audience.standing import Standing
from chalicelib.audience.wording import WORDING

NOW = from_iso("2026-11-21T12:00:00Z")
PROMOTIONS = "whatsapp/promotions"
DATED = from_iso("2026-06-01T00:00:00Z")


def understood(**cells: str) -> ImportedRow:
    row = interpret(RawRow(cells), 7, "MA")
    assert isinstance(row, ImportedRow)
    return row


def merged(
    row: ImportedRow, contact: Contact | None = None, standing: Standing | None = None, *, batch: str = "b1"
) -> Merged:
    return merge(contact, standing, row, person="p", now=NOW, batch=batch)


def dated(at: Instant) -> ImportedRow:
    return ImportedRow(line=7, external_id="e", consents={PROMOTIONS: at})


def known(**consents: Consent) -> Standing:
    names = {
        "promotions": PROMOTIONS,
        "everything": f"whatsapp/{EVERYTHING}",
        "marketing": f"whatsapp/{MARKETING}",
    }
    return Standing(person="p", consents={names[name]: consent for name, consent in consents.items()})


def test_a_row_is_understood_whole() -> None:
    row = understood(
        phone="0612345678",
        external_id="A-1",
        first_name="Amina  Zahra",
        last_name="ben\nAli",
        language="pt_BR",
        country="ma",
        timezone="Mars/Olympus",
        tags="vip; loyal;;vip ",
        lists="hiver",
        city="Rabat",
        consent_whatsapp_promotions="2026-06-01",
        consent_sms_news="2026-06-01T10:00:00+02:00",
    )
    assert row == ImportedRow(
        line=7,
        external_id="A-1",
        phone="+212612345678",
        first_name="Amina Zahra",
        last_name="ben Ali",
        language="pt-br",
        country="MA",
        timezone="Mars/Olympus",
        tags=frozenset({"vip", "loyal"}),
        lists=frozenset({"hiver"}),
        attributes={"city": "Rabat"},
        consents={PROMOTIONS: DATED, "sms/news": from_iso("2026-06-01T08:00:00Z")},
    )


def test_a_local_number_is_dialled_in_the_rows_own_country_first() -> None:
    assert understood(phone="0612345678", country="FR").phone == "+33612345678"
    assert understood(phone="0612345678").phone == "+212612345678"


def test_a_row_without_number_or_without_id_still_names_somebody() -> None:
    assert understood(external_id="A-1").phone is None
    assert understood(phone="+212612345678").external_id is None


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"first_name": "Amina"}, "row.no_identity"),
        ({"phone": "call me"}, "phone.not_a_number"),
        ({"phone": "0612345678"}, "phone.no_country"),
        ({"phone": "2.12612E+11"}, "phone.spreadsheet"),
        ({"external_id": "x", "phone": "12"}, "phone.no_country"),
        ({"external_id": "x", "country": "Maroc"}, "country.unknown"),
        ({"external_id": "x", "country": "XX"}, "country.unknown"),
        ({"external_id": "x", "language": "français"}, "language.unknown"),
        ({"external_id": "x" * 201}, "row.cell_too_long"),
        ({"external_id": "x", "consent_whatsapp_promotions": "01/06/2026"}, "consent.bad_date"),
        ({"external_id": "x", "consent_whatsapp_promotions": "2026-02-30"}, "consent.bad_date"),
        ({"external_id": "x", "consent_whatsapp_promotions": "2026-06-01T25:00"}, "consent.bad_date"),
        ({"external_id": "x", "consent_whatsapp_promotions": "yes"}, "consent.bad_date"),
        ({"external_id": "x", "consent_whatsapp_promotions": "46174"}, "consent.bad_date"),
        ({"external_id": "x", "consent_whatsapp_promotions": "20260601"}, "consent.bad_date"),
        ({"external_id": "x", "consent_whatsapp_promotions": "1900-01-01"}, "consent.bad_date"),
    ],
)
def test_a_row_with_a_wrong_cell_is_left_out_with_the_reason(cells: Mapping[str, str], code: str) -> None:
    problem = interpret(RawRow(cells), 9, None)
    assert isinstance(problem, RowProblem)
    assert (problem.line, problem.code) == (9, code)
    for language in ("en", "fr", "ar"):
        assert WORDING[code][language].format(**problem.params)


def test_a_row_that_could_not_be_read_keeps_its_fault() -> None:
    params = {"found": "3", "columns": "2"}
    problem = interpret(RawRow({}, "row.too_many_cells", params), 4, None)
    assert problem == RowProblem(line=4, code="row.too_many_cells", params=params)


def test_a_day_means_its_first_moment_and_a_time_without_offset_is_utc() -> None:
    found = [
        understood(external_id="x", consent_whatsapp_promotions=text).consents[PROMOTIONS]
        for text in ("2026-06-01", "2026-06-01 00:00", "2026-06-01T00:00:00Z")
    ]
    assert found == [DATED] * 3


def test_somebody_new_is_created_with_standing_and_evidence() -> None:
    row = understood(phone="0612345678", first_name="Amina", consent_whatsapp_promotions="2026-06-01")
    new = merged(row)
    assert (new.verdict, new.contact_changed, new.standing_changed) == ("created", True, True)
    assert new.contact == Contact(id="p", phone="+212612345678", first_name="Amina", updated_at=NOW)
    assert new.standing.phone == "+212612345678"
    assert new.standing.consents == {PROMOTIONS: Consent(granted_at=DATED, evidence="import b1 row 7")}
    (event,) = new.events
    assert (event.person, event.at, event.recorded_at, event.source) == ("p", DATED, NOW, "import b1 row 7")


def test_an_empty_cell_erases_nothing_and_marks_are_added() -> None:
    contact = Contact(
        id="p",
        phone="+212612345678",
        first_name="Amina",
        tags=frozenset({"a"}),
        attributes={"city": "Rabat", "zip": "1"},
    )
    row = replace(understood(external_id="A-1", last_name="Ali", city="Fes", tags="b"), line=1)
    after = merged(row, contact, Standing(person="p", phone="+212612345678"))
    assert after.verdict == "updated"
    assert after.standing_changed is False
    assert after.contact == replace(
        contact,
        external_id="A-1",
        last_name="Ali",
        tags=frozenset({"a", "b"}),
        attributes={"city": "Fes", "zip": "1"},
        updated_at=NOW,
    )


def test_a_new_number_reaches_the_standing() -> None:
    contact = Contact(id="p", external_id="A-1", phone="+212612345678")
    standing = Standing(person="p", phone="+212612345678")
    after = merged(understood(external_id="A-1", phone="+212612345679"), contact, standing)
    assert after.contact.phone == after.standing.phone == "+212612345679"
    assert after.standing_changed


def test_a_contact_that_lost_its_standing_in_a_crash_gets_it_back() -> None:
    contact = merged(understood(phone="0612345678")).contact
    after = merged(understood(phone="0612345678"), contact, None)
    assert (after.verdict, after.contact_changed, after.standing_changed) == ("updated", False, True)


@pytest.mark.parametrize(
    "consents",
    [
        {"promotions": Consent(granted_at=1, revoked_at=DATED - 1)},
        {"everything": Consent(revoked_at=DATED - 1)},
        {"marketing": Consent(revoked_at=DATED - 1)},
    ],
)
def test_an_opt_out_wins_over_a_file_whatever_date_it_carries(consents: dict[str, Consent]) -> None:
    before = known(**consents)
    after = merged(dated(DATED), Contact(id="p", external_id="e"), before)
    assert (after.verdict, after.notes, after.events) == ("unchanged", ("consent.opted_out",), ())
    assert after.standing == before


def test_an_older_grant_than_the_opt_out_is_recorded_and_changes_no_answer() -> None:
    after = merged(dated(DATED), None, known(everything=Consent(revoked_at=DATED, evidence="keyword")))
    assert after.standing.consents[PROMOTIONS].granted_at == DATED
    found, _ = state_at(
        after.standing.consents, "whatsapp", "promotions", NOW, basis=Basis.EXPLICIT_OPTIN, marketing=True
    )
    assert found is ConsentState.REVOKED


def test_an_older_consent_than_the_recorded_one_is_no_change() -> None:
    before = known(promotions=Consent(granted_at=DATED, evidence="form"))
    after = merged(dated(DATED - DAY_MS), Contact(id="p", external_id="e"), before)
    assert (after.verdict, after.events) == ("unchanged", ())


def test_a_box_ticked_replaces_a_message_written_first() -> None:
    before = known(promotions=Consent(granted_at=DATED + 5, basis=Basis.INBOUND_MESSAGE, evidence="message"))
    after = merged(dated(DATED), Contact(id="p", external_id="e"), before)
    assert after.standing.consents[PROMOTIONS] == Consent(granted_at=DATED, evidence="import b1 row 7")


@pytest.mark.parametrize(("ahead", "taken"), [(0, 1), (HOUR_MS, 1), (DAY_MS, 1), (DAY_MS + 1, 0)])
def test_a_consent_of_tomorrow_is_of_now_and_one_beyond_is_none(ahead: int, taken: int) -> None:
    after = merged(dated(NOW + ahead))
    assert [c.granted_at for c in after.standing.consents.values()] == [NOW] * taken
    assert after.notes == ("consent.in_future",) * (1 - taken)


def test_an_erased_person_stays_erased() -> None:
    erased = Standing(person="p", erased=True)
    after = merged(dated(DATED), None, erased)
    assert (after.verdict, after.contact_changed, after.standing_changed) == ("unchanged", False, False)
    assert (after.standing, after.notes) == (erased, ("contact.erased",))


ROWS = st.builds(
    ImportedRow,
    line=st.integers(2, 9),
    phone=st.sampled_from([None, "+212612345678"]),
    first_name=st.sampled_from([None, "Amina"]),
    tags=st.frozensets(st.sampled_from(["a", "b"])),
    attributes=st.dictionaries(st.sampled_from(["city", "zip"]), st.sampled_from(["x", "y"])),
    consents=st.dictionaries(st.sampled_from([PROMOTIONS, "sms/news"]), st.integers(DATED, NOW)),
)


@given(st.lists(ROWS, max_size=3), ROWS)
def test_the_same_row_again_changes_nothing_but_yields_its_evidence_again(
    earlier: list[ImportedRow], row: ImportedRow
) -> None:
    contact: Contact | None = None
    standing: Standing | None = None
    for before in earlier:
        step = merged(before, contact, standing)
        contact, standing = step.contact, step.standing
    first = merged(row, contact, standing)
    again = merged(row, first.contact, first.standing, batch="b2")
    assert (again.verdict, again.contact, again.standing) == ("unchanged", first.contact, first.standing)
    assert {e.id for e in first.events} <= {e.id for e in again.events}
