"""Which requests a server without a token answers, and how large they may be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from chalicelib.errors import Forbidden, TooLarge
from chalicelib.web import server
from chalicelib.web.front_door import FILES, MIB, MOST_BYTES, MOST_FILE_BYTES, WEBHOOK, turned_away
from tests.scenarios.world import World

OURS = "127.0.0.1:8000"

HOSTS = [
    ("127.0.0.1:8000", True),
    ("127.0.0.1", True),
    ("127.8.9.1:1", True),
    ("localhost:8000", True),
    ("LOCALHOST", True),
    ("localhost.:8000", True),
    ("[::1]:8000", True),
    ("attacker.example", False),
    ("127.0.0.1.attacker.example", False),
    ("localhost.attacker.example:8000", False),
    ("127.0.0.1@attacker.example", False),
    ("attacker.example#127.0.0.1", False),
    ("192.168.1.20:8000", False),
    ("[::1", False),
    ("2130706433", False),
    ("", False),
]


@pytest.mark.parametrize(("host", "is_ours"), HOSTS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_token_only_this_machines_own_names_are_answered(
    method: str, host: str, is_ours: bool
) -> None:
    refusal = turned_away(method, "/api/broadcasts", {"host": host}, 0, own_only=True)
    assert (refusal is None) is is_ours
    assert refusal is None or (isinstance(refusal, Forbidden) and refusal.problems[0].code == "host_foreign")


PAGES: list[tuple[dict[str, str], bool]] = [
    ({}, True),
    ({"origin": f"http://{OURS}"}, True),
    ({"origin": f"http://{OURS}", "sec-fetch-site": "same-origin"}, True),
    ({"sec-fetch-site": "none"}, True),
    ({"origin": "http://127.0.0.1:9000"}, False),
    ({"origin": "https://attacker.example"}, False),
    ({"origin": "null"}, False),
    ({"origin": ""}, False),
    ({"sec-fetch-site": "cross-site"}, False),
    ({"sec-fetch-site": "same-site"}, False),
    ({"origin": f"http://{OURS}", "sec-fetch-site": "cross-site"}, False),
]


@pytest.mark.parametrize(("headers", "is_ours"), PAGES)
def test_without_a_token_another_sites_page_can_change_nothing(
    headers: dict[str, str], is_ours: bool
) -> None:
    asked = {"host": OURS, **headers}
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (turned_away(method, "/api/events", asked, 0, own_only=True) is None) is is_ours
    assert turned_away("GET", "/api/broadcasts", asked, 0, own_only=True) is None


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"])
def test_what_a_proxy_passes_on_is_not_this_machines_own(header: str) -> None:
    refusal = turned_away("GET", "/api/broadcasts", {"host": OURS, header: "x"}, 0, own_only=True)
    assert isinstance(refusal, Forbidden)


def test_where_a_token_is_asked_for_names_and_pages_do_not_matter() -> None:
    asked = {"host": "carillon.example", "origin": "https://shop.example", "sec-fetch-site": "cross-site"}
    assert turned_away("POST", "/api/events", asked, 0, own_only=False) is None


def test_a_webhook_may_come_through_a_tunnel_under_any_name() -> None:
    assert turned_away("POST", WEBHOOK, {"host": "abc.tunnel.example"}, 0, own_only=True) is None
    for path in ("/api" + WEBHOOK, WEBHOOK + "/x", WEBHOOK + "/../../api/events"):
        assert turned_away("POST", path, {"host": "abc.tunnel.example"}, 0, own_only=True) is not None


@pytest.mark.parametrize("own_only", [True, False])
@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/api/events", 4 * MIB),
        (WEBHOOK, 4 * MIB),
        *((path + end, 64 * MIB) for path in FILES for end in ("", "/")),
    ],
)
def test_a_request_has_a_size(path: str, most: int, own_only: bool) -> None:
    assert turned_away("POST", path, {"host": OURS}, most, own_only=own_only) is None
    refusal = turned_away("POST", path, {"host": OURS}, most + 1, own_only=own_only)
    assert isinstance(refusal, TooLarge)


def test_the_limits_hold_what_meta_and_a_book_of_contacts_need() -> None:
    assert MOST_BYTES >= 3 * MIB
    assert MOST_FILE_BYTES >= 64 * MIB


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def ask(method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
    """Ask the server as waitress would, without a socket."""
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": OURS}
    setup_testing_defaults(environ)
    environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    environ |= {"CONTENT_TYPE": "application/json", **headers}
    started: list[str] = []
    raw = server.answer(environ, lambda status, _: started.append(status), own_only=True)
    return int(started[0].split()[0]), json.loads(b"".join(raw))


def test_the_server_looks_before_it_answers(world: World) -> None:
    assert ask("GET", "/api/broadcasts") == (200, {"broadcasts": [], "next": None})
    status, refusal = ask("GET", "/api/broadcasts", HTTP_HOST="attacker.example", HTTP_ACCEPT_LANGUAGE="fr")
    assert (status, refusal["code"], refusal["problems"][0]["code"]) == (403, "forbidden", "host_foreign")
    assert refusal["message"].startswith("ce serveur ne répond que sur cette machine")
    assert ask("POST", "/api/events", HTTP_ORIGIN="https://attacker.example")[0] == 403
    assert ask("POST", "/api/events", b" " * (4 * MIB + 1))[0] == 413


def test_whoever_has_a_token_may_come_by_any_way(world: World) -> None:
    token, _ = world.pipeline.create_token("till")
    by_proxy = {"HTTP_HOST": "carillon.example", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}
    assert ask("GET", "/api/broadcasts", b"", **by_proxy)[0] == 403
    assert ask("GET", "/api/broadcasts", b"", **by_proxy, HTTP_AUTHORIZATION="Bearer wrong")[0] == 403
    assert ask("GET", "/api/broadcasts", b"", **by_proxy, HTTP_AUTHORIZATION=f"Bearer {token}")[0] == 200
