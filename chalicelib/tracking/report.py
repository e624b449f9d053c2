"""The report: every number a fold over the ledger, every rate with its denominator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from statistics import median
from typing import Any

from chalicelib.sending.delivery import Delivery, Outcome, Rank, outcome_of

MOST_NAMED = 10_000
"""Uncertain people listed by name in one report; beyond that the count says more than a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share: `count` of `of`. None of nobody has no value."""

    name: str
    count: int
    of_name: str
    of: int

    @property
    def value(self) -> float | None:
        """The share, 0..1."""
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Where everybody is. excluded + waiting + claimed + accepted + failed + uncertain = audience.

    sent, delivered, read and replied count people within accepted who got at
    least that far. `opt_outs` are people who said no after this broadcast,
    `billed` those of whom a receipt named the category that is on the bill.
    """

    audience: int
    excluded: Mapping[str, int]
    excluded_at_send: int
    waiting: Mapping[str, int]
    claimed: int
    accepted: int
    sent: int
    delivered: int
    read: int
    replied: int
    failed: Mapping[str, int]
    uncertain: int
    opt_outs: int
    median_reply_seconds: float | None
    uncertain_people: tuple[str, ...]
    billed: Mapping[str, int] = field(default_factory=dict)

    @property
    def accounted(self) -> int:
        """How many people have been found, each in exactly one outcome."""
        return (
            sum(self.excluded.values())
            + sum(self.waiting.values())
            + self.claimed
            + self.accepted
            + sum(self.failed.values())
            + self.uncertain
        )

    @property
    def proven(self) -> bool:
        """Whether the outcomes add up to the audience."""
        return self.accounted == self.audience

    @property
    def complete(self) -> bool:
        """Whether the sum proves that nobody waits and nobody is claimed."""
        return self.proven and not self.waiting and not self.claimed

    def rates(self) -> tuple[Rate, ...]:
        """Return the shares people ask for, each of what it is a share of."""
        return (
            Rate(name="delivered", count=self.delivered, of_name="accepted", of=self.accepted),
            Rate(name="read", count=self.read, of_name="delivered", of=self.delivered),
            Rate(name="replied", count=self.replied, of_name="delivered", of=self.delivered),
            Rate(name="opted_out", count=self.opt_outs, of_name="delivered", of=self.delivered),
            Rate(name="failed", count=sum(self.failed.values()), of_name="called", of=self.called),
        )

    @property
    def called(self) -> int:
        """People for whom the provider was called and whose call was answered or is in doubt."""
        return self.accepted + sum(self.failed.values()) + self.uncertain

    def outcomes(self) -> Mapping[str, int]:
        """Return how many people had each outcome; once complete they add up to the audience."""
        return {
            "audience": self.audience,
            "excluded": sum(self.excluded.values()),
            "accepted": self.accepted,
            "failed": sum(self.failed.values()),
            "uncertain": self.uncertain,
        }

    def counters(self) -> Mapping[str, int]:
        """Return the counters this report stands for, as `receipt.deltas` moves them."""
        counts = {
            "excluded": self.excluded_at_send,
            "accepted": self.accepted,
            "sent": self.sent,
            "delivered": self.delivered,
            "read": self.read,
            "replied": self.replied,
            "failed": sum(self.failed.values()),
            "uncertain": self.uncertain,
            "opt_outs": self.opt_outs,
            **{f"billed_{category}": n for category, n in self.billed.items()},
        }
        return {name: n for name, n in counts.items() if n}

    def as_dict(self) -> dict[str, Any]:
        """Return the report's members under the names that scripts rely on."""
        return {
            "audience": self.audience,
            "excluded": dict(sorted(self.excluded.items())),
            "waiting": dict(sorted(self.waiting.items())),
            "claimed": self.claimed,
            "accepted": self.accepted,
            "sent": self.sent,
            "delivered": self.delivered,
            "read": self.read,
            "replied": self.replied,
            "failed": dict(sorted(self.failed.items())),
            "uncertain": self.uncertain,
            "complete": self.complete,
            "proven": self.proven,
            "opt_outs": self.opt_outs,
            "median_reply_seconds": self.median_reply_seconds,
            "rates": [
                {"name": r.name, "value": r.value, "count": r.count, "of": r.of, "of_name": r.of_name}
                for r in self.rates()
            ],
            "uncertain_people": list(self.uncertain_people),
        }


