"""Who asks: by the claims of an identity provider such as Cognito, by a token, or as who sits at the home.

An authorizer of API Gateway checks the signature and puts the claims beside the
request, where no client can write; where there is none, `signed_in` checks it
here. On one machine nobody signs in, and there are no claims.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import Any

from chalicelib import bootstrap
from chalicelib.authoring.actor import Actor, ActorKind, Role
from chalicelib.errors import Forbidden, Problem, Unauthorized
from chalicelib.ports import SigningKeys
from chalicelib.steps.home import Home
from chalicelib.web import signed_in

NAMES = ("cognito:username", "username", "sub")
"""Claims that a person cannot change, unlike an e-mail address; the first one that is there counts."""
LONGEST_NAME = 128
"""Cognito's own limit."""
GROUPS = "cognito:groups"
MFA = "mfa"
"""RFC 8176: more than one factor was used."""
LOCAL = {"carillon": "local"}
"""What this process puts beside a request that it makes itself, for whoever sits at the home."""

OF_ENVIRONMENT = "CARILLON_TOKEN"
"""What the token of the environment is called; nobody knows who uses it."""


def claims_of(context: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the claims beside a request, of a REST API's or an HTTP API's authorizer; None without one."""
    authorizer = context.get("authorizer") or {}
    claims = authorizer.get("claims") or (authorizer.get("jwt") or {}).get("claims")
    return claims if isinstance(claims, Mapping) else None


def actor_of_claims(claims: Mapping[str, Any], *, mfa_enforced: bool = False) -> Actor:
    """Return the actor of checked claims; the highest of several roles counts.

    Groups are named like roles, with or without "carillon-" before it.
    `mfa_enforced`: nobody signs in there without a second factor, whatever the claims
    say of it. Raises Unauthorized without a name, Forbidden without a role.
    """
    name = next((str(claims[key]).strip() for key in NAMES if str(claims.get(key) or "").strip()), "")
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Unauthorized(Problem(code="token_wrong"))
    groups = {group.removeprefix("carillon-") for group in listed(claims.get(GROUPS))}
    roles = [role for role in Role if role.value in groups]
    if not roles:
        raise Forbidden(Problem(code="role_none", params={"name": name[:100]}))
    mfa = mfa_enforced or MFA in listed(claims.get("amr"))
    return Actor(name=name, role=roles[-1], kind=ActorKind.PERSON, has_mfa=mfa)


def listed(claim: Any) -> list[str]:
    """Return a claim's words: a list, or "a,b" or "[a b]", as API Gateway writes lists."""
    if isinstance(claim, list | tuple):
        return [str(word) for word in claim]
    return re.findall(r"[^\s,\[\]\"]+", str(claim or ""))


def identified(headers: Mapping[str, str], context: Mapping[str, Any]) -> Actor:
    """Return who asks: whom an authorizer has checked, a token's owner, or whoever sits at this home.

    Nothing in the body says it. A token that opens nothing is refused also where
    none is asked for. Raises Unauthorized or Forbidden.
    """
    settings = bootstrap.pipeline().home.settings
    claims = claims_of(context)
    if claims is not None:
        return actor_of_claims(claims, mfa_enforced=settings.mfa_enforced)
    local = Actor(name=settings.local_name, role=Role.ADMIN, kind=ActorKind.LOCAL)
    if context.get("authorizer") == LOCAL and not settings.needs_token:
        return local
    actor = actor_of_bearer(headers)
    if actor is not None:
        return actor
    if settings.token or settings.needs_token or bearer(headers):
        raise Unauthorized(Problem(code="token_wrong"))
    return local


def bearer(headers: Mapping[str, str]) -> str:
    """Return the token that a request shows, "" without one."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else ""


def actor_of_bearer(headers: Mapping[str, str]) -> Actor | None:
    """Return whose token a request shows, None when it opens nothing. Compares in constant time.

    Raises Unauthorized for one that expired, or that nobody we know has signed.
    """
    pipeline = bootstrap.pipeline()
    given, token = bearer(headers), pipeline.home.settings.token
    if not given:
        return None
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return Actor(name=OF_ENVIRONMENT, role=Role.ADMIN, kind=ActorKind.TOKEN, token=OF_ENVIRONMENT)
    if pipeline.home.keys is not None and signed_in.is_one(given):
        return _signed_in(pipeline.home, pipeline.home.keys, given)
    return pipeline.actor_of_token(given)


def _signed_in(home: Home, keys: SigningKeys, given: str) -> Actor:
    """Return whom our identity provider has signed in. Raises Unauthorized, or Forbidden without a role."""
    claims = signed_in.claims_in(
        given,
        issuer=home.settings.issuer,
        client=home.settings.client,
        keys=keys,
        now=home.ports.clock.now(),
    )
    return actor_of_claims(claims, mfa_enforced=home.settings.mfa_enforced)


def may_come_in(headers: Mapping[str, str]) -> bool:
    """Say whether a request shows a token that opens the API."""
    try:
        return actor_of_bearer(headers) is not None
    except (Unauthorized, Forbidden):
        return False
