"""What every call of Graph shares: who may ask, where, and what an answer without use says."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest

from chalicelib.adapters.channels.graph import Failed, fields_of
from chalicelib.authoring.senders import Sender
from tests.adapters.channels.graph_at import graph_at
from tests.fakes.web_server import WebServer, serving

SENDER = Sender(key="boutique", phone_number_id="106540352242922", waba_id="1", portfolio="p")
LARGEST = 100


def asked(server: WebServer, sender: Sender = SENDER, token: str | None = "secret") -> Any:
    graph = graph_at(f"{server.origin}/", token)
    return asyncio.run(graph.ask(sender, "GET", "1/things?limit=2", seconds=5.0, largest=LARGEST))


def test_a_call_goes_to_its_path_behind_the_version_with_the_token() -> None:
    with serving(answer=b"{}") as server:
        assert asked(server) == (200, b"{}")
    [(path, headers, _)] = server.received
    assert path == "/v25.0/1/things?limit=2"
    assert headers["Authorization"] == "Bearer secret"


def test_a_provider_in_between_is_asked_at_its_own_address_with_the_token_in_its_own_header() -> None:
    with serving() as server, serving() as provider:
        between = replace(SENDER, graph_url=f"{provider.origin}/graph/", auth_header="D360-API-KEY")
        asked(server, between)
    assert server.received == []
    [(path, headers, _)] = provider.received
    assert path == "/graph/v25.0/1/things?limit=2"
    assert headers["D360-API-KEY"] == "secret"
    assert "Authorization" not in headers


@pytest.mark.parametrize("token", [None, "", "  \n", "two\nlines", "jeton-é"])
def test_without_a_usable_token_nothing_is_asked(token: str | None) -> None:
    with serving() as server:
        assert asked(server, token=token) == Failed(why="no usable WHATSAPP_TOKEN", again=False)
    assert server.received == []


def test_a_token_file_may_end_with_a_newline() -> None:
    assert graph_at("", "secret\n").token() == "secret"


def test_nobody_at_the_address_may_be_there_later() -> None:
    answer = asyncio.run(graph_at("http://127.0.0.1:9").ask(SENDER, "GET", "1", seconds=5.0, largest=LARGEST))
    assert isinstance(answer, Failed)
    assert answer.again
    assert answer.why.startswith("no answer (Client")


def test_a_redirect_is_not_followed() -> None:
    with serving() as elsewhere, serving(status=302, location=elsewhere.url) as server:
        assert asked(server) == (302, b"")
    assert elsewhere.received == []


@pytest.mark.parametrize("length", [LARGEST, LARGEST + 1, 100 * LARGEST])
def test_an_answer_is_read_as_far_as_is_needed_to_see_that_it_is_too_long(length: int) -> None:
    with serving(answer=b"x" * length) as server:
        assert asked(server) == (200, b"x" * min(length, LARGEST + 1))


def error(code: Any) -> bytes:
    return orjson.dumps({"error": {"code": code, "message": "m"}})


ANSWERS = [
    (200, b'{"id": 1}', {"id": 1}),
    (302, b"{}", {}),
    (400, error(190), Failed(why="190: m", again=False)),
    (400, error(100), Failed(why="100: m", again=False)),
    (400, error(80007), Failed(why="80007: m", again=True)),
    (400, error(131016), Failed(why="131016: m", again=True)),
    (400, error(130429), Failed(why="130429: m", again=True)),
    (403, error(4), Failed(why="4: m", again=True)),
    (429, error(100), Failed(why="100: m", again=True)),
    (500, error(100), Failed(why="100: m", again=True)),
    (400, error(["4"]), Failed(why="['4']: m", again=False)),
    (400, b'{"error": {}}', Failed(why="None: ", again=False)),
    (500, b"<html>", Failed(why="HTTP 500 without usable JSON", again=True)),
    (413, b"<html>", Failed(why="HTTP 413 without usable JSON", again=False)),
    (200, b"[1]", Failed(why="HTTP 200 without usable JSON", again=False)),
    (200, b"{}" + b" " * (LARGEST - 2), {}),
    (200, b"{}" + b" " * (LARGEST - 1), Failed(why="HTTP 200 without usable JSON", again=False)),
]


@pytest.mark.parametrize(("status", "raw", "meant"), ANSWERS)
def test_an_answer_is_an_object_or_a_reason_that_says_whether_to_ask_again(
    status: int, raw: bytes, meant: dict[str, Any] | Failed
) -> None:
    assert fields_of(status, raw, LARGEST) == meant


def test_a_message_of_graph_is_kept_short() -> None:
    answer = fields_of(400, orjson.dumps({"error": {"code": 1, "message": "m" * 1_000}}), 10_000)
    assert answer == Failed(why=f"1: {'m' * 200}", again=True)
