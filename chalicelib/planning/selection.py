"""Selection: who is in a campaign's audience, and who of them is left out by name."""

from __future__ import annotations

from chalicelib.audience.contact import Contact
from chalicelib.audience.instant import Instant
from chalicelib.audience.segment import NOTHING, Memory, compiled
from chalicelib.authoring.definition import Audience

Names = tuple[tuple[str, str], ...]


class NamedPeople:
    """Lists, tags and external ids, as `include` and `exclude` name them."""

    def __init__(self, names: Names) -> None:
        self._lists = frozenset(name for kind, name in names if kind == "list")
        self._tags = frozenset(name for kind, name in names if kind == "tag")
        self.ids = frozenset(name for kind, name in names if kind == "id")
        """External ids: people named one by one."""

    def naming(self, contact: Contact) -> str | None:
        """Return the first name that means this person, such as "list:staff", None when none does."""
        if not self._lists.isdisjoint(contact.lists):
            return f"list:{min(self._lists & contact.lists)}"
        if not self._tags.isdisjoint(contact.tags):
            return f"tag:{min(self._tags & contact.tags)}"
        return f"id:{contact.external_id}" if contact.external_id in self.ids else None


class Selection:
    """An audience at one evaluation instant: segment and include together, less exclude.

    `memory` is what earlier campaigns came to with the people of this task.
    It remembers which of the included external ids it was shown, in `met`.
    """

    def __init__(self, audience: Audience, evaluated_at: Instant, memory: Memory = NOTHING) -> None:
        self._selects = compiled(audience.segment, evaluated_at, memory)
        self._included = NamedPeople(audience.include)
        self._excluded = NamedPeople(audience.exclude)
        self._includes = bool(audience.include)
        self.met: set[str] = set()

    def selects(self, contact: Contact) -> bool:
        """Say whether a person is in the audience; who is excluded is in it too, with that reason."""
        if self._includes and contact.external_id in self._included.ids:
            self.met.add(contact.external_id or "")
            return True
        return self._selects(contact) is True or (self._includes and self.included_by(contact) is not None)

    def included_by(self, contact: Contact) -> str | None:
        """Return the name under `include` that means this person."""
        return self._included.naming(contact)

    def excluded_by(self, contact: Contact) -> str | None:
        """Return the name under `exclude` that means this person; it wins over everything."""
        return self._excluded.naming(contact)
