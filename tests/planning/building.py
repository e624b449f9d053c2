"""Builders: a person, a campaign and its eligibility, with only what a test is about spelled out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.audience.consent import Consent
from chalicelib.audience.contact import Contact
from chalicelib.audience.instant import HOUR_MS, Instant, from_iso
from chalicelib.audience.segment import parse
from chalicelib.audience.standing import Person, Standing
from chalicelib.authoring.definition import (
    Audience,
    Category,
    ConsentRule,
    Definition,
    Parameter,
    Past,
    TemplateUse,
    UnknownTimezone,
)
from chalicelib.authoring.policy import Policy
from chalicelib.authoring.senders import Sender
from chalicelib.authoring.template import Template
from chalicelib.planning.eligibility import Eligibility
from chalicelib.planning.plan import Planning, Versions

EVALUATED_AT = from_iso("2027-01-10T12:00:00Z")
GRANTED_AT = from_iso("2026-06-01T00:00:00Z")
SENDER = Sender(key="boutique", phone_number_id="1", waba_id="2", portfolio="p", languages=("fr",))
VERSIONS = Versions(definition="d", tzdata="2026f", policy="p", sender="s", templates="t", countries="c")
PLANNING = Planning(id="p1", campaign="soldes", run=1, campaign_version=1, evaluated_at=EVALUATED_AT, tasks=1)
NAME = Parameter(name="name", value="{{ contact.first_name | title }}", fallback={"": "you"})
DEFINITION = Definition(
    campaign="soldes",
    title="Soldes",
    owner="",
    category=Category.MARKETING,
    sender="boutique",
    topic="promotions",
    consent=ConsentRule(),
    audience=Audience(segment=parse('not tag("staff")')),
    send_at=datetime.fromisoformat("2027-01-14T09:00"),
    timezone=None,
    unknown_timezone=UnknownTimezone(),
    window_ms=2 * HOUR_MS,
    past=Past.FAIL_PLAN,
    quiet_hours=None,
    template=TemplateUse(name="soldes", parameters=(NAME,)),
    max_per_second=None,
    expires_ms=2 * HOUR_MS,
)


def template(language: str, slots: tuple[str, ...] = ("name",), **fields: Any) -> Template:
    """Return an approved template of the campaign."""
    approved = Template(
        name="soldes",
        language=language,
        category="MARKETING",
        status="APPROVED",
        parameter_format="NAMED",
        header="",
        body=" ".join(f"{{{{{slot}}}}}" for slot in slots),
        footer="STOP",
        slots=slots,
        buttons=(),
    )
    return replace(approved, **fields)


def eligibility(
    *languages: str,
    at: Instant = EVALUATED_AT,
    templates: tuple[Template, ...] = (),
    policy: Policy | None = None,
    sender: Sender = SENDER,
    **changes: Any,
) -> Eligibility:
    """Return the core for DEFINITION with `changes`, and the template in `languages` (fr)."""
    known = templates or tuple(template(language) for language in languages or ("fr",))
    return Eligibility(
        definition=replace(DEFINITION, **changes),
        sender=sender,
        policy=policy or Policy(),
        templates={(t.name, t.language): t for t in known},
        evaluated_at=at,
        salt_key=b"secret",
    )


def consenting(granted_at: Instant = GRANTED_AT) -> dict[str, Consent]:
    """Return the consents of somebody who opted in to promotions."""
    return {"whatsapp/promotions": Consent(granted_at=granted_at)}


def person(name: str = "ana", /, *, standing: dict[str, Any] | None = None, **contact: Any) -> Person:
    """Return a Moroccan called Ana who agreed to everything, but for what is said."""
    phone = contact.pop("phone", "+212612345678")
    fields: dict[str, Any] = {"first_name": "ana", "language": "fr", **contact}
    kept: dict[str, Any] = {"phone": phone, "consents": consenting(), **(standing or {})}
    return Person(contact=Contact(id=name, phone=phone, **fields), standing=Standing(person=name, **kept))
