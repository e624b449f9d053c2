"""Duplicates: rows of one file that name the same person, and whose they are in the book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.audience.contact import Contact
from chalicelib.audience.identity import EXTERNAL_ID, PHONE, Identity
from chalicelib.audience.interpreting import ImportedRow

SAME_PERSON = "row.same_person"
"""The code of a row that was merged into a later one."""


@dataclass(slots=True)
class Namesakes:
    """Rows that name one person, in the file's order; `person` is known once the book was asked."""

    rows: list[ImportedRow]
    person: str = ""
    claimed: list[Identity] = field(default_factory=list)
    """Names that were nobody's before this file."""
    is_new: bool = False
    """Whether there can be nothing of the person yet, since the id was made for these rows."""

    @property
    def identities(self) -> list[Identity]:
        """Return every name of the person in these rows."""
        if len(self.rows) == 1:
            return identities_of(self.rows[0])
        return list(dict.fromkeys(i for row in self.rows for i in identities_of(row)))


def identities_of(row: ImportedRow | Contact) -> list[Identity]:
    """Return the names of a row or a contact, the external id first: it is the owner's own key."""
    found = []
    if row.external_id:
        found.append(Identity(EXTERNAL_ID, row.external_id))
    if row.phone:
        found.append(Identity(PHONE, row.phone))
    return found


def by_person(rows: Sequence[ImportedRow]) -> tuple[list[Namesakes], list[ImportedRow]]:
    """Return the rows of each person, and the rows that name two.

    A row joins whoever shares its external id or its number, and joins two into
    one where they have one external id between them.
    """
    found: dict[int, Namesakes] = {}
    place_by_identity: dict[Identity, int] = {}
    in_conflict: list[ImportedRow] = []
    for place, row in enumerate(rows):
        identities = identities_of(row)
        places = sorted({place_by_identity[i] for i in identities if i in place_by_identity})
        if not places:
            found[place] = Namesakes([row])
            place_by_identity.update(dict.fromkeys(identities, place))
            continue
        joined = [*(r for p in places for r in found[p].rows), row]
        if len(places) > 1 and len({r.external_id for r in joined if r.external_id}) > 1:
            in_conflict.append(row)
            continue
        for p in places:
            del found[p]
        found[places[0]] = group = Namesakes(sorted(joined, key=lambda r: r.line))
        place_by_identity.update(dict.fromkeys(group.identities, places[0]))
    return list(found.values()), in_conflict


def owned(
    group: Namesakes, owner_by_identity: Mapping[Identity, str]
) -> tuple[list[Namesakes], list[ImportedRow]]:
    """Return the rows by whose they are in the book, `person` "" for nobody's; and those of two people."""
    rows: list[ImportedRow] = []
    in_conflict: list[ImportedRow] = []
    for row in group.rows:
        owners = {owner_by_identity[i] for i in identities_of(row) if i in owner_by_identity}
        (rows if len(owners) < 2 else in_conflict).append(row)
    groups, _ = by_person(rows) if in_conflict else ([group], [])
    for one in groups:
        kept: list[ImportedRow] = []
        for row in one.rows:
            owner = next((owner_by_identity[i] for i in identities_of(row) if i in owner_by_identity), "")
            one.person = one.person or owner
            (kept if owner in ("", one.person) else in_conflict).append(row)
        one.rows = kept
    return groups, in_conflict
