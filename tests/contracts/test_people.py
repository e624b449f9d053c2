"""The contact book and the consent log, on every home."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from chalicelib.audience.contact import shard_of
from chalicelib.audience.identity import EXTERNAL_ID, PHONE, Identity
from chalicelib.ports import MOST_ITEMS, Cursor, Page, Ports, Write
from tests.contracts import values
from tests.contracts.threads import side_by_side

T = TypeVar("T")

NUMBER = Identity(PHONE, "+33612345678")
REFERENCE = Identity(EXTERNAL_ID, "crm-1")


def all_of(page: Callable[[Cursor | None], Page[T]]) -> list[T]:
    """Return the items of page after page, none of them too long; a tenth page is a page too many."""
    found: list[T] = []
    after: Cursor | None = None
    for _ in range(9):
        got = page(after)
        assert len(got.items) <= MOST_ITEMS
        found += got.items
        after = got.next
        if after is None:
            return found
    raise AssertionError("the pages do not end")


def store(ports: Ports, people: list[str]) -> None:
    """Store a contact and a standing for each person."""
    for start in range(0, len(people), 100):
        batch = people[start : start + 100]
        ports.book.put_all([Write(replace(values.CONTACT, id=p), None) for p in batch])
        ports.standings.put_all([Write(replace(values.STANDING, person=p), None) for p in batch])


def test_a_shards_pages_give_every_person_of_it_once_in_order(ports: Ports) -> None:
    people = values.people_of_shard(5, 230)
    store(ports, [*people, *values.people_of_shard(6, 3)])
    found = all_of(lambda after: ports.book.page(5, after=after))
    assert [person.contact.id for person in found] == people
    assert found[0].contact == replace(values.CONTACT, id=people[0], version=1)
    assert found[0].standing == replace(values.STANDING, person=people[0], version=1)


def test_a_contact_without_a_standing_is_on_no_page_and_ends_none(ports: Ports) -> None:
    people = values.people_of_shard(5, 150)
    for start in (0, 100):
        batch = people[start : start + 100]
        ports.book.put_all([Write(replace(values.CONTACT, id=p), None) for p in batch])
    ports.standings.put(replace(values.STANDING, person=people[-1]), expected_version=None)
    found = all_of(lambda after: ports.book.page(5, after=after))
    assert [person.contact.id for person in found] == people[-1:]


def test_a_standing_without_a_contact_is_on_no_page(ports: Ports) -> None:
    first, second, third = values.people_of_shard(5, 3)
    store(ports, [second])
    ports.standings.put_all([Write(replace(values.STANDING, person=p), None) for p in (first, third)])
    assert [person.contact.id for person in ports.book.page(5).items] == [second]


def test_an_empty_shard_is_one_empty_page(ports: Ports) -> None:
    page = ports.book.page(63)
    assert (page.items, page.next) == ((), None)


def test_contacts_are_found_together_and_absent_ones_left_out(ports: Ports) -> None:
    store(ports, ["p1", "p2"])
    assert shard_of("p1") != shard_of("p2")
    assert set(ports.book.get_all(["p1", "p2", "p3"])) == {"p1", "p2"}


def test_an_identity_belongs_to_whoever_claimed_it_first(ports: Ports) -> None:
    assert ports.book.claim_identities({NUMBER: "p1"}) == {NUMBER: "p1"}
    assert ports.book.claim_identities({NUMBER: "p2", REFERENCE: "p2"}) == {NUMBER: "p1", REFERENCE: "p2"}
    assert ports.book.owners([NUMBER, REFERENCE, Identity(PHONE, "+1")]) == {NUMBER: "p1", REFERENCE: "p2"}


def test_claiming_again_tells_each_of_a_hundred_owners_as_they_are(ports: Ports) -> None:
    numbers = [Identity(PHONE, f"+336{k:08d}") for k in range(100)]
    ports.book.claim_identities({number: "p1" for number in numbers[::3]})
    claimed = ports.book.claim_identities(dict.fromkeys(numbers, "p2"))
    assert claimed == {number: "p2" if k % 3 else "p1" for k, number in enumerate(numbers)}
    assert ports.book.claim_identities(dict.fromkeys(numbers, "p1")) == claimed
    assert ports.book.owners(numbers) == claimed


def test_kinds_of_identity_do_not_mix(ports: Ports) -> None:
    ports.book.claim_identities({Identity(PHONE, "1"): "p1"})
    assert ports.book.owners([Identity(EXTERNAL_ID, "1")]) == {}


def test_only_its_owner_releases_an_identity(ports: Ports) -> None:
    ports.book.claim_identities({NUMBER: "p1"})
    assert not ports.book.release_identity(NUMBER, "p2")
    assert ports.book.owners([NUMBER]) == {NUMBER: "p1"}
    assert ports.book.release_identity(NUMBER, "p1")
    assert not ports.book.release_identity(NUMBER, "p1")
    assert ports.book.claim_identities({NUMBER: "p2"}) == {NUMBER: "p2"}


def test_identities_are_released_together_each_only_by_its_owner(ports: Ports) -> None:
    ports.book.claim_identities({NUMBER: "p1", REFERENCE: "p2"})
    absent = Identity(PHONE, "+33600000000")
    assert list(ports.book.release_identities({NUMBER: "p2", REFERENCE: "p2", absent: "p2"})) == [
        False,
        True,
        False,
    ]
    assert ports.book.owners([NUMBER, REFERENCE]) == {NUMBER: "p1"}


def test_contacts_and_standings_are_removed_only_as_they_are_known(ports: Ports) -> None:
    store(ports, ["p1", "p2", "p3"])
    ports.book.put_all([Write(replace(values.CONTACT, id="p2"), 1)])
    ports.standings.put_all([Write(replace(values.STANDING, person="p2"), 1)])
    people = ["p1", "p2", "p9"]
    contacts = [replace(values.CONTACT, id=p, version=1) for p in people]
    standings = [replace(values.STANDING, person=p, version=1) for p in people]
    assert list(ports.book.remove_all(contacts)) == [True, False, False]
    assert set(ports.book.get_all(["p1", "p2", "p3"])) == {"p2", "p3"}
    assert set(ports.standings.get_all(["p1", "p2", "p3"])) == {"p1", "p2", "p3"}
    assert list(ports.standings.remove_all(standings)) == [True, False, False]
    assert set(ports.standings.get_all(["p1", "p2", "p3"])) == {"p2", "p3"}
    assert ports.book.put_all([Write(contacts[0], None)]) == [True]


def test_of_many_who_release_an_identity_at_once_one_does(ports: Ports) -> None:
    ports.book.claim_identities({NUMBER: "p1"})
    released: list[bool] = []
    together = threading.Barrier(8)

    def release() -> None:
        together.wait()
        released.append(ports.book.release_identity(NUMBER, "p1"))

    side_by_side([release] * 8)
    assert released.count(True) == 1


def test_of_many_who_claim_an_identity_at_once_all_hear_the_same_owner(ports: Ports) -> None:
    heard: list[str] = []
    together = threading.Barrier(8)

    def claim(person: str) -> None:
        together.wait()
        heard.append(ports.book.claim_identities({NUMBER: person})[NUMBER])

    side_by_side([lambda p=f"p{k}": claim(p) for k in range(8)])  # type: ignore[misc]
    assert len(heard) == 8
    assert set(heard) == {ports.book.owners([NUMBER])[NUMBER]}


def test_a_consent_event_is_known_by_its_id_alone(ports: Ports) -> None:
    event = values.CONSENT_EVENT
    later = replace(event, at=event.at + 5, detail="stop")
    assert list(ports.consents.append([event, replace(event, id="e2")])) == [True, True]
    assert list(ports.consents.append([later, replace(event, id="e3")])) == [False, True]
    assert [e.id for e in ports.consents.page("p1").items] == ["e1", "e2", "e3"]
    assert ports.consents.page("p1").items[0] == event


def test_a_persons_consent_events_come_oldest_first_over_pages(ports: Ports) -> None:
    first = -86_400_000  # a date of birth of a paper form, before 1970, sorts too
    events = [replace(values.CONSENT_EVENT, id=f"e{k:03d}", at=first + k * 3_600_000) for k in range(150)]
    for start in (100, 0):
        ports.consents.append(list(reversed(events[start : start + 100])))
    ports.consents.append([replace(values.CONSENT_EVENT, id="other", person="p2")])
    assert all_of(lambda after: ports.consents.page("p1", after=after)) == events
    assert len(ports.consents.page("p1").items) == 100


def test_removed_consent_events_are_gone_and_no_others_and_an_absent_one_is_no_error(ports: Ports) -> None:
    events = [replace(values.CONSENT_EVENT, id=f"e{k:03d}") for k in range(101)]
    other = replace(values.CONSENT_EVENT, person="p2")
    ports.consents.append(events[:100])
    ports.consents.append([events[100], other])
    for _ in range(2):
        ports.consents.remove_all(events[:100])
    ports.consents.remove_all([])
    assert list(ports.consents.page("p1").items) == [events[100]]
    assert list(ports.consents.page("p2").items) == [other]
    assert list(ports.consents.append([events[0]])) == [True]
