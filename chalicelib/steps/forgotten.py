"""Forgotten: who was erased, found by a name they had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalicelib.audience.erasing import fingerprint
from chalicelib.audience.identity import Identity
from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.ports import MOST_ITEMS
from chalicelib.steps.home import Home

KEY = "keys/erased"


def key_of(home: Home) -> bytes:
    """Return the secret under which names are fingerprinted, made with the home's first erasure."""
    kept = home.ports.objects.get(KEY)
    if kept is None:
        home.ports.objects.add(KEY, home.ports.randomness.token().encode())
        kept = home.ports.objects.get(KEY)
    if not kept:
        raise HomeUnavailable(Problem(code="object_unknown", params={"key": KEY}))
    return kept


def forgotten(home: Home, names: Sequence[Identity]) -> Mapping[Identity, str]:
    """Return whose names these were, of people who were erased. One read where nobody ever was."""
    key = home.ports.objects.get(KEY) if names else None
    if not key:
        return {}
    name_by_fingerprint = {fingerprint(name, key): name for name in names}
    wanted = list(name_by_fingerprint)
    found: dict[Identity, str] = {}
    for start in range(0, len(wanted), MOST_ITEMS):
        owners = home.ports.book.owners(wanted[start : start + MOST_ITEMS])
        found |= {name_by_fingerprint[print_]: person for print_, person in owners.items()}
    return found


def leave_fingerprints(home: Home, person: str, names: Sequence[Identity]) -> None:
    """Leave what says whose names these were."""
    if names:
        key = key_of(home)
        home.ports.book.claim_identities({fingerprint(name, key): person for name in names})


def forget_names(home: Home, person: str, names: Sequence[Identity]) -> None:
    """Put fingerprints in the place of those names that still lead to somebody erased; at most 100."""
    owners = home.ports.book.owners(names) if names else {}
    theirs = [name for name in names if owners.get(name) == person]
    leave_fingerprints(home, person, theirs)
    for name in theirs:
        home.ports.book.release_identity(name, person)
