"""The templates of an account, as Graph lists them: one page a call (Meta, "Template management")."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from chalicelib.adapters.channels.graph import Failed, Graph, fields_of, is_busy
from chalicelib.authoring.senders import Sender
from chalicelib.ports import ListedTemplates, NotListed

FIELDS = "id,name,status,category,language,components,parameter_format,quality_score"
SECONDS = 30.0
LARGEST_ANSWER = 8 * 1024 * 1024


class GraphTemplates:
    """`TemplateListing` over Graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def page(self, sender: Sender, *, after: str, limit: int) -> ListedTemplates | NotListed:
        """Make one GET."""
        path = path_and_query(sender.waba_id, after=after, limit=limit)
        answer = await self._graph.ask(sender, "GET", path, seconds=SECONDS, largest=LARGEST_ANSWER)
        if isinstance(answer, Failed):
            return NotListed(why=answer.why, again=answer.again)
        return understood(*answer)


def path_and_query(waba_id: str, *, after: str, limit: int) -> str:
    """Return the address of one page, behind the version."""
    query = {"fields": FIELDS, "limit": str(limit), **({"after": after} if after else {})}
    return f"{waba_id}/message_templates?{urlencode(query)}"


def understood(status: int, raw: bytes) -> ListedTemplates | NotListed:
    """Return what an HTTP answer says."""
    fields = fields_of(status, raw, LARGEST_ANSWER)
    if isinstance(fields, Failed):
        return NotListed(why=fields.why, again=fields.again)
    data = fields.get("data")
    if not 200 <= status < 300 or not isinstance(data, list):
        return NotListed(why=f"HTTP {status} without templates", again=is_busy(status))
    return ListedTemplates(tuple(t for t in data if isinstance(t, dict)), _next(fields.get("paging")))


def _next(paging: Any) -> str:
    """Return where to go on. There is an address of the next page only where there is one."""
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    return str(cursors.get("after") or "") if isinstance(cursors, dict) else ""
