"""Announcing: other systems are told what became of broadcasts, and of opt-outs, at least once.

What is told of a broadcast lies in its own item from the write that made it
true until somebody took it; a queue message asks for the telling, and where that
was lost, the next look at the broadcast asks again. A slow or failing receiver
holds up nothing else. Where nobody is told, not a call more is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import orjson

from chalicelib.audience.consent import WHATSAPP, ConsentChange, ConsentEvent
from chalicelib.errors import HomeUnavailable, Problem, Refused
from chalicelib.log import log
from chalicelib.ports import Told
from chalicelib.sending.announcement import About, Announcement
from chalicelib.sending.announcing import announced, detail_of, opt_out
from chalicelib.sending.broadcast import Broadcast
from chalicelib.settings import BUS
from chalicelib.steps import messages
from chalicelib.steps.amending import amend
from chalicelib.steps.home import Home
from chalicelib.steps.posting import endpoint_and_secret
from chalicelib.tracking.handoff import EVENT, SIGNATURE, signature_of, wait_after

AT_ONCE = 10
"""Announcements of one call, as many as EventBridge takes."""
POSTS_AT_ONCE = 4
"""Of one run of the handler, when each is a post that may take ten seconds."""
LOST_AFTER_MS = 60_000
"""So old, what is untold may have lost its message."""
Change = Callable[[Broadcast | None], Broadcast | None]


def amend_broadcast(
    home: Home, broadcast: str, change: Change, *, counts: Mapping[str, int] | None = None
) -> Broadcast | None:
    """`amend` a broadcast, telling other systems what changed; `counts` are the report's, for an end."""
    read, put = home.ports.broadcasts.get, home.ports.broadcasts.put
    if not home.settings.events:
        return amend(lambda: read(broadcast), put, change)
    is_news = False
    now = home.ports.clock.now()

    def telling(current: Broadcast | None) -> Broadcast | None:
        nonlocal is_news
        after = change(current)
        if current is None or after is None:
            return after
        told = announced(current, after, now, counts)
        is_news = told.untold != current.untold
        return told

    after = amend(lambda: read(broadcast), put, telling)
    if after is not None and is_news:
        _ask(home, broadcast)
    return after


def announce_opt_out(home: Home, event: ConsentEvent) -> None:
    """Have an opt-out told that came through WhatsApp: before it is stored, so that none goes untold."""
    if home.settings.events and event.change is ConsentChange.OPT_OUT and event.channel == WHATSAPP:
        found = asdict(opt_out(event))
        home.ports.queues.send(messages.HANDOFF, [messages.encode(announcement=found, attempt=0)])


def remind(home: Home, broadcast: Broadcast) -> None:
    """Ask again for what should have been told by now; the message that asked may be lost.

    What fails then is not tried again before the next look.
    """
    if broadcast.untold and home.ports.clock.now() - broadcast.untold[0].at > LOST_AFTER_MS:
        _ask(home, broadcast.id, attempt=None)


def _ask(home: Home, broadcast: str, attempt: int | None = 0, delay_seconds: int = 0) -> None:
    body = messages.encode(announce=broadcast, attempt=attempt)
    home.ports.queues.send(messages.HANDOFF, [body], delay_seconds=delay_seconds)


def tell(home: Home, fields: Mapping[str, Any]) -> None:
    """Tell what a message asks for; what fails comes again later, at last by the queue's own tries.

    Raises Refused once only those are left.
    """
    if "announcement" in fields:
        given = fields["announcement"]
        some = [Announcement(**{**given, "about": About(given["about"])})]
        detail = _tell_some(home, None, some)
    else:
        detail = _tell_of(home, fields["announce"])
    if detail:
        _again(home, fields, detail)


def _tell_of(home: Home, broadcast_id: str) -> str:
    """Tell the oldest of what is untold of a broadcast. Returns why it failed, "" otherwise."""
    broadcast = home.ports.broadcasts.get(broadcast_id)
    if broadcast is None or not broadcast.untold:
        return ""
    at_once = AT_ONCE if home.settings.events == BUS else POSTS_AT_ONCE
    some = broadcast.untold[:at_once]
    if detail := _tell_some(home, broadcast, some):
        return detail
    told = {announcement.id for announcement in some}

    def without(current: Broadcast | None) -> Broadcast | None:
        return current and replace(current, untold=tuple(a for a in current.untold if a.id not in told))

    after = amend(lambda: home.ports.broadcasts.get(broadcast_id), home.ports.broadcasts.put, without)
    if after is not None and after.untold:
        _ask(home, broadcast_id)
    return ""


def _tell_some(home: Home, broadcast: Broadcast | None, some: Sequence[Announcement]) -> str:
    """Tell all of them, or return why the first that failed did."""
    if not home.settings.events:
        return ""  # switched off since
    told = [
        Told(id=one.id, about=one.about.value, at=one.at, detail=detail_of(one, broadcast)) for one in some
    ]
    detail = _to_bus(home, told) if home.settings.events == BUS else _to_webhook(home, told)
    if not detail:
        ids = [one.id for one in told]
        log.info("announced", extra={"broadcast": broadcast.id if broadcast else "", "event_ids": ids})
    return detail


def _to_bus(home: Home, told: Sequence[Told]) -> str:
    try:
        home.ports.bus.put(told)
    except HomeUnavailable as error:
        return str(error)
    return ""


def _to_webhook(home: Home, told: Sequence[Told]) -> str:
    endpoint, secret = endpoint_and_secret(home, home.settings.events)
    for one in told:
        raw = orjson.dumps({"event": one.about, **one.detail})
        headers = {"Content-Type": "application/json", SIGNATURE: signature_of(raw, secret), EVENT: one.id}
        posted = home.ports.webhooks.post(endpoint, raw, headers)
        if not 200 <= posted.status < 300:
            return posted.detail or str(posted.status)
    return ""


def _again(home: Home, fields: Mapping[str, Any], detail: str) -> None:
    attempt: int | None = fields["attempt"]
    about = fields.get("announce", "")
    log.warning("announcing_failed", extra={"broadcast": about, "attempt": attempt, "detail": detail})
    if attempt is None:
        return
    wait = wait_after(attempt + 1)
    if wait is None:
        raise Refused(Problem(code="announcing_failed", params={"detail": detail}))
    again = messages.encode(**{**fields, "attempt": attempt + 1})
    home.ports.queues.send(messages.HANDOFF, [again], delay_seconds=wait)
