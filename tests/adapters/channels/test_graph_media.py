"""Uploading a file: what is asked of Graph, and what its answers mean."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest
from aiohttp import web

from chalicelib.adapters.channels.graph_media import LARGEST_ANSWER, GraphMedia, understood
from chalicelib.authoring.senders import Sender
from chalicelib.ports import NotUploaded, Uploaded
from infra.local.simulator.files import read_upload
from tests.adapters.channels.test_whatsapp_cloud import OneSecret

SENDER = Sender(key="boutique", phone_number_id="106540352242922", waba_id="1", portfolio="p")
PICTURE = b"\xff\xd8\xff\x00\r\n--x\r\n" + bytes(range(256)) * 40


def uploaded(sender: Sender, *, token: str | None = "secret") -> tuple[Any, list[tuple[Any, bytes]]]:
    """Upload to a server that takes everything; returns the answer, and what it was asked."""
    seen: list[tuple[Any, bytes]] = []

    async def respond(request: web.Request) -> web.Response:
        seen.append((request, await request.read()))
        return web.json_response({"id": "4490709327384033"})

    async def run() -> Any:
        app = web.Application()
        app.router.add_post("/{rest:.*}", respond)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        media = GraphMedia(
            secrets=OneSecret(token), graph_url=f"http://{host}:{port}/", graph_version="v25.0"
        )
        try:
            return await media.upload(sender, name="a.jpg", type="image/jpeg", body=PICTURE)
        finally:
            await runner.cleanup()

    return asyncio.run(run()), seen


def test_a_file_goes_to_the_number_as_a_form_that_the_platform_reads_byte_for_byte() -> None:
    answer, [(request, raw)] = uploaded(SENDER)
    assert answer == Uploaded("4490709327384033")
    assert request.path == "/v25.0/106540352242922/media"
    assert request.headers["Authorization"] == "Bearer secret"
    assert read_upload(request.headers, raw) == ("image/jpeg", len(PICTURE))
    assert PICTURE in raw
    assert b'filename="a.jpg"' in raw


def test_a_provider_in_between_gets_the_token_in_its_own_header() -> None:
    _, [(request, _)] = uploaded(replace(SENDER, auth_header="D360-API-KEY"))
    assert request.headers["D360-API-KEY"] == "secret"
    assert "Authorization" not in request.headers


@pytest.mark.parametrize("token", [None, "", "a\nb", "é"])
def test_without_a_usable_token_nothing_is_asked(token: str | None) -> None:
    answer, seen = uploaded(SENDER, token=token)
    assert (answer, seen) == (NotUploaded(why="no usable WHATSAPP_TOKEN", again=False), [])


def test_an_unreachable_platform_may_be_asked_again() -> None:
    media = GraphMedia(secrets=OneSecret("t"), graph_url="http://127.0.0.1:1", graph_version="v25.0")
    answer = asyncio.run(media.upload(SENDER, name="a.jpg", type="image/jpeg", body=b"x"))
    assert isinstance(answer, NotUploaded)
    assert answer.again


def error(code: int) -> bytes:
    return orjson.dumps({"error": {"code": code, "message": "m"}})


ANSWERS = [
    (200, b'{"id": "123"}', Uploaded("123")),
    (200, b'{"id": 123}', Uploaded("123")),
    (200, b'{"id": "../x"}', NotUploaded(why="HTTP 200 without a media id", again=False)),
    (200, b"{}", NotUploaded(why="HTTP 200 without a media id", again=False)),
    (302, b'{"id": "123"}', NotUploaded(why="HTTP 302 without a media id", again=False)),
    (400, error(100), NotUploaded(why="100: m", again=False)),
    (400, error(131016), NotUploaded(why="131016: m", again=True)),
    (400, error(130429), NotUploaded(why="130429: m", again=True)),
    (500, error(100), NotUploaded(why="100: m", again=True)),
    (502, b"<html>", NotUploaded(why="HTTP 502 without usable JSON", again=True)),
    (413, b"<html>", NotUploaded(why="HTTP 413 without usable JSON", again=False)),
    (200, b"[1]", NotUploaded(why="HTTP 200 without usable JSON", again=False)),
    (200, b" " * LARGEST_ANSWER + b" {}", NotUploaded(why="HTTP 200 without usable JSON", again=False)),
]


@pytest.mark.parametrize(("status", "raw", "meant"), ANSWERS)
def test_an_answer_is_an_id_or_a_reason_that_says_whether_to_ask_again(
    status: int, raw: bytes, meant: Uploaded | NotUploaded
) -> None:
    assert understood(status, raw) == meant
