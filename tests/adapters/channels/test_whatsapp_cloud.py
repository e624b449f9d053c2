import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from aiohttp import web

from chalicelib.adapters.channels import whatsapp_cloud
from chalicelib.adapters.channels.whatsapp_cloud import WhatsAppCloud, body_of, understood
from chalicelib.sending.answer import Accepted, Answer, Message, NotSent, Refused, Unknown
from tests.adapters.channels.graph_at import graph_at

MESSAGE = Message(
    sender="boutique",
    phone_number_id="106540352242922",
    to="+212612345678",
    template="soldes_hiver",
    language="fr",
    named=True,
    parameters=(("first_name", "Lina"), ("remise", "20 %")),
    buttons=(("quick_reply", 0, "STOP_MKT"), ("url", 1, "p/42?a=é")),
    echo="1|soldes.1|000-00000|p|1",
)


def channel_to(url: str, token: str | None = "secret") -> WhatsAppCloud:
    return WhatsAppCloud(graph_at(url, token))


async def answered(
    respond: Callable[[web.Request], Awaitable[web.StreamResponse]], *messages: Message, token: str = "secret"
) -> list[Answer]:
    """Send each message to a server that answers with `respond`."""
    app = web.Application()
    app.router.add_post("/{rest:.*}", respond)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    channel = channel_to(f"http://{host}:{port}/", token)
    try:
        return [await channel.send(message) for message in messages]
    finally:
        await channel.close()
        await runner.cleanup()


