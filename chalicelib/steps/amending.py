"""Read, change, write on condition, and again when somebody else was first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from chalicelib.errors import Problem, Refused


class Versioned(Protocol):
    """An item with the version its conditional put names."""

    @property
    def version(self) -> int:
        """The stored version."""


T = TypeVar("T", bound=Versioned)

TRIES = 50
"""Far more than any real contention; ending beats spinning for ever on a bug."""


def amend(
    read: Callable[[], T | None],
    put: Callable[..., bool],
    change: Callable[[T | None], T | None],
) -> T | None:
    """Store `change` of what is stored and return it; None from `change` leaves it alone.

    `change` may run several times and must be pure. The item returned carries the
    version it is stored under.
    """
    for _ in range(TRIES):
        current = read()
        wanted = change(current)
        if wanted is None or wanted == current:
            return current
        expected = None if current is None else current.version
        if put(wanted, expected_version=expected):
            return replace(wanted, version=(expected or 0) + 1)  # type: ignore[type-var]
    raise Refused(Problem(code="too_much_contention"))
