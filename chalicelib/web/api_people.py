"""Routes of people: contacts, and what other systems tell of them."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from chalicelib.web import shapes_people
from chalicelib.web.requests import (
    answered,
    body,
    instant_field,
    language,
    routes,
    small_body,
    text_field,
)


@routes.route("/api/events", methods=["POST"])
@answered
def record_event() -> Any:
    """What a person did, told by another system; the same key again changes nothing."""
    fields = body()
    person, is_new = bootstrap.pipeline().record_event(
        text_field(fields, "person"),
        text_field(fields, "event"),
        key=text_field(fields, "key"),
        at=instant_field(fields, "at"),
    )
    return {"person": person, "recorded": is_new}


@routes.route("/api/contacts/erase", methods=["POST"])
@answered
def erase_contact() -> Any:
    """Forget a person, or without `confirmed` say what there is of them. No name is in the address."""
    fields = small_body()
    confirmed = fields.get("confirmed") is True
    return shapes_people.erased(
        bootstrap.pipeline().erase(text_field(fields, "contact"), confirmed=confirmed)
    )


@routes.route("/api/contacts/{contact}", methods=["PUT"])
@answered
def state_contact(contact: str) -> Any:
    """Make the person of an external id what the body says; saying it again changes nothing."""
    return shapes_people.stated(bootstrap.pipeline().state_contact(contact, small_body()), language())


@routes.route("/api/contacts/{contact}", methods=["GET"])
@answered
def contact(contact: str) -> Any:
    """A person by id, phone or external id, with consents and evidence."""
    return shapes_people.contact(*bootstrap.pipeline().contact(contact))
