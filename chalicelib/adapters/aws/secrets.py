"""Secrets in Secrets Manager: one JSON object per deployment, cached, two versions valid at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws.calls import code_of, unavailable
from chalicelib.audience.instant import MINUTE_MS, Instant
from chalicelib.errors import HomeUnavailable
from chalicelib.log import log
from chalicelib.ports import Clock

SECRETS_MANAGER = "Secrets Manager"
CACHED_MS = 5 * MINUTE_MS
OLD = "_OLD"
"""NAME_OLD is what NAME was before the last rotation: the version staged AWSPREVIOUS."""
ABSENT = ("ResourceNotFoundException",)


@dataclass(frozen=True, slots=True)
class _Cached:
    """Both versions of the secret as they were read at `at`, together: a rotation moves both."""

    current: Mapping[str, str]
    previous: Mapping[str, str]
    at: Instant


class ManagedSecrets:
    """`Secrets`. While Secrets Manager does not answer, or says nonsense, what was read last is used."""

    def __init__(self, client: Any, secret_id: str, clock: Clock) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._cached: _Cached | None = None
        self._lock = threading.Lock()

    def get(self, name: str) -> str | None:
        """GetSecretValue of both versions, at most once in CACHED_MS."""
        known = self._known()
        if name in known.current:
            return known.current[name] or None
        if not name.endswith(OLD):
            return None
        plain = name.removesuffix(OLD)
        before = known.previous.get(plain)
        return before if before and before != known.current.get(plain) else None

    def _known(self) -> _Cached:
        with self._lock:
            now = self._clock.now()
            if self._cached is None or not 0 <= now - self._cached.at < CACHED_MS:
                self._cached = self._refreshed(now)
            return self._cached

    def _refreshed(self, now: Instant) -> _Cached:
        try:
            return _Cached(self._read("AWSCURRENT"), self._read("AWSPREVIOUS"), now)
        except HomeUnavailable as error:
            if self._cached is None:
                raise
            log.warning("secrets_not_refreshed", extra={"detail": str(error)})
            return replace(self._cached, at=now)

    def _read(self, stage: str) -> Mapping[str, str]:
        try:
            answer = self._client.get_secret_value(SecretId=self._secret_id, VersionStage=stage)
        except (BotoCoreError, ClientError) as error:
            if code_of(error) in ABSENT:
                return {}
            raise unavailable(SECRETS_MANAGER, code_of(error)) from error
        return _parsed(answer.get("SecretString") or "{}")


def _parsed(text: str) -> Mapping[str, str]:
    """Return the secret's names and values, null being none; what is no JSON object is a wrong set-up."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise unavailable(SECRETS_MANAGER, "the secret is not a JSON object")
    return {str(name): str(value) for name, value in found.items() if value is not None}
