"""Who asks, from what somebody else has checked: the claims of an identity provider such as Cognito.

API Gateway checks the signature and puts the claims beside the request, where
no client can write. On one machine nothing does, and there are none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.authoring.actor import Actor, ActorKind, Role
from chalicelib.errors import Forbidden, Problem, Unauthorized

NAMES = ("cognito:username", "username", "sub")
"""Claims that a person cannot change, unlike an e-mail address; the first one that is there counts."""
GROUPS = "cognito:groups"
MFA = "mfa"
"""RFC 8176: more than one factor was used."""
LOCAL = {"carillon": "local"}
"""What this process puts beside a request that it makes itself, for whoever sits at the home."""


def claims_of(context: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the claims beside a request, of a REST API's or an HTTP API's authorizer; None without one."""
    authorizer = context.get("authorizer") or {}
    claims = authorizer.get("claims") or (authorizer.get("jwt") or {}).get("claims")
    return claims if isinstance(claims, Mapping) else None


def actor_of_claims(claims: Mapping[str, Any]) -> Actor:
    """Return the actor of checked claims; the highest of several roles counts.

    Groups are named like roles, with or without "carillon-" before it. Raises
    Unauthorized without a name, Forbidden without a role.
    """
    name = next((str(claims[key]).strip() for key in NAMES if str(claims.get(key) or "").strip()), "")
    if not name:
        raise Unauthorized(Problem(code="token_wrong"))
    groups = {group.removeprefix("carillon-") for group in listed(claims.get(GROUPS))}
    roles = [role for role in Role if role.value in groups]
    if not roles:
        raise Forbidden(Problem(code="role_none", params={"name": name[:100]}))
    mfa = MFA in listed(claims.get("amr"))
    return Actor(name=name, role=roles[-1], kind=ActorKind.PERSON, has_mfa=mfa)


def listed(claim: Any) -> list[str]:
    """Return a claim's words: a list, or "a,b" or "[a b]", as API Gateway writes lists."""
    if isinstance(claim, list | tuple):
        return [str(word) for word in claim]
    return re.findall(r"[^\s,\[\]\"]+", str(claim or ""))
