"""Keep acts: what somebody asked of the control plane goes into the audit trail, with how it ended."""

from __future__ import annotations

from chalicelib.authoring.actor import Actor
from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.ports import Cursor, Page
from chalicelib.steps.home import Home
from chalicelib.tracking.audit import DONE, AuditEntry, entry_id, named

TRIES = 50
"""Far more acts that tell the same than there are in one millisecond."""


def record(home: Home, actor: Actor, act: str, *, on: str = "", outcome: str = DONE) -> None:
    """Append an entry. Raises HomeUnavailable: then the act is to be asked again, and every act may be."""
    at, on = home.ports.clock.now(), named(on)
    for ordinal in range(TRIES):
        entry = AuditEntry(
            id=entry_id(actor.name, actor.token, act, on, outcome, str(ordinal)),
            at=at,
            who=actor.name,
            kind=actor.kind.value,
            role=actor.role.value,
            token=actor.token,
            act=act,
            on=on,
            outcome=outcome,
        )
        if home.ports.audit.append(entry):
            return
    raise HomeUnavailable(Problem(code="too_much_contention"))


def page(home: Home, after: Cursor | None) -> Page[AuditEntry]:
    """Return a page of the trail, newest first."""
    return home.ports.audit.page(after=after)
