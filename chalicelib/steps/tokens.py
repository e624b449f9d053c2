"""API tokens: made here, shown once, kept as a hash.

A token is "carillon_NUMBER_SECRET". Its number says which object has its hash, so
checking one is one read. Numbers are given in order and never again: the first
one without an object ends the list. A revoked or expired token stays in it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import count

import orjson

from chalicelib.audience.instant import DAY_MS, Instant, from_iso, to_iso
from chalicelib.authoring.actor import Actor, ActorKind, Area, Role
from chalicelib.authoring.fields import duration_ms
from chalicelib.errors import InvalidRequest, NotFound, Problem, Refused, Unauthorized
from chalicelib.log import log
from chalicelib.steps.home import Home

PREFIX = "carillon"
LONGEST_NAME = 64
MOST_TOKENS = 1_000
"""Ever, revoked ones too: each is an object of its own, read one after the other."""
LONGEST_LIFE_MS = 3_653 * DAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is kept of a token: never its secret. `revoked_at` is None while it opens the API.

    `role` is the admin's for those that were made before there were roles. `owner`
    is the person who uses it, "" for a system; `scope` the areas it opens, none for
    all; `expires_at` is None for one that never does.
    """

    number: int
    name: str
    hash: str
    created_at: Instant
    revoked_at: Instant | None = None
    role: str = Role.ADMIN.value
    owner: str = ""
    scope: Sequence[str] = ()
    expires_at: Instant | None = None


KNOWN = frozenset(field.name for field in fields(Token))
"""What this version knows of a token: a newer one may have kept more."""


def create(
    home: Home,
    name: str,
    *,
    role: str = Role.ADMIN.value,
    owner: str = "",
    scope: Sequence[str] = (),
    expires: str = "",
) -> tuple[str, Token]:
    """Make a token and return its text, which nobody can find out again, with what is kept of it.

    `expires` is a duration such as "90d", an instant, or "" for never. Raises
    InvalidRequest with everything wrong.
    """
    now = home.ports.clock.now()
    expires_at = _expiry(expires, now)
    problems = [*_name_problems(name, owner), *_reach_problems(role, scope)]
    if expires and expires_at is None:
        problems.append(Problem(code="token_expiry", path="expires", params={"value": expires[:40]}))
    if problems:
        raise InvalidRequest(*problems)
    secret = home.ports.randomness.token()
    for number in range(1, MOST_TOKENS + 1):
        token = Token(
            number=number,
            name=name.strip(),
            hash=_hash(secret),
            created_at=now,
            role=role,
            owner=owner.strip(),
            scope=sorted(set(scope)),
            expires_at=expires_at,
        )
        if home.ports.objects.add(_key(number), _stored(token)):
            log.info("token_created", extra={"token": number})
            return f"{PREFIX}_{number}_{secret}", token
    raise Refused(Problem(code="token_too_many", params={"most": str(MOST_TOKENS)}))


def _name_problems(name: str, owner: str) -> Iterator[Problem]:
    most = {"most": str(LONGEST_NAME)}
    if not 0 < len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        yield Problem(code="token_name", path="name", params=most)
    if len(owner.strip()) > LONGEST_NAME or not owner.isprintable():
        yield Problem(code="token_owner", path="owner", params=most)


def _reach_problems(role: str, scope: Sequence[str]) -> Iterator[Problem]:
    if role not in list(Role):
        yield Problem(code="token_role", path="role", params={"role": role[:40]})
    for area in scope:
        if area not in list(Area):
            params = {"scope": area[:40], "known": ", ".join(Area)}
            yield Problem(code="token_scope", path="scope", params=params)


def _expiry(words: str, now: Instant) -> Instant | None:
    """Return the instant that a duration or an instant means; None when it is past, too far or neither."""
    try:
        lasts = duration_ms(words)
        at = now + lasts if lasts is not None else from_iso(words)
    except ValueError:
        return None
    return at if now < at <= now + LONGEST_LIFE_MS else None


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


def actor(home: Home, text: str) -> Actor | None:
    """Return whose token this is, None when it is none of ours or revoked.

    The secret is compared in constant time. Raises Unauthorized for one that expired.
    """
    prefix, _, rest = text.partition("_")
    number, _, secret = rest.partition("_")
    if prefix != PREFIX or not secret:
        return None
    token = _get(home, _number(number))
    if token is None or token.revoked_at is not None or not hmac.compare_digest(token.hash, _hash(secret)):
        return None
    if token.expires_at is not None and home.ports.clock.now() >= token.expires_at:
        raise Unauthorized(Problem(code="token_expired", params={"at": to_iso(token.expires_at)}))
    return Actor(
        name=token.owner or token.name,
        role=Role(token.role),
        kind=ActorKind.TOKEN,
        token=token.name,
        scope=frozenset(map(Area, token.scope)),
    )


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
    if not stored:
        return None
    known = {name: value for name, value in orjson.loads(stored).items() if name in KNOWN}
    return Token(**known)
