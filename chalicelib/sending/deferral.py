"""Deferrals: people who waited behind their own gate come back as chunks of their own."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from chalicelib.sending.broadcast import Chunk, Deferral, Member

MOST_PEOPLE = 100


def deferral_chunks(due: Iterable[Deferral]) -> list[tuple[Chunk, list[Deferral]]]:
    """Return chunks of due people, with the deferrals each one uses up.

    A chunk's id is made of its members, so that a crash between writing it and
    removing the deferrals makes the same chunk again.
    """
    by_broadcast: dict[str, list[Deferral]] = defaultdict(list)
    for deferral in due:
        by_broadcast[deferral.broadcast].append(deferral)
    made = []
    for broadcast, deferrals in sorted(by_broadcast.items()):
        deferrals.sort(key=lambda d: (d.due_at, d.person, d.attempt))
        for start in range(0, len(deferrals), MOST_PEOPLE):
            some = deferrals[start : start + MOST_PEOPLE]
            made.append((_chunk(broadcast, some), some))
    return made


def _chunk(broadcast: str, some: list[Deferral]) -> Chunk:
    names = "|".join(f"{d.person}:{d.attempt}:{d.due_at}" for d in some)
    return Chunk(
        broadcast=broadcast,
        id="d" + hashlib.sha256(names.encode()).hexdigest()[:24],
        wave=max(d.due_at for d in some),
        people=len(some),
        remaining=len(some),
        members=tuple(Member(chunk=d.chunk, person=d.person, attempt=d.attempt) for d in some),
        window_until=max(d.deadline_at for d in some),
    )
