"""Matching: whom and which delivery a webhook is about, and what it leaves on that delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.audience.contact import Contact
from chalicelib.audience.identity import BSUID, PHONE, Identity
from chalicelib.audience.instant import Instant
from chalicelib.audience.standing import Standing
from chalicelib.ports import MOST_ITEMS, Write
from chalicelib.sending.delivery import DeliveryKey
from chalicelib.steps.counting import count_changes
from chalicelib.steps.forgotten import forgotten
from chalicelib.steps.home import Home

WEBHOOKS = "webhooks"
"""The counters of what webhooks brought that is nobody's, or no webhook of ours."""


def identities_of(phone: str, bsuid: str) -> list[Identity]:
    """Return the identities by which the platform names somebody, its own id first."""
    named = [Identity(BSUID, bsuid)] if bsuid else []
    return [*named, Identity(PHONE, phone)] if phone else named


def person_of(home: Home, phone: str, bsuid: str) -> str | None:
    """Return who this is by any identity; somebody we do not know is added, so that their no is kept.

    Nobody, when it is somebody who was erased: that is no more than they would know of us.
    """
    identities = identities_of(phone, bsuid)
    if not identities:
        return None
    owners = home.ports.book.owners(identities)
    for identity in identities:
        if identity in owners:
            return owners[identity]
    if forgotten(home, identities):
        return None
    fresh = f"c{home.ports.randomness.token()[:20]}"
    person = next(iter(home.ports.book.claim_identities(dict.fromkeys(identities, fresh)).values()))
    contact = Contact(id=person, phone=phone or None, bsuid=bsuid or None, updated_at=home.ports.clock.now())
    home.ports.book.put_all([Write(contact, None)])
    home.ports.standings.put(Standing(person=person, phone=phone or None), expected_version=None)
    return person


def keys_of(standing: Standing) -> list[DeliveryKey]:
    """Return the deliveries of a person's recent sends, newest first."""
    keys = [
        DeliveryKey(broadcast=s.broadcast, chunk=s.chunk, person=standing.person)
        for s in reversed(standing.sends)
    ]
    return list(dict.fromkeys(keys))


def wamids_of(home: Home, keys: Sequence[DeliveryKey]) -> dict[str, DeliveryKey]:
    """Return these deliveries by the wamid of their last accepted attempt."""
    found: dict[str, DeliveryKey] = {}
    for start in range(0, len(keys), MOST_ITEMS):
        rows = home.ports.ledger.get_all(keys[start : start + MOST_ITEMS])
        found |= {row.wamid: key for key, row in rows.items() if row.wamid}
    return found


def mark(
    home: Home, key: DeliveryKey, *, replied_at: Instant | None = None, opted_out_at: Instant | None = None
) -> None:
    """Note the first reply and the opt-out on a delivery, and move the counters."""
    for _ in range(50):
        before = home.ports.ledger.get_all([key]).get(key)
        if before is None:
            return
        after = replace(
            before,
            replied_at=_first(before.replied_at, replied_at),
            opted_out_at=_first(before.opted_out_at, opted_out_at),
        )
        if after == before:
            return
        if home.ports.ledger.put_all([Write(after, before.version)])[0]:
            count_changes(home, [(before, after)])
            return


def _first(known: Instant | None, at: Instant | None) -> Instant | None:
    if known is None or at is None:
        return at if known is None else known
    return min(known, at)
