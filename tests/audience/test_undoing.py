"""What is left of a person when an import is taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.audience.consent import Consent
from chalicelib.audience.contact import Contact
from chalicelib.audience.identity import EXTERNAL_ID, PHONE, Identity
from chalicelib.audience.instant import from_iso
from chalicelib.audience.standing import Send, Standing
from chalicelib.audience.undoing import Change, change_of, names_to_free, undone

AT = from_iso("2026-11-21T12:00:00Z")
PROMOTIONS = "whatsapp/promotions"
PHONE_1, NAME = Identity(PHONE, "+212612345678"), Identity(EXTERNAL_ID, "e")
NEW = Change(person="p", line=2, is_new=True, at=AT, claimed=(PHONE_1, NAME))
CONTACT = Contact(id="p", external_id="e", phone="+212612345678", updated_at=AT)
STANDING = Standing(
    person="p",
    phone="+212612345678",
    consents={PROMOTIONS: Consent(granted_at=1, evidence="import b1 row 2")},
)
SEND = Send(broadcast="b", chunk="c", attempt=1, at=1, category="marketing")


def test_somebody_new_and_untouched_is_removed_with_both_names() -> None:
    after = undone(CONTACT, STANDING, NEW, "b1")
    assert (after.outcome, after.contact, after.standing) == ("removed", None, None)
    assert names_to_free(NEW, after) == [PHONE_1, NAME]


def test_somebody_whom_another_import_created_after_a_crash_is_let_alone() -> None:
    others = replace(CONTACT, updated_at=AT + 1)
    after = undone(others, STANDING, NEW, "b1")
    assert (after.outcome, after.contact, after.standing) == ("nothing", others, STANDING)
    assert names_to_free(NEW, after) == []


@pytest.mark.parametrize(
    ("contact", "standing", "code"),
    [
        (CONTACT, replace(STANDING, sends=(SEND,)), "undo.messaged"),
        (CONTACT, replace(STANDING, suppressed={"blocked": 1}), "undo.opted_out"),
        (CONTACT, replace(STANDING, consents={PROMOTIONS: Consent(revoked_at=1)}), "undo.opted_out"),
        (CONTACT, replace(STANDING, last_inbound_at=1), "undo.wrote"),
        (CONTACT, replace(STANDING, last_echo_at=1), "undo.wrote"),
        (CONTACT, replace(STANDING, version=2), "undo.touched"),
        (replace(CONTACT, version=2, updated_at=AT + 5), STANDING, "undo.touched"),
    ],
)
def test_somebody_new_whom_somebody_touched_stays_without_the_imports_consent(
    contact: Contact, standing: Standing, code: str
) -> None:
    after = undone(contact, standing, NEW, "b1")
    assert (after.outcome, after.contact, [c for c, _ in after.notes]) == ("kept", contact, [code])
    assert after.standing is not None
    assert all(c.granted_at is None for c in after.standing.consents.values())
    assert after.standing.suppressed == standing.suppressed
    assert names_to_free(NEW, after) == []


def test_a_consent_that_another_gave_is_not_taken_back() -> None:
    given = {
        PROMOTIONS: Consent(granted_at=9, revoked_at=3, evidence="import b12 row 2"),
        "sms/news": Consent(granted_at=1, revoked_at=0, evidence="import b1 row 9"),
    }
    after = undone(CONTACT, replace(STANDING, version=2, consents=given), NEW, "b1")
    assert after.standing is not None
    assert after.standing.consents[PROMOTIONS] == given[PROMOTIONS]
    assert after.standing.consents["sms/news"].granted_at is None


def test_somebody_new_without_standing_stays_when_touched() -> None:
    after = undone(replace(CONTACT, version=3), None, NEW, "b1")
    assert (after.outcome, after.standing) == ("kept", None)


def test_whoever_was_erased_is_let_alone_and_still_found() -> None:
    erased = Standing(person="p", erased=True)
    for contact in (CONTACT, None):
        after = undone(contact, erased, NEW, "b1")
        assert after.outcome == "nothing"
        assert names_to_free(NEW, after) == []


def test_what_a_removal_left_behind_is_removed_unless_it_is_a_no() -> None:
    assert undone(None, STANDING, NEW, "b1").outcome == "removed"
    assert undone(None, None, NEW, "b1").outcome == "nothing"
    stopped = replace(STANDING, consents={"whatsapp/*": Consent(revoked_at=1)})
    after = undone(None, stopped, NEW, "b1")
    assert (after.outcome, names_to_free(NEW, after)) == ("nothing", [])


def test_ages_and_marks_go_back_and_marks_of_others_stay() -> None:
    before = replace(CONTACT, first_name="Amina", tags=frozenset("a"), as_of={"first_name": 5})
    told = replace(
        before, first_name="Zoé", tags=frozenset("ab"), lists=frozenset("l"), as_of={"first_name": 9}
    )
    change = change_of(before, STANDING, told, STANDING, line=2, claimed=())
    since = replace(told, version=4, tags=frozenset("abc"))
    after = undone(since, STANDING, change, "b2")
    assert after.outcome == "restored"
    assert after.contact == replace(before, version=4, tags=frozenset("ac"))


def changed(before: Consent | None, now_is: Consent | None) -> Change:
    held = replace(STANDING, consents={} if before is None else {PROMOTIONS: before})
    stood = replace(STANDING, consents={} if now_is is None else {PROMOTIONS: now_is})
    return change_of(CONTACT, held, CONTACT, stood, line=2, claimed=())


@pytest.mark.parametrize(
    ("before", "told", "held", "left", "codes"),
    [
        (None, Consent(granted_at=5, evidence="i"), Consent(granted_at=5, evidence="i"), None, []),
        (Consent(granted_at=2), Consent(granted_at=5), Consent(granted_at=5), Consent(granted_at=2), []),
        (
            None,
            Consent(granted_at=5),
            Consent(granted_at=5, revoked_at=7, evidence="stop"),
            Consent(revoked_at=7, evidence="stop"),
            [],
        ),
        (
            None,
            Consent(granted_at=5),
            Consent(granted_at=8, evidence="form"),
            Consent(granted_at=8, evidence="form"),
            ["undo.consent_since"],
        ),
        (Consent(granted_at=2), Consent(granted_at=5), Consent(granted_at=2), Consent(granted_at=2), []),
        (
            Consent(granted_at=2),
            Consent(granted_at=2, revoked_at=3),
            Consent(granted_at=2, revoked_at=3),
            Consent(granted_at=2, revoked_at=3),
            ["undo.opt_out_stays"],
        ),
    ],
)
def test_grants_go_back_and_every_no_stays(
    before: Consent | None, told: Consent, held: Consent, left: Consent | None, codes: list[str]
) -> None:
    now = replace(STANDING, consents={PROMOTIONS: held})
    after = undone(CONTACT, now, changed(before, told), "b1")
    assert after.standing is not None
    assert after.standing.consents.get(PROMOTIONS) == left
    assert [code for code, _ in after.notes] == codes


def test_a_suppression_that_the_import_told_stays_and_is_named() -> None:
    stood = replace(STANDING, suppressed={"manual": 1})
    change = change_of(CONTACT, STANDING, CONTACT, stood, line=2, claimed=())
    after = undone(CONTACT, stood, change, "b1")
    assert (after.outcome, after.standing) == ("kept", stood)
    assert after.notes == (("undo.opt_out_stays", {"what": "manual"}),)


def test_fields_of_somebody_without_standing_go_back_too() -> None:
    change = change_of(CONTACT, None, replace(CONTACT, first_name="Zoé"), STANDING, line=2, claimed=())
    after = undone(replace(CONTACT, first_name="Zoé"), None, change, "b1")
    assert (after.outcome, after.contact, after.standing) == ("restored", CONTACT, None)
