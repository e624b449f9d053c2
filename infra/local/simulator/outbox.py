"""Webhooks on their way: gathered, duplicated, delayed, posted, and posted again until answered 200."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass
from itertools import count

from infra.local.simulator.draws import Draws
from infra.local.simulator.envelopes import body_of, signature_of
from infra.local.simulator.events import Due
from infra.local.simulator.scenario import Webhooks

LONGEST_PAUSE_MS = 3_600_000.0
GIVE_UP_MS = 7 * 24 * 3_600_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One POST: raw body, signature, and the events inside. `attempt` counts from 1."""

    id: int
    raw: bytes
    signature: str
    events: tuple[Due, ...]
    first_ms: float
    attempt: int = 1


class Outbox:
    """Pure but for its own memory: times come from outside, and so does the fate of every POST."""

    def __init__(self, app_secret: str, seed: int) -> None:
        self._secret = app_secret
        self._seed = seed
        self._numbers = count(1)
        self._transit: list[tuple[float, int, Due]] = []
        self._ready: deque[tuple[float, Due]] = deque()
        self._again: list[tuple[float, int, Webhook]] = []
        self._flying: dict[int, Webhook] = {}
        self.posts = 0
        self.retries = 0
        self.given_up = 0

    @property
    def pending(self) -> int:
        """How many events are not acknowledged yet (a duplicate counts)."""
        waiting = sum(len(webhook.events) for _, _, webhook in self._again)
        flying = sum(len(webhook.events) for webhook in self._flying.values())
        return len(self._transit) + len(self._ready) + waiting + flying

    def add(self, event: Due, settings: Webhooks) -> None:
        """Take an event that has happened; chance decides when, and how often, it is posted."""
        number = next(self._numbers)
        draws = Draws(self._seed, f"webhook {number}")
        at = event.at_ms
        for kind, odds, by in (
            ("reordered", settings.reordered, settings.reordered_by),
            ("delayed", settings.delayed, settings.delayed_by),
        ):
            if draws.happens(kind, odds):
                at += draws.delay_ms(kind + " by", by.median, by.spread)
        heapq.heappush(self._transit, (at, number, event))
        if draws.happens("duplicated", settings.duplicated):
            after = settings.duplicated_after
            later = at + draws.delay_ms("duplicated after", after.median, after.spread)
            heapq.heappush(self._transit, (later, next(self._numbers), event))

    def due(self, now_ms: float, settings: Webhooks) -> list[Webhook]:
        """Return the POSTs to make now: full batches, what has lingered long enough, and retries."""
        while self._transit and self._transit[0][0] <= now_ms:
            at, _, event = heapq.heappop(self._transit)
            self._ready.append((at, event))
        posts: list[Webhook] = []
        ready = self._ready
        while ready and (len(ready) >= settings.batch or ready[0][0] + settings.linger_ms <= now_ms):
            events = tuple(ready.popleft()[1] for _ in range(min(settings.batch, len(ready))))
            raw = body_of(events)
            posts.append(
                Webhook(
                    id=next(self._numbers),
                    raw=raw,
                    signature=signature_of(raw, self._secret),
                    events=events,
                    first_ms=now_ms,
                )
            )
        while self._again and self._again[0][0] <= now_ms:
            posts.append(heapq.heappop(self._again)[2])
            self.retries += 1
        self.posts += len(posts)
        self._flying.update((webhook.id, webhook) for webhook in posts)
        return posts

    def next_due(self, settings: Webhooks) -> float | None:
        """Return the instant of the next POST, if anything waits."""
        instants = [heap[0][0] for heap in (self._again,) if heap]
        if self._ready:
            instants.append(self._ready[0][0] + settings.linger_ms)
        if self._transit:
            instants.append(self._transit[0][0] + settings.linger_ms)
        return min(instants, default=None)

    def answered(self, webhook: Webhook, status: int | None, now_ms: float, settings: Webhooks) -> bool:
        """Note the answer to a POST (None: there was none); return whether it was taken."""
        self._flying.pop(webhook.id, None)
        if status == 200:
            return True
        if now_ms - webhook.first_ms > GIVE_UP_MS:
            self.given_up += 1
            return False
        pause = min(settings.retry_ms * 2.0 ** min(webhook.attempt - 1, 40), LONGEST_PAUSE_MS)
        again = Webhook(
            id=next(self._numbers),
            raw=webhook.raw,
            signature=webhook.signature,
            events=webhook.events,
            first_ms=webhook.first_ms,
            attempt=webhook.attempt + 1,
        )
        heapq.heappush(self._again, (now_ms + pause, again.id, again))
        return False
