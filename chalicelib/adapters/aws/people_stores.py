"""The audience's stores on DynamoDB: contacts beside their standings, identities, consent events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pynamodb.exceptions import PutError

from chalicelib.adapters import sort_keys
from chalicelib.adapters.aws.calls import CONDITION_FAILED, Calls, surfaced
from chalicelib.adapters.aws.table import DYNAMODB, Key, Put, Table, batch_get, deleted_if, page_of
from chalicelib.adapters.codec import from_plain
from chalicelib.audience.consent import ConsentEvent
from chalicelib.audience.contact import Contact, shard_of
from chalicelib.audience.identity import Identity
from chalicelib.audience.standing import Person, Standing
from chalicelib.ports import MOST_ITEMS, Cursor, Page, Write

CONTACT, STANDING = "contact", "standing"


def person_key(person: str, part: str) -> Key:
    """Return where a person's contact or standing lies: side by side under their shard."""
    return f"{shard_of(person):02d}", f"{person}#{part}"


class DynamoContacts:
    """`ContactBook`."""

    def __init__(self, people: Any, identities: Any, calls: Calls) -> None:
        self._table = Table(people, Contact, calls)
        self._identities = identities
        self._calls = calls

    def get(self, person: str) -> Contact | None:
        """GetItem."""
        return self._table.get(person_key(person, CONTACT))

    def get_all(self, persons: Sequence[str]) -> Mapping[str, Contact]:
        """BatchGetItem."""
        found = self._table.get_all([person_key(p, CONTACT) for p in persons])
        return {contact.id: contact for contact in found.values()}

    def put_all(self, writes: Sequence[Write[Contact]]) -> Sequence[bool]:
        """Conditional PutItems side by side."""
        return self._table.put_all(
            [Put(person_key(w.item.id, CONTACT), w.item, w.expected_version) for w in writes]
        )

    def page(self, shard: int, *, after: Cursor | None = None) -> Page[Person]:
        """Query of one shard's partition; both items of a person lie side by side in it."""
        most = 2 * MOST_ITEMS
        model = self._table.model
        with surfaced(DYNAMODB):
            items = list(model.query(f"{shard:02d}", model.sk > after if after else None, limit=most))
        more = len(items) == most
        if more and items[-1].sk.endswith(f"#{CONTACT}"):
            items.pop()  # its standing may be the first item of the next page
        return Page(tuple(_people(items)), items[-1].sk if more else None)

    def owners(self, identities: Sequence[Identity]) -> Mapping[Identity, str]:
        """BatchGetItem."""
        by_key = {_identity_key(i): i for i in identities}
        items = batch_get(self._identities, [{"pk": key} for key in by_key], self._calls)
        return {by_key[item.pk]: item.owner for item in items}

    def claim_identities(self, claims: Mapping[Identity, str]) -> Mapping[Identity, str]:
        """Conditional PutItems side by side, then one BatchGetItem of those that were taken.

        One that is released between the two has no owner, and is claimed again.
        """
        owner_by_identity: dict[Identity, str] = {}
        while left := [pair for pair in claims.items() if pair[0] not in owner_by_identity]:
            stored = self._calls.side_by_side(self._claim, left)
            owner_by_identity |= {pair[0]: pair[1] for pair, ok in zip(left, stored, strict=True) if ok}
            owner_by_identity |= self.owners([p[0] for p, ok in zip(left, stored, strict=True) if not ok])
        return owner_by_identity

    def _claim(self, pair: tuple[Identity, str]) -> bool:
        model = self._identities
        try:
            with surfaced(DYNAMODB, besides=(CONDITION_FAILED,)):
                model(pk=_identity_key(pair[0]), owner=pair[1]).save(condition=model.pk.does_not_exist())
        except PutError:
            return False
        return True

    def release_identity(self, identity: Identity, person: str) -> bool:
        """DeleteItem conditional on the owner."""
        return self._release((identity, person))

    def release_identities(self, owner_by_identity: Mapping[Identity, str]) -> Sequence[bool]:
        """DeleteItems side by side, each conditional on the owner."""
        return self._calls.side_by_side(self._release, list(owner_by_identity.items()))

    def _release(self, pair: tuple[Identity, str]) -> bool:
        model = self._identities
        return deleted_if(model, (_identity_key(pair[0]),), model.owner == pair[1])

    def remove_all(self, contacts: Sequence[Contact]) -> Sequence[bool]:
        """DeleteItems side by side, each conditional on the version."""
        return self._table.delete_versions([(person_key(c.id, CONTACT), c.version) for c in contacts])


def _identity_key(identity: Identity) -> str:
    return f"{identity.kind}|{identity.value}"


def _people(items: Sequence[Any]) -> list[Person]:
    """Pair contacts with the standings behind them; a contact without one is left out."""
    people: list[Person] = []
    contact: Contact | None = None
    for item in items:
        person, _, part = item.sk.rpartition("#")
        fields = {**item.body, "version": int(item.version)}
        if part == CONTACT:
            contact = from_plain(Contact, fields)
        elif contact is not None and contact.id == person:
            people.append(Person(contact=contact, standing=from_plain(Standing, fields)))
    return people


class DynamoStandings:
    """`Standings`."""

    def __init__(self, people: Any, calls: Calls) -> None:
        self._table = Table(people, Standing, calls)

    def get(self, person: str, *, consistent: bool = True) -> Standing | None:
        """GetItem."""
        return self._table.get(person_key(person, STANDING), consistent=consistent)

    def get_all(self, persons: Sequence[str]) -> Mapping[str, Standing]:
        """BatchGetItem."""
        found = self._table.get_all([person_key(p, STANDING) for p in persons])
        return {standing.person: standing for standing in found.values()}

    def put(self, standing: Standing, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        return self._table.put(Put(person_key(standing.person, STANDING), standing, expected_version))

    def put_all(self, writes: Sequence[Write[Standing]]) -> Sequence[bool]:
        """Conditional PutItems side by side."""
        return self._table.put_all(
            [Put(person_key(w.item.person, STANDING), w.item, w.expected_version) for w in writes]
        )

    def remove_all(self, standings: Sequence[Standing]) -> Sequence[bool]:
        """DeleteItems side by side, each conditional on the version."""
        return self._table.delete_versions([(person_key(s.person, STANDING), s.version) for s in standings])


class DynamoConsents:
    """`ConsentLog`. By event id under its person; the partition's own index has them in order of time."""

    def __init__(self, consents: Any, calls: Calls) -> None:
        self._table = Table(consents, ConsentEvent, calls)

    def append(self, events: Sequence[ConsentEvent]) -> Sequence[bool]:
        """Conditional PutItems side by side."""
        return self._table.put_all(
            [Put((e.person, e.id), e, more={"sort": sort_keys.by_time(e)}) for e in events]
        )

    def page(self, person: str, *, after: Cursor | None = None) -> Page[ConsentEvent]:
        """Query of the index."""
        return page_of(self._table.query_index(person, after=after))

    def remove_all(self, events: Sequence[ConsentEvent]) -> None:
        """BatchWriteItem."""
        self._table.delete_all([(e.person, e.id) for e in events])
