"""What is left of somebody who was erased: a tombstone without personal data, and fingerprints of names."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.contact import Contact
from chalicelib.audience.erasing import erased_at, fingerprint, names_of, tombstone
from chalicelib.audience.identity import BSUID, EXTERNAL_ID, PHONE, Identity
from chalicelib.audience.standing import Send, Standing, may_be_reached
from tests.contracts import values

KEY = b"k" * 32
NAME = Identity(PHONE, "+212612345678")
FULL = replace(values.STANDING, erased=False)


def test_a_tombstone_keeps_the_claims_and_the_date_and_nothing_else() -> None:
    left = tombstone(FULL, "p1", 7)
    kept = {f.name for f in fields(Standing) if getattr(left, f.name) == getattr(FULL, f.name)}
    assert kept == {"person", "version", "sends"}
    assert left == Standing(
        person="p1", version=FULL.version, suppressed={"erased": 7}, sends=FULL.sends, erased=True
    )
    assert not may_be_reached(left)


def test_the_first_date_of_an_erasure_stays() -> None:
    once = tombstone(FULL, "p1", 7)
    assert tombstone(once, "p1", 9) == once
    assert (erased_at(once), erased_at(FULL), erased_at(None)) == (7, None, None)
    assert erased_at(tombstone(None, "p1", 8)) == 8
    assert erased_at(Standing(person="p1", erased=True)) == 0


def test_a_cause_called_like_an_erasure_is_no_date_of_one() -> None:
    assert tombstone(replace(FULL, suppressed={"erased": 3}), "p1", 7).suppressed == {"erased": 7}


@given(st.text(), st.text())
def test_fingerprints_differ_where_the_names_do_and_tell_nothing_of_them(one: str, other: str) -> None:
    first, second = fingerprint(Identity(PHONE, one), KEY), fingerprint(Identity(PHONE, other), KEY)
    assert (first == second) == (one == other)
    assert len(first.value) == 48
    assert len(one) < 4 or one not in first.value


@pytest.mark.parametrize(
    "other",
    [
        fingerprint(Identity(EXTERNAL_ID, NAME.value), KEY),
        fingerprint(NAME, b"l" * 32),
        fingerprint(Identity(PHONE, NAME.value + "9"), KEY),
    ],
)
def test_a_fingerprint_is_of_one_kind_one_name_and_one_home(other: Identity) -> None:
    assert fingerprint(NAME, KEY) != other
    assert fingerprint(NAME, KEY).kind == "erased"


@pytest.mark.parametrize(
    ("contact", "standing", "names"),
    [
        (None, None, []),
        (Contact(id="p"), Standing(person="p"), []),
        (Contact(id="p", phone="+1"), Standing(person="p", phone="+1"), [(PHONE, "+1")]),
        (Contact(id="p", phone="+1"), Standing(person="p", phone="+2"), [(PHONE, "+1"), (PHONE, "+2")]),
        (None, Standing(person="p", phone="+2"), [(PHONE, "+2")]),
        (
            Contact(id="p", phone="+1", external_id="x", bsuid="b"),
            None,
            [(EXTERNAL_ID, "x"), (PHONE, "+1"), (BSUID, "b")],
        ),
    ],
)
def test_every_name_that_a_persons_items_tell_is_found(
    contact: Contact | None, standing: Standing | None, names: list[tuple[str, str]]
) -> None:
    assert [(name.kind, name.value) for name in names_of(contact, standing)] == names


def test_a_claim_under_way_is_known_after_the_erasure() -> None:
    send = Send(broadcast="b.1", chunk="0", attempt=2, at=5, category="marketing")
    assert tombstone(Standing(person="p", sends=(send,)), "p", 7).sends == (send,)
