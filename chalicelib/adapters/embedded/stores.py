"""The audience's and the campaigns' stores on SQLite: the same keys that DynamoDB will have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson

from chalicelib.adapters.embedded.codec import decode, encode
from chalicelib.adapters.embedded.database import Database, Put, Table
from chalicelib.audience.consent import ConsentEvent
from chalicelib.audience.contact import Contact, shard_of
from chalicelib.audience.identity import Identity
from chalicelib.audience.standing import Person, Standing
from chalicelib.authoring.campaign import CampaignVersion
from chalicelib.planning.plan import Planning
from chalicelib.ports import MOST_ITEMS, Cursor, Page, Write


def shard_key(person: str) -> str:
    """Return the partition under which everything of a person is stored."""
    return f"{shard_of(person):02d}"


class SqliteContacts:
    """`ContactBook`."""

    def __init__(self, database: Database) -> None:
        self._contacts = Table(database, "contacts")
        self._standings = Table(database, "standings")
        self._identities = Table(database, "identities")

    def get(self, person: str) -> Contact | None:
        """GetItem."""
        return self.get_all([person]).get(person)

    def get_all(self, persons: Sequence[str]) -> Mapping[str, Contact]:
        """BatchGetItem."""
        found = self._contacts.get_all([(shard_key(p), p) for p in persons])
        return {sk: replace(decode(Contact, body), version=v) for (_, sk), (body, v) in found.items()}

    def put_all(self, writes: Sequence[Write[Contact]]) -> Sequence[bool]:
        """Conditional PutItems."""
        return self._contacts.put_all(
            [
                Put(shard_key(w.item.id), w.item.id, encode(w.item), expected_version=w.expected_version)
                for w in writes
            ]
        )

    def page(self, shard: int, *, after: Cursor | None = None) -> Page[Person]:
        """Query of one shard."""
        rows = self._contacts.query(f"{shard:02d}", after=after, limit=MOST_ITEMS)
        standings = self._standings.get_all([(f"{shard:02d}", sk) for sk, _, _ in rows])
        people = []
        for sk, body, version in rows:
            found = standings.get((f"{shard:02d}", sk))
            if found is not None:
                people.append(
                    Person(
                        contact=replace(decode(Contact, body), version=version),
                        standing=replace(decode(Standing, found[0]), version=found[1]),
                    )
                )
        return Page(tuple(people), rows[-1][0] if len(rows) == MOST_ITEMS else None)

    def owners(self, identities: Sequence[Identity]) -> Mapping[Identity, str]:
        """BatchGetItem."""
        found = self._identities.get_all([(i.kind, i.value) for i in identities])
        return {Identity(pk, sk): body.decode() for (pk, sk), (body, _) in found.items()}

    def claim_identities(self, claims: Mapping[Identity, str]) -> Mapping[Identity, str]:
        """PutItems conditional on absence."""
        self._identities.put_all([Put(i.kind, i.value, person.encode()) for i, person in claims.items()])
        return self.owners(list(claims))

    def release_identity(self, identity: Identity, person: str) -> bool:
        """DeleteItem conditional on the owner."""
        if self.owners([identity]).get(identity) != person:
            return False
        return self._identities.delete_all([(identity.kind, identity.value)]) == 1


class SqliteStandings:
    """`Standings`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "standings")

    def get(self, person: str) -> Standing | None:
        """GetItem."""
        row = self._table.get(shard_key(person), person)
        return replace(decode(Standing, row[0]), version=row[1]) if row else None

    def get_all(self, persons: Sequence[str]) -> Mapping[str, Standing]:
        """BatchGetItem."""
        found = self._table.get_all([(shard_key(p), p) for p in persons])
        return {sk: replace(decode(Standing, body), version=v) for (_, sk), (body, v) in found.items()}

    def put(self, standing: Standing, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""
        return self.put_all([Write(standing, expected_version)])[0]

    def put_all(self, writes: Sequence[Write[Standing]]) -> Sequence[bool]:
        """Conditional PutItems."""
        return self._table.put_all(
            [
                Put(
                    shard_key(w.item.person), w.item.person, encode(w.item), expected_version=w.expected_version
                )
                for w in writes
            ]
        )


class SqliteConsents:
    """`ConsentLog`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "consents")

    def append(self, events: Sequence[ConsentEvent]) -> Sequence[bool]:
        """PutItems conditional on the event being absent."""
        return self._table.put_all(
            [Put(e.person, f"{e.at:015d}|{e.id}", encode(e)) for e in events]
        )

    def page(self, person: str, *, after: Cursor | None = None) -> Page[ConsentEvent]:
        """Query of a person's events."""
        rows = self._table.query(person, after=after, limit=MOST_ITEMS)
        items = tuple(decode(ConsentEvent, body) for _, body, _ in rows)
        return Page(items, rows[-1][0] if len(rows) == MOST_ITEMS else None)


class SqliteCampaigns:
    """`Campaigns`."""

    def __init__(self, database: Database) -> None:
        self._table = Table(database, "campaigns")

    def add(self, version: CampaignVersion) -> bool:
        """PutItem conditional on absence; the first version also makes the head that `page` lists."""
        index = ("heads", version.campaign) if version.number == 1 else None
        return self._table.put_all(
            [Put(version.campaign, f"{version.number:08d}", encode(version), index=index)]
        )[0]

    def latest(self, campaign: str) -> CampaignVersion | None:
        """Query backwards."""
        rows = self._table.query(campaign, limit=1, backwards=True)
        return decode(CampaignVersion, rows[0][1]) if rows else None

    def get(self, campaign: str, number: int) -> CampaignVersion | None:
        """GetItem."""
        row = self._table.get(campaign, f"{number:08d}")
        return decode(CampaignVersion, row[0]) if row else None

    def page(self, *, after: Cursor | None = None) -> Page[CampaignVersion]:
        """Query of the heads."""
        rows = self._table.query_index("heads", after=after or "", limit=MOST_ITEMS)
        latest = [self.latest(name) for name, _, _ in rows]
        return Page(
            tuple(v for v in latest if v is not None), rows[-1][0] if len(rows) == MOST_ITEMS else None
        )


class SqlitePlans:
    """`Plans`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._table = Table(database, "plans")
        self._hashes = Table(database, "hashes")

    def add(self, planning: Planning) -> bool:
        """PutItem conditional on absence."""
        return self._table.put_all([Put(planning.id, "", encode(planning))])[0]

    def get(self, plan_id: str) -> Planning | None:
        """GetItem."""
        row = self._table.get(plan_id)
        return replace(decode(Planning, row[0]), version=row[1]) if row else None

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
        put = Put(planning.id, "", encode(planning), expected_version=expected_version)
        return self._table.put_all([put])[0]

    def register_hash(self, plan_hash: str, plan_id: str) -> str:
        """PutItem conditional on absence."""
        self._hashes.put_all([Put(plan_hash, "", orjson.dumps(plan_id))])
        return self.by_hash(plan_hash) or plan_id

    def by_hash(self, plan_hash: str) -> str | None:
        """GetItem."""
        row = self._hashes.get(plan_hash)
        return str(orjson.loads(row[0])) if row else None