async def raw_answered(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> Answer:
    """Send one message to a server that speaks TCP as it pleases."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    channel = channel_to(f"http://127.0.0.1:{port}")
    try:
        return await channel.send(MESSAGE)
    finally:
        await channel.close()
        server.close()
        await server.wait_closed()


def test_a_message_leaves_as_the_platform_wants_it() -> None:
    seen: list[tuple[str, str, str, Any]] = []

    async def respond(request: web.Request) -> web.Response:
        headers = request.headers
        body = orjson.loads(await request.read())
        seen.append((request.path, headers["Authorization"], headers["Content-Type"], body))
        return web.json_response(
            {"messaging_product": "whatsapp", "messages": [{"id": "wamid.A", "message_status": "accepted"}]}
        )

    assert asyncio.run(answered(respond, MESSAGE)) == [Accepted(wamid="wamid.A")]
    [(path, authorization, content_type, body)] = seen
    assert path == "/v25.0/106540352242922/messages"
    assert authorization == "Bearer secret"
    assert content_type == "application/json"
    assert body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+212612345678",
        "type": "template",
        "biz_opaque_callback_data": "1|soldes.1|000-00000|p|1",
        "template": {
            "name": "soldes_hiver",
            "language": {"code": "fr"},
            "components": [
                {
                    "type": "body",
                    "parameters": [
                        {"type": "text", "text": "Lina", "parameter_name": "first_name"},
                        {"type": "text", "text": "20 %", "parameter_name": "remise"},
                    ],
                },
                {
                    "type": "button",
                    "sub_type": "quick_reply",
                    "index": "0",
                    "parameters": [{"type": "payload", "payload": "STOP_MKT"}],
                },
                {
                    "type": "button",
                    "sub_type": "url",
                    "index": "1",
                    "parameters": [{"type": "text", "text": "p/42?a=é"}],
                },
            ],
        },
    }


def test_positional_parameters_carry_no_names() -> None:
    [body, *_] = body_of(replace(MESSAGE, named=False))["template"]["components"]
    assert body["parameters"] == [{"type": "text", "text": "Lina"}, {"type": "text", "text": "20 %"}]


def test_a_template_without_slots_has_no_components() -> None:
    assert "components" not in body_of(replace(MESSAGE, parameters=(), buttons=()))["template"]


def test_a_provider_in_between_gets_the_bare_token_in_its_own_header() -> None:
    seen: list[tuple[str | None, str | None]] = []

    async def respond(request: web.Request) -> web.Response:
        seen.append((request.headers.get("D360-API-KEY"), request.headers.get("Authorization")))
        return web.json_response({"messages": [{"id": "wamid.A"}]})

    asyncio.run(answered(respond, replace(MESSAGE, auth_header="D360-API-KEY")))
    assert seen == [("secret", None)]


def test_one_connection_serves_one_message_after_the_other() -> None:
    peers = set()

    async def respond(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.json_response({"messages": [{"id": "wamid.A"}]})

    asyncio.run(answered(respond, MESSAGE, MESSAGE, MESSAGE))
    assert len(peers) == 1


def test_an_answer_that_comes_in_pieces_is_read_whole() -> None:
    async def respond(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in (b'{"messages":', b'[{"id":"wam', b'id.A"}]}'):
            await response.write(piece)
            await asyncio.sleep(0.02)
        return response

    assert asyncio.run(answered(respond, MESSAGE)) == [Accepted(wamid="wamid.A")]


def test_a_redirect_is_not_followed() -> None:
    calls: list[str] = []

    async def respond(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    [answer] = asyncio.run(answered(respond, MESSAGE))
    assert isinstance(answer, Unknown)
    assert len(calls) == 1


def test_a_connection_reset_after_the_request_leaves_the_fate_unknown_and_is_not_retried() -> None:
    calls = 0

    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        await reader.read(100)
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    assert isinstance(asyncio.run(raw_answered(reset)), Unknown)
    assert calls == 1


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    ],
    ids=["closed", "cut short", "not HTTP", "not gzip"],
)
def test_an_answer_that_cannot_be_read_leaves_the_fate_unknown(reply: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(reply)
        await writer.drain()
        writer.close()

    assert isinstance(asyncio.run(raw_answered(serve)), Unknown)


def test_a_server_that_never_answers_leaves_the_fate_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whatsapp_cloud, "TOTAL_SECONDS", 0.2)

    async def respond(_: web.Request) -> web.Response:
        await asyncio.sleep(0.6)
        return web.Response()

    assert isinstance(asyncio.run(answered(respond, MESSAGE))[0], Unknown)


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(
    "url",
    [f"http://127.0.0.1:{closed_port()}", "http://no-such-host.invalid", "http://[", ""],
    ids=["refused", "no such name", "no address", "empty"],
)
def test_without_a_connection_nothing_was_sent(url: str) -> None:
    async def send() -> Answer:
        channel = channel_to(url)
        try:
            return await channel.send(MESSAGE)
        finally:
            await channel.close()

    assert isinstance(asyncio.run(send()), NotSent)


def test_tls_that_fails_is_nothing_sent() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"this is no TLS")
        writer.close()

    async def send() -> Answer:
        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        channel = channel_to(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        try:
            return await channel.send(MESSAGE)
        finally:
            await channel.close()
            server.close()

    assert isinstance(asyncio.run(send()), NotSent)


@pytest.mark.parametrize("token", [None, "", "  \n", "two\nlines", "jeton-é"])
def test_without_a_usable_token_nothing_is_sent(token: str | None) -> None:
    answer = asyncio.run(channel_to("http://127.0.0.1:9", token).send(MESSAGE))
    assert isinstance(answer, NotSent)
    assert "two" not in answer.why


def test_a_token_file_may_end_with_a_newline() -> None:
    async def respond(request: web.Request) -> web.Response:
        return web.json_response({"messages": [{"id": request.headers["Authorization"]}]})

    assert asyncio.run(answered(respond, MESSAGE, token="secret\n")) == [Accepted(wamid="Bearer secret")]


def test_half_a_surrogate_pair_is_not_sent_and_harms_nobody_else() -> None:
    broken = replace(MESSAGE, parameters=(("first_name", "\ud83d"),))
    assert isinstance(asyncio.run(channel_to("http://127.0.0.1:9").send(broken)), NotSent)


def test_a_call_too_many_is_not_sent_rather_than_sent_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whatsapp_cloud, "MOST_CALLS", 2)

    async def crowd() -> list[Answer]:
        release = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            await release.wait()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        channel = channel_to(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        calls = [asyncio.ensure_future(channel.send(MESSAGE)) for _ in range(3)]
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        release.set()
        answers = list(await asyncio.gather(*calls))
        await channel.close()
        server.close()
        return answers

    kinds = [type(answer) for answer in asyncio.run(crowd())]
    assert kinds == [Unknown, Unknown, NotSent]


ERROR = b'{"error":{"message":"(#%d)","type":"OAuthException","code":%d,"error_data":{"details":"why"}}}'


@pytest.mark.parametrize("status", [200, 400, 403, 500, 503])
def test_an_error_code_decides_whatever_the_status(status: int) -> None:
    assert understood(status, ERROR % (130429, 130429)) == Refused(code=130429, details="why")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b'{"messages":[]}',
        b'{"messages":["a"]}',
        b'{"messages":[{"id":""}]}',
        b'{"messages":[{"id":7}]}',
        b'{"error":{"code":"x"}}',
        b'{"error":{"code":true}}',
        b'{"error":"down"}',
    ],
)
@pytest.mark.parametrize("status", [200, 400, 502])
def test_without_code_and_without_id_the_fate_is_unknown(status: int, raw: bytes) -> None:
    assert isinstance(understood(status, raw), Unknown)


def test_an_id_beside_an_error_status_is_not_trusted() -> None:
    assert isinstance(understood(500, b'{"messages":[{"id":"wamid.A"}]}'), Unknown)


def test_a_held_message_is_accepted_and_says_so() -> None:
    raw = b'{"messages":[{"id":"wamid.A","message_status":"held_for_quality_assessment"}]}'
    assert understood(200, raw) == Accepted(wamid="wamid.A", status="held_for_quality_assessment")
