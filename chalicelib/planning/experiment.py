"""Experiments: who is drawn for what, the same for the same person whenever it is asked."""

from __future__ import annotations

from hashlib import blake2b

LEAST_HOLDOUT = 200
"""With fewer people kept out, a difference proves nothing."""


def draw(salt: str, person: str) -> float:
    """Return a number from 0 to 1, without 1, that is this person's under `salt`: even, stable, unguessable
    without the salt, and independent of every other salt's.
    """
    digest = blake2b(person.encode(), key=blake2b(salt.encode()).digest(), digest_size=7).digest()
    return int.from_bytes(digest) / 2**56
