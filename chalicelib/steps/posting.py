"""Posting: where a webhook of webhooks.yaml leads, and what signs what is posted there."""

from __future__ import annotations

from chalicelib.authoring.endpoints import Endpoint
from chalicelib.authoring.fields import closest
from chalicelib.errors import Problem, Refused
from chalicelib.steps.home import Home


def endpoint_and_secret(home: Home, name: str) -> tuple[Endpoint, str]:
    """Return where a webhook posts and what signs it. Raises Refused when either is missing."""
    endpoints = home.rules().endpoints
    endpoint = endpoints.get(name)
    if endpoint is None:
        raise Refused(
            Problem(code="webhook_unknown", params={"webhook": name, "guess": closest(name, endpoints)})
        )
    secret = home.ports.secrets.get(endpoint.secret)
    if not secret:
        raise Refused(Problem(code="webhook_unsigned", params={"webhook": name, "secret": endpoint.secret}))
    return endpoint, secret
