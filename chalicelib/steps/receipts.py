"""Receipts: statuses are folded into the ledger, and their failures act beyond the person.

The queue may deliver twice, late and in any order: every write is a fold that
does not mind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.log import unit
from chalicelib.ports import MOST_ITEMS, Write
from chalicelib.sending.broadcast import Broadcast, BroadcastState, Deferral
from chalicelib.sending.delivery import Delivery, DeliveryKey, Outcome, Rank, outcome_of
from chalicelib.sending.outcome import MEDIA_CODES
from chalicelib.sending.settling import retried
from chalicelib.steps import effects, media, template_news
from chalicelib.steps.announcing import amend_broadcast
from chalicelib.steps.counting import count_changes
from chalicelib.steps.holding import may_have_retried
from chalicelib.steps.home import Home
from chalicelib.steps.matching import WEBHOOKS, identities_of, keys_of, mark, wamids_of
from chalicelib.tracking.receipt import Status, apply, parse_statuses, verdict_of

MAY_RETRY = frozenset({BroadcastState.RUNNING, BroadcastState.PAUSED, BroadcastState.COMPLETED})


def record(home: Home, bodies: Sequence[str]) -> None:
    """Fold the statuses of many messages into the ledger, a hundred people at a time.

    Together, because what one person's statuses say is then one write.
    """
    with unit("receipts_recorded", home.ports.clock.now, messages=len(bodies)) as line:
        line.add(**_recorded(home, bodies))


def _recorded(home: Home, bodies: Sequence[str]) -> dict[str, int]:
    """Fold; returns how many statuses of how many people there were, and how many rows they changed."""
    statuses = [status for body in bodies for status in parse_statuses(body)]
    key_by_wamid = keys_of_unkeyed(home, [s for s in statuses if s.key is None])
    key_by_status = [(status.key or key_by_wamid.get(status.wamid), status) for status in statuses]
    ours = {name: broadcast_of(home, name) for name in {key.broadcast for key, _ in key_by_status if key}}
    by_key: dict[DeliveryKey, list[Status]] = {}
    for key, status in key_by_status:
        broadcast = ours.get(key.broadcast) if key else None
        # Rows that retention removed are not begun anew by a receipt that comes years late.
        if key is not None and broadcast is not None and broadcast.evidence_gone_at is None:
            by_key.setdefault(key, []).append(status)
    swept = frozenset(name for name, b in ours.items() if b and b.personal_data_gone_at is not None)
    unknown = len(statuses) - sum(map(len, by_key.values()))
    if unknown:  # other software on the same number, or a home that was reset
        home.ports.counters.add(WEBHOOKS, {"unmatched": unknown})
    keys = list(by_key)
    changed = sum(
        _fold_statuses(home, {key: by_key[key] for key in keys[start : start + MOST_ITEMS]}, swept)
        for start in range(0, len(keys), MOST_ITEMS)
    )
    return {"statuses": len(statuses), "people": len(keys), "changed": changed, "unmatched": unknown}


def keys_of_unkeyed(home: Home, statuses: Sequence[Status]) -> dict[str, DeliveryKey]:
    """Return by wamid where statuses without our echo belong: found through whom they were for."""
    found: dict[str, DeliveryKey] = {}
    for start in range(0, len(statuses), MOST_ITEMS // 2):
        some = statuses[start : start + MOST_ITEMS // 2]
        named = {i: s for s in some for i in identities_of(s.phone, s.bsuid)}
        owners = home.ports.book.owners(list(named)) if named else {}
        standings = home.ports.standings.get_all(sorted(set(owners.values())))
        keys = [key for standing in standings.values() for key in keys_of(standing)]
        wanted = {s.wamid for s in some}
        found |= {wamid: key for wamid, key in wamids_of(home, keys).items() if wamid in wanted}
    return found


def broadcast_of(home: Home, broadcast_id: str) -> Broadcast | None:
    """Return the broadcast a receipt names."""
    return home.ports.broadcasts.get(broadcast_id)


def _fold_statuses(
    home: Home, statuses_by_key: Mapping[DeliveryKey, list[Status]], swept: frozenset[str]
) -> int:
    """Read these people's rows, fold, and write on condition; whoever lost the race is read again.

    `swept` are the broadcasts whose message ids are not kept any more. Returns how many rows changed.
    """
    changed = 0
    pending = dict(statuses_by_key)
    consistent = False  # rows only ever grow, and a write on one that grew meanwhile is refused
    while pending:
        known = home.ports.ledger.get_all(list(pending), consistent=consistent)
        consistent = True
        changes: list[tuple[Delivery | None, Delivery]] = []
        for key, statuses in pending.items():
            before = known.get(key)
            after = before
            for status in statuses:
                after = apply(after, key, status)
                after = _retried(home, after, status)
            if after is not None and key.broadcast in swept:
                after = replace(after, wamid="")
            if after is not None and after != before:
                changes.append((before, after))
        stored = home.ports.ledger.put_all(
            [Write(after, before.version if before else None) for before, after in changes]
        )
        done = [change for change, ok in zip(changes, stored, strict=True) if ok]
        count_changes(home, done)
        changed += len(done)
        for _, after in done:
            _act_on_failures(home, after, pending[after.key])
        lost = {after.key for (_, after), ok in zip(changes, stored, strict=True) if not ok}
        pending = {key: statuses for key, statuses in pending.items() if key in lost}
    return changed


def _retried(home: Home, row: Delivery, status: Status) -> Delivery:
    """Let somebody whose failure may pass wait for another attempt: first the wake-up, then the row."""
    if not status.code or outcome_of(row) is not Outcome.FAILED or row.attempt != max(1, status.attempt):
        return row
    broadcast = broadcast_of(home, row.key.broadcast)
    chunk = home.ports.chunks.get(row.key.broadcast, row.key.chunk)
    if broadcast is None or chunk is None or broadcast.state not in MAY_RETRY:
        return row
    now = home.ports.clock.now()
    deadline = chunk.wave + broadcast.expires_ms
    definition = home.definition(broadcast.campaign, broadcast.campaign_version)
    verdict = verdict_of(status, row, now=now, deadline_at=deadline, retries=definition.retries)
    if not verdict.waiting or verdict.due_at is None or may_have_retried(home, row.claimed_at or 0):
        return row
    home.ports.deferrals.add_all(
        [
            Deferral(
                sender=broadcast.sender,
                due_at=verdict.due_at,
                broadcast=broadcast.id,
                chunk=row.key.chunk,
                person=row.key.person,
                attempt=row.attempt + 1,
                reason=verdict.waiting,
                deadline_at=deadline,
            )
        ]
    )
    _reopen(home, broadcast)
    return replace(
        retried(row, verdict),
        rank=Rank.CLAIMED,  # it was the rank of the attempt that failed: the next one begins anew
        waiting=verdict.waiting,
        due_at=verdict.due_at,
        deadline_at=deadline,
        saw=verdict.saw,
    )


def _reopen(home: Home, broadcast: Broadcast) -> None:
    """Let a completed broadcast run again: somebody waits, so its sum no longer proves an end."""

    def running(current: Broadcast | None) -> Broadcast | None:
        if current is None or current.state is not BroadcastState.COMPLETED:
            return None
        return replace(current, state=BroadcastState.RUNNING, ended_at=None)

    amend_broadcast(home, broadcast.id, running)


def _act_on_failures(home: Home, row: Delivery, statuses: list[Status]) -> None:
    """Do what the failures' codes ask beyond the person: opt-outs, suppressions, brakes."""
    for status in statuses:
        if not status.code:
            continue
        broadcast = broadcast_of(home, row.key.broadcast)
        if broadcast is None:
            continue
        definition = home.definition(broadcast.campaign, broadcast.campaign_version)
        verdict = verdict_of(status, row, now=status.at, deadline_at=status.at, retries=definition.retries)
        name = definition.template.name
        if status.code in template_news.STATUS_CODES and template_news.approved_since(
            home, broadcast.sender, name, status.at
        ):  # told late: the platform has approved it again since
            verdict = replace(verdict, stop="")
        effects.apply(
            home,
            sender=broadcast.sender,
            template=name,
            person=row.key.person,
            echo=status.wamid,
            verdict=verdict,
            to=status.phone,
            broadcast=broadcast,
        )
        if verdict.opt_out:
            mark(home, row.key, opted_out_at=status.at)
        if status.code in MEDIA_CODES and broadcast.media:
            before = status.at if row.claimed_at is None else row.claimed_at
            media.forget(home, home.sender(broadcast.sender), broadcast.media.values(), before=before)
