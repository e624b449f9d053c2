"""A small platform to test on: two numbers, four templates, and the bodies of sends."""

from __future__ import annotations

from typing import Any

import orjson

from infra.local.simulator.catalogue import Catalogue, parse_numbers, parse_template
from infra.local.simulator.platform import Platform
from infra.local.simulator.scenario import Scenario, amended
from infra.local.simulator.state import Answer, Request, State

NUMBER = "106540352242922"
APP_NUMBER = "106540352242955"
ACCOUNT = "102290129340398"
NOW = 1_795_000_000_000.0
SENDERS = f"""
senders:
  boutique: {{phone_number_id: "{NUMBER}", waba_id: "{ACCOUNT}", portfolio: group, mode: cloud,
             max_per_second: 80, tier: 100000, languages: [fr]}}
  clinic: {{phone_number_id: "{APP_NUMBER}", waba_id: "102290129340399", portfolio: clinic,
           mode: coexistence, tier: unlimited, languages: [fr]}}
"""
STOP = {"type": "QUICK_REPLY", "text": "STOP"}
LINK = {"type": "URL", "text": "Voir", "url": "https://example.com/{{1}}"}
PROMO = "Bonjour {{first_name}}, -{{percent}} % pour vous, {{first_name}} !"


def template(name: str, body: str, **fields: Any) -> dict[str, Any]:
    """Return a template as Graph lists it."""
    components: list[dict[str, Any]] = [{"type": "BODY", "text": body}]
    if "header" in fields:
        components.insert(0, {"type": "HEADER", **fields.pop("header")})
    if "buttons" in fields:
        components.append({"type": "BUTTONS", "buttons": fields.pop("buttons")})
    usual = {
        "language": "fr",
        "category": "MARKETING",
        "status": "APPROVED",
        "parameter_format": "POSITIONAL",
    }
    return {"name": name, **usual, "components": components, **fields}


TEMPLATES = [
    template("promo", PROMO, parameter_format="NAMED", buttons=[LINK, STOP]),
    template("order", "Commande {{1}} expédiée le {{2}}.", category="UTILITY"),
    template("plain", "Bonjour à tous."),
    template("photo", "Voyez {{1}} ici.", header={"format": "IMAGE"}),
    template("titled", "Bonjour.", header={"format": "TEXT", "text": "Pour {{1}}"}),
    template("coupon", "Bonjour.", buttons=[{"type": "COPY_CODE", "text": "Copier"}]),
    template("paused", "Bonjour.", status="PAUSED"),
    template("disabled", "Bonjour.", status="DISABLED"),
    template("pending", "Bonjour.", status="PENDING"),
]


def catalogue() -> Catalogue:
    """Return the accounts and templates of this small world."""
    templates = [parse_template(orjson.dumps(each), each["name"]) for each in TEMPLATES]
    return Catalogue(
        numbers={number.phone_number_id: number for number in parse_numbers(SENDERS)},
        templates={(each.name, each.language): each for each in templates},
    )


def calm(**changes: Any) -> Scenario:
    """Return a scenario in which nothing goes wrong and nobody reads, unless `changes` say so."""
    return amended(Scenario(), {"read": 0.0, "delivered": 1.0, **changes})


def state(**changes: Any) -> State:
    """Return a state to step from."""
    return State(catalogue=catalogue(), scenario=calm(**changes), token="token")


def platform(**changes: Any) -> Platform:
    """Return a platform to drive."""
    return Platform(catalogue(), calm(**changes), token="token", app_secret="secret")


def text(value: Any, name: str | None = None) -> dict[str, Any]:
    """Return a text parameter."""
    return {"type": "text", "text": value, **({"parameter_name": name} if name else {})}


def body(*parameters: dict[str, Any]) -> dict[str, Any]:
    """Return a body component."""
    return {"type": "body", "parameters": list(parameters)}


def button(sub_type: str, index: int | str, **parameter: Any) -> dict[str, Any]:
    """Return a button component."""
    return {"type": "button", "sub_type": sub_type, "index": index, "parameters": [parameter]}


GREETING = body(text("Lina", "first_name"), text("20", "percent"))
TO_SHOP = button("url", "0", type="text", text="p/42")
TO_STOP = button("quick_reply", "1", type="payload", payload="STOP_MKT")
WHOLE_PROMO = [GREETING, TO_SHOP, TO_STOP]


def send(name: str = "promo", components: Any = None, *, to: str = "+33612345678", **top: Any) -> bytes:
    """Return the body of a template send; `top` replaces or adds keys, None takes one away."""
    if components is None:
        components = WHOLE_PROMO if name == "promo" else []
    fields: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "type": "template",
        "biz_opaque_callback_data": "1|b|c|p|1",
        "template": {"name": name, "language": {"code": "fr"}, "components": components},
        **top,
    }
    return orjson.dumps({key: value for key, value in fields.items() if value is not None})


def request(raw: bytes, *, number: str = NUMBER, version: str = "v25.0", token: str = "token") -> Request:
    """Return a send as an HTTP request."""
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/{version}/{number}/messages"
    return Request(method="POST", path=path, headers=headers, body=raw)


def code_of(answer: Answer) -> int | None:
    """Return the error code in an answer, None if there is none."""
    error = orjson.loads(answer.body).get("error")
    return error["code"] if error else None
