"""Tokens of people whom an identity provider has signed in: JSON Web Tokens under RS256, and nothing else.

Only verified here, with what everybody may know: the signature is raised to the
public exponent and compared, whole, with what it has to be (RFC 8017, 8.2.2).
Nothing in a token chooses how it is judged: its algorithm has to be ours, its
key one that the provider publishes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from chalicelib.audience.instant import Instant, to_iso
from chalicelib.errors import Problem, Unauthorized
from chalicelib.ports import SigningKey, SigningKeys

ALGORITHM = "RS256"
LONGEST = 8_192
"""Characters of a token."""
LEAST_BITS = 2_048
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""What stands before a SHA-256 in a signature (RFC 8017, 9.2)."""
CLIENT_BY_USE = {"access": "client_id", "id": "aud"}
"""Where each kind of Cognito's tokens says for whom it was made."""
PARTS = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


def is_one(text: str) -> bool:
    """Say whether a bearer's text is meant as such a token: tokens of ours have no dot."""
    return text.count(".") == 2


def claims_in(text: str, *, issuer: str, client: str, keys: SigningKeys, now: Instant) -> Mapping[str, Any]:
    """Return the claims of a token of this issuer for this client, if it may be believed now.

    Raises Unauthorized otherwise, HomeUnavailable when the keys cannot be had.
    """
    found = PARTS.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        raise _wrong()
    head, body, signature = found.groups()
    header = _object(head)
    kid = header.get("kid")
    if header.get("alg") != ALGORITHM or "crit" in header or not isinstance(kid, str):
        raise _wrong()
    key = keys.get(kid)
    if key is None or not is_signed(f"{head}.{body}".encode(), _bytes(signature), key):
        raise _wrong()
    return _believed(_object(body), issuer, client, now)


def is_signed(message: bytes, signature: bytes, key: SigningKey) -> bool:
    """Say whether this is the key's signature of the message: RSASSA-PKCS1-v1_5 with SHA-256."""
    size = (key.modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if key.modulus.bit_length() < LEAST_BITS or len(signature) != size or number >= key.modulus:
        return False
    ending = DIGEST_INFO + hashlib.sha256(message).digest()
    expected = b"\x00\x01" + b"\xff" * (size - len(ending) - 3) + b"\x00" + ending
    return hmac.compare_digest(pow(number, key.exponent, key.modulus).to_bytes(size, "big"), expected)


def _believed(claims: Mapping[str, Any], issuer: str, client: str, now: Instant) -> Mapping[str, Any]:
    """Return the claims if they are of this issuer, for this client, and still hold."""
    use, expires = claims.get("token_use"), claims.get("exp")
    named = CLIENT_BY_USE.get(use) if isinstance(use, str) else None
    if claims.get("iss") != issuer or named is None or claims.get(named) != client:
        raise _wrong()
    if not isinstance(expires, int) or isinstance(expires, bool) or not 0 < expires < 10**11:
        raise _wrong()
    if expires * 1_000 <= now:
        raise Unauthorized(Problem(code="token_expired", params={"at": to_iso(expires * 1_000)}))
    return claims


def _bytes(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _object(part: str) -> Mapping[str, Any]:
    try:
        found = json.loads(_bytes(part))
    except (ValueError, RecursionError):
        raise _wrong() from None
    if not isinstance(found, dict):
        raise _wrong()
    return found


def _wrong() -> Unauthorized:
    return Unauthorized(Problem(code="token_wrong"))
