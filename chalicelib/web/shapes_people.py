"""The answers about one contact: what we hold, and what a system's statement changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.audience.consent import ConsentEvent
from chalicelib.audience.contact import Contact
from chalicelib.steps.erasing import KINDS, Erasure
from chalicelib.steps.statements import Stated
from chalicelib.web.shapes import instant, worded


def stated(done: Stated, language: str) -> dict[str, Any]:
    """Return whose statement it was and what it changed."""
    notes = [worded(code, {}, language) for code in done.notes]
    return {"person": done.person, "verdict": done.verdict, "notes": notes}


def erased(done: Erasure) -> dict[str, Any]:
    """Return who it was and what there was of them, by our own id alone."""
    return {
        "person": done.person,
        "erased": done.erased,
        "already": done.already,
        "done": done.done,
        "found": {name: done.found.get(name, 0) for name in KINDS},
    }


def contact(value: Contact, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return a contact with its consents and the evidence of each change."""
    events: Iterable[ConsentEvent] = more["events"]
    return {
        "id": value.id,
        "external_id": value.external_id,
        "phone": value.phone,
        "first_name": value.first_name,
        "last_name": value.last_name,
        "language": value.language,
        "country": value.country,
        "timezone": value.timezone,
        "tags": sorted(value.tags),
        "lists": sorted(value.lists),
        "attributes": dict(value.attributes),
        "updated_at": instant(value.updated_at),
        "consents": {
            name: {
                "granted_at": instant(c.granted_at),
                "revoked_at": instant(c.revoked_at),
                "basis": c.basis.value,
                "evidence": c.evidence,
            }
            for name, c in more["consents"].items()
        },
        "suppressed": {cause: instant(at) for cause, at in more["suppressed"].items()},
        "consent_events": [
            {
                "at": instant(e.at),
                "recorded_at": instant(e.recorded_at),
                "channel": e.channel,
                "topic": e.topic,
                "change": e.change.value,
                "source": e.source,
                "detail": e.detail,
            }
            for e in events
        ],
    }
