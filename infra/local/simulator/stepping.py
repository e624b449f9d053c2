"""The platform as a step: a state, an instant and a request give an answer and events.

No clock, no network, no shared randomness. The order of the checks is the
order in which the real platform can know of a fault: path, token, number, body,
rates, template; then chance.
"""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import orjson

from infra.local.simulator.catalogue import Number, Template
from infra.local.simulator.checking import Order, check_template, read_order
from infra.local.simulator.draws import Draws
from infra.local.simulator.events import Accepted, CallRefused, Due, Event, PreferenceChange, Reply
from infra.local.simulator.fate import fate_of
from infra.local.simulator.files import KEPT_MS, UploadedFile, read_upload
from infra.local.simulator.limits import RollingDay
from infra.local.simulator.listing import list_templates, show_number
from infra.local.simulator.people import is_stop, user_id_of, wa_id_of
from infra.local.simulator.refusals import RefusedCall, error_body, status_of
from infra.local.simulator.state import Answer, Request, State

WINDOW_MS = 24 * 3_600_000.0
LIVING_VERSIONS = range(21, 27)
_PATH = re.compile(r"/v(\d{1,3})\.\d/(\d{1,20})(?:/(messages|message_templates|media))?/?")
_GARBLED = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"


def step(state: State, now_ms: float, request: Request) -> tuple[Answer, list[Event]]:
    """Take one request at `now_ms`; return its answer and what comes of it."""
    state.calls += 1
    found = _PATH.fullmatch(request.path)
    number_id = found.group(2) if found else ""
    try:
        if found is None:
            raise RefusedCall(2500, "Unknown path components")
        if int(found.group(1)) not in LIVING_VERSIONS:
            raise RefusedCall(2635, f"v{found.group(1)} is not a living version of the Graph API")
        _check_token(state, request)
        if request.method == "POST" and found.group(3) == "messages":
            return _send(state, now_ms, number_id, request.body)
        if request.method == "POST" and found.group(3) == "media":
            return _upload(state, now_ms, number_id, request), []
        if request.method == "GET" and found.group(3) == "message_templates":
            return _listed(list_templates(state.catalogue, number_id, request, state.said_of)), []
        if request.method == "GET" and found.group(3) is None:
            return _listed(show_number(state.catalogue, number_id, request, state.limit_of)), []
        raise RefusedCall(100, f"Unsupported {request.method.lower()} request")
    except RefusedCall as refusal:
        return _refusal(state, refusal), [
            CallRefused(at_ms=now_ms, phone_number_id=number_id, code=refusal.code)
        ]


def happen(state: State, event: Due) -> None:
    """Let a due event take its effect on what the platform remembers."""
    if isinstance(event, Reply):
        number, to = event.message.number, event.message.to
        state.open_until[number.phone_number_id, to] = event.at_ms + WINDOW_MS
        state.pace_of(number.phone_number_id).both.fill(event.at_ms)
    elif isinstance(event, PreferenceChange):
        state.stopped.add((event.message.number.portfolio, event.message.to))


def _check_token(state: State, request: Request) -> None:
    """A provider in between may want the token in a header of its own."""
    if request.headers.get("Authorization") == f"Bearer {state.token}":
        return
    for number in state.catalogue.numbers.values():
        if number.auth_header and request.headers.get(number.auth_header) == state.token:
            return
    if "Authorization" in request.headers:
        raise RefusedCall(190, "Error validating access token")
    raise RefusedCall(0, "An access token is required to request this resource")


def _listed(found: dict[str, Any]) -> Answer:
    return Answer(status=200, body=orjson.dumps(found))


def _refusal(state: State, refusal: RefusedCall) -> Answer:
    latency = _latency(state, Draws(state.scenario.seed, f"call {state.calls}"))
    return Answer(
        status=status_of(refusal.code),
        body=error_body(refusal.code, refusal.details, state.calls),
        latency_ms=latency,
    )


def _latency(state: State, draws: Draws) -> float:
    return draws.delay_ms("latency", state.scenario.latency.median, state.scenario.latency.spread)


def _send(state: State, now_ms: float, number_id: str, body: bytes) -> tuple[Answer, list[Event]]:
    number = state.catalogue.numbers.get(number_id)
    if number is None:
        raise RefusedCall(33, f"Object with ID '{number_id}' does not exist")
    pace = state.pace_of(number_id)
    pace.calls.add(now_ms)
    order = read_order(_decoded(body))
    draws = _draws_for(state, number_id, order)
    if draws.happens("resets", state.scenario.resets):
        refused = CallRefused(at_ms=now_ms, phone_number_id=number_id, code=None)
        return Answer(status=0, body=b"", cut=True), [refused]
    _check_rates(state, number, order, now_ms)
    template = _check_content(state, number_id, order, now_ms)
    code = draws.code("refused", state.scenario.refused)
    if code is not None:
        raise RefusedCall(code, "drawn by the scenario")
    garbled = draws.happens("garbled", state.scenario.garbled)
    if garbled and draws.uniform("taken") < 0.5:
        refused = CallRefused(at_ms=now_ms, phone_number_id=number_id, code=None)
        return Answer(status=502, body=_GARBLED, content_type="text/html"), [refused]
    return _accept(state, now_ms, number, order, template, draws, garbled)


