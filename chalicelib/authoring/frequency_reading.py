"""Frequency caps as a policy or a campaign writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalicelib.audience.instant import DAY_MS
from chalicelib.authoring.definition import Frequency, OnBlock
from chalicelib.authoring.fields import Reader

LABEL = r"[a-z0-9][a-z0-9_-]{0,63}"
"""The key of a label; its value is any text."""

LONGEST_MS = 8 * DAY_MS
"""For how long a person's sends are kept with their standing."""
MOST_CAPS = 20
LONGEST_LABEL = 100


def read_frequency(
    root: Reader, scopes: tuple[str, ...], own: Mapping[str, str] | None = None
) -> tuple[Frequency, ...] | None:
    """Return the caps under `frequency`, None when it is absent; an empty list is no cap.

    A scope may also be a label, KEY=VALUE. `own` are a campaign's labels: one
    that it has not would cap nothing of it, and is a problem.
    """
    if root.node("frequency") is None:
        return None
    return tuple(_cap(one, scopes, own) for one in root.readers("frequency", most=MOST_CAPS))


def _cap(one: Reader, scopes: tuple[str, ...], own: Mapping[str, str] | None) -> Frequency:
    one.required("max")
    one.required("per")
    scope = one.text("scope") or "marketing"
    if scope not in scopes and not re.fullmatch(f"{LABEL}=.{{1,{LONGEST_LABEL}}}", scope):
        one.note("not_a_choice", "scope", value=scope, choices=", ".join((*scopes, "KEY=VALUE")), guess="")
    elif own is not None and scope not in scopes:
        written = [f"{key}={value}" for key, value in own.items()]
        if scope not in written:
            one.note("frequency_label", "scope", value=scope, labels=", ".join(written))
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
