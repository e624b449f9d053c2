"""The WhatsApp Cloud API: one POST per message over pooled connections, and no retries.

The one question it answers is what is known of a message's fate. Nothing left
this machine: `NotSent`. An answer with an error code: `Refused`. A 2xx with a
message id: `Accepted`. Everything else after the first byte left: `Unknown`,
because the provider has no idempotency key and the message may be on its way.
"""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson

from chalicelib.adapters.channels.graph import NO_TOKEN, Graph, bearing, beginning
from chalicelib.planning.plan import Filled, FilledButtons, FilledHeader
from chalicelib.sending.answer import ID, Accepted, Answer, Message, NotSent, Refused, Unknown

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 30.0
MOST_CALLS = 800
"""Calls under way at once. One more is not sent: waiting for a connection, it would leave past its slot."""
IDLE_SECONDS = 15
"""How long an unused connection is kept: well below what servers grant, or a call may meet the closing."""
LARGEST_ANSWER = 64 * 1024
_CONTENT_BY_KIND = {
    "url": "text",
    "quick_reply": "payload",
    "copy_code": "coupon_code",
    "flow": "action",
    "catalog": "action",
    "mpm": "action",
}


def body_of(message: Message) -> dict[str, Any]:
    """Return the JSON of one template message (Meta, "Send template messages")."""
    components = _components(message.named, message.header, message.parameters, message.buttons)
    if message.cards:
        cards = [
            {"card_index": index, "components": _components(message.named, *card)}
            for index, card in enumerate(message.cards)
        ]
        components.append({"type": "carousel", "cards": cards})
    template: dict[str, Any] = {"name": message.template, "language": {"code": message.language}}
    if components:
        template["components"] = components
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.to,
        "type": "template",
        "biz_opaque_callback_data": message.echo,
        "template": template,
    }


def _components(
    named: bool, header: FilledHeader, parameters: Filled, buttons: FilledButtons
) -> list[dict[str, Any]]:
    """Return what fills a message, or one card of it."""
    components: list[dict[str, Any]] = []
    if header:
        components.append({"type": "header", "parameters": [_above(named, *header)]})
    if parameters:
        texts = [_parameter(named, name, text) for name, text in parameters]
        components.append({"type": "body", "parameters": texts})
    return components + [_button(*button) for button in buttons]


def _parameter(named: bool, name: str, text: str) -> dict[str, str]:
    """Named templates need the name; positional ones must omit it."""
    parameter = {"type": "text", "text": text}
    return {**parameter, "parameter_name": name} if named else parameter


def _above(named: bool, kind: str, value: str, name: str) -> dict[str, Any]:
    """Return a header's parameter; media stand there as an id of the platform's or as an address."""
    if kind == "text":
        return _parameter(named, name, value)
    media = {"id": value.removeprefix(ID)} if value.startswith(ID) else {"link": value}
    return {"type": kind, kind: {**media, "filename": name} if name and kind == "document" else media}


def _button(kind: str, index: int, value: str) -> dict[str, Any]:
    """Return a button; `value` of a flow or a catalogue is the JSON of its action."""
    content = _CONTENT_BY_KIND[kind]
    parameter = {"type": content, content: orjson.loads(value) if content == "action" else value}
    return {"type": "button", "sub_type": kind, "index": str(index), "parameters": [parameter]}


class WhatsAppCloud:
    """`Channel` over Graph. The session is made in the loop that first sends, and kept."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._session: aiohttp.ClientSession | None = None
        self._calls = 0

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
                timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS),
            )
        return self._session

    async def send(self, message: Message) -> Answer:
        """Make one call and say what is known of its fate."""
        token = self._graph.token()
        if not token:
            return NotSent(why=NO_TOKEN)
        if self._calls >= MOST_CALLS:
            return NotSent(why="too many calls without an answer yet")
        url = self._graph.address(message.graph_url, f"{message.phone_number_id}/messages")
        try:
            body = orjson.dumps(body_of(message))
        except orjson.JSONEncodeError:  # half a surrogate pair
            return NotSent(why="no JSON can be made of this message")
        self._calls += 1
        try:
            headers = {**bearing(message.auth_header, token), "Content-Type": "application/json"}
            return await self._call(url, body, headers)
        finally:
            self._calls -= 1

    async def _call(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        try:
            async with self._open().post(url, data=body, headers=headers, allow_redirects=False) as response:
                return understood(response.status, await beginning(response, LARGEST_ANSWER))
        except (
            aiohttp.ClientConnectorError,  # name, route, refusal, TLS
            aiohttp.ConnectionTimeoutError,
            aiohttp.InvalidURL,
        ) as error:
            return NotSent(why=f"{type(error).__name__}: nothing was sent")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Unknown(why=f"{type(error).__name__} after the request left")

    async def close(self) -> None:
        """Close the pooled connections."""
        if self._session is not None:
            await self._session.close()


def understood(status: int, raw: bytes) -> Answer:
    """Return what an HTTP answer says. The status never decides where there is a code."""
    try:
        fields = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return Unknown(why=f"HTTP {status} without readable JSON")
    if not isinstance(fields, dict):
        return Unknown(why=f"HTTP {status} with JSON of unknown shape")
    error = fields.get("error")
    if isinstance(error, dict) and type(error.get("code")) is int:
        return Refused(code=error["code"], details=_details(error))
    messages = fields.get("messages")
    if 200 <= status < 300 and isinstance(messages, list) and messages and isinstance(messages[0], dict):
        wamid = messages[0].get("id")
        if isinstance(wamid, str) and wamid:
            return Accepted(wamid=wamid, status=str(messages[0].get("message_status") or "accepted"))
    return Unknown(why=f"HTTP {status} without a message id or an error code")


def _details(error: dict[str, Any]) -> str:
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    return str(details or error.get("message") or "")[:200]
