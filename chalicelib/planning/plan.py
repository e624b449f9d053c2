"""The plan: a sealed, content-addressed artefact with one row per person of the audience."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.audience.instant import Instant


def objects_of(plan_id: str) -> str:
    """Return what the keys of all objects of one plan begin with: no two plans share one."""
    return f"plans/{plan_id}/"


class PlanState(StrEnum):
    """planning -> sealed or failed; a plan that nobody launched expires, and its objects go."""

    PLANNING = "planning"
    SEALED = "sealed"
    FAILED = "failed"
    EXPIRED = "expired"


Filled = tuple[tuple[str, str], ...]
"""Values of slots by name, in the template's order."""
FilledButtons = tuple[tuple[str, int, str], ...]
"""(kind, index, value)."""
FilledHeader = tuple[str, ...]
"""() without one, else (kind, value, name): a text with its slot, or an address or "media:FILE" with
a document's file name."""
FilledCard = tuple[FilledHeader, Filled, FilledButtons]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One person, at one instant, with the words they will get, frozen.

    `instant` 0 means the launch instant (`send_at: now`). `parameters` are in
    the template's order. `zone_from` says which rule gave the zone
    ("contact", "country", "phone", "policy", "campaign"). `consent_at` is the
    evidence's date. `salt` makes the row's digest unguessable. `countries` are
    those whose hours bind this person, joined with "|".
    """

    person: str
    to: str
    instant: Instant
    language: str
    parameters: Filled
    buttons: FilledButtons
    zone: str
    zone_from: str
    consent_at: Instant | None
    salt: str
    countries: str = ""
    header: FilledHeader = ()
    cards: tuple[FilledCard, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedRow:
    """One person of the audience who is not planned: the first gate that said no, and what it saw."""

    person: str
    reason: str
    saw: str
    salt: str


Row = Planned | ExcludedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkRange:
    """At most 100 planned rows of one wave: bytes [start, end) of the part stored under `part`."""

    part: str
    start: int
    end: int
    wave: Instant
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSummary:
    """What sealing needs of one part, so that it never reads the rows again.

    `key` is the part's object key, made of its content hash; `root` the Merkle
    root of its row digests. `problems` are faults found in people's data that
    fail the plan (code, detail, count, one example person); `concerns` are counts
    of people by warning code, which only warn, and `examples` one of them each:
    who, and what was wrong. `met` are the included external ids that the book knows.
    `clocks` are the zones by which each wave's people have their hour.
    """

    task: int
    key: str
    root: str
    rows: int
    planned: int
    excluded: Mapping[str, int]
    waves: Mapping[Instant, int]
    countries: Mapping[str, int]
    languages: Mapping[str, int]
    chunks: tuple[ChunkRange, ...]
    no_country: int = 0
    past: int = 0
    problems: tuple[tuple[str, str, int, str], ...] = ()
    concerns: Mapping[str, int] = field(default_factory=dict)
    met: tuple[str, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)
    clocks: Mapping[Instant, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one task counted beside its rows; `PartSummary` has the meaning of each field.

    `countries` counts the planned people by address, or by number where there is none.
    """

    countries: Mapping[str, int] = field(default_factory=dict)
    no_country: int = 0
    past: int = 0
    problems: tuple[tuple[str, str, int, str], ...] = ()
    concerns: Mapping[str, int] = field(default_factory=dict)
    met: tuple[str, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWarning:
    """Something the marketer should know before launching; worded like a Problem."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What the hash covers beside people: all that could change the meaning of the same file."""

    definition: str
    tzdata: str
    policy: str
    sender: str
    templates: str
    countries: str
    media: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The sealed intent. `waves` maps an instant to people; `root` is the Merkle root.

    `first_send` and `last_send` are forecast at the sender's rate. `parts` are
    object keys in task order; `chunks` is the object key of the chunk ranges.
    `last_safe_launch` is the instant after which somebody's window has closed.
    `components` are the hashes of the template's words, by language; `clocks` the
    zones by which each wave's people have their hour.
    """

    hash: str
    campaign: str
    run: int
    version: int
    evaluated_at: Instant
    sealed_at: Instant
    audience: int
    planned: int
    excluded: Mapping[str, int]
    waves: Mapping[Instant, int]
    countries: Mapping[str, int]
    languages: Mapping[str, int]
    first_send: Instant | None
    last_send: Instant | None
    last_safe_launch: Instant | None
    parts: tuple[str, ...]
    chunks: str
    root: str
    versions: Versions
    warnings: tuple[PlanWarning, ...] = ()
    components: Mapping[str, str] = field(default_factory=dict)
    clocks: Mapping[Instant, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """The record of a plan from its first task to its seal.

    `parts` maps a finished task to the object key of its PartSummary; the set
    of finished tasks is what seals, never a count. `author` planned it, "" where
    nobody in particular did.
    """

    id: str
    campaign: str
    run: int
    campaign_version: int
    evaluated_at: Instant
    tasks: int
    state: PlanState = PlanState.PLANNING
    version: int = 1
    parts: Mapping[int, str] = field(default_factory=dict)
    plan: Plan | None = None
    problems: tuple[tuple[str, Mapping[str, str]], ...] = ()
    author: str = ""
