"""The public keys of an identity provider, as it publishes them; looked up again when one is new."""

from __future__ import annotations

import http.client
import threading
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from chalicelib.adapters.aws.calls import unavailable
from chalicelib.audience.instant import MINUTE_MS, Instant
from chalicelib.errors import HomeUnavailable
from chalicelib.log import log
from chalicelib.ports import SigningKey

PROVIDER = "identity provider"
PATH = "/.well-known/jwks.json"
SECONDS = 3.0
LARGEST = 64 * 1024
KEPT_MS = 60 * MINUTE_MS
"""After so long keys are looked up again, so that one that was taken back opens nothing."""
AGAIN_MS = MINUTE_MS
"""A key that nobody knows is asked for at most so often, whoever invents one."""


class PublishedKeys:
    """`SigningKeys` of an issuer. While it does not answer, the keys that it published last count."""

    def __init__(
        self, issuer: str, now: Callable[[], Instant], fetch: Callable[[str], bytes] | None = None
    ) -> None:
        self._address = issuer + PATH
        self._now = now
        self._fetch = fetch or fetched
        self._lock = threading.Lock()
        self._keys: Mapping[str, SigningKey] | None = None
        self._asked_at: Instant | None = None

    def get(self, kid: str) -> SigningKey | None:
        """GET of the issuer's keys, at most once a minute."""
        with self._lock:
            age = None if self._asked_at is None else self._now() - self._asked_at
            known = self._keys or {}
            if age is None or age >= KEPT_MS or (kid not in known and age >= AGAIN_MS):
                self._look()
            if self._keys is None:
                raise unavailable(PROVIDER, "its keys are not to be had")
            return self._keys.get(kid)

    def _look(self) -> None:
        self._asked_at = self._now()
        try:
            self._keys = keys_in(self._fetch(self._address))
        except (OSError, http.client.HTTPException, ValueError, HomeUnavailable) as error:
            log.warning("keys_not_refreshed", extra={"detail": type(error).__name__})


def keys_in(raw: bytes) -> dict[str, SigningKey]:
    """Return the keys for signatures in a JSON Web Key Set. Raises ValueError for what is none."""
    found = orjson.loads(raw)
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise ValueError("no key set")
    return {key["kid"]: _key(key) for key in listed if _is_ours(key)}


def _is_ours(key: Any) -> bool:
    return (
        isinstance(key, dict)
        and key.get("kty") == "RSA"
        and key.get("use", "sig") == "sig"
        and key.get("alg", "RS256") == "RS256"
        and all(isinstance(key.get(name), str) for name in ("kid", "n", "e"))
    )


def _key(key: Mapping[str, str]) -> SigningKey:
    return SigningKey(modulus=_number(key["n"]), exponent=_number(key["e"]))


def _number(text: str) -> int:
    return int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def fetched(address: str) -> bytes:
    """GET over https, within seconds, not redirected. Raises OSError or HTTPException."""
    place = urlsplit(address)
    connection = http.client.HTTPSConnection(place.hostname or "", place.port, timeout=SECONDS)
    try:
        connection.request("GET", place.path, headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read(LARGEST + 1)
        if answer.status != http.client.OK or len(body) > LARGEST:
            raise http.client.HTTPException(str(answer.status))
        return body
    finally:
        connection.close()
