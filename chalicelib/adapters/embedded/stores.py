"""The audience's and the campaigns' stores on SQLite: the same keys that DynamoDB will have."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.adapters import sort_keys
from chalicelib.adapters.codec import decode, encode
from chalicelib.adapters.embedded.database import Database
from chalicelib.adapters.embedded.paging import page_of
from chalicelib.adapters.embedded.table import Put, Table
from chalicelib.audience.consent import ConsentEvent
from chalicelib.audience.contact import Contact, shard_of
from chalicelib.audience.identity import Identity
from chalicelib.audience.standing import Person, Standing
from chalicelib.authoring.campaign import CampaignVersion
from chalicelib.planning.plan import Planning
from chalicelib.ports import MOST_ITEMS, Cursor, Page, Write

PEOPLE = """
SELECT contacts.sk, contacts.body, contacts.version, standings.body, standings.version
FROM contacts LEFT JOIN standings ON standings.pk = contacts.pk AND standings.sk = contacts.sk
WHERE contacts.pk = ? AND contacts.sk > ? ORDER BY contacts.sk LIMIT ?
"""


def shard_key(person: str) -> str:
    """Return the partition under which everything of a person is stored."""
    return f"{shard_of(person):02d}"


class SqliteContacts:
    """`ContactBook`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._contacts = Table(database, "contacts")
        self._identities = Table(database, "identities")

    def get(self, person: str) -> Contact | None:
        """GetItem."""
        return self.get_all([person]).get(person)

    def get_all(self, persons: Sequence[str]) -> Mapping[str, Contact]:
        """BatchGetItem."""
        found = self._contacts.get_all([(shard_key(p), p) for p in persons])
        return {person: decode(Contact, body, version) for (_, person), (body, version) in found.items()}

    def put_all(self, writes: Sequence[Write[Contact]]) -> Sequence[bool]:
        """Conditional PutItems."""
        return self._contacts.put_all(
            [Put(shard_key(w.item.id), w.item.id, encode(w.item), w.expected_version) for w in writes]
        )

    def page(self, shard: int, *, after: Cursor | None = None) -> Page[Person]:
        """Query of one shard."""
        values = (f"{shard:02d}", after or "", MOST_ITEMS)
        rows = self._db.read(lambda c: c.execute(PEOPLE, values).fetchall())
        people = tuple(
            Person(
                contact=decode(Contact, contact, contact_version),
                standing=decode(Standing, standing, standing_version),
            )
            for _, contact, contact_version, standing, standing_version in rows
            if standing is not None
        )
        return Page(people, rows[-1][0] if len(rows) == MOST_ITEMS else None)

    def owners(self, identities: Sequence[Identity]) -> Mapping[Identity, str]:
        """BatchGetItem."""
        found = self._identities.get_all([(i.kind, i.value) for i in identities])
        return {Identity(*key): body.decode() for key, (body, _) in found.items()}

    def claim_identities(self, claims: Mapping[Identity, str]) -> Mapping[Identity, str]:
        """PutItems conditional on absence, in one write with the answer, so that none is missing from it."""

        def work(c: sqlite3.Connection) -> dict[Identity, str]:
            owner_by_identity = {}
            for identity, person in claims.items():
                self._identities.put_in(c, Put(identity.kind, identity.value, person.encode()))
                found = self._identities.get_in(c, (identity.kind, identity.value))
                owner_by_identity[identity] = found[0].decode() if found else person
            return owner_by_identity

        return self._db.write(work)

    def release_identity(self, identity: Identity, person: str) -> bool:
        """DeleteItem conditional on the owner."""
        return self.release_identities({identity: person})[0]

    def release_identities(self, owner_by_identity: Mapping[Identity, str]) -> Sequence[bool]:
        """DeleteItems conditional on the owner."""
        return self._identities.delete_where(
            [(i.kind, i.value, person.encode()) for i, person in owner_by_identity.items()]
        )

    def remove_all(self, contacts: Sequence[Contact]) -> Sequence[bool]:
        """DeleteItems conditional on the version."""
        return self._contacts.delete_versions([(shard_key(c.id), c.id, c.version) for c in contacts])


