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

from chalicelib.ports import Secrets
from chalicelib.sending.answer import Accepted, Answer, Message, NotSent, Refused, Unknown

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 30.0
MOST_CONNECTIONS = 200
LARGEST_ANSWER = 64 * 1024


def body_of(message: Message) -> dict[str, Any]:
    """Return the JSON of one template message (Meta, "Send template messages")."""
    components: list[dict[str, Any]] = []
    if message.parameters:
        components.append({"type": "body", "parameters": [_parameter(message, *p) for p in message.parameters]})
    for kind, index, value in message.buttons:
        parameter = {"type": "payload", "payload": value} if kind == "quick_reply" else {"type": "text", "text": value}
        components.append(
            {"type": "button", "sub_type": kind, "index": str(index), "parameters": [parameter]}
        )
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.to,
        "type": "template",
        "biz_opaque_callback_data": message.echo,
        "template": {
            "name": message.template,
            "language": {"code": message.language},
            **({"components": components} if components else {}),
        },
    }


def _parameter(message: Message, name: str, text: str) -> dict[str, str]:
    """Named templates need the name; positional ones must omit it."""
    parameter = {"type": "text", "text": text}
    return {**parameter, "parameter_name": name} if message.named else parameter


class WhatsAppCloud:
    """`Channel` over Graph. The session is made in the loop that first sends, and kept."""

    def __init__(self, *, secrets: Secrets, graph_url: str, graph_version: str) -> None:
        self._secrets = secrets
        self._graph_url = graph_url
        self._graph_version = graph_version
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS, keepalive_timeout=30),
                timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS),
                auto_decompress=True,
            )
        return self._session

    async def send(self, message: Message) -> Answer:
        """Make one call and say what is known of its fate."""
        token = self._secrets.get("WHATSAPP_TOKEN")
        if not token:
            return NotSent(why="no WHATSAPP_TOKEN")
        base = (message.graph_url or self._graph_url).rstrip("/")
        url = f"{base}/{self._graph_version}/{message.phone_number_id}/messages"
        header = message.auth_header or "Authorization"
        value = token if message.auth_header else f"Bearer {token}"
        try:
            async with self._open().post(
                url,
                data=orjson.dumps(body_of(message)),
                headers={header: value, "Content-Type": "application/json"},
                allow_redirects=False,
            ) as response:
                raw = await response.content.read(LARGEST_ANSWER)
                return understood(response.status, raw)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            return NotSent(why=f"{type(error).__name__}: nothing was sent")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
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
    if isinstance(error, dict) and isinstance(error.get("code"), int):
        data = error.get("error_data")
        details = data.get("details") if isinstance(data, dict) else None
        return Refused(code=error["code"], details=str(details or error.get("message") or "")[:200])
    messages = fields.get("messages")
    if 200 <= status < 300 and isinstance(messages, list) and messages and isinstance(messages[0], dict):
        wamid = messages[0].get("id")
        if isinstance(wamid, str) and wamid:
            return Accepted(wamid=wamid, status=str(messages[0].get("message_status") or "accepted"))
    return Unknown(why=f"HTTP {status} without a message id or an error code")