def to_store(report: Report) -> dict[str, Any]:
    """Return what of a report may be kept when its rows are gone: its numbers, and nobody's name."""
    values = {f.name: getattr(report, f.name) for f in fields(report)}
    kept = {name: dict(v) if isinstance(v, Mapping) else v for name, v in values.items()}
    return {**kept, "uncertain_people": []}


def from_store(stored: Mapping[str, Any]) -> Report:
    """Return the report that `to_store` kept."""
    return Report(**{**stored, "uncertain_people": tuple(stored["uncertain_people"])})


@dataclass(slots=True)
class ReportFold:
    """Folds ledger pages into a report, in any order."""

    audience: int
    excluded_at_plan: Mapping[str, int]
    _outcomes: Counter[Outcome] = field(default_factory=Counter)
    _excluded: Counter[str] = field(default_factory=Counter)
    _waiting: Counter[str] = field(default_factory=Counter)
    _failed: Counter[str] = field(default_factory=Counter)
    _reached: Counter[Rank] = field(default_factory=Counter)
    _replied: int = 0
    _opt_outs: int = 0
    _billed: Counter[str] = field(default_factory=Counter)
    _reply_seconds: list[float] = field(default_factory=list)
    _uncertain_people: list[str] = field(default_factory=list)

    def add(self, delivery: Delivery) -> None:
        """Count one row."""
        outcome = outcome_of(delivery)
        self._outcomes[outcome] += 1
        if outcome is Outcome.EXCLUDED:
            self._excluded[delivery.excluded] += 1
        elif outcome is Outcome.WAITING:
            self._waiting[delivery.waiting] += 1
        elif outcome is Outcome.FAILED:
            self._failed[str(delivery.failed_code)] += 1
        elif outcome is Outcome.UNCERTAIN and len(self._uncertain_people) < MOST_NAMED:
            self._uncertain_people.append(delivery.key.person)
        elif outcome is Outcome.ACCEPTED:
            self._add_accepted(delivery)
        self._opt_outs += delivery.opted_out_at is not None
        if delivery.billed_category:
            self._billed[delivery.billed_category] += 1

    def _add_accepted(self, delivery: Delivery) -> None:
        for rank in (Rank.SENT, Rank.DELIVERED, Rank.READ):
            self._reached[rank] += delivery.rank >= rank
        if delivery.replied_at is not None:
            self._replied += 1
            since = delivery.accepted_at or delivery.sent_at
            if since is not None:
                self._reply_seconds.append(max(0, delivery.replied_at - since) / 1_000)

    def claim(self, people: int) -> None:
        """Count people who are claimed and have no row for it yet."""
        self._outcomes[Outcome.CLAIMED] += people

    def wait(self, reason: str, people: int) -> None:
        """Count people without a row, who wait for `reason`."""
        if people:
            self._waiting[reason] += people

    def report(self) -> Report:
        """Return what was folded."""
        return Report(
            audience=self.audience,
            excluded=Counter(self.excluded_at_plan) + self._excluded,
            excluded_at_send=sum(self._excluded.values()),
            waiting=dict(self._waiting),
            claimed=self._outcomes[Outcome.CLAIMED],
            accepted=self._outcomes[Outcome.ACCEPTED],
            sent=self._reached[Rank.SENT],
            delivered=self._reached[Rank.DELIVERED],
            read=self._reached[Rank.READ],
            replied=self._replied,
            failed=dict(self._failed),
            uncertain=self._outcomes[Outcome.UNCERTAIN],
            opt_outs=self._opt_outs,
            billed=dict(self._billed),
            median_reply_seconds=median(self._reply_seconds) if self._reply_seconds else None,
            uncertain_people=tuple(sorted(self._uncertain_people)),
        )
