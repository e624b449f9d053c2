"""Sort keys that put things in the order in which the ports promise them, the same in both homes."""

from __future__ import annotations

import hashlib

from chalicelib.audience.consent import ConsentEvent
from chalicelib.audience.instant import Instant
from chalicelib.authoring.actor import identity_of
from chalicelib.authoring.registry import RegisteredTemplate
from chalicelib.planning.approval import Approval
from chalicelib.sending.broadcast import ENDED, Broadcast, Chunk, ChunkState, Deferral, TimelineEntry
from chalicelib.tracking.audit import AuditEntry
from chalicelib.tracking.retention import Keeping

FAR = 10**15
"""Beyond every instant: added, so that those before 1970 sort too; subtracted from, newest first."""
FLYING = "flying|"
"""Before every chunk that is released or running."""


def up_to(instant: Instant) -> str:
    """Return what is behind everything of an instant, among keys that begin with one."""
    return f"{instant:015d}|\U0010ffff"


def from_on(instant: Instant) -> str:
    """Return what is before everything of an instant, and behind all earlier, of keys that begin with one."""
    return f"{instant:015d}|"


def by_time(event: ConsentEvent) -> str:
    """Oldest first."""
    return f"{FAR + event.at:016d}|{event.id}"


OPEN, ENDED_LISTED, SINGLE, SINGLE_ENDED = "open", "ended", "single", "single ended"
LISTED = (OPEN, ENDED_LISTED)
OPEN_ONES = (OPEN, SINGLE)
"""In these orders: one that ends between two queries is in both, never in none."""


def group_of(broadcast: Broadcast) -> str:
    """Return a broadcast's partition of the index: single sends have partitions of their own.

    So a listing never meets them, however many there are.
    """
    if broadcast.recipient:
        return SINGLE_ENDED if broadcast.state in ENDED else SINGLE
    return ENDED_LISTED if broadcast.state in ENDED else OPEN


def newest_first(broadcast: Broadcast) -> str:
    """By launch."""
    return f"{FAR - broadcast.launched_at:016d}|{broadcast.id}"


def of_chunks(state: ChunkState, wave: Instant) -> str:
    """Return what the keys of ready or done chunks of one wave begin with."""
    return f"{state.value}|{wave}|"


def of_chunk(chunk: Chunk) -> str:
    """Ready and done ones by wave and id, those in flight by slot."""
    if chunk.state in (ChunkState.READY, ChunkState.DONE):
        return of_chunks(chunk.state, chunk.wave) + chunk.id
    return f"{FLYING}{int(chunk.slot0_ms):015d}|{chunk.id}"


def of_deferral(deferral: Deferral) -> str:
    """By due instant."""
    d = deferral
    return f"{d.due_at:015d}|{d.broadcast}|{d.person}|{d.attempt}"


def of_entry(entry: TimelineEntry) -> str:
    """By priority, then wave, then broadcast."""
    return f"{entry.priority:03d}|{entry.wave:015d}|{entry.broadcast}"


def of_keeping(keeping: Keeping) -> str:
    """By the instant of the next look; a hash stands for the id, since an object's key may be too long."""
    name = hashlib.sha256(keeping.id.encode()).hexdigest()[:32]
    return f"{keeping.look_at:015d}|{keeping.kind.value}|{name}"


def of_audit(entry: AuditEntry) -> str:
    """By time."""
    return f"{entry.at:015d}|{entry.id}"


def of_approval(approval: Approval) -> str:
    """By whoever said it, so that nobody has two words."""
    return identity_of(approval.who)


def of_template(name: str, language: str) -> str:
    """By name, then language; neither has a bar in it."""
    return f"{name}|{language}"


def of_registered(template: RegisteredTemplate) -> str:
    """By name, then language."""
    return of_template(template.name, template.language)
