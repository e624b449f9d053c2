"""Frequency caps as a policy or a campaign writes them."""

from __future__ import annotations

from chalicelib.audience.instant import DAY_MS
from chalicelib.authoring.definition import Frequency, OnBlock
from chalicelib.authoring.fields import Reader

LONGEST_MS = 8 * DAY_MS
"""For how long a person's sends are kept with their standing."""
MOST_CAPS = 20


def read_frequency(root: Reader, scopes: tuple[str, ...]) -> tuple[Frequency, ...] | None:
    """Return the caps under `frequency`, None when it is absent; an empty list is no cap."""
    if root.node("frequency") is None:
        return None
    return tuple(_cap(one, scopes) for one in root.readers("frequency", most=MOST_CAPS))


def _cap(one: Reader, scopes: tuple[str, ...]) -> Frequency:
    one.required("max")
    one.required("per")
    scope = one.text("scope") or "marketing"
    if scope not in scopes:
        one.note("not_a_choice", "scope", value=scope, choices=", ".join(scopes), guess="")
    per_ms = one.duration("per", DAY_MS)
    if not 0 < per_ms <= LONGEST_MS:
        one.note("frequency_per", "per", value=str(one.text("per")), most=f"{LONGEST_MS // DAY_MS}d")
    cap = Frequency(
        scope=scope,
        most=one.whole("max", 1, least=1, most=1_000),
        per_ms=per_ms,
        on_block=one.choice("on_block", OnBlock, OnBlock.DEFER),
    )
    one.finish()
    return cap
