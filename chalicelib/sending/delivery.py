"""The ledger: one delivery per person of a broadcast who got past the plan.

A person without a row is still in their chunk, waiting. What a row says only
ever grows more certain: ranks rise, a failure stands beside the rank and
counts only below DELIVERED, and `uncertain` ends when a receipt speaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from chalicelib.audience.instant import Instant


class Rank(IntEnum):
    """Ordered by what we know: a receipt may raise a rank, never lower it."""

    CLAIMED = 0
    ACCEPTED = 1
    SENT = 2
    DELIVERED = 3
    READ = 4


class Outcome(StrEnum):
    """Where a person is; exactly one, always."""

    EXCLUDED = "excluded"
    WAITING = "waiting"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DeliveryKey:
    """Where the ledger keeps a person: `chunk` is the home chunk, fixed by the plan."""

    broadcast: str
    chunk: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Our record of one broadcast to one person.

    `attempt` counts calls, from 1; 0 when none was made. `excluded` is a reason
    of the closed list. `waiting`, `due_at`, `deadline_at` describe a deferral.
    `failed_code` is the provider's code of the last definite failure (0: none).
    `uncertain` is set when a call's fate is unknown. Every `*_at` is the first
    time it was so. `billed_category` comes from receipts. `*_retries` count the
    waits for another call, by class of failure. `erased`: the person was, and no
    message id of theirs is kept any more.
    """

    key: DeliveryKey
    version: int = 1
    attempt: int = 0
    rank: Rank = Rank.CLAIMED
    failed_code: int = 0
    failed_at: Instant | None = None
    uncertain: bool = False
    excluded: str = ""
    waiting: str = ""
    due_at: Instant | None = None
    deadline_at: Instant | None = None
    saw: str = ""
    wamid: str = ""
    claimed_at: Instant | None = None
    accepted_at: Instant | None = None
    sent_at: Instant | None = None
    delivered_at: Instant | None = None
    read_at: Instant | None = None
    replied_at: Instant | None = None
    opted_out_at: Instant | None = None
    billed_category: str = ""
    transient_retries: int = 0
    per_user_retries: int = 0
    erased: bool = False


def outcome_of(delivery: Delivery) -> Outcome:
    """Return the one outcome a row stands for.

    A rank of ACCEPTED or more outweighs everything but a failure reported after
    acceptance; a failure is ignored once the message was delivered or read.
    """
    if delivery.rank >= Rank.DELIVERED:
        return Outcome.ACCEPTED
    if delivery.failed_code:
        return Outcome.WAITING if delivery.waiting else Outcome.FAILED
    if delivery.rank >= Rank.ACCEPTED:
        return Outcome.ACCEPTED
    if delivery.excluded:
        return Outcome.EXCLUDED
    if delivery.waiting:
        return Outcome.WAITING
    return Outcome.UNCERTAIN if delivery.uncertain else Outcome.CLAIMED
