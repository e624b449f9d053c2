"""Uploading a file: what is asked of Graph, and what its answers mean."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from chalicelib.adapters.channels.graph_media import LARGEST_ANSWER, GraphMedia, understood
from chalicelib.authoring.senders import Sender
from chalicelib.ports import NotUploaded, Uploaded
from infra.local.simulator.files import read_upload
from tests.adapters.channels.graph_at import graph_at
from tests.fakes.web_server import serving

SENDER = Sender(key="boutique", phone_number_id="106540352242922", waba_id="1", portfolio="p")
PICTURE = b"\xff\xd8\xff\x00\r\n--x\r\n" + bytes(range(256)) * 40


def uploaded(url: str, *, token: str | None = "secret") -> Uploaded | NotUploaded:
    media = GraphMedia(graph_at(url, token))
    return asyncio.run(media.upload(SENDER, name="a.jpg", type="image/jpeg", body=PICTURE))


def test_a_file_goes_to_the_number_as_a_form_that_the_platform_reads_byte_for_byte() -> None:
    with serving(answer=b'{"id": "4490709327384033"}') as server:
        assert uploaded(server.origin) == Uploaded("4490709327384033")
    [(path, headers, raw)] = server.received
    assert path == "/v25.0/106540352242922/media"
    assert headers["Authorization"] == "Bearer secret"
    assert read_upload(headers, raw) == ("image/jpeg", len(PICTURE))
    assert PICTURE in raw
    assert b'filename="a.jpg"' in raw


def test_without_a_usable_token_or_an_answer_no_file_was_taken() -> None:
    assert uploaded("", token=None) == NotUploaded(why="no usable WHATSAPP_TOKEN", again=False)
    unreachable = uploaded("http://127.0.0.1:1")
    assert isinstance(unreachable, NotUploaded)
    assert unreachable.again


def error(code: int) -> bytes:
    return orjson.dumps({"error": {"code": code, "message": "m"}})


ANSWERS = [
    (200, b'{"id": "123"}', Uploaded("123")),
    (200, b'{"id": 123}', Uploaded("123")),
    (200, b'{"id": "../x"}', NotUploaded(why="HTTP 200 without a media id", again=False)),
    (200, b"{}", NotUploaded(why="HTTP 200 without a media id", again=False)),
    (500, b"{}", NotUploaded(why="HTTP 500 without a media id", again=True)),
    (302, b'{"id": "123"}', NotUploaded(why="HTTP 302 without a media id", again=False)),
    (400, error(100), NotUploaded(why="100: m", again=False)),
    (400, error(130429), NotUploaded(why="130429: m", again=True)),
    (502, b"<html>", NotUploaded(why="HTTP 502 without usable JSON", again=True)),
    (200, b" " * LARGEST_ANSWER + b" {}", NotUploaded(why="HTTP 200 without usable JSON", again=False)),
]


@pytest.mark.parametrize(("status", "raw", "meant"), ANSWERS)
def test_an_answer_is_an_id_or_a_reason_that_says_whether_to_ask_again(
    status: int, raw: bytes, meant: Uploaded | NotUploaded
) -> None:
    assert understood(status, raw) == meant
