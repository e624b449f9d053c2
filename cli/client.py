"""One way to ask the API, over HTTP or in this process; commands do not know which."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    from chalicelib.web.local import LocalApi

ANSWER_SECONDS = 600
"""An import of a million rows is one request."""

POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and the JSON that came with it."""

    status: int
    json: Any

    @property
    def done(self) -> bool:
        """Whether the request was carried out."""
        return 200 <= self.status < 300


class Unreachable(Exception):
    """No server answers at the address; `reason` is the system's word for it."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class Client(Protocol):
    """The API, wherever it is."""

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """Send one request. Raises Unreachable when nobody is there."""
        ...

    def settle(self, until: Callable[[], bool]) -> None:
        """Return once `until` holds: wait for a server's work, or do the work here."""
        ...

    def close(self) -> None:
        """Let go of the connection or the home."""
        ...


def path_of(*parts: str) -> str:
    """Return an API path; each part is quoted, a phone number's plus too."""
    return "/api/" + "/".join(quote(part, safe="") for part in parts)


def encoded(body: bytes | Mapping[str, Any] | None) -> bytes:
    """Return a body's bytes."""
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def decoded(raw: bytes) -> Any:
    """Return an answer's JSON; what is no JSON becomes an error's message."""
    try:
        return json.loads(raw) if raw else {}
    except ValueError:
        text = raw[:200].decode("utf-8", "replace").strip()
        return {"code": "answer_not_json", "message": text or "an empty answer", "problems": []}


class HttpClient:
    """A running `carillon up`, or the API on AWS."""

    def __init__(self, url: str, *, token: str = "", language: str = "en") -> None:
        parts = urlsplit(url)
        self._url = url.rstrip("/")
        self._secure = parts.scheme == "https"
        self._netloc = parts.netloc
        self._prefix = parts.path.rstrip("/")
        self._headers = {"Accept": "application/json", "Accept-Language": language}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """Send one request on a connection of its own. Raises Unreachable."""
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        target = self._prefix + path + (f"?{urlencode(query)}" if query else "")
        headers = {**self._headers, "Content-Type": content_type}
        connection = kind(self._netloc, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, target, body=encoded(body) or None, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, decoded(answer.read()))
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise Unreachable(self._url, str(error) or type(error).__name__) from error
        finally:
            connection.close()

    def settle(self, until: Callable[[], bool]) -> None:
        """Ask again and again; the server works meanwhile."""
        while not until():
            time.sleep(POLL_SECONDS)

    def close(self) -> None:
        """Nothing is kept open."""


class HomeClient:
    """A home on this machine, opened on the first request, so that `--help` costs nothing."""

    def __init__(self, home: str, *, language: str = "en") -> None:
        self._home = home
        self._language = language
        self._api: LocalApi | None = None

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """Call the same routes in this process."""
        headers = {"Accept-Language": self._language, "Content-Type": content_type}
        status, _, raw = self._opened().request(
            method, path, query=dict(query or {}), body=encoded(body), headers=headers
        )
        return Answer(status, decoded(raw))

    def settle(self, until: Callable[[], bool]) -> None:
        """Work planning and launching here, beside whatever else works on this home."""
        self._opened().drain(until)

    def close(self) -> None:
        """Close the home, if it was opened."""
        if self._api is not None:
            self._api.close()

    def _opened(self) -> LocalApi:
        if self._api is None:
            from chalicelib.web.local import LocalApi

            self._api = LocalApi(self._home)
        return self._api
