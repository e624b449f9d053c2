"""Drift: whether new zone data put somebody's hour elsewhere than where it was planned.

What a plan's hour was resolved from is the wall time of its definition on one
clock, so what matters of a wave are the clocks of its people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import pytz

from chalicelib.audience.instant import Instant
from chalicelib.authoring.definition import Definition
from chalicelib.planning.local_time import ZoneData
from chalicelib.planning.plan import Plan, Planned
from chalicelib.planning.turn import AT_LAUNCH, MOST_DAYS_MOVED

MOST_NAMED = 5
"""Clocks that are named to a person."""
UNKNOWN = "?"
"""Stands for the clocks of a plan that was sealed before they were kept."""
_EVIDENCE = re.compile(r"tzdata (\S+) -> (\S+) \((.*)\)")


def clocks_by_wave(planned: Iterable[Planned]) -> dict[Instant, tuple[str, ...]]:
    """Return the clocks of each wave's people: of several candidates the one that counts."""
    found: dict[Instant, set[str]] = {}
    for instant, zone in {(row.instant, row.zone) for row in planned}:
        if instant != AT_LAUNCH and zone:
            found.setdefault(instant, set()).add(zone.partition("|")[0])
    return {instant: tuple(sorted(clocks)) for instant, clocks in found.items()}


def moved_clocks(plan: Plan, definition: Definition, wave: Instant, zones: ZoneData) -> tuple[str, ...]:
    """Return on which clocks a wave's hour is another instant by `zones`; () when everybody's is as planned.

    Nobody moves whose wave is the launch. Of a plan without its clocks nothing is
    known, so it counts as moved. A clock that lost or gained a whole day passes for
    one whose people had to wait for an allowed day.
    """
    if definition.send_at is None or wave not in plan.waves or zones.version == plan.versions.tzdata:
        return ()
    clocks = (definition.timezone,) if definition.timezone else plan.clocks.get(wave, (UNKNOWN,))
    return tuple(clock for clock in clocks if not _is_still(clock, definition, wave, zones))


def _is_still(clock: str, definition: Definition, wave: Instant, zones: ZoneData) -> bool:
    """Say whether an instant is the definition's wall time on a clock, on its date or a later one."""
    assert definition.send_at is not None
    days = (definition.send_at + timedelta(days=moved) for moved in range(MOST_DAYS_MOVED + 1))
    try:
        return any(
            zones.resolve(wall, clock, gap=definition.dst.gap, fold=definition.dst.fold) == wave
            for wall in days
        )
    except pytz.UnknownTimeZoneError:  # "?" is none either
        return False


def facts(was: str, zones: ZoneData, clocks: Sequence[str]) -> Mapping[str, str]:
    """Return which release was, which is now, and on which clocks somebody would move."""
    named = [*clocks[:MOST_NAMED], *(["…"] if len(clocks) > MOST_NAMED else [])]
    return {"was": was, "now": zones.version, "zones": ", ".join(named)}


def evidence(was: str, zones: ZoneData, clocks: Sequence[str]) -> str:
    """Return why a broadcast was paused, as other evidence is written: in no language."""
    return "tzdata {was} -> {now} ({zones})".format_map(facts(was, zones, clocks))


def told(paused_because: str) -> Mapping[str, str] | None:
    """Return the facts of such evidence, for a sentence in a person's language; None for any other."""
    found = _EVIDENCE.fullmatch(paused_because)
    return None if found is None else {"was": found[1], "now": found[2], "zones": found[3]}
