"""Listing templates: what is asked of Graph, and what its answers mean."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest

from chalicelib.adapters.channels.graph_templates import LARGEST_ANSWER, GraphTemplates, understood
from chalicelib.authoring.senders import Sender
from chalicelib.ports import ListedTemplates, NotListed
from tests.adapters.channels.graph_at import graph_at
from tests.fakes.web_server import serving

SENDER = Sender(key="boutique", phone_number_id="1", waba_id="102290129340398", portfolio="p")
FIELDS = "id,name,status,category,language,components,parameter_format,quality_score"


def listed_by(url: str, *, token: str | None = "secret", after: str = "") -> ListedTemplates | NotListed:
    return asyncio.run(GraphTemplates(graph_at(url, token)).page(SENDER, after=after, limit=100))


@pytest.mark.parametrize(("after", "more"), [("", {}), ("MTAw=", {"after": "MTAw="})])
def test_a_page_is_asked_for_with_its_fields_its_limit_and_the_cursor_if_any(
    after: str, more: dict[str, str]
) -> None:
    with serving(answer=b'{"data": []}') as server:
        assert listed_by(server.origin, after=after) == ListedTemplates((), "")
    [(address, headers, _)] = server.received
    assert urlsplit(address).path == "/v25.0/102290129340398/message_templates"
    assert dict(parse_qsl(urlsplit(address).query)) == {"fields": FIELDS, "limit": "100", **more}
    assert headers["Authorization"] == "Bearer secret"


def test_without_a_usable_token_or_an_answer_nothing_was_listed() -> None:
    assert listed_by("", token=None) == NotListed(why="no usable WHATSAPP_TOKEN", again=False)
    unreachable = listed_by("http://127.0.0.1:9")
    assert isinstance(unreachable, NotListed)
    assert unreachable.again


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
        (400, error(100), False),
        (400, error(80007), True),
        (500, b"<html>", True),
        (200, b"{}", False),
        (500, b"{}", True),
        (302, b'{"data": []}', False),
        (200, b" " * (LARGEST_ANSWER + 1), False),
    ],
)
def test_only_what_may_pass_is_asked_again(status: int, raw: bytes, again: bool) -> None:
    answer = understood(status, raw)
    assert isinstance(answer, NotListed)
    assert answer.again is again