def _upload(state: State, now_ms: float, number_id: str, request: Request) -> Answer:
    if number_id not in state.catalogue.numbers:
        raise RefusedCall(33, f"Object with ID '{number_id}' does not exist")
    type_, size = read_upload(request.headers, request.body)
    subject = f"{state.scenario.seed}|{now_ms!r}|{state.calls}"
    found = str(int.from_bytes(blake2b(subject.encode(), digest_size=6).digest()))
    state.files[found] = UploadedFile(number_id, type_, size, now_ms + KEPT_MS)
    return Answer(status=200, body=orjson.dumps({"id": found}))


def _decoded(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RefusedCall(100, f"The request body is not JSON: {error}") from error


def _draws_for(state: State, number_id: str, order: Order) -> Draws:
    """A person's n-th call draws the same whatever else is going on."""
    nth = state.tries[order.to] = state.tries.get(order.to, 0) + 1
    return Draws(state.scenario.seed, f"{number_id}|{order.to}|{order.name}|{nth}")


def _check_rates(state: State, number: Number, order: Order, now_ms: float) -> None:
    pace = state.pace_of(number.phone_number_id)
    used = pace.both if state.scenario.count_inbound else pace.accepted
    if used.count(now_ms) >= state.limit_of(number):
        pace.throttled += 1
        raise RefusedCall(130429, "Cloud API message throughput has been reached")
    if wa_id_of(order.to) == number.display_phone_number:
        raise RefusedCall(131021, "Sender and recipient are the same")
    if not state.pairs.takes(number.phone_number_id, order.to, now_ms):
        raise RefusedCall(131056, "Too many messages from this number to the same recipient")


def _check_content(state: State, number_id: str, order: Order, now_ms: float) -> Template | None:
    if order.kind == "template":
        template = state.catalogue.templates.get((order.name, order.language))
        status = state.status_of(template) if template else ""
        return check_template(order, template, status, state.types_of(number_id, now_ms))
    if state.open_until.get((number_id, order.to), 0.0) <= now_ms:
        raise RefusedCall(131047, "More than 24 hours have passed since the recipient last replied")
    return None


def _accept(
    state: State,
    now_ms: float,
    number: Number,
    order: Order,
    template: Template | None,
    draws: Draws,
    garbled: bool,
) -> tuple[Answer, list[Event]]:
    cut = draws.happens("lost_answers", state.scenario.lost_answers)
    message = Accepted(
        at_ms=now_ms,
        number=number,
        wamid=_wamid(state, now_ms),
        to=order.to,
        echo=order.echo,
        template=order.name,
        language=order.language,
        category=state.category_of(template) if template else "SERVICE",
        parameters=_texts(order),
        stop_button=_stop_button(order, template),
        held=template is not None and draws.happens("held", state.scenario.held),
        cut=cut or garbled,
    )
    pace = state.pace_of(number.phone_number_id)
    pace.accepted.add(now_ms)
    pace.both.add(now_ms)
    if state.open_until.get((number.phone_number_id, order.to), 0.0) <= now_ms:
        state.days.setdefault(number.portfolio, RollingDay()).add(order.to, now_ms)
    stopped = (number.portfolio, order.to) in state.stopped
    fate = fate_of(message, state.scenario, draws, stopped=stopped)
    answer = Answer(status=200, body=_taken(message, order), latency_ms=_latency(state, draws), cut=cut)
    if garbled:
        answer = replace(answer, status=502, body=_GARBLED, content_type="text/html")
    return answer, [message, *fate]


def _wamid(state: State, now_ms: float) -> str:
    """Unique also across restarts on a real clock, and the same again on a virtual one."""
    subject = f"{state.scenario.seed}|{now_ms!r}|{state.calls}"
    return "wamid.HBgL" + blake2b(subject.encode(), digest_size=16).hexdigest().upper()


def _texts(order: Order) -> tuple[str, ...]:
    """Return the texts of the body's parameters, which the checks have found right."""
    for component in order.components:
        if component["type"].lower() == "body":
            return tuple(each["text"] for each in component.get("parameters", ()))
    return ()


def _stop_button(order: Order, template: Template | None) -> tuple[str, str] | None:
    """Return payload and text of the quick reply that says stop; the text is the usual payload."""
    payloads = {
        int(component["index"]): component["parameters"][0].get("payload")
        for component in order.components
        if component["type"].lower() == "button"
    }
    for index, button in enumerate(template.buttons if template else ()):
        payload = payloads.get(index) or button.text
        if button.kind == "quick_reply" and (payload.upper().startswith("STOP") or is_stop(button.text)):
            return payload, button.text
    return None


def _taken(message: Accepted, order: Order) -> bytes:
    contact: dict[str, Any] = {"input": order.to}
    if order.by_phone:
        contact["wa_id"] = wa_id_of(order.to)
    else:
        contact["user_id"] = user_id_of(order.to, message.number.portfolio)
    taken: dict[str, str] = {"id": message.wamid}
    if order.kind == "template":
        taken["message_status"] = "held_for_quality_assessment" if message.held else "accepted"
    return orjson.dumps({"messaging_product": "whatsapp", "contacts": [contact], "messages": [taken]})
