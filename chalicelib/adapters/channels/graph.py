"""What every call of Graph shares: the token, the address, and what its answers have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from chalicelib.authoring.senders import Sender
from chalicelib.ports import Secrets

BUSY_CODES = frozenset({1, 2, 4, 80007, 80008, 130429, 131016, 131057})
"""Of a service that is down or a quota that is used up: asking later helps."""
NO_TOKEN = "no usable WHATSAPP_TOKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A call that brought nothing to go by; with `again`, asking later helps."""

    why: str
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Where Graph is, unless a sender says otherwise, and who asks."""

    secrets: Secrets
    url: str
    version: str

    def token(self) -> str:
        """Return the token, or "" where there is none that a header can carry."""
        token = (self.secrets.get("WHATSAPP_TOKEN") or "").strip()
        return token if token.isascii() and token.isprintable() else ""

    def address(self, own_url: str, path: str) -> str:
        """Return the address of `path`; `own_url` is that of a provider in between, or ""."""
        return f"{(own_url or self.url).rstrip('/')}/{self.version}/{path}"

    async def ask(
        self,
        sender: Sender,
        method: str,
        path: str,
        *,
        seconds: float,
        largest: int,
        data: aiohttp.FormData | None = None,
    ) -> tuple[int, bytes] | Failed:
        """Make one call on a connection of its own. Return the status and the body, which is longer
        than `largest` bytes where the answer was."""
        token = self.token()
        if not token:
            return Failed(why=NO_TOKEN, again=False)
        url, headers = self.address(sender.graph_url, path), bearing(sender.auth_header, token)
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds)) as session,
                session.request(method, url, data=data, headers=headers, allow_redirects=False) as response,
            ):
                return response.status, await beginning(response, largest + 1)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Failed(why=f"no answer ({type(error).__name__})", again=True)


def bearing(own_header: str, token: str) -> dict[str, str]:
    """Return the header with the token. A provider in between wants the bare one in a header of its own."""
    return {own_header: token} if own_header else {"Authorization": f"Bearer {token}"}


async def beginning(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the body, or its first `most` bytes."""
    raw = b""
    while len(raw) < most:
        piece = await response.content.read(most - len(raw))
        if not piece:
            break
        raw += piece
    return raw


def fields_of(status: int, raw: bytes, largest: int) -> dict[str, Any] | Failed:
    """Return the JSON object of an answer, unless it tells of an error or is longer than `largest` bytes."""
    try:
        fields = orjson.loads(raw) if len(raw) <= largest else None
    except orjson.JSONDecodeError:
        fields = None
    if not isinstance(fields, dict):
        return Failed(why=f"HTTP {status} without usable JSON", again=is_busy(status))
    error = fields.get("error")
    if isinstance(error, dict):
        code = error.get("code")
        why = f"{code}: {str(error.get('message') or '')[:200]}"
        return Failed(why=why, again=is_busy(status) or (type(code) is int and code in BUSY_CODES))
    return fields


def is_busy(status: int) -> bool:
    """Return whether an HTTP status is that of a service that may answer later."""
    return status == 429 or status >= 500
