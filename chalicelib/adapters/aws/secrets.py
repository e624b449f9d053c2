"""Secrets in Secrets Manager: one JSON object per deployment, cached, two versions valid at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws.calls import code_of, unavailable
from chalicelib.audience.instant import MINUTE_MS, Instant
from chalicelib.log import log
from chalicelib.ports import Clock

SECRETS_MANAGER = "Secrets Manager"
CACHED_MS = 5 * MINUTE_MS
OLD = "_OLD"
"""NAME_OLD is what NAME was before the last rotation: the version staged AWSPREVIOUS."""
ABSENT = ("ResourceNotFoundException",)


@dataclass(frozen=True, slots=True)
class _Cached:
    """One version of the secret as it was read at `at`."""

    values: Mapping[str, str]
    at: Instant


class ManagedSecrets:
    """`Secrets`. While Secrets Manager does not answer, what was read last goes on being used."""

    def __init__(self, client: Any, secret_id: str, clock: Clock) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._cached: dict[str, _Cached] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> str | None:
        """GetSecretValue, at most once in CACHED_MS per version."""
        current = self._values("AWSCURRENT")
        if name in current:
            return current[name] or None
        if not name.endswith(OLD):
            return None
        plain = name.removesuffix(OLD)
        before = self._values("AWSPREVIOUS").get(plain)
        return before if before and before != current.get(plain) else None

    def _values(self, stage: str) -> Mapping[str, str]:
        with self._lock:
            cached = self._cached.get(stage)
            now = self._clock.now()
            if cached is None or not 0 <= now - cached.at < CACHED_MS:
                cached = _Cached(self._read(stage, cached), now)
                self._cached[stage] = cached
            return cached.values

    def _read(self, stage: str, cached: _Cached | None) -> Mapping[str, str]:
        try:
            answer = self._client.get_secret_value(SecretId=self._secret_id, VersionStage=stage)
        except (BotoCoreError, ClientError) as error:
            if code_of(error) in ABSENT:
                return {}
            if cached is None:
                raise unavailable(SECRETS_MANAGER, code_of(error)) from error
            log.warning("secrets_not_refreshed", extra={"stage": stage, "detail": code_of(error)})
            return cached.values
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
