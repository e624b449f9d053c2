"""The templates of an account, as Graph lists them: one page a call (Meta, "Template management")."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import aiohttp
import orjson

from chalicelib.authoring.senders import Sender
from chalicelib.ports import ListedTemplates, NotListed, Secrets

FIELDS = "id,name,status,category,language,components,parameter_format,quality_score"
SECONDS = 30.0
LARGEST_ANSWER = 8 * 1024 * 1024
BUSY_CODES = frozenset({1, 2, 4, 80007, 80008, 130429, 131016, 131057})
"""Of a service that is down or a quota that is used up: asking later helps."""


class GraphTemplates:
    """`TemplateListing` over Graph."""

    def __init__(self, *, secrets: Secrets, graph_url: str, graph_version: str) -> None:
        self._secrets = secrets
        self._graph_url = graph_url
        self._graph_version = graph_version

    async def page(self, sender: Sender, *, after: str, limit: int) -> ListedTemplates | NotListed:
        """Make one GET."""
        token = (self._secrets.get("WHATSAPP_TOKEN") or "").strip()
        if not token or not token.isascii() or not token.isprintable():
            return NotListed(why="no usable WHATSAPP_TOKEN", again=False)
        base = (sender.graph_url or self._graph_url).rstrip("/")
        url = f"{base}/{self._graph_version}/{path_and_query(sender.waba_id, after=after, limit=limit)}"
        own = {sender.auth_header: token} if sender.auth_header else {"Authorization": f"Bearer {token}"}
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(url, headers=own, allow_redirects=False) as response,
            ):
                raw = b""
                while len(raw) <= LARGEST_ANSWER and (piece := await response.content.read(1 << 16)):
                    raw += piece
                return understood(response.status, raw)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return NotListed(why=f"no answer ({type(error).__name__})", again=True)


def path_and_query(waba_id: str, *, after: str, limit: int) -> str:
    """Return the address of one page, behind the version."""
    query = {"fields": FIELDS, "limit": str(limit), **({"after": after} if after else {})}
    return f"{waba_id}/message_templates?{urlencode(query)}"


def understood(status: int, raw: bytes) -> ListedTemplates | NotListed:
    """Return what an HTTP answer says."""
    busy = status == 429 or status >= 500
    try:
        fields = orjson.loads(raw) if len(raw) <= LARGEST_ANSWER else None
    except orjson.JSONDecodeError:
        fields = None
    if not isinstance(fields, dict):
        return NotListed(why=f"HTTP {status} without usable JSON", again=busy)
    error = fields.get("error")
    if isinstance(error, dict):
        code = error.get("code")
        why = f"{code}: {str(error.get('message') or '')[:200]}"
        return NotListed(why=why, again=busy or code in BUSY_CODES)
    data = fields.get("data")
    if not 200 <= status < 300 or not isinstance(data, list):
        return NotListed(why=f"HTTP {status} without templates", again=busy)
    return ListedTemplates(tuple(t for t in data if isinstance(t, dict)), _next(fields.get("paging")))


def _next(paging: Any) -> str:
    """Return where to go on. There is an address of the next page only where there is one."""
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    return str(cursors.get("after") or "") if isinstance(cursors, dict) else ""
