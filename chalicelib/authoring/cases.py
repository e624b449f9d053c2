"""A definition's own tests: one invented person each, and what is to become of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chalicelib.audience.consent import Consent, key
from chalicelib.audience.contact import Contact
from chalicelib.audience.identity import InvalidPhone, normalise_phone
from chalicelib.audience.instant import DAY_MS, Instant, from_iso
from chalicelib.audience.segment import Memory
from chalicelib.audience.segment_terms import FACTS, SAME_FACT
from chalicelib.audience.standing import Person, Standing
from chalicelib.authoring.fields import Reader
from chalicelib.authoring.nodes import Place

OUTCOMES = ("planned", "excluded", "not_in_segment")
BEFORE_SENDING_MS = 2 * DAY_MS
"""How long before the sending a test is planned that does not say."""
MOST_CASES = 200
TEXTS = ("external_id", "first_name", "last_name", "language", "country", "timezone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must be true of the person; "" and None are not looked at.

    `text` must occur in the message, cards included; `header` is the header's
    text, its address or its "media:FILE".
    """

    outcome: str
    reason: str = ""
    at: Instant | None = None
    language: str = ""
    text: str = ""
    header: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test: planned as if it were `now` (None: two days before the sending), with the given templates.

    `languages` are those of the template that exist in this test; None is all.
    `memory` is what earlier campaigns came to with the person. Without
    `experiment` nobody is drawn for the holdout.
    """

    name: str
    person: Person
    expected: Expectation
    place: Place
    now: Instant | None = None
    languages: tuple[str, ...] | None = None
    memory: Memory = field(default_factory=dict)
    experiment: bool = False


def read_cases(root: Reader) -> tuple[Case, ...]:
    """Return a definition's tests."""
    return tuple(
        _case(one, number) for number, one in enumerate(root.readers("tests", most=MOST_CASES), start=1)
    )


def _case(one: Reader, number: int) -> Case:
    name = one.text("name") or f"test {number}"
    now = _instant(one, "now")
    person = _person(one.mapping("contact"), now or 0)
    one.required("contact")
    surroundings = _surroundings(one.mapping("with"), person.contact.id)
    one.required("expect")
    expected = _expected(one.mapping("expect"))
    one.finish()
    return Case(name=name, person=person, expected=expected, place=one.fields.place, now=now, **surroundings)


def _expected(one: Reader | None) -> Expectation:
    if one is None:
        return Expectation(outcome="planned")
    outcome = one.text("outcome") or "planned"
    if outcome not in OUTCOMES:
        one.note("not_a_choice", "outcome", value=outcome, choices=", ".join(OUTCOMES), guess="")
    found = Expectation(
        outcome=outcome,
        reason=one.text("reason") or "",
        at=_instant(one, "at"),
        language=one.text("language") or "",
        text=one.text("text_contains") or "",
        header=one.text("header") or "",
    )
    one.finish()
    return found


def _surroundings(one: Reader | None, person: str) -> dict[str, Any]:
    """Return what a test has beside the person: templates, the experiment, earlier campaigns."""
    if one is None:
        return {}
    found: dict[str, Any] = {"memory": _memory(one.mapping("campaigns"), person)}
    if one.node("templates"):
        found["languages"] = tuple(t.value.strip() for t in one.texts("templates"))
    experiment = one.text("experiment", "none")
    if experiment not in ("none", "drawn"):
        one.note("not_a_choice", "experiment", value=str(experiment), choices="none, drawn", guess="")
    one.finish()
    return {**found, "experiment": experiment == "drawn"}


def _memory(one: Reader | None, person: str) -> Memory:
    """Return campaigns written as {name: [delivered, read]}."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for campaign in one.fields.key_places if one is not None else ():
        for text in one.texts(campaign) if one is not None else ():
            fact = SAME_FACT.get(text.value.strip(), text.value.strip())
            if fact not in FACTS and one is not None:
                one.note("not_a_choice", campaign, text.place, value=fact, choices=", ".join(FACTS), guess="")
            found[campaign, fact] = frozenset({person})
    return found


def _person(one: Reader | None, now: Instant) -> Person:
    """Return the invented person; a consent's date is the day it was given."""
    if one is None:
        return Person(contact=Contact(id="test"), standing=Standing(person="test"))
    name = one.text("id") or "test"
    phone = _phone(one)
    texts: dict[str, Any] = {field: one.text(field) or None for field in TEXTS}
    contact = Contact(
        id=name,
        phone=phone,
        tags=frozenset(t.value.strip() for t in one.texts("tags")),
        lists=frozenset(t.value.strip() for t in one.texts("lists")),
        attributes=_texts(one.mapping("attributes")),
        updated_at=now,
        **texts,
    )
    standing = Standing(person=name, phone=phone, consents=_consents(one.mapping("consent")))
    one.finish()
    return Person(contact=contact, standing=standing)


def _phone(one: Reader) -> str | None:
    written = one.text("phone")
    if written is None:
        return None
    try:
        return normalise_phone(written, one.text("country"))
    except InvalidPhone as error:
        one.note("test_phone", "phone", value=written, why=error.code)
        return None


def _texts(one: Reader | None) -> dict[str, str]:
    return {} if one is None else {name: one.text(name) or "" for name in one.fields.key_places}


def _consents(one: Reader | None) -> dict[str, Consent]:
    """Return consents written as {channel: {topic: "2026-06-01"}}."""
    found: dict[str, Consent] = {}
    for channel in one.fields.key_places if one is not None else ():
        topics = one.mapping(channel) if one is not None else None
        for topic in topics.fields.key_places if topics is not None else ():
            at = _instant(topics, topic) if topics is not None else None
            if at is not None:
                found[key(channel, topic)] = Consent(granted_at=at, evidence="test")
    return found


def _instant(one: Reader, name: str) -> Instant | None:
    """Return an instant, or the start of a UTC day; a fault is noted."""
    written = one.text(name)
    if written is None:
        return None
    try:
        return from_iso(written if "T" in written else f"{written}T00:00:00Z")
    except ValueError:
        one.note("test_instant", name, value=written)
        return None
