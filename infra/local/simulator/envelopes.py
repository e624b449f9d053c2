"""Writes events as the bodies of webhooks, and signs them."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import orjson

from infra.local.simulator.catalogue import Number
from infra.local.simulator.events import Accepted, Due, PreferenceChange, Reply, StatusChange, TemplateChange
from infra.local.simulator.people import user_id_of, wa_id_of
from infra.local.simulator.refusals import webhook_error


def body_of(events: Sequence[Due]) -> bytes:
    """Return one POST's body: an entry per account, statuses of a number gathered in one change.

    Failed statuses have a change of their own, for they come without `contacts`.
    """
    changes: dict[str, list[dict[str, Any]]] = {}
    statuses: dict[tuple[str, bool], dict[str, Any]] = {}
    stamps: dict[str, int] = {}
    for event in events:
        if isinstance(event, TemplateChange):
            changes.setdefault(event.waba_id, []).append(_template_change(event))
            stamps[event.waba_id] = int(event.at_ms // 1000)
            continue
        number = event.message.number
        account = changes.setdefault(number.waba_id, [])
        if isinstance(event, StatusChange):
            failed = event.status == "failed"
            value = statuses.get((number.phone_number_id, failed))
            if value is None:
                value = statuses[number.phone_number_id, failed] = _value(number)
                value.update({"statuses": []} if failed else {"contacts": [], "statuses": []})
                account.append({"field": "messages", "value": value})
            if not failed:
                value["contacts"].append(_contact(event.message))
            value["statuses"].append(_status(event))
        elif isinstance(event, Reply):
            account.append({"field": "messages", "value": _reply(event)})
        else:
            account.append({"field": "user_preferences", "value": _preference(event)})
            stamps[number.waba_id] = int(event.at_ms // 1000)
    entries = [
        {"id": waba_id, **({"time": stamps[waba_id]} if waba_id in stamps else {}), "changes": items}
        for waba_id, items in changes.items()
    ]
    return orjson.dumps({"object": "whatsapp_business_account", "entry": entries})


def signature_of(raw: bytes, app_secret: str) -> str:
    """Return the value of X-Hub-Signature-256: HMAC of the raw bytes, keyed by the app secret."""
    return "sha256=" + hmac.new(app_secret.encode(), raw, sha256).hexdigest()


def _value(number: Number) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": number.display_phone_number,
            "phone_number_id": number.phone_number_id,
        },
    }


def _contact(message: Accepted) -> dict[str, str]:
    contact: dict[str, str] = {}
    if message.to.startswith("+"):
        contact["wa_id"] = wa_id_of(message.to)
    user_id = user_id_of(message.to, message.number.portfolio)
    if user_id is not None:
        contact["user_id"] = user_id
    return contact


def _status(event: StatusChange) -> dict[str, Any]:
    message = event.message
    status: dict[str, Any] = {
        "id": message.wamid,
        "status": event.status,
        "timestamp": str(int(event.at_ms // 1000)),
    }
    if message.to.startswith("+"):
        status["recipient_id"] = wa_id_of(message.to)
    if event.code is None:
        user_id = user_id_of(message.to, message.number.portfolio)
        if user_id is not None:
            status["recipient_user_id"] = user_id
    else:
        status["errors"] = [webhook_error(event.code)]
    if message.echo is not None:
        status["biz_opaque_callback_data"] = message.echo
    if event.priced:
        free = message.category == "SERVICE"
        status["pricing"] = {
            "billable": not free,
            "pricing_model": "PMP",
            "type": "free_customer_service" if free else "regular",
            "category": message.category.lower(),
        }
    return status


def _reply(event: Reply) -> dict[str, Any]:
    message, number = event.message, event.message.number
    contact = _contact(message)
    inbound: dict[str, Any] = {}
    if "wa_id" in contact:
        inbound["from"] = contact["wa_id"]
    if "user_id" in contact:
        inbound["from_user_id"] = contact["user_id"]
    inbound |= {
        "id": message.wamid + "R",
        "timestamp": str(int(event.at_ms // 1000)),
        "context": {"from": number.display_phone_number, "id": message.wamid},
    }
    if event.payload is not None:
        inbound |= {"type": "button", "button": {"payload": event.payload, "text": event.text}}
    else:
        inbound |= {"type": "text", "text": {"body": event.text}}
    return {**_value(number), "contacts": [contact], "messages": [inbound]}


def _preference(event: PreferenceChange) -> dict[str, Any]:
    contact = _contact(event.message)
    preference = {
        **contact,
        "detail": "User requested to stop marketing messages",
        "category": "marketing_messages",
        "value": "stop",
        "timestamp": int(event.at_ms // 1000),
    }
    return {**_value(event.message.number), "contacts": [contact], "user_preferences": [preference]}


FIELD_BY_WHAT = {
    "status": "message_template_status_update",
    "quality": "message_template_quality_update",
    "category": "template_category_update",
    "body": "message_template_components_update",
}


def _template_change(event: TemplateChange) -> dict[str, Any]:
    template = event.template
    value: dict[str, Any] = {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
    }
    if event.what == "status":
        value |= {
            "event": event.now,
            "message_template_category": event.category,
            "reason": None if event.now != "REJECTED" else "NONE",
        }
    elif event.what == "quality":
        value |= {"previous_quality_score": event.was, "new_quality_score": event.now}
    elif event.what == "category":
        value |= {"previous_category": event.was, "new_category": event.now}
    else:
        value |= {"message_template_element": event.now}
    return {"field": FIELD_BY_WHAT[event.what], "value": value}
