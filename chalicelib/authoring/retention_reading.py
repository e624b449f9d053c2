"""Reading how long a policy or a campaign keeps what it stores."""

from __future__ import annotations

import re

from chalicelib.audience.instant import DAY_MS
from chalicelib.authoring.definition import Retention
from chalicelib.authoring.fields import Reader

YEAR_MS = 365 * DAY_MS
MONTH_MS = YEAR_MS // 12
"""So that 12mo is 1y."""

DEFAULT_PERSONAL_DATA_MS = 400 * DAY_MS
DEFAULT_EVIDENCE_MS = 5 * YEAR_MS
DEFAULT_AUDIT_MS = 5 * YEAR_MS
SHORTEST_MS = DAY_MS
LONGEST_MS = 50 * YEAR_MS

AUDIT = "audit"

_PERIOD = re.compile(r"(\d{1,5})(d|mo|y)")
_MS_BY_UNIT = {"d": DAY_MS, "mo": MONTH_MS, "y": YEAR_MS}


def period_ms(text: str) -> int | None:
    """Return "400d", "18mo" or "5y" in milliseconds, or None."""
    found = _PERIOD.fullmatch(text.strip())
    return int(found[1]) * _MS_BY_UNIT[found[2]] if found else None


def in_days(period: int) -> str:
    """Return a period as a person reads it."""
    return f"{period // DAY_MS}d"


def read_retention(root: Reader, default: Retention | None = None) -> Retention:
    """Return what is under `retention`; `default` fills in what is not said, where nothing stands above.

    Evidence that goes before the personal data it is evidence of is a problem,
    where both are known.
    """
    one = root.mapping("retention")
    if one is None:
        return default or Retention()
    personal_data, evidence = _period(one, "personal_data"), _period(one, "evidence")
    if default is not None:
        one.node(AUDIT)  # the policy's alone, and read apart
    one.finish()
    if default is not None:
        personal_data = personal_data or default.personal_data_ms
        evidence = evidence or default.evidence_ms
    if personal_data is not None and evidence is not None and evidence < personal_data:
        key = "evidence" if one.node("evidence") is not None else "personal_data"
        one.note(
            "retention_evidence_shorter",
            key,
            evidence=in_days(evidence),
            personal_data=in_days(personal_data),
        )
    return Retention(personal_data_ms=personal_data, evidence_ms=evidence)


def read_audit(root: Reader) -> int:
    """Return how long a policy keeps the audit trail."""
    one = root.mapping("retention")
    return (_period(one, AUDIT) if one is not None else None) or DEFAULT_AUDIT_MS


def _period(one: Reader, key: str) -> int | None:
    text = one.text(key)
    if text is None:
        return None
    period = period_ms(text)
    if period is None:
        one.note("not_a_period", key, value=text[:40])
        return None
    if not SHORTEST_MS <= period <= LONGEST_MS:
        one.note("out_of_bounds", key, value=text, least="1d", most="50y")
        return None
    return period
