"""Listing templates: what is asked of Graph, and what its answers mean."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest
from aiohttp import web

from chalicelib.adapters.channels.graph_templates import LARGEST_ANSWER, GraphTemplates, understood
from chalicelib.authoring.senders import Sender
from chalicelib.ports import ListedTemplates, NotListed
from tests.adapters.channels.test_whatsapp_cloud import OneSecret

SENDER = Sender(key="boutique", phone_number_id="1", waba_id="102290129340398", portfolio="p")


def asked(sender: Sender, *, token: str | None = "secret", after: str = "") -> tuple[Any, list[web.Request]]:
    """Ask a server that lists nothing; returns the answer, and what it was asked."""
    seen: list[web.Request] = []

    async def respond(request: web.Request) -> web.Response:
        seen.append(request)
        return web.json_response({"data": []})

    async def run() -> Any:
        app = web.Application()
        app.router.add_get("/{rest:.*}", respond)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        listing = GraphTemplates(
            secrets=OneSecret(token), graph_url=f"http://{host}:{port}/", graph_version="v25.0"
        )
        try:
            return await listing.page(sender, after=after, limit=100)
        finally:
            await runner.cleanup()

    return asyncio.run(run()), seen


def test_a_page_is_asked_for_with_its_fields_its_limit_and_the_cursor() -> None:
    answer, (request,) = asked(SENDER, after="MTAw=")
    assert answer == ListedTemplates((), "")
    assert request.path == "/v25.0/102290129340398/message_templates"
    assert dict(request.query) == {
        "fields": "id,name,status,category,language,components,parameter_format,quality_score",
        "limit": "100",
        "after": "MTAw=",
    }
    assert request.headers["Authorization"] == "Bearer secret"


def test_a_provider_in_between_gets_the_token_in_its_own_header() -> None:
    _, (request,) = asked(replace(SENDER, auth_header="D360-API-KEY"))
    assert request.headers["D360-API-KEY"] == "secret"
    assert "Authorization" not in request.headers
    assert "after" not in request.query


@pytest.mark.parametrize("token", [None, "", "two\nlines"])
def test_without_a_usable_token_nothing_is_asked(token: str | None) -> None:
    assert asked(SENDER, token=token) == (NotListed(why="no usable WHATSAPP_TOKEN", again=False), [])


def test_nobody_at_the_address_may_be_there_later() -> None:
    listing = GraphTemplates(
        secrets=OneSecret("secret"), graph_url="http://127.0.0.1:9", graph_version="v25.0"
    )
    answer = asyncio.run(listing.page(SENDER, after="", limit=1))
    assert isinstance(answer, NotListed)
    assert answer.again


ONE = {"name": "promo", "language": "fr"}
CURSORS = {"before": "a", "after": "b"}


@pytest.mark.parametrize(
    ("fields", "listed"),
    [
        ({"data": [ONE]}, ListedTemplates((ONE,), "")),
        ({"data": [ONE, 7], "paging": {"cursors": CURSORS}}, ListedTemplates((ONE,), "")),
        ({"data": [ONE], "paging": {"cursors": CURSORS, "next": "https://…"}}, ListedTemplates((ONE,), "b")),
        ({"data": [], "paging": {"next": "https://…"}}, ListedTemplates((), "")),
    ],
)
def test_there_is_a_next_page_only_where_graph_names_one(fields: Any, listed: ListedTemplates) -> None:
    assert understood(200, orjson.dumps(fields)) == listed


def error(code: int) -> bytes:
    return orjson.dumps({"error": {"code": code, "message": "no"}})


@pytest.mark.parametrize(
    ("status", "raw", "again"),
    [
        (400, error(190), False),
        (400, error(100), False),
        (400, error(80007), True),
        (403, error(4), True),
        (429, error(100), True),
        (500, b"<html>", True),
        (200, b"<html>", False),
        (200, b"[]", False),
        (200, b"{}", False),
        (302, b'{"data": []}', False),
        (200, b" " * (LARGEST_ANSWER + 1), False),
    ],
)
def test_only_what_may_pass_is_asked_again(status: int, raw: bytes, again: bool) -> None:
    answer = understood(status, raw)
    assert isinstance(answer, NotListed)
    assert answer.again is again
