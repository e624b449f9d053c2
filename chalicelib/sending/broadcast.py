"""A broadcast is one run of a campaign; a chunk, at most 100 of its people, is what is released."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.audience.instant import Instant
from chalicelib.sending.announcement import Announcement
from chalicelib.sending.frame import Slots


class BroadcastState(StrEnum):
    """launching -> running <-> paused; cancelling -> cancelled; running -> completed."""

    LAUNCHING = "launching"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


ENDED = frozenset({BroadcastState.COMPLETED, BroadcastState.CANCELLED})
"""States of a broadcast that nobody waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Counters that differ from the ledger at the end: `by` so much, seen when, and differing since when."""

    by: Mapping[str, int]
    seen_at: Instant
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """One run: what was launched, and how far it is.

    `id` is "CAMPAIGN.n", safe in an address; people may write "CAMPAIGN#n".
    `waves` maps an instant to its people, with the launch instant already put in
    for `send_at: now`. `dispatched` are the waves whose schedule has fired. Since
    `personal_data_gone_at` nobody's words, number and message id are kept any
    more, since `evidence_gone_at` nothing but the report's numbers.
    `paused_because` is the evidence of the guard that paused it, "" for a human.
    `languages` are those of its people.
    `held_from` is the instant of the backup that it was restored from, while it is
    held for that; whoever was due by `unknown_until` and has no outcome may have
    been called in the gap (see `gap.py`).
    `recipient` is the one person of a single send, which another system asked for:
    its id is "CAMPAIGN.kHASH", and no listing has it; "" for a run of the campaign.
    `media` are the files it shows, by name: the SHA-256 of what was in them at the launch.
    `request` is the digest of what that system said.
    `drift` is what its counters were off by when it was about to end and did not yet.
    `untold` is what other systems
    have still to be told of it, oldest first; always empty where none is told anything.
    """

    id: str
    campaign: str
    run: int
    campaign_version: int
    plan_hash: str
    plan_id: str
    sender: str
    category: str
    state: BroadcastState
    launched_at: Instant
    audience: int
    planned: int
    excluded: Mapping[str, int]
    waves: Mapping[Instant, int]
    window_ms: int
    expires_ms: int
    max_per_second: float | None = None
    version: int = 1
    dispatched: frozenset[Instant] = frozenset()
    idle_reason: str = ""
    ended_at: Instant | None = None
    priority: int = 50
    paused_because: str = ""
    paused_at: Instant | None = None
    share: float = 1.0
    languages: tuple[str, ...] = ()
    held_from: Instant | None = None
    recipient: str = ""
    unknown_until: Instant | None = None
    personal_data_gone_at: Instant | None = None
    evidence_gone_at: Instant | None = None
    media: Mapping[str, str] = field(default_factory=dict)
    request: str = ""
    drift: Drift | None = None
    untold: tuple[Announcement, ...] = ()


MOST_PRIORITY = 100


def turn_of(broadcast: Broadcast) -> int:
    """Return the broadcast's place in its sender's order, lowest first.

    Utility before all marketing, then the higher `priority` of the campaign first.
    """
    behind = 0 if broadcast.category == "utility" else MOST_PRIORITY + 1
    return behind + MOST_PRIORITY - broadcast.priority


class ChunkState(StrEnum):
    """ready -> released (slots assigned, queued) -> running -> done, or back to ready."""

    READY = "ready"
    RELEASED = "released"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in a deferral chunk: where their row and their ledger entry are, and which attempt is due."""

    chunk: str
    person: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The unit of release. Home chunks point into the manifest; deferral chunks list members.

    A chunk's people with a settled ledger row are done whatever the chunk says;
    it is taken up again until all are. `release` numbers its releases, so that
    an old queue message finds another number and does nothing. Slots are
    `slot0_ms + k * step_ms`, k < `slots`, or by `offsets` where they are uneven;
    they expire at `expires_at`. `epoch`
    and `lease_until` tell when a running chunk's worker is surely gone. `remaining`
    is how many of its people had no outcome when it was last put down.
    """

    broadcast: str
    id: str
    wave: Instant
    people: int
    part: str = ""
    start: int = 0
    end: int = 0
    members: tuple[Member, ...] = ()
    state: ChunkState = ChunkState.READY
    version: int = 1
    release: int = 0
    slot0_ms: float = 0.0
    step_ms: float = 0.0
    slots: int = 0
    offsets: tuple[float, ...] = ()
    expires_at: Instant = 0
    lease_until: Instant = 0
    epoch: int = 0
    window_until: Instant = 0
    remaining: int = 0

    def slot_instants(self) -> list[float]:
        """Return the send instants, in order (milliseconds)."""
        return Slots(self.slot0_ms, self.step_ms, self.slots, self.offsets).instants


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferral:
    """A person waiting behind their own gate, found by sender and due instant."""

    sender: str
    due_at: Instant
    broadcast: str
    chunk: str
    person: str
    attempt: int
    reason: str
    deadline_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """A due wave on its sender's timeline; removed when all its chunks are done.

    `share` (0..1] is the most of the sender that it takes while others want it,
    `max_per_second` its own throttle; both are its broadcast's.
    """

    sender: str
    priority: int
    wave: Instant
    broadcast: str
    share: float = 1.0
    max_per_second: float | None = None


def entry_of(broadcast: Broadcast, wave: Instant) -> TimelineEntry:
    """Return a wave's place on its sender's timeline."""
    return TimelineEntry(
        sender=broadcast.sender,
        priority=turn_of(broadcast),
        wave=wave,
        broadcast=broadcast.id,
        share=broadcast.share,
        max_per_second=broadcast.max_per_second,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Somebody (a digest, nobody's id) for whom a template was refused, when `accepted` others had it."""

    broadcast: str
    who: str
    accepted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderControl:
    """The pacer's item of one sender: lease, fence, end of allocated timeline, brakes.

    `lanes_ms` holds the end of the allocated timeline per lane, `turns_ms` the
    next turns of each throttled broadcast's clocks. `factor` (0..1]
    slows the sender after 130429 and recovers. `stopped` maps a cause to when;
    any entry stops all sending. `stopped_templates` likewise by template:
    `template_brake.py` has its keys; `stops.py` has those of the others.
    `stopped_countries` likewise by COUNTRY|CATEGORY: people whose number is of
    that country get no message of that category.
    `causes` says for what code each template or country that a refusal stopped was,
    `ends` until when the platform said that a stop lasts, `heard` of when its
    last word on each cause is. `is_upgraded`: it raised the number's throughput.
    `doubts` are the last refusals, by template, that may be its fault or one person's.
    `quality` is the platform's word for the number, as far as it told us: GREEN,
    YELLOW, RED or "". `account` is ACCOUNT|PORTFOLIO, whose stops it has; "" before
    it was asked for them.
    """

    sender: str
    version: int = 1
    owner: str = ""
    fence: int = 0
    lease_until: Instant = 0
    lanes_ms: tuple[float, ...] = ()
    turns_ms: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    factor: float = 1.0
    factor_at: Instant = 0
    stopped: Mapping[str, Instant] = field(default_factory=dict)
    stopped_templates: Mapping[str, Instant] = field(default_factory=dict)
    quality: str = ""
    stopped_countries: Mapping[str, Instant] = field(default_factory=dict)
    causes: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, Instant] = field(default_factory=dict)
    heard: Mapping[str, Instant] = field(default_factory=dict)
    is_upgraded: bool = False
    doubts: Mapping[str, tuple[Doubt, ...]] = field(default_factory=dict)
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """A portfolio's use of its tier: takings per ten-minute bucket over the last 24 hours.

    `told_tier` is the platform's last word on the tier, of `told_at`: 0 none yet, -1 unlimited.
    """

    portfolio: str
    version: int = 1
    buckets: Mapping[int, int] = field(default_factory=dict)
    told_tier: int = 0
    told_at: Instant = 0
