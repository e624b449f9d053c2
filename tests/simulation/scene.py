"""What one seed plays: the home, the campaigns, the weather at the provider, and what people do meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.sending.outcome import MEANING_BY_CODE
from tests.scenarios.world import DEFINITION
from tests.simulation.faults import drawn

TAGS = ("red", "blue", "gold")
PEOPLE = 24
WAVE = "2026-12-01 09:00"

WEATHERS: Mapping[str, Mapping[str, Any]] = {
    "calm": {"latency": {"median": 60, "spread": 0.3}},
    "lost answers": {"lost_answers": 0.08, "latency": {"median": 200, "spread": 0.8}},
    "resets": {"resets": 0.1, "garbled": 0.05},
    "slow": {"latency": {"median": 2_500, "spread": 0.9}, "sent_after": {"median": 300, "spread": 0.4}},
    "refusals": {"refused": {131000: 0.04, 131016: 0.02, 130472: 0.02, 131026: 0.02, 2: 0.03, 131053: 0.01}},
    "failures": {"failed": {131049: 0.05, 131026: 0.04, 131000: 0.03, 470: 0.01, 999_999: 0.01}},
    "both": {"refused": {131056: 0.05, 131000: 0.03}, "failed": {131000: 0.05, 131047: 0.01}},
}
POSTS: Mapping[str, Mapping[str, Any]] = {
    "in order": {"batch": 10, "linger_ms": 100},
    "shuffled": {"batch": 1, "linger_ms": 0, "duplicated": 0.3, "reordered": 0.4},
    "late": {"batch": 5, "delayed": 0.4, "delayed_by": {"median": 600_000, "spread": 1.0}},
}
ODDS = {
    "crash before": 0.002,
    "crash after": 0.002,
    "store refuses": 0.002,
    "store's answer lost": 0.002,
    "meanwhile": 0.01,
    "meanwhile a claim": 0.05,
    "a no at the claim": 0.02,
    "an erasure": 0.006,
    "crash at the call": 0.01,
    "stalled": 0.01,
    "message comes twice": 0.05,
    "message is not forgotten": 0.05,
    "message is late": 0.05,
    "schedule fires twice": 0.3,
    "schedule never fires": 0.15,
    "a second pacer": 0.3,
    "webhook is not taken": 0.1,
    "bus refuses": 0.1,
    "bus's answer lost": 0.1,
}
ANNOUNCING = 0.25
"""The share of the scenes in which another system listens."""


CODES = tuple(sorted(code for code in MEANING_BY_CODE if not 200 < code <= 299))
"""Every code of the table, one of its only range."""
CODES_EVERY = 3
"""Each so many-th seed meets a code in the response and one by webhook: first others, then the same."""
CODE_ODDS = 0.06


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign of the scene, as changes of the usual definition."""

    name: str
    tag: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody does, so many milliseconds after the wave is due."""

    after_ms: int
    verb: str
    what: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a seed has chosen before it begins."""

    seed: int
    leases_only: bool
    weather: str
    posts: str
    per_second: int
    tier: int | None
    campaigns: tuple[Campaign, ...]
    acts: tuple[Act, ...] = field(default=())
    codes: tuple[int, int] | None = None
    """The code that the provider refuses calls with, and the one that it fails messages with later."""

    @property
    def announces(self) -> bool:
        """Whether another system listens; the other scenes play as if there were no announcing at all."""
        return drawn(self.seed, "scene announces") < ANNOUNCING

    @property
    def odds(self) -> Mapping[str, float]:
        """How often each kind of fault strikes; many lives are short, one must last a while."""
        if self.leases_only:
            return ODDS
        return {**ODDS, "crash before": 0.0005, "crash after": 0.0005, "crash at the call": 0.004}

    def told(self) -> list[str]:
        """Return the scene as sentences."""
        home = "many workers that know of each other by leases" if self.leases_only else "one machine"
        lines = [
            f"Seed {self.seed}: {home}; the provider: {self.weather}; webhooks {self.posts}; "
            f"{self.per_second} a second{'' if self.tier is None else f', {self.tier} people a day'}."
        ]
        if self.codes:
            lines.append(f"Calls are refused with {self.codes[0]}, messages fail with {self.codes[1]}.")
        if self.announces:
            lines.append("Another system listens.")
        lines += [f"{c.name} to {PEOPLE} {c.tag} people: {dict(c.changes)}" for c in self.campaigns]
        return lines


class _Dice:
    def __init__(self, seed: int) -> None:
        self._seed = seed

    def chance(self, name: str, share: float) -> bool:
        return drawn(self._seed, f"scene {name}") < share

    def one_of(self, name: str, choices: Any) -> Any:
        listed = list(choices)
        return listed[int(drawn(self._seed, f"scene {name}") * len(listed))]


