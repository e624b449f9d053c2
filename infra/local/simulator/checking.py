"""Reads the body of a send as strictly as the platform does: what it refuses, this refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.simulator.catalogue import Template
from infra.local.simulator.components import check_components
from infra.local.simulator.refusals import RefusedCall

LONGEST_ECHO = 512
LONGEST_TEXT = 4096
_TOP = frozenset(
    [
        "messaging_product",
        "recipient_type",
        "to",
        "recipient",
        "type",
        "context",
        "biz_opaque_callback_data",
        "template",
        "text",
    ]
)
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A send whose shape is right. `to` is a phone with `+`, or a business-scoped user id."""

    to: str
    kind: str
    echo: str | None
    name: str = ""
    language: str = ""
    components: tuple[Any, ...] = ()

    @property
    def by_phone(self) -> bool:
        """Whether the recipient is a phone number."""
        return self.to.startswith("+")


def read_order(payload: object) -> Order:
    """Return the order in a decoded body; raise RefusedCall."""
    if not isinstance(payload, dict):
        raise RefusedCall(100, "The request body must be a JSON object")
    unexpected = payload.keys() - _TOP
    kind = payload.get("type", "text")
    if kind not in ("template", "text"):
        raise RefusedCall(131051, f"Message type {kind!r} is not supported")
    if unexpected:
        raise RefusedCall(100, f'Unexpected key "{min(map(str, unexpected))}" on param "message"')
    if payload.get("messaging_product") != "whatsapp":
        raise RefusedCall(100, "The parameter messaging_product is required and must be whatsapp")
    if payload.get("recipient_type", "individual") != "individual":
        raise RefusedCall(100, "recipient_type must be individual")
    echo = payload.get("biz_opaque_callback_data")
    if echo is not None and not (isinstance(echo, str) and 0 < len(echo) <= LONGEST_ECHO):
        raise RefusedCall(100, f"biz_opaque_callback_data must be text of at most {LONGEST_ECHO} characters")
    to = _recipient(payload)
    if kind == "text":
        return _text_order(payload, to, echo)
    return _template_order(payload.get("template"), to, echo)


def _recipient(payload: Mapping[str, Any]) -> str:
    """Without `+` the platform may guess a prefix, and write to a stranger; here it is an error."""
    to = payload.get("to")
    if to is not None:
        if isinstance(to, str) and _PHONE.fullmatch(to):
            return to
        raise RefusedCall(131009, "to must be a phone number in E.164, with its +")
    recipient = payload.get("recipient")
    if isinstance(recipient, str) and _BSUID.fullmatch(recipient):
        return recipient
    raise RefusedCall(100, "The parameter to or recipient is required")


def _text_order(payload: Mapping[str, Any], to: str, echo: str | None) -> Order:
    text = payload.get("text")
    body = text.get("body") if isinstance(text, dict) else None
    if not isinstance(body, str) or not body:
        raise RefusedCall(131008, "text.body is required")
    if len(body) > LONGEST_TEXT:
        raise RefusedCall(100, f"text.body has at most {LONGEST_TEXT} characters")
    return Order(to=to, kind="text", echo=echo)


def _template_order(template: object, to: str, echo: str | None) -> Order:
    if not isinstance(template, dict):
        raise RefusedCall(131008, "template is required")
    unexpected = template.keys() - {"name", "language", "components", "namespace"}
    if unexpected:
        raise RefusedCall(100, f'Unexpected key "{min(map(str, unexpected))}" on param "template"')
    name, language = template.get("name"), template.get("language")
    if not isinstance(name, str) or not name:
        raise RefusedCall(131008, "template.name is required")
    code = language.get("code") if isinstance(language, dict) else None
    if not isinstance(code, str) or not code:
        raise RefusedCall(131008, "template.language.code is required")
    components = template.get("components", [])
    if not isinstance(components, list):
        raise RefusedCall(100, "template.components must be an array")
    return Order(to=to, kind="template", echo=echo, name=name, language=code, components=tuple(components))


def check_template(
    order: Order, template: Template | None, status: str, type_by_media_id: Mapping[str, str]
) -> Template:
    """Return the template if it may be sent as ordered; raise RefusedCall."""
    if template is None:
        raise RefusedCall(132001, f"template name ({order.name}) does not exist in {order.language}")
    if status == "PAUSED":
        raise RefusedCall(132015, f"template {order.name} is paused due to low quality")
    if status == "DISABLED":
        raise RefusedCall(132016, f"template {order.name} is disabled")
    if status != "APPROVED":
        raise RefusedCall(132001, f"template name ({order.name}) is not approved in {order.language}")
    check_components(order.components, template, type_by_media_id)
    return template
