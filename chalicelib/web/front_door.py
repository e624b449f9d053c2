"""What is looked at before a request is read: whom it was meant for, who sent the browser, how large it is.

On an address that only this machine reaches, the API may have no token. A page
somewhere else must not use that through the browser of whoever sits here: it
could post across sites, or make its own name lead to this machine (DNS
rebinding). So there the Host header has to name this machine and, where a
browser says which page asks, it has to be one of ours. Whoever has a token may
come by any way. Webhooks come through tunnels under other names, and are signed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from chalicelib.errors import CarillonError, Forbidden, Problem, TooLarge

MIB = 1024 * 1024
MOST_BYTES = 4 * MIB
"""Of any request but a contacts file; Meta's webhooks are at most 3 MiB."""
MOST_FILE_BYTES = 64 * MIB
FILES = ("/api/contacts/imports", "/api/contacts/profiles")
WEBHOOK = "/webhooks/whatsapp"
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""What a proxy adds: then it is not this machine that asks, whatever name it passes on."""
READS = ("GET", "HEAD", "OPTIONS")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def turned_away(
    method: str, path: str, headers: Mapping[str, str], length: int, *, own_only: bool
) -> CarillonError | None:
    """Return why a request is not even read, None when it may go on. Header names are in lower case.

    `own_only`: only this machine reaches the address, and no token is asked for.
    """
    most = MOST_FILE_BYTES if path.rstrip("/") in FILES else MOST_BYTES
    if length > most:
        return TooLarge(Problem(code="body_too_large", params={"most": str(most // 1024)}))
    if not own_only or path == WEBHOOK:
        return None
    host = headers.get("host", "")
    if not is_loopback(_hostname(f"//{host}")) or any(name in headers for name in FORWARDED):
        return Forbidden(Problem(code="host_foreign", params={"host": host[:100]}))
    if method in READS:
        return None
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return Forbidden(Problem(code="origin_foreign", params={"origin": origin[:100]}))
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return Forbidden(Problem(code="origin_foreign", params={"origin": origin or "?"}))
    return None


def _hostname(address: str) -> str:
    """Return the host of an address, "" where there is none to be read."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""
