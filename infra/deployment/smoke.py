"""The smoke test of a stage that was just deployed: asked from outside, as its users do."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

Ask = Callable[[str, str, Mapping[str, str], bytes], tuple[int, bytes]]
"""Method, address, headers and body -> status and body; status 0 when nobody answers."""
TRIES, BETWEEN_SECONDS = 12, 5.0
"""New addresses and rights take up to a minute to be known everywhere."""
UNSIGNED = b'{"object":"whatsapp_business_account","entry":[]}'


@dataclass(frozen=True, slots=True)
class Finding:
    """One question and its answer. `code` names its words; `seen` is what was answered instead."""

    code: str
    holds: bool
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """What is asked: the addresses, what the release must be called, and what opens them.

    `token` is an API token, "" when none is known: then it is asked whether the
    door is closed without one.
    """

    api: str
    webhook: str
    release: str
    verify_token: str
    token: str = ""


def findings(stage: Stage, ask: Ask) -> Iterator[Finding]:
    """Ask everything once."""
    status, body = ask("GET", f"{stage.api}/health", {}, b"")
    yield Finding("smoke_health", status == 200, _seen(status, body))
    release = str(_parsed(body).get("release", ""))
    yield Finding("smoke_release", release == stage.release, release or _seen(status, body))
    listing = f"{stage.api}/api/broadcasts"
    status, body = ask("GET", listing, {}, b"")
    yield Finding("smoke_closed", status in (401, 403), _seen(status, body))
    if stage.token:
        status, body = ask("GET", listing, {"Authorization": f"Bearer {stage.token}"}, b"")
        yield Finding("smoke_token", status == 200, _seen(status, body))
    yield from _of_webhook(stage, ask)


def _of_webhook(stage: Stage, ask: Ask) -> Iterator[Finding]:
    challenge = str(secrets.randbelow(10**9))
    asked = {"hub.mode": "subscribe", "hub.verify_token": stage.verify_token, "hub.challenge": challenge}
    status, body = ask("GET", f"{stage.webhook}?{urlencode(asked)}", {}, b"")
    # What went wrong is told without the body: an echo could hold the verify token.
    yield Finding("smoke_handshake", (status, body) == (200, challenge.encode()), str(status))
    status, body = ask("POST", stage.webhook, {"Content-Type": "application/json"}, UNSIGNED)
    # 403 would also be said by AWS itself, when nobody may call the address: the handshake tells those apart.
    yield Finding("smoke_unsigned", status in (401, 403), _seen(status, body))


def settled(
    stage: Stage,
    ask: Ask,
    *,
    tries: int = TRIES,
    pause: Callable[[], None] = lambda: time.sleep(BETWEEN_SECONDS),
) -> list[Finding]:
    """Ask until everything holds, or the tries are over; returns what was found last."""
    found = list(findings(stage, ask))
    for _ in range(tries - 1):
        if all(one.holds for one in found):
            break
        pause()
        found = list(findings(stage, ask))
    return found


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seen(status: int, body: bytes) -> str:
    return f"{status} {body[:120].decode('utf-8', 'replace')}".strip()


def over_http(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    """Ask an address. Nobody answering is status 0, with the reason as its body."""
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    if not url.startswith(("https://", "http://")):
        return 0, b"no address"
    request = Request(url, data=body or None, headers=dict(headers), method=method)
    try:
        with urlopen(request, timeout=30) as answer:
            return int(answer.status), answer.read()
    except HTTPError as error:
        return error.code, error.read()
    except (URLError, OSError) as error:
        return 0, str(error).encode()
