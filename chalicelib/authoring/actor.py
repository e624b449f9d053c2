"""Who asks: a person, a system's token or whoever sits at the home; and the role that says what they may."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """In order: each may do what those before it may."""

    VIEWER = "viewer"  # reads numbers, plans and explanations
    MARKETER = "marketer"  # writes campaigns, plans, launches and steers them, brings contacts
    APPROVER = "approver"  # approves plans of others, or sends them back
    ADMIN = "admin"  # tokens, the audit trail, the whole book, and what keeps the home running

    def reaches(self, needed: Role) -> bool:
        """Say whether this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class Area(StrEnum):
    """A part of the API, to which a token may be limited."""

    CONTACTS = "contacts"
    CAMPAIGNS = "campaigns"
    BROADCASTS = "broadcasts"
    SENDS = "sends"
    HOME = "home"


class ActorKind(StrEnum):
    """How somebody is known."""

    LOCAL = "local"  # sits at the home: the operating system knows who it is
    TOKEN = "token"  # has an API token
    PERSON = "person"  # an identity provider has asked them who they are
    BUCKET = "bucket"  # may write under incoming/: nobody knows who it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks, as something other than the request has proven.

    `name` tells people apart: two ways in under one name are one actor. `token`
    is the name of the API token that was shown, "" without one; `scope` the areas
    that it is limited to, none for no limit. `has_mfa`: the identity provider
    says that a second factor was asked for.
    """

    name: str
    role: Role
    kind: ActorKind
    token: str = ""
    scope: frozenset[Area] = frozenset()
    has_mfa: bool = False


def same_person(one: str, other: str) -> bool:
    """Say whether two names are of one actor, however they are written."""
    return identity_of(one) == identity_of(other)


def identity_of(name: str) -> str:
    """Return a name without what may differ from one way in to another: case and the space around it."""
    return name.strip().casefold()
