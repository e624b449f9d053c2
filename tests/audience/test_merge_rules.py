"""The rules of docs/decisions/0021: in whatever order rows and files come, one person comes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.consent import (
    EVERYTHING,
    MARKETING,
    Basis,
    Consent,
    ConsentChange,
    ConsentEvent,
    ConsentState,
    apply,
    state_at,
)
from chalicelib.audience.contact import Contact
from chalicelib.audience.importing import ImportedRow, Merged, RawRow, RowProblem, interpret, merge, merge_all
from chalicelib.audience.instant import DAY_MS, Instant, from_iso
from chalicelib.audience.standing import Standing
from chalicelib.audience.wording import WORDING

NOW = from_iso("2026-11-21T12:00:00Z")
DATED = from_iso("2026-06-01T00:00:00Z")
TOPICS = ("promotions", "news")
NAMES = [f"whatsapp/{topic}" for topic in TOPICS]
SCOPES = [f"whatsapp/{EVERYTHING}", f"whatsapp/{MARKETING}"]

DATES = st.integers(0, 4).map(lambda n: DATED + n * DAY_MS)
ROWS = st.builds(
    ImportedRow,
    line=st.integers(2, 9),
    external_id=st.just("e"),
    phone=st.sampled_from([None, "+212612345678", "+212612345679"]),
    first_name=st.sampled_from([None, "Amina", "Zoé"]),
    country=st.sampled_from([None, "MA", "FR"]),
    tags=st.frozensets(st.sampled_from("ab")),
    attributes=st.dictionaries(st.sampled_from(["city", "zip"]), st.sampled_from(["x", "y"])),
    consents=st.dictionaries(st.sampled_from(NAMES), DATES, max_size=2),
    opt_outs=st.dictionaries(st.sampled_from([*NAMES, *SCOPES]), DATES, max_size=1),
    suppressed=st.dictionaries(st.sampled_from(["manual", "blocked"]), DATES, max_size=1),
    as_of=DATES,
)


def imported(files: Sequence[Sequence[ImportedRow]]) -> Merged:
    """Import files one after another, each a minute later than the one before."""
    contact: Contact | None = None
    standing: Standing | None = None
    for number, rows in enumerate(files):
        merged = merge_all(contact, standing, rows, person="p", now=NOW + number * 60_000, batch=f"b{number}")
        contact, standing = merged.contact, merged.standing
    return merged


def states(consents: Any) -> list[ConsentState]:
    return [
        state_at(consents, "whatsapp", topic, NOW, basis=Basis.EXPLICIT_OPTIN, marketing=marketing)[0]
        for topic in (*TOPICS, None)
        for marketing in (True, False)
    ]


def said(merged: Merged) -> Any:
    """What an import makes of a person, apart from when it was run."""
    return (
        replace(merged.contact, updated_at=0),
        states(merged.standing.consents),
        merged.standing.suppressed,
        merged.standing.phone,
    )


@given(st.lists(ROWS, min_size=1, max_size=5), st.data())
def test_dated_rows_in_any_order_and_any_split_into_files_make_the_same_person(
    rows: list[ImportedRow], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows) - 1))
    files = [part for part in (shuffled[:cut], shuffled[cut:]) if part]
    assert said(imported([rows])) == said(imported(files)) == said(imported([[row] for row in shuffled]))


@given(st.lists(ROWS, min_size=1, max_size=5))
def test_an_opt_out_of_any_row_always_remains(rows: list[ImportedRow]) -> None:
    consents = imported([rows]).standing.consents
    everything = any(f"whatsapp/{EVERYTHING}" in row.opt_outs for row in rows)
    marketing = everything or any(f"whatsapp/{MARKETING}" in row.opt_outs for row in rows)
    for topic in TOPICS:
        is_out = marketing or any(f"whatsapp/{topic}" in row.opt_outs for row in rows)
        found, _ = state_at(consents, "whatsapp", topic, NOW, basis=Basis.EXPLICIT_OPTIN, marketing=True)
        granted = any(f"whatsapp/{topic}" in row.consents for row in rows)
        wanted = ConsentState.GRANTED if granted else ConsentState.MISSING
        assert found is (ConsentState.REVOKED if is_out else wanted)


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_the_same_rows_again_change_nothing(rows: list[ImportedRow]) -> None:
    once, again = imported([rows]), imported([rows, rows])
    assert (again.contact, again.standing, again.verdict) == (once.contact, once.standing, "unchanged")
    assert {e.id for e in once.events} >= {e.id for e in again.events if e.change is ConsentChange.OPT_OUT}


@given(st.lists(ROWS, min_size=2, max_size=4))
def test_rows_of_one_file_are_merged_as_if_each_had_come_alone(rows: list[ImportedRow]) -> None:
    undated = [replace(row, as_of=None) for row in rows]
    assert said(imported([undated])) == said(imported([[row] for row in undated]))


def row(number: int = 2, **fields: Any) -> ImportedRow:
    return ImportedRow(line=number, external_id="e", **fields)


def test_without_dates_the_lower_row_and_the_later_file_are_newer_field_by_field() -> None:
    first, second = row(first_name="Amina", country="MA"), row(first_name="Zoé", attributes={"city": "Fès"})
    for files in ([[first, second]], [[first], [second]]):
        contact = imported(files).contact
        assert (contact.first_name, contact.country, contact.attributes) == ("Zoé", "MA", {"city": "Fès"})
        assert contact.as_of == {}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_row_wins_each_field_that_it_tells(order: Sequence[int]) -> None:
    rows = [
        row(as_of=DATED, first_name="Old", country="MA", attributes={"city": "Rabat"}),
        row(as_of=DATED + DAY_MS, first_name="Newer", attributes={"city": "Fès"}),
        row(as_of=DATED + 2 * DAY_MS, first_name="Newest"),
    ]
    contact = imported([[rows[n]] for n in order]).contact
    assert (contact.first_name, contact.country, contact.attributes) == ("Newest", "MA", {"city": "Fès"})


def test_a_dated_row_older_than_what_we_hold_of_unknown_age_changes_nothing() -> None:
    held = imported([[row(first_name="Amina")]])
    after = merge(
        held.contact, held.standing, row(as_of=DATED, first_name="Old"), person="p", now=NOW, batch="b"
    )
    assert after.contact.first_name == "Amina"
    later = NOW + DAY_MS
    after = merge(
        held.contact, held.standing, row(as_of=NOW + 1, first_name="New"), person="p", now=later, batch="b"
    )
    assert after.contact.first_name == "New"


def test_what_was_changed_after_a_dated_row_is_newer_than_it() -> None:
    dated = row(as_of=DATED, first_name="Amina", country="MA")
    now_told = row(first_name="Zoé")
    older = row(as_of=DATED + DAY_MS, first_name="Between", country="FR")
    contact = imported([[dated], [now_told], [older]]).contact
    assert (contact.first_name, contact.country) == ("Zoé", "FR")


def test_a_field_that_a_system_erased_is_not_filled_by_an_older_row() -> None:
    held = imported([[row(first_name="Amina")]])
    erased = merge(
        held.contact,
        held.standing,
        row(erases=frozenset({"first_name"})),
        person="p",
        now=NOW + DAY_MS,
        batch="api",
    )
    assert erased.contact.first_name is None
    after = merge(
        erased.contact,
        erased.standing,
        row(as_of=NOW, first_name="Old"),
        person="p",
        now=NOW + 2 * DAY_MS,
        batch="b",
    )
    assert after.contact.first_name is None


def test_a_row_of_the_future_is_of_now() -> None:
    contact = imported([[row(as_of=NOW + 9 * DAY_MS, first_name="Amina")]]).contact
    assert contact.as_of == {"external_id": NOW, "first_name": NOW}


def granted(at: Instant, evidence: str) -> Standing:
    return Standing(person="p", consents={NAMES[0]: Consent(granted_at=at, evidence=evidence)})


def opting_out(standing: Standing, name: str = NAMES[0], at: Instant = DATED) -> Merged:
    contact = Contact(id="p", external_id="e")
    return merge(contact, standing, row(opt_outs={name: at}), person="p", now=NOW, batch="b9")


def test_a_files_opt_out_is_as_new_as_what_a_file_granted_later() -> None:
    after = opting_out(granted(DATED + DAY_MS, "import b1 row 4"))
    no = Consent(granted_at=DATED + DAY_MS, revoked_at=DATED + DAY_MS, evidence="import b9 row 2")
    assert after.standing.consents == {NAMES[0]: no}
    (event,) = after.events
    assert (event.change, event.at, event.source) == (ConsentChange.OPT_OUT, DATED, "import b9 row 2")


@pytest.mark.parametrize("scope", SCOPES)
def test_a_files_opt_out_of_everything_is_as_new_as_what_files_granted_of_each_topic(scope: str) -> None:
    before = granted(DATED + DAY_MS, "import b1 row 4")
    after = opting_out(before, scope).standing.consents
    assert after == {
        **before.consents,
        scope: Consent(revoked_at=DATED + DAY_MS, evidence="import b9 row 2"),
    }
    assert states(after)[0] is ConsentState.REVOKED


def test_a_yes_of_a_file_is_kept_where_a_files_opt_out_does_not_reach() -> None:
    held = opting_out(Standing(person="p"), SCOPES[1]).standing
    after = merge(
        Contact(id="p", external_id="e"),
        held,
        row(consents={NAMES[0]: DATED + DAY_MS}),
        person="p",
        now=NOW,
        batch="b10",
    )
    assert after.notes == ("consent.opted_out",)
    assert states(after.standing.consents)[:2] == [ConsentState.REVOKED, ConsentState.GRANTED]


def test_an_opt_out_of_one_topic_or_channel_leaves_the_others_alone() -> None:
    before = granted(DATED + DAY_MS, "import b1 row 4")
    for name in (NAMES[1], f"sms/{EVERYTHING}"):
        assert opting_out(before, name).standing.consents[NAMES[0]] == before.consents[NAMES[0]]


@pytest.mark.parametrize("evidence", ["api form", "keyword", "important client"])
def test_a_newer_yes_of_the_person_is_not_taken_back_by_a_files_older_no(evidence: str) -> None:
    after = opting_out(granted(DATED + DAY_MS, evidence))
    assert states(after.standing.consents)[0] is ConsentState.GRANTED


def test_an_opt_out_that_is_known_changes_nothing() -> None:
    stop = ConsentEvent(
        id="s",
        person="p",
        channel="whatsapp",
        topic=TOPICS[0],
        change=ConsentChange.OPT_OUT,
        at=DATED + DAY_MS,
        recorded_at=NOW,
        source="keyword",
    )
    held = Standing(person="p", consents=apply({}, stop))
    after = opting_out(held)
    assert (after.verdict, after.standing) == ("unchanged", held)


def test_an_opt_out_dated_in_the_future_holds_from_now() -> None:
    after = opting_out(Standing(person="p"), at=NOW + 9 * DAY_MS)
    assert after.standing.consents[NAMES[0]].revoked_at == NOW


def test_a_row_can_say_since_when_somebody_is_suppressed_or_only_that() -> None:
    first = imported([[row(suppressed={"manual": None, "blocked": DATED})]])
    assert first.standing.suppressed == {"manual": NOW, "blocked": DATED}
    again = imported([[row(suppressed={"manual": None, "blocked": DATED})]] * 2)
    assert (again.verdict, again.standing) == ("unchanged", first.standing)


def understood(**cells: str) -> ImportedRow:
    found = interpret(RawRow(cells), 7, "MA")
    assert isinstance(found, ImportedRow)
    return found


def test_a_row_says_how_old_it_is_who_opted_out_and_who_is_suppressed() -> None:
    found = understood(
        external_id="e",
        updated_at="2026-06-01",
        suppressed="Manual; blocked 2026-06-01",
        optout_whatsapp_promotions="2026-06-01",
        optout_whatsapp_all="2026-06-02",
        optout_sms_all_marketing="2026-06-03",
        city="Rabat",
    )
    assert found == ImportedRow(
        line=7,
        external_id="e",
        as_of=DATED,
        suppressed={"manual": None, "blocked": DATED},
        opt_outs={
            NAMES[0]: DATED,
            SCOPES[0]: DATED + DAY_MS,
            f"sms/{MARKETING}": DATED + 2 * DAY_MS,
        },
        attributes={"city": "Rabat"},
    )


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("updated_at", "yesterday", "row.bad_date"),
        ("suppressed", "yes", "row.suppressed_cause"),
        ("suppressed", "manual 1.6.2026", "consent.bad_date"),
        ("optout_whatsapp_promotions", "yes", "consent.bad_date"),
    ],
)
def test_a_wrong_date_or_cause_leaves_the_row_out_with_the_reason(column: str, cell: str, code: str) -> None:
    problem = interpret(RawRow({"external_id": "e", column: cell}), 9, None)
    assert isinstance(problem, RowProblem)
    assert problem.code == code
    for language in ("en", "fr", "ar"):
        assert WORDING[code][language].format(**problem.params)
