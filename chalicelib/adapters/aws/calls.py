"""AWS calls: how often they are tried, and what is raised when they cannot be made.

botocore retries what is safe to repeat (throttles, 5xx, lost connections) with
growing pauses and jitter. Everything Carillon repeats is conditional or
idempotent; where an unanswered call may have been made, the caller looks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBConnectionError, TableDoesNotExist

from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.ports import Randomness

A = TypeVar("A")
B = TypeVar("B")

MOST_TRIES = 5
SIDE_BY_SIDE = 16
"""Calls of one batch that are under way at once."""

CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    max_pool_connections=3 * SIDE_BY_SIDE,
    retries={"mode": "standard", "total_max_attempts": MOST_TRIES},
    parameter_validation=False,
)
CONDITION_FAILED = "ConditionalCheckFailedException"


@dataclass(frozen=True)
class Calls:
    """What every adapter needs beside its client: threads for a batch, marks, and pauses."""

    randomness: Randomness
    sleep: Callable[[float], None] = time.sleep
    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="aws")
    )

    def side_by_side(self, call: Callable[[A], B], items: Sequence[A]) -> list[B]:
        """Make one call per item at once; results in order. All have ended when it returns or raises."""
        if len(items) < 2:
            return [call(item) for item in items]
        begun = [self.pool.submit(copy_context().run, call, item) for item in items]
        faults = [fault for task in begun if (fault := task.exception()) is not None]
        if faults:
            raise faults[0]
        return [task.result() for task in begun]

    def mark(self) -> str:
        """Return the mark of one write, by which it is known again."""
        return self.randomness.token()[:12]

    def pause(self, tries: int) -> None:
        """Wait before the next try: up to 50 ms, 100 ms, 200 ms ... with jitter, at most 2 s."""
        jitter = int(self.randomness.token()[:4], 16) / 0xFFFF
        self.sleep(min(2.0, 0.05 * 2**tries) * (0.5 + jitter / 2))

    def close(self) -> None:
        """End the threads."""
        self.pool.shutdown(wait=True)


@contextmanager
def surfaced(service: str, besides: Sequence[str] = ()) -> Iterator[None]:
    """Raise HomeUnavailable for whatever AWS refuses or does not answer, beyond all tries.

    Errors that AWS calls by a name in `besides` are answers, and are left to the caller.
    """
    try:
        yield
    except (BotoCoreError, ClientError, PynamoDBConnectionError, TableDoesNotExist) as error:
        if code_of(error) in besides:
            raise
        raise unavailable(service, code_of(error)) from error


def unavailable(service: str, detail: str) -> HomeUnavailable:
    """Return the error of an AWS service that cannot be used now."""
    return HomeUnavailable(Problem(code="aws_unavailable", params={"service": service, "detail": detail}))


def code_of(error: BaseException) -> str:
    """Return AWS's own name of an error, or the kind of failure when it said nothing."""
    origin: Any = error.cause or error if isinstance(error, PynamoDBConnectionError) else error
    response = getattr(origin, "response", None) or {}  # botocore's timeouts have a response that is None
    return str(response.get("Error", {}).get("Code") or type(origin).__name__)


def was_repeated(error: PynamoDBConnectionError) -> bool:
    """Say whether a refused call was a second or later try, so that an earlier one may have been made."""
    origin: Any = getattr(error.cause, "__cause__", None)
    response = getattr(origin, "response", None) or {}
    return bool(response.get("ResponseMetadata", {}).get("RetryAttempts", 0))
