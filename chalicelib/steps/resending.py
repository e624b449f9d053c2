"""Calls without an answer: reported, or where the campaign says so, made again after a day or more."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.audience.instant import Instant
from chalicelib.authoring.definition import Definition
from chalicelib.sending.broadcast import Broadcast, Deferral
from chalicelib.sending.delivery import DeliveryKey
from chalicelib.steps.home import Home


def resend_later(
    home: Home,
    broadcast: Broadcast,
    definition: Definition,
    uncertain: Iterable[tuple[DeliveryKey, int, Instant]],
) -> None:
    """Write the wake-ups of people (key, attempt, deadline) whose call stayed unanswered, if there are any.

    They stay uncertain meanwhile: a receipt that comes before then settles them,
    and nobody is called again.
    """
    if definition.resend_after_ms is None:
        return
    due = home.ports.clock.now() + definition.resend_after_ms
    waits = [
        Deferral(
            sender=broadcast.sender,
            due_at=due,
            broadcast=broadcast.id,
            chunk=key.chunk,
            person=key.person,
            attempt=attempt + 1,
            reason="retry",
            deadline_at=deadline,
        )
        for key, attempt, deadline in uncertain
        if due < deadline
    ]
    if waits:
        home.ports.deferrals.add_all(waits)
