"""The embedded home's front door and its engine: WSGI routes, and the loop that plays Lambda."""

from __future__ import annotations

import base64
import errno
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from waitress.server import create_server

import app
from chalicelib import bootstrap
from chalicelib.errors import Forbidden, HomeUnavailable, Problem
from chalicelib.log import log, to_file, to_stderr
from chalicelib.web import shapes
from chalicelib.web.front_door import MOST_FILE_BYTES, is_loopback, turned_away
from chalicelib.web.identity import may_come_in
from chalicelib.web.local import call
from chalicelib.web.requests import preferred, status_of

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def answer(environ: dict[str, Any], start_response: StartResponse, *, own_only: bool) -> Iterable[bytes]:
    """Answer one request: webhooks as a Function URL would, everything else as API Gateway would."""
    # As it was sent: a route's parameters are unquoted once, after the path was cut at its slashes.
    path = str(environ.get("REQUEST_URI") or environ.get("PATH_INFO") or "/").split("?", 1)[0]
    method = environ["REQUEST_METHOD"]
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    refusal = turned_away(method, path, headers, int(environ.get("CONTENT_LENGTH") or 0), own_only=own_only)
    if isinstance(refusal, Forbidden) and may_come_in(headers):
        refusal = None
    query = environ.get("QUERY_STRING", "")
    body = environ["wsgi.input"].read() if refusal is None else b""
    if refusal is not None:
        words = shapes.error(refusal, preferred(headers.get("accept-language", "en")))
        given = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
        status, raw = status_of(refusal), orjson.dumps(words)
    elif path == "/webhooks/whatsapp":
        status, given, raw = webhook(method, query, headers, body)
    else:
        status, given, raw = call(method, path, query, headers, body)
    given.pop("Content-Length", None)
    start_response(
        f"{status} {HTTPStatus(status).phrase}", [*given.items(), ("Content-Length", str(len(raw)))]
    )
    return [raw]


def _begin_log(log_files: LogFiles | None) -> None:
    if log_files is None:
        to_stderr()
        return
    try:
        to_file(log_files.file, most_bytes=log_files.most_bytes, files=log_files.files)
    except OSError as error:
        params = {"file": str(log_files.file), "detail": error.strerror or str(error)}
        raise HomeUnavailable(Problem(code="log_unwritable", params=params)) from error


def webhook(
    method: str, query: str, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Answer a webhook through the handler that a Function URL wakes on AWS (payload v2)."""
    from urllib.parse import parse_qsl

    event = {
        "version": "2.0",
        "rawQueryString": query,
        "queryStringParameters": dict(parse_qsl(query)),
        "headers": headers,
        "requestContext": {"http": {"method": method, "path": "/webhooks/whatsapp"}},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    answer = app.webhook(event, None)
    return answer["statusCode"], dict(answer["headers"]), answer["body"].encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFiles:
    """Where the log goes instead of standard error: at most `files` files of `most_bytes`."""

    file: Path
    most_bytes: int
    files: int


def _collect_seldom() -> None:
    """Have Python's collector of cycles leave alone what starting made, and look at the rest seldom.

    A full collection stops every thread for longer than a send may be late: at 1,000/s on two busy
    cores three slots of ten were missed with the usual thresholds, and one of thirty with these.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def serve(
    home: Path | str, host: str = "127.0.0.1", port: int = 8000, *, log_files: LogFiles | None = None
) -> int:
    """Serve the API and work the queues until SIGINT or SIGTERM. Returns the exit status.

    On any address but this machine's own the API asks for a token. Raises
    HomeUnavailable when another worker holds the home, the port is taken or the
    log cannot be written.
    """
    _begin_log(log_files)
    own_only = is_loopback(host)
    embedded = bootstrap.open_embedded(
        Path(home), os.environ, triggers=app, worker=True, needs_token=not own_only
    )
    bootstrap.install(embedded.pipeline)
    try:
        front = create_server(
            partial(answer, own_only=own_only and not embedded.pipeline.home.settings.token),
            host=host,
            port=port,
            threads=8,
            max_request_body_size=MOST_FILE_BYTES,
            ident="carillon",
        )
    except OSError as error:
        embedded.close()
        code = "port_in_use" if error.errno == errno.EADDRINUSE else "address_unusable"
        raise HomeUnavailable(Problem(code=code, params={"port": str(port), "host": host})) from error
    _collect_seldom()
    embedded.start()
    log.info("serving", extra={"host": host, "port": port})
    print(f"carillon is at http://{host}:{port} (Ctrl-C stops it)", file=sys.stderr)  # noqa: T201
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    threading.Thread(target=front.run, name="front-door", daemon=True).start()
    stopping.wait()
    front.close()
    embedded.close()
    return 0


__all__ = ["LogFiles", "answer", "is_loopback", "serve", "webhook"]
