"""Approval: how many people have to agree to a plan, who does not count, and for how long a word holds.

A word is about one hash: whatever changes the plan changes its hash, and then
nobody has said anything yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.audience.instant import Instant
from chalicelib.authoring.actor import identity_of
from chalicelib.authoring.definition import ApprovalRule


class Verdict(StrEnum):
    """What somebody says of a plan."""

    APPROVED = "approved"
    SENT_BACK = "sent_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's last word on a plan's hash. `token` is the name of the API token they used."""

    plan: str
    who: str
    at: Instant
    verdict: Verdict
    comment: str = ""
    token: str = ""


class Worth(StrEnum):
    """What a word is worth now."""

    COUNTS = "counts"
    EXPIRED = "expired"
    AUTHOR = "author"
    SENT_BACK = "sent_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What all words on a plan amount to. `missing` is how many approvals are still needed."""

    needed: int
    not_author: bool
    expires_ms: int
    words: Sequence[tuple[Approval, Worth]]

    @property
    def given(self) -> int:
        """How many approvals count."""
        return sum(worth is Worth.COUNTS for _, worth in self.words)

    @property
    def missing(self) -> int:
        """How many approvals are still needed."""
        return max(0, self.needed - self.given)

    @property
    def sent_back(self) -> Sequence[Approval]:
        """The words that send the plan back: each stands until whoever said it approves."""
        return [word for word, worth in self.words if worth is Worth.SENT_BACK]


def agreement(
    rule: ApprovalRule, words: Iterable[Approval], authors: Iterable[str], now: Instant
) -> Agreement:
    """Return what the words on a plan amount to; `authors` wrote its definition or planned it."""
    last: dict[str, Approval] = {}
    for word in sorted(words, key=lambda w: w.at):
        last[identity_of(word.who)] = word
    theirs = {identity_of(author) for author in authors if author}
    worth = [
        (word, _worth(rule, word, is_author=who in theirs, now=now)) for who, word in sorted(last.items())
    ]
    return Agreement(
        needed=rule.approvers or 0,
        not_author=rule.not_author is not False,
        expires_ms=rule.expires_ms or 0,
        words=sorted(worth, key=lambda one: one[0].at),
    )


def _worth(rule: ApprovalRule, word: Approval, *, is_author: bool, now: Instant) -> Worth:
    if word.verdict is Verdict.SENT_BACK:
        return Worth.SENT_BACK
    if is_author and rule.not_author is not False:
        return Worth.AUTHOR
    if rule.expires_ms is not None and now >= word.at + rule.expires_ms:
        return Worth.EXPIRED
    return Worth.COUNTS
