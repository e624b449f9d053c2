"""Erasing: what is left of a person who asked to be forgotten.

A tombstone under our own key, which says when, and a fingerprint of each name
they had: keyed, so that it tells nothing to whoever has not the home's key, and
the same for the same name, so that no file brings them back to be messaged.
"""

from __future__ import annotations

from hashlib import blake2b

from chalicelib.audience.contact import Contact
from chalicelib.audience.identity import BSUID, EXTERNAL_ID, PHONE, Identity
from chalicelib.audience.instant import Instant
from chalicelib.audience.standing import Standing

FINGERPRINT = "erased"
"""The kind of identity that stands for a name that was erased."""

ON_REQUEST = "erased"
"""Under which a tombstone's suppressions say when."""


def fingerprint(identity: Identity, key: bytes) -> Identity:
    """Return what stands for a name once it is erased. `key` is the home's secret, at most 64 bytes."""
    name = f"{identity.kind}|{identity.value}".encode()
    return Identity(FINGERPRINT, blake2b(name, key=key[:64], digest_size=24).hexdigest())


def tombstone(standing: Standing | None, person: str, now: Instant) -> Standing:
    """Return what is left of a standing. The first date stays, and the claims, which hold no personal data.

    Without the claims, a call under way could not be told from one that was never made.
    """
    held = standing or Standing(person=person)
    at = held.suppressed.get(ON_REQUEST, now) if held.erased else now
    return Standing(
        person=person, version=held.version, suppressed={ON_REQUEST: at}, sends=held.sends, erased=True
    )


def erased_at(standing: Standing | None) -> Instant | None:
    """Return when a person was erased, None for somebody who was not."""
    if standing is None or not standing.erased:
        return None
    return standing.suppressed.get(ON_REQUEST, 0)


def names_of(contact: Contact | None, standing: Standing | None) -> list[Identity]:
    """Return every name that a person's own items tell."""
    found = []
    if contact is not None:
        named = ((EXTERNAL_ID, contact.external_id), (PHONE, contact.phone), (BSUID, contact.bsuid))
        found += [Identity(kind, value) for kind, value in named if value]
    if standing is not None and standing.phone:
        found.append(Identity(PHONE, standing.phone))
    return list(dict.fromkeys(found))
