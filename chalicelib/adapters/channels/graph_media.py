"""Uploading a file to a business number (Meta, "Media": POST /PHONE_NUMBER_ID/media)."""

from __future__ import annotations

import aiohttp

from chalicelib.adapters.channels.graph import Failed, Graph, fields_of, is_busy
from chalicelib.authoring.senders import Sender
from chalicelib.ports import NotUploaded, Uploaded

SECONDS = 120.0
LARGEST_ANSWER = 64 * 1024


class GraphMedia:
    """`MediaUploads` over Graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def upload(self, sender: Sender, *, name: str, type: str, body: bytes) -> Uploaded | NotUploaded:
        """Make one POST."""
        answer = await self._graph.ask(
            sender,
            "POST",
            f"{sender.phone_number_id}/media",
            data=form_of(name, type, body),
            seconds=SECONDS,
            largest=LARGEST_ANSWER,
        )
        if isinstance(answer, Failed):
            return NotUploaded(why=answer.why, again=answer.again)
        return understood(*answer)


def form_of(name: str, type: str, body: bytes) -> aiohttp.FormData:
    """Return the form of an upload. The type is said twice: as a field, and of the part."""
    form = aiohttp.FormData()
    form.add_field("messaging_product", "whatsapp")
    form.add_field("type", type)
    form.add_field("file", body, filename=name, content_type=type)
    return form


def understood(status: int, raw: bytes) -> Uploaded | NotUploaded:
    """Return what an HTTP answer says."""
    fields = fields_of(status, raw, LARGEST_ANSWER)
    if isinstance(fields, Failed):
        return NotUploaded(why=fields.why, again=fields.again)
    found = fields.get("id")
    if 200 <= status < 300 and isinstance(found, str | int) and str(found).isdecimal():
        return Uploaded(id=str(found))
    return NotUploaded(why=f"HTTP {status} without a media id", again=is_busy(status))
