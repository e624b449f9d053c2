"""Posting to other systems: what is called, what never is, and what comes of a bad other side."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chalicelib.adapters.outgoing import LARGEST_BODY, HttpWebhooks
from chalicelib.authoring.endpoints import Endpoint, endpoint_of
from tests.fakes.web_server import serving


def to(url: str) -> Endpoint:
    found = endpoint_of("inbox", url)
    assert found is not None
    return found


def test_the_body_arrives_as_it_was_signed_with_its_headers() -> None:
    with serving() as server:
        posted = HttpWebhooks(loopback=True).post(to(server.url + "?a=b"), b'{"\xc3\xa9":1}', {"X-One": "1"})
    assert posted.status == 200
    [(path, headers, body)] = server.received
    assert (path, headers["X-One"], body) == ("/in?a=b", "1", b'{"\xc3\xa9":1}')


@pytest.mark.parametrize("status", [204, 302, 404, 500])
def test_the_status_is_told_as_it_is_and_a_redirect_is_not_followed(status: int) -> None:
    with serving() as server, serving() as elsewhere:
        server.status, server.location = status, elsewhere.url
        assert HttpWebhooks(loopback=True).post(to(server.url), b"{}", {}).status == status
    assert elsewhere.received == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]"])
def test_this_machine_is_not_called_where_that_is_not_meant_however_it_is_written(host: str) -> None:
    with serving() as server:
        posted = HttpWebhooks(loopback=False).post(to(f"http://{host}:{server.port}/"), b"{}", {})
    assert posted.status == 0
    assert server.received == []


def test_the_address_of_a_clouds_credentials_is_never_called() -> None:
    posted = HttpWebhooks(loopback=True).post(to("https://169.254.169.254/latest/meta-data/"), b"{}", {})
    assert (posted.status, "not called" in posted.detail) == (0, True)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server, serving() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert HttpWebhooks(loopback=True).post(to(server.url), b"{}", {}).status == 200
    assert proxy.received == []


def test_a_name_nobody_has_and_a_port_nobody_serves_are_no_answer() -> None:
    webhooks = HttpWebhooks(loopback=True)
    assert webhooks.post(to("https://nobody.invalid/"), b"{}", {}).status == 0
    with serving() as server:
        url = server.url
    assert webhooks.post(to(url), b"{}", {}).status == 0


def test_a_body_beyond_the_limit_is_not_sent() -> None:
    with serving() as server:
        assert HttpWebhooks(loopback=True).post(to(server.url), b"x" * (LARGEST_BODY + 1), {}).status == 0
    assert server.received == []


@contextmanager
def dripping() -> Iterator[int]:
    """Serve an answer that never ends, a byte at a time: no single wait is long."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not stopping.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopping.set()
        thread.join()
        listener.close()


def test_an_answer_that_drips_for_ever_is_given_up() -> None:
    with dripping() as port:
        started = time.monotonic()
        posted = HttpWebhooks(loopback=True, total_seconds=0.4).post(to(f"http://127.0.0.1:{port}/"), b"", {})
    assert posted.status == 0
    assert time.monotonic() - started < 3