def scene_of(seed: int) -> Scene:
    """Return what a seed plays."""
    dice = _Dice(seed)
    campaigns = tuple(_campaign(dice, n) for n in range(dice.one_of("campaigns", (1, 1, 2, 3))))
    return Scene(
        seed=seed,
        leases_only=dice.chance("leases", 0.5),
        weather=dice.one_of("weather", WEATHERS),
        posts=dice.one_of("posts", POSTS),
        per_second=dice.one_of("rate", (20, 20, 80, 5)),
        tier=dice.one_of("tier", (None, None, None, 30)),
        campaigns=campaigns,
        acts=tuple(_acts(dice, campaigns)),
        codes=_codes(seed),
    )


def _codes(seed: int) -> tuple[int, int] | None:
    turn, rest = divmod(seed, CODES_EVERY)
    if rest:
        return None
    lap, which = divmod(turn, len(CODES))
    return CODES[which], CODES[which if lap % 2 else (which + len(CODES) // 2) % len(CODES)]


SECOND_SENDER = "clinique"
"""A sender that, in a scene, is of the same portfolio as the usual one."""


def _campaign(dice: _Dice, number: int) -> Campaign:
    # The second of three goes to the same people as the first: caps and standings are shared.
    tag = TAGS[0 if number == 1 and dice.chance("shared people", 0.5) else number]
    name = f"campaign-{number + 1}"
    throttle: dict[str, Any] = dice.one_of(
        f"throttle {number}",
        ({}, {}, {"priority": 80}, {"share": "60%"}, {"max_per_second": 3}),
    )
    changes: dict[str, Any] = {
        "window": dice.one_of(f"window {number}", ("15m", "30m", "2h")),
        "delivery": {"expires": "3h", "retry": {"transient": {"max": 2, "backoff": "2m"}}},
        "send_at": WAVE,
        "pause_if": [],
        **({"throttle": throttle} if throttle else {}),
    }
    if dice.chance(f"two waves {number}", 0.3):
        changes["timezone"] = "recipient"
    if number and dice.chance(f"second sender {number}", 0.3):
        changes["sender"] = SECOND_SENDER
    return Campaign(name=name, tag=tag, changes=changes)


def _acts(dice: _Dice, campaigns: tuple[Campaign, ...]) -> list[Act]:
    acts: list[Act] = []
    for n in range(dice.one_of("opt-outs", (0, 1, 3))):
        acts.append(
            Act(_after(dice, f"opt-out {n}"), "opts out", str(dice.one_of(f"who {n}", range(PEOPLE))))
        )
    for n in range(dice.one_of("edits", (0, 0, 2))):
        acts.append(
            Act(_after(dice, f"edit {n}"), "is edited", str(dice.one_of(f"edited {n}", range(PEOPLE))))
        )
    for n in range(dice.one_of("erasures", (0, 0, 0, 1, 2))):
        acts.append(
            Act(_after(dice, f"erasure {n}"), "is erased", str(dice.one_of(f"erased {n}", range(PEOPLE))))
        )
    for campaign in campaigns:
        if dice.chance(f"pause {campaign.name}", 0.3):
            at = _after(dice, f"pause at {campaign.name}")
            acts.append(Act(at, "pause", campaign.name))
            acts.append(Act(at + 1_000 + _after(dice, f"resume {campaign.name}"), "resume", campaign.name))
        if dice.chance(f"cancel {campaign.name}", 0.1):
            acts.append(Act(_after(dice, f"cancel at {campaign.name}"), "cancel", campaign.name))
        if dice.chance(f"launch again {campaign.name}", 0.3):
            acts.append(Act(_after(dice, f"again {campaign.name}"), "launch again", campaign.name))
        if dice.chance(f"new version {campaign.name}", 0.15):
            acts.append(Act(_after(dice, f"new version at {campaign.name}"), "new version", campaign.name))
    if dice.chance("slower", 0.2):
        acts.append(Act(_after(dice, "slower at"), "slower", "boutique"))
    return sorted(acts, key=lambda act: (act.after_ms, act.verb, act.what))


def _after(dice: _Dice, name: str) -> int:
    return int(dice.one_of(name, range(-3_000, 12_000, 37)))


def definition_of(campaign: Campaign) -> dict[str, Any]:
    """Return a campaign's definition."""
    audience = {"segment": f'tag("{campaign.tag}")'}
    return {**DEFINITION, "campaign": campaign.name, "audience": audience, **campaign.changes}


def new_version_of(campaign: Campaign) -> dict[str, Any]:
    """Return what its author makes of a campaign while it is being sent: at once, and at another speed."""
    changed = {**definition_of(campaign), "send_at": "now", "throttle": {"max_per_second": 2}}
    changed.pop("timezone", None)
    return changed


def book() -> str:
    """Return the contacts file: people of three tags, each known by a number of their own."""
    lines = ["phone,external_id,first_name,language,country,consent_whatsapp_promotions,tags"]
    for tag in TAGS:
        for n in range(PEOPLE):
            country = "FR" if n % 4 == 3 else "MA"
            lines.append(f"{phone_of(tag, n)},{tag}{n},Name{n},fr,{country},2026-06-01,{tag}")
    return "\n".join(lines) + "\n"


def phone_of(tag: str, number: int) -> str:
    """Return the number of somebody of the book."""
    digits = 12000000 + 1000 * TAGS.index(tag) + number
    return f"+336{digits}" if number % 4 == 3 else f"+2126{digits}"
