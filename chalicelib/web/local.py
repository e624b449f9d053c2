"""The API without a socket: the same routes, called in this process over an embedded home.

What the command line uses when no server is named. Requests become API Gateway
events and go through `app.app`, so that there is one code path.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import orjson

from chalicelib.web.identity import LOCAL

Headers = dict[str, str]


def gateway_event(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    pattern: str,
    params: Mapping[str, str],
    authorizer: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the REST API event (payload v1) of a request that matched `pattern`.

    `authorizer` is what is known of whoever asks, beside what the request says.
    """
    return {
        "httpMethod": method,
        "path": path,
        "resource": pattern,
        "headers": {name.lower(): value for name, value in headers.items()},
        "multiValueQueryStringParameters": parse_qs(query, keep_blank_values=True) or None,
        "pathParameters": dict(params) or None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": pattern,
            "path": path,
            "identity": {"sourceIp": "127.0.0.1"},
            **({"authorizer": dict(authorizer)} if authorizer else {}),
        },
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


class Router:
    """Finds the route of a path, as API Gateway does: fixed segments before parameters."""

    def __init__(self, patterns: Mapping[str, Any]) -> None:
        self._patterns = sorted(patterns, key=lambda p: [s.startswith("{") for s in p.split("/")])

    def match(self, path: str) -> tuple[str, dict[str, str]] | None:
        """Return (pattern, parameters), or None."""
        parts = path.rstrip("/").split("/")
        for pattern in self._patterns:
            names = pattern.split("/")
            if len(names) != len(parts):
                continue
            pairs = list(zip(names, parts, strict=True))
            if all(name == part or (name.startswith("{") and part) for name, part in pairs):
                return pattern, {n[1:-1]: p for n, p in pairs if n.startswith("{")}
        return None


def call(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    authorizer: Mapping[str, str] | None = None,
) -> tuple[int, Headers, bytes]:
    """Send one request through the Chalice app; returns status, headers, body."""
    from app import app

    matched = Router(app.routes).match(path)
    if matched is None or method not in app.routes[matched[0]]:
        missing = orjson.dumps({"code": "not_found", "message": f"no {method} {path}", "problems": []})
        return 404, {"content-type": "application/json"}, missing
    pattern, params = matched
    answer = app(gateway_event(method, path, query, headers, body, pattern, params, authorizer), None)
    content = answer.get("body") or ""
    raw = base64.b64decode(content) if answer.get("isBase64Encoded") else str(content).encode()
    return int(answer["statusCode"]), dict(answer.get("headers") or {}), raw


class LocalApi:
    """A home on this machine, opened for one command."""

    def __init__(self, home: Path | str) -> None:
        import app
        from chalicelib import bootstrap

        self._embedded = bootstrap.open_embedded(Path(home), os.environ, triggers=app)
        bootstrap.install(self._embedded.pipeline)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: str | Mapping[str, str] | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Headers, bytes]:
        """Answer one request. Whoever may open the home's files may do all: no token is asked for."""
        text = query if isinstance(query, str) else urlencode(query or {})
        given = {"content-type": "application/json", **{k.lower(): v for k, v in (headers or {}).items()}}
        return call(method, path, text, given, body, LOCAL)

    def drain(self, until: Callable[[], bool]) -> None:
        """Work the planning and launching queues in this process until `until` holds."""
        self._embedded.drain(until)

    def close(self) -> None:
        """Close the home."""
        self._embedded.close()


__all__ = ["LocalApi", "Router", "call", "gateway_event"]
