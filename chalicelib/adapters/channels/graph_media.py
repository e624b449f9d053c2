"""Uploading a file to a business number (Meta, "Media": POST /PHONE_NUMBER_ID/media)."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson

from chalicelib.adapters.channels.graph_templates import BUSY_CODES
from chalicelib.authoring.senders import Sender
from chalicelib.ports import NotUploaded, Secrets, Uploaded

SECONDS = 120.0
LARGEST_ANSWER = 64 * 1024


class GraphMedia:
    """`MediaUploads` over Graph."""

    def __init__(self, *, secrets: Secrets, graph_url: str, graph_version: str) -> None:
        self._secrets = secrets
        self._graph_url = graph_url
        self._graph_version = graph_version

    async def upload(self, sender: Sender, *, name: str, type: str, body: bytes) -> Uploaded | NotUploaded:
        """Make one POST."""
        token = (self._secrets.get("WHATSAPP_TOKEN") or "").strip()
        if not token or not token.isascii() or not token.isprintable():
            return NotUploaded(why="no usable WHATSAPP_TOKEN", again=False)
        base = (sender.graph_url or self._graph_url).rstrip("/")
        url = f"{base}/{self._graph_version}/{sender.phone_number_id}/media"
        own = {sender.auth_header: token} if sender.auth_header else {"Authorization": f"Bearer {token}"}
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(
                    url, data=form_of(name, type, body), headers=own, allow_redirects=False
                ) as response,
            ):
                raw = b""
                while len(raw) <= LARGEST_ANSWER and (piece := await response.content.read(1 << 14)):
                    raw += piece
                return understood(response.status, raw)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return NotUploaded(why=f"no answer ({error.__class__.__name__})", again=True)


def form_of(name: str, type: str, body: bytes) -> aiohttp.FormData:
    """Return the form of an upload. The type is said twice: as a field, and of the part."""
    form = aiohttp.FormData()
    form.add_field("messaging_product", "whatsapp")
    form.add_field("type", type)
    form.add_field("file", body, filename=name, content_type=type)
    return form


def understood(status: int, raw: bytes) -> Uploaded | NotUploaded:
    """Return what an HTTP answer says."""
    busy = status == 429 or status >= 500
    try:
        fields: Any = orjson.loads(raw) if len(raw) <= LARGEST_ANSWER else None
    except orjson.JSONDecodeError:
        fields = None
    if not isinstance(fields, dict):
        return NotUploaded(why=f"HTTP {status} without usable JSON", again=busy)
    error = fields.get("error")
    if isinstance(error, dict):
        code = error.get("code")
        why = f"{code}: {str(error.get('message') or '')[:200]}"
        return NotUploaded(why=why, again=busy or code in BUSY_CODES)
    found = fields.get("id")
    if 200 <= status < 300 and isinstance(found, str | int) and str(found).isdecimal():
        return Uploaded(id=str(found))
    return NotUploaded(why=f"HTTP {status} without a media id", again=busy)
