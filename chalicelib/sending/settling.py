"""Settling: a verdict becomes the person's row of the ledger.

The row may know more than the answer does: a receipt can overtake the answer
to its own call. So nothing here ever lowers what a row says.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.audience.instant import Instant
from chalicelib.sending.delivery import Delivery, Outcome, Rank, outcome_of
from chalicelib.sending.outcome import Reaction, Verdict

TRANSIENT = (Reaction.RETRY_LATER, Reaction.DOUBT)
"""Reactions whose further tries are counted together."""


def settled(
    delivery: Delivery, attempt: int, verdict: Verdict, *, now: Instant, deadline_at: Instant
) -> Delivery:
    """Return the row after attempt number `attempt` was answered with `verdict`."""
    if delivery.erased:  # no message id is kept of them
        return replace(
            settled(replace(delivery, erased=False), attempt, verdict, now=now, deadline_at=deadline_at),
            wamid="",
            erased=True,
        )
    if attempt < delivery.attempt:
        return delivery  # a zombie's answer to an older attempt: the newer one decides
    if _waits_after(delivery, attempt):
        # A receipt told of the failure before the answer came, and another attempt is due already.
        return replace(delivery, wamid=verdict.wamid or delivery.wamid)
    base = replace(
        delivery,
        attempt=attempt,
        claimed_at=delivery.claimed_at or now,
        waiting="",
        due_at=None,
        deadline_at=None,
        excluded="",
        saw=verdict.saw,
    )
    if verdict.wamid:
        return replace(
            base,
            wamid=verdict.wamid,
            rank=max(delivery.rank, Rank.ACCEPTED),
            accepted_at=delivery.accepted_at or now,
            uncertain=False,
            failed_code=delivery.failed_code if _failed_now(delivery, attempt) else 0,
            failed_at=delivery.failed_at if _failed_now(delivery, attempt) else None,
        )
    if delivery.rank >= Rank.ACCEPTED or _failed_now(delivery, attempt):
        return replace(base, uncertain=False)  # a receipt has told already
    if verdict.uncertain:
        return replace(base, uncertain=True, failed_code=0, failed_at=None)
    if delivery.uncertain and attempt > delivery.attempt and not verdict.waiting:
        return base  # made again and refused; nobody knows of the first call even now
    return replace(
        retried(base, verdict),
        uncertain=delivery.uncertain and attempt > delivery.attempt,
        failed_code=verdict.failed_code,
        failed_at=now if verdict.failed_code else None,
        excluded=verdict.excluded,
        waiting=verdict.waiting,
        due_at=verdict.due_at,
        deadline_at=deadline_at if verdict.waiting else None,
    )


def retried(delivery: Delivery, verdict: Verdict) -> Delivery:
    """Return the row with the retry counted that `verdict` asks for."""
    if not verdict.waiting:
        return delivery
    return replace(
        delivery,
        transient_retries=delivery.transient_retries + (verdict.reaction in TRANSIENT),
        per_user_retries=delivery.per_user_retries + (verdict.reaction is Reaction.RETRY_DAY),
    )


def left_out(delivery: Delivery, reason: str, saw: str) -> Delivery:
    """Return the row of somebody who will not be called, or not be called again.

    A call of theirs that nobody answered may have reached them: that is not taken back.
    """
    return replace(
        delivery,
        excluded="" if delivery.uncertain else reason,
        saw=saw,
        waiting="",
        due_at=None,
        deadline_at=None,
        failed_code=0,
        failed_at=None,
    )


def left_uncertain(delivery: Delivery, attempt: int, saw: str) -> Delivery:
    """Return the row of somebody whose attempt number `attempt` may have been made, by whoever cannot say.

    They are not called again for it. Somebody with an outcome keeps it, and so does whoever
    waits for the attempt after this one: a receipt told that it failed.
    """
    if outcome_of(delivery) not in (Outcome.WAITING, Outcome.CLAIMED) or _waits_after(delivery, attempt):
        return delivery
    return replace(
        delivery,
        attempt=attempt,
        uncertain=True,
        waiting="",
        due_at=None,
        deadline_at=None,
        failed_code=0,
        failed_at=None,
        saw=saw,
    )


def _failed_now(delivery: Delivery, attempt: int) -> bool:
    """Say whether a receipt already reported that this very attempt failed."""
    return bool(delivery.failed_code) and delivery.attempt == attempt


def _waits_after(delivery: Delivery, attempt: int) -> bool:
    """Say whether a receipt told that this attempt failed, and another one is due already."""
    return bool(delivery.waiting and delivery.failed_code) and attempt == delivery.attempt
