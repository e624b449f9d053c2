"""Suppressions: people never to be written to, whatever they agreed to."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.audience.instant import Instant
from chalicelib.audience.standing import Standing

MANUAL = "manual"
"""Somebody here decided it, or a do-not-contact list did."""

BLOCKED = "blocked"
"""The person blocked our number; the platform said so."""

COMPLAINT = "complaint"
"""The person complained to us or to an authority."""

CAUSES = (COMPLAINT, MANUAL, BLOCKED)
"""Gravest first: the one that is named when several apply."""


def suppressed_by(standing: Standing) -> str | None:
    """Return the gravest cause that keeps us from writing, None when there is none.

    A cause we do not know still suppresses.
    """
    if not standing.suppressed:
        return None
    known = (cause for cause in CAUSES if cause in standing.suppressed)
    return next(known, min(standing.suppressed))


def suppress(standing: Standing, cause: str, at: Instant) -> Standing:
    """Return `standing` suppressed for `cause`; the first date of a cause is kept."""
    first = min(at, standing.suppressed.get(cause, at))
    if standing.suppressed.get(cause) == first:
        return standing
    return replace(standing, suppressed={**standing.suppressed, cause: first})


def lift(standing: Standing, cause: str) -> Standing:
    """Return `standing` no longer suppressed for `cause`; other causes stay."""
    if cause not in standing.suppressed:
        return standing
    return replace(standing, suppressed={c: at for c, at in standing.suppressed.items() if c != cause})
