"""Suppression: people never to be written to, whatever a campaign asks."""

from __future__ import annotations

from chalicelib.audience.standing import Standing

BLOCKED = "blocked"
"""The person blocked the business (WhatsApp 130403)."""
MANUAL = "manual"
"""Somebody of ours put them on the list."""


def suppressed_by(standing: Standing) -> str | None:
    """Return the first recorded cause, or None. An erased person is suppressed by their erasure."""
    if standing.erased:
        return "erased"
    return min(standing.suppressed, key=lambda cause: standing.suppressed[cause], default=None)
