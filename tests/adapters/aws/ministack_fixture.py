"""One ministack for all tests of a session, started by the first that asks for it."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache

from infra.local.aws.ministack import running


@cache
def endpoint() -> str:
    """Return the address of the session's ministack. What a test makes there needs a name of its own."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(running())
