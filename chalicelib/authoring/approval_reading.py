"""Reading who has to agree to a plan, as a policy or a campaign writes it."""

from __future__ import annotations

from enum import StrEnum

from chalicelib.audience.instant import DAY_MS, HOUR_MS, MINUTE_MS
from chalicelib.authoring.definition import ApprovalRule, Tolerance
from chalicelib.authoring.fields import Reader

USUAL = ApprovalRule(approvers=0, not_author=True, expires_ms=72 * HOUR_MS)
"""Where nothing is said: nobody has to agree, and whoever does is not the author."""
MOST_APPROVERS = 10
SHORTEST_MS = 15 * MINUTE_MS
LONGEST_MS = 30 * DAY_MS
LATER = frozenset({"cost"})
"""Of a tolerance: plans have no prices yet."""


class _Truth(StrEnum):
    TRUE = "true"
    FALSE = "false"


def read_approval(root: Reader) -> ApprovalRule | None:
    """Return what is under `approval`, None when it is absent."""
    one = root.mapping("approval")
    if one is None:
        return None
    approvers = not_author = expires_ms = None
    if one.node("approvers") is not None:
        approvers = one.whole("approvers", 0, least=0, most=MOST_APPROVERS)
    if one.node("not_author") is not None:
        not_author = one.choice("not_author", _Truth, _Truth.TRUE) is _Truth.TRUE
    if one.node("expires") is not None:
        expires_ms = one.duration("expires", 72 * HOUR_MS)
        if not SHORTEST_MS <= expires_ms <= LONGEST_MS:
            one.note("out_of_bounds", "expires", value=str(one.text("expires")), least="15m", most="30d")
    tolerance = _tolerance(one)
    one.finish()
    return ApprovalRule(
        approvers=approvers, not_author=not_author, expires_ms=expires_ms, tolerance=tolerance
    )


def _tolerance(approval: Reader) -> Tolerance | None:
    one = approval.mapping("tolerance")
    if one is None:
        return None
    people = one.share("people", None, least=0.0, most=1.0)
    finish_ms = one.duration("finish", 0) if one.node("finish") is not None else None
    one.finish(later=LATER)
    return Tolerance(people=people, finish_ms=finish_ms)


def completed(rule: ApprovalRule | None) -> ApprovalRule:
    """Return a rule with what is usual wherever it says nothing."""
    if rule is None:
        return USUAL
    return ApprovalRule(
        approvers=USUAL.approvers if rule.approvers is None else rule.approvers,
        not_author=USUAL.not_author if rule.not_author is None else rule.not_author,
        expires_ms=USUAL.expires_ms if rule.expires_ms is None else rule.expires_ms,
        tolerance=rule.tolerance,
    )


def tighter(ours: ApprovalRule, own: ApprovalRule) -> ApprovalRule:
    """Return the stricter of the company's complete rule and a campaign's, in each key."""
    hold = [period for period in (ours.expires_ms, own.expires_ms) if period is not None]
    return ApprovalRule(
        approvers=max(ours.approvers or 0, own.approvers or 0),
        not_author=bool(ours.not_author or own.not_author),
        expires_ms=min(hold, default=None),
        tolerance=_narrower(ours.tolerance, own.tolerance),
    )


def _narrower(ours: Tolerance | None, own: Tolerance | None) -> Tolerance | None:
    said = [one for one in (ours, own) if one is not None]
    if not said:
        return None
    return Tolerance(
        people=min((one.people for one in said if one.people is not None), default=None),
        finish_ms=min((one.finish_ms for one in said if one.finish_ms is not None), default=None),
    )


def as_written(period_ms: int) -> str:
    """Return a period as a file writes it."""
    return f"{period_ms // HOUR_MS}h" if period_ms % HOUR_MS == 0 else f"{period_ms // MINUTE_MS}m"
