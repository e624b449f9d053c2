"""Hand off: replies that a campaign wants answered by people go to another system's endpoint.

Queued after everything else about a reply is stored, and posted by a handler of
its own: a slow or failing inbox holds up neither opt-outs nor receipts.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from dataclasses import fields as fields_of

from chalicelib.authoring.definition import Definition
from chalicelib.errors import Problem, Refused
from chalicelib.log import log
from chalicelib.sending.delivery import DeliveryKey
from chalicelib.steps import announcing, messages
from chalicelib.steps.home import Home
from chalicelib.steps.posting import endpoint_and_secret
from chalicelib.tracking.handoff import (
    EVENT,
    SIGNATURE,
    Handoff,
    body_of,
    handoff_of,
    signature_of,
    wait_after,
)
from chalicelib.tracking.inbound import Reply

KNOWN = frozenset(field.name for field in fields_of(Handoff))
"""What this version knows of a message: a newer one may have queued more."""


def offer(home: Home, reply: Reply, answered: DeliveryKey) -> None:
    """Queue a reply for the endpoint that the campaign it answers names, if it names one."""
    broadcast = home.ports.broadcasts.get(answered.broadcast)
    if broadcast is None:
        return
    definition = home.definition(broadcast.campaign, broadcast.campaign_version)
    if not definition.replies.handoff:
        return
    found = handoff_of(
        reply, to=definition.replies.handoff, person=answered.person, broadcast=answered.broadcast
    )
    if found is not None:
        home.ports.queues.send(messages.HANDOFF, [messages.encode(**asdict(found))])


def hand_off(home: Home, body: str) -> None:
    """Post one reply, or tell what a message asks for; what fails comes again later.

    Raises Refused once only the queue's tries are left.
    """
    fields = messages.decode(body)
    if "attempt" in fields and ("announce" in fields or "announcement" in fields):
        announcing.tell(home, fields)
        return
    handoff = Handoff(**{name: value for name, value in fields.items() if name in KNOWN})
    endpoint, secret = endpoint_and_secret(home, handoff.to)
    contact = home.ports.book.get(handoff.person)
    raw = body_of(handoff, external_id=contact.external_id if contact else None)
    posted = home.ports.webhooks.post(
        endpoint,
        raw,
        {"Content-Type": "application/json", SIGNATURE: signature_of(raw, secret), EVENT: handoff.event},
    )
    seen = {
        "webhook": handoff.to,
        "event_id": handoff.event,
        "attempt": handoff.attempt + 1,
        "status": posted.status,
    }
    if 200 <= posted.status < 300:
        log.info("reply_handed_off", extra=seen)
        return
    log.warning("handoff_failed", extra={**seen, "detail": posted.detail})
    failed = replace(handoff, attempt=handoff.attempt + 1)
    wait = wait_after(failed.attempt)
    if wait is None:
        raise Refused(
            Problem(
                code="handoff_failed",
                params={"webhook": handoff.to, "detail": posted.detail or str(posted.status)},
            )
        )
    home.ports.queues.send(messages.HANDOFF, [messages.encode(**asdict(failed))], delay_seconds=wait)


def refusals(home: Home, definition: Definition) -> list[Problem]:
    """Return why a campaign's replies could not be handed off if it were launched now."""
    if not definition.replies.handoff:
        return []
    try:
        endpoint_and_secret(home, definition.replies.handoff)
    except Refused as error:
        return list(error.problems)
    return []