class SqliteStandings:
    """`Standings`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "standings")

    def get(self, person: str, *, consistent: bool = True) -> Standing | None:
        """GetItem; here always consistent."""
        row = self._table.get(shard_key(person), person)
        return decode(Standing, *row) if row else None

    def get_all(self, persons: Sequence[str]) -> Mapping[str, Standing]:
        """BatchGetItem."""
        found = self._table.get_all([(shard_key(p), p) for p in persons])
        return {person: decode(Standing, body, version) for (_, person), (body, version) in found.items()}

    def put(self, standing: Standing, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        return self._table.put(_put(standing, expected_version))

    def put_all(self, writes: Sequence[Write[Standing]]) -> Sequence[bool]:
        """Conditional PutItems."""
        return self._table.put_all([_put(w.item, w.expected_version) for w in writes])

    def remove_all(self, standings: Sequence[Standing]) -> Sequence[bool]:
        """DeleteItems conditional on the version."""
        return self._table.delete_versions([(shard_key(s.person), s.person, s.version) for s in standings])


def _put(standing: Standing, expected_version: int | None) -> Put:
    return Put(shard_key(standing.person), standing.person, encode(standing), expected_version)


class SqliteConsents:
    """`ConsentLog`. By event id under its person; the index has them in order of time."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "consents")

    def append(self, events: Sequence[ConsentEvent]) -> Sequence[bool]:
        """PutItems conditional on the event's id being absent."""
        return self._table.put_all(
            [Put(e.person, e.id, encode(e), index=(e.person, sort_keys.by_time(e))) for e in events]
        )

    def page(self, person: str, *, after: Cursor | None = None) -> Page[ConsentEvent]:
        """Query of a person's events."""
        return page_of(ConsentEvent, self._table.query_index(person, after=after or ""))

    def remove_all(self, events: Sequence[ConsentEvent]) -> None:
        """DeleteItems."""
        self._table.delete_all([(e.person, e.id) for e in events])


class SqliteCampaigns:
    """`Campaigns`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "campaigns")

    def add(self, version: CampaignVersion) -> bool:
        """PutItem conditional on absence."""
        return self._table.put(Put(version.campaign, f"{version.number:08d}", encode(version)))

    def latest(self, campaign: str) -> CampaignVersion | None:
        """Query backwards."""
        rows = self._table.query(campaign, limit=1, backwards=True)
        return decode(CampaignVersion, rows[0].body) if rows else None

    def get(self, campaign: str, number: int) -> CampaignVersion | None:
        """GetItem."""
        row = self._table.get(campaign, f"{number:08d}")
        return decode(CampaignVersion, row[0]) if row else None

    def page(self, *, after: Cursor | None = None) -> Page[CampaignVersion]:
        """Query of the heads; here each campaign's partition gives its own."""
        names = self._table.partitions(after=after or "", limit=MOST_ITEMS)
        heads = [self.latest(name) for name in names]
        full = len(names) == MOST_ITEMS
        return Page(tuple(head for head in heads if head is not None), names[-1] if full else None)


class SqlitePlans:
    """`Plans`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "plans")
        self._hashes = Table(database, "hashes")

    def add(self, planning: Planning) -> bool:
        """PutItem conditional on absence."""
        return self._table.put(Put(planning.id, "", encode(planning)))

    def get(self, plan_id: str) -> Planning | None:
        """GetItem."""
        row = self._table.get(plan_id)
        return decode(Planning, *row) if row else None

    def finish_task(self, plan_id: str, task: int, summary_key: str) -> Planning | None:
        """UpdateItem; retried here where DynamoDB does it in one call."""
        while True:
            current = self.get(plan_id)
            if current is None or task in current.parts:
                return current
            wanted = replace(current, parts={**current.parts, task: summary_key})
            if self.put(wanted, expected_version=current.version):
                return replace(wanted, version=current.version + 1)

    def put(self, planning: Planning, *, expected_version: int) -> bool:
        """Conditional PutItem."""
        return self._table.put(Put(planning.id, "", encode(planning), expected_version))

    def register_hash(self, plan_hash: str, plan_id: str) -> None:
        """PutItem."""
        self._hashes.put_any([Put(plan_hash, "", plan_id.encode())])

    def by_hash(self, plan_hash: str) -> str | None:
        """GetItem."""
        row = self._hashes.get(plan_hash)
        return row[0].decode() if row else None
