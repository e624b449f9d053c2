"""Posting to other systems, the same from both homes: one call, to an address that was looked at first.

A name is resolved once, every address it leads to is judged, and the call goes
to one of those very addresses: what a name server says a moment later changes
nothing. Redirects are not followed, proxies of the environment not used, and of
the answer only the status is read.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping

from chalicelib.authoring.endpoints import Endpoint, is_forbidden
from chalicelib.ports import Posted

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
LARGEST_BODY = 64 * 1024
"""Bytes of one post; a reply is at most a quarter of it."""


class HttpWebhooks:
    """`Webhooks` over HTTP. `loopback`: whether this machine itself may be called."""

    def __init__(self, *, loopback: bool, total_seconds: float = TOTAL_SECONDS) -> None:
        self._loopback = loopback
        self._total_seconds = total_seconds

    def post(self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Posted:
        """One POST; never raises for what the other side or the network does."""
        if len(body) > LARGEST_BODY:
            return Posted(status=0, detail="the body is too large")
        try:
            addresses = _resolved(endpoint)
        except (OSError, UnicodeError) as error:
            return Posted(status=0, detail=f"{endpoint.host} is not found ({type(error).__name__})")
        if not addresses or any(is_forbidden(a, loopback=self._loopback) for a in addresses):
            return Posted(status=0, detail=f"{endpoint.host} leads to an address that is not called")
        connection = _Connection(endpoint, addresses[0])
        ending = threading.Timer(self._total_seconds, connection.abort)
        ending.daemon = True
        ending.start()
        try:
            connection.request("POST", endpoint.target, body=body, headers=dict(headers))
            status = connection.getresponse().status
            return Posted(status=0, detail="too slow") if connection.aborted else Posted(status=status)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Posted(status=0, detail=f"no answer ({type(error).__name__})")
        finally:
            ending.cancel()
            connection.close()


def _resolved(endpoint: Endpoint) -> list[str]:
    found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class _Connection(http.client.HTTPConnection):
    """A connection to one address, under the host's own name; the certificate must be that name's."""

    def __init__(self, endpoint: Endpoint, address: str) -> None:
        super().__init__(endpoint.host, endpoint.port, timeout=CONNECT_SECONDS)
        self._endpoint = endpoint
        self._address = address
        self.aborted = False

    def connect(self) -> None:
        """Connect to the address that was judged."""
        sock = socket.create_connection((self._address, self._endpoint.port), CONNECT_SECONDS)
        self.sock = sock
        if self._endpoint.is_https:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(sock, server_hostname=self._endpoint.host)
        if self.aborted:
            raise TimeoutError

    def abort(self) -> None:
        """End the call from another thread, however slowly its answer drips in."""
        self.aborted = True
        sock = self.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended meanwhile
