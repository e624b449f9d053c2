"""API tokens: made here, shown once, kept as a hash.

A token is "carillon_NUMBER_SECRET". Its number says which object has its hash, so
checking one is one read. Numbers are given in order and never again: the first
one without an object ends the list. A revoked token stays in it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import orjson

from chalicelib.audience.instant import Instant
from chalicelib.errors import InvalidRequest, NotFound, Problem, Refused
from chalicelib.log import log
from chalicelib.steps.home import Home

PREFIX = "carillon"
LONGEST_NAME = 64
MOST_TOKENS = 1_000
"""Ever, revoked ones too: each is an object of its own, read one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is kept of a token: never its secret. `revoked_at` is None while it opens the API."""

    number: int
    name: str
    hash: str
    created_at: Instant
    revoked_at: Instant | None = None


def create(home: Home, name: str) -> tuple[str, Token]:
    """Make a token and return its text, which nobody can find out again, with what is kept of it."""
    if not 0 < len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        problem = Problem(code="token_name", path="name", params={"most": str(LONGEST_NAME)})
        raise InvalidRequest(problem)
    secret = home.ports.randomness.token()
    for number in range(1, MOST_TOKENS + 1):
        token = Token(number=number, name=name.strip(), hash=_hash(secret), created_at=home.ports.clock.now())
        if home.ports.objects.add(_key(number), _stored(token)):
            log.info("token_created", extra={"token": number})
            return f"{PREFIX}_{number}_{secret}", token
    raise Refused(Problem(code="token_too_many", params={"most": str(MOST_TOKENS)}))


def every(home: Home) -> Iterator[Token]:
    """Yield what is kept of each token, in order of their numbers."""
    for number in count(1):
        token = _get(home, number)
        if token is None:
            return
        yield token


def revoke(home: Home, number: str) -> Token:
    """Close the API to a token, from the next request on. Raises NotFound; again it changes nothing."""
    token = _get(home, _number(number))
    if token is None:
        raise NotFound(Problem(code="token_unknown", params={"token": number[:20]}))
    if token.revoked_at is None:
        token = replace(token, revoked_at=home.ports.clock.now())
        home.ports.objects.put(_key(token.number), _stored(token))
        log.info("token_revoked", extra={"token": token.number})
    return token


def opens(home: Home, text: str) -> bool:
    """Say whether a token is one of ours and not revoked. The secret is compared in constant time."""
    prefix, _, rest = text.partition("_")
    number, _, secret = rest.partition("_")
    if prefix != PREFIX or not secret:
        return False
    token = _get(home, _number(number))
    if token is None or token.revoked_at is not None:
        return False
    return hmac.compare_digest(token.hash, _hash(secret))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0


def _key(number: int) -> str:
    return f"keys/tokens/{number}.json"


def _hash(secret: str) -> str:
    """Return what is kept of a secret: 128 random bits need neither salt nor stretching."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _stored(token: Token) -> bytes:
    return orjson.dumps(token)


def _get(home: Home, number: int) -> Token | None:
    stored = home.ports.objects.get(_key(number)) if 0 < number <= MOST_TOKENS else None
    return Token(**orjson.loads(stored)) if stored else None
