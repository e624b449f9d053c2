"""Newer zone data: whose hour is elsewhere, judged by the clocks that a plan keeps of each wave."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.audience.instant import DAY_MS, Instant
from chalicelib.planning.drift import clocks_by_wave, evidence, moved_clocks, told
from chalicelib.planning.local_time import OURS, ZoneData, resolve, tzdata_version
from chalicelib.planning.plan import Planned
from tests.contracts.values import PLAN
from tests.planning.building import DEFINITION

WALL = datetime.fromisoformat("2027-01-14T09:00")
MOROCCO, FRANCE, NEPAL = "Africa/Casablanca", "Europe/Paris", "Asia/Kathmandu"


def at(zone: str, days: int = 0) -> Instant:
    instant = resolve(WALL, zone)
    assert instant is not None
    return instant + days * DAY_MS


def newer(shifted: dict[str, int], version: str = "2099z") -> ZoneData:
    """Return zone data by which the clocks of some zones are so many minutes elsewhere."""

    def other(wall: datetime, zone: str, **how: Any) -> Instant | None:
        instant = resolve(wall, zone, **how)
        return None if instant is None else instant + shifted.get(zone, 0) * 60_000

    return ZoneData(version=version, resolve=other)


def moved(zones: ZoneData, wave: Instant, clocks: tuple[str, ...] = (MOROCCO,), **changes: Any) -> Any:
    versions = replace(PLAN.versions, tzdata="2026f")
    plan = replace(PLAN, versions=versions, waves={wave: 1}, clocks={wave: clocks})
    return moved_clocks(plan, replace(DEFINITION, **changes), wave, zones)


CASES: list[tuple[str, dict[str, int], Instant, tuple[str, ...], dict[str, Any], tuple[str, ...]]] = [
    ("the clocks of the wave changed", {MOROCCO: 60}, at(MOROCCO), (MOROCCO,), {}, (MOROCCO,)),
    ("by minutes", {MOROCCO: -15}, at(MOROCCO), (MOROCCO,), {}, (MOROCCO,)),
    ("other clocks did", {FRANCE: 60}, at(MOROCCO), (MOROCCO,), {}, ()),
    ("no clocks did", {}, at(NEPAL), (NEPAL,), {}, ()),
    ("one of two did", {MOROCCO: 60}, at(FRANCE), (FRANCE, MOROCCO), {}, (MOROCCO,)),
    ("a later day still is", {}, at(MOROCCO, 3), (MOROCCO,), {}, ()),
    ("a later day no longer is", {MOROCCO: 60}, at(MOROCCO, 3), (MOROCCO,), {}, (MOROCCO,)),
    ("the campaign's own clock changed", {MOROCCO: 60}, at(MOROCCO), (), {"timezone": MOROCCO}, (MOROCCO,)),
    ("not the campaign's own clock", {FRANCE: 60}, at(MOROCCO), (FRANCE,), {"timezone": MOROCCO}, ()),
    ("it was sent at once", {MOROCCO: 60}, at(MOROCCO), (MOROCCO,), {"send_at": None}, ()),
    ("a zone is gone", {}, at(MOROCCO), ("Mars/Olympus",), {}, ("Mars/Olympus",)),
]


@pytest.mark.parametrize(
    ("shifted", "wave", "clocks", "changes", "expected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_clock_has_moved_whose_wall_time_is_another_instant(
    shifted: dict[str, int],
    wave: Instant,
    clocks: tuple[str, ...],
    changes: dict[str, Any],
    expected: tuple[str, ...],
) -> None:
    assert moved(newer(shifted), wave, clocks, **changes) == expected


def test_the_same_release_moves_nobody() -> None:
    assert moved(newer({MOROCCO: 60}, version="2026f"), at(MOROCCO)) == ()


def test_a_wave_at_the_launch_itself_moves_nobody_and_one_of_unknown_clocks_may() -> None:
    zones, wave = newer({}), at(MOROCCO)
    plan = replace(PLAN, waves={0: 3}, clocks={})
    assert moved_clocks(plan, DEFINITION, wave, zones) == ()
    assert moved_clocks(replace(plan, waves={wave: 3}), DEFINITION, wave, zones) == ("?",)


def row(instant: Instant, zone: str) -> Planned:
    return Planned(
        person="p",
        to="+1",
        instant=instant,
        language="fr",
        parameters=(),
        buttons=(),
        zone=zone,
        zone_from="phone",
        consent_at=None,
        salt="",
    )


def test_of_several_candidate_zones_the_one_that_counts_is_kept_and_the_launch_has_none() -> None:
    rows = [row(5, "B|C"), row(5, "A"), row(5, "B"), row(6, "C"), row(0, "A"), row(7, "")]
    assert clocks_by_wave(rows) == {5: ("A", "B"), 6: ("C",)}
    assert clocks_by_wave([]) == {}


def test_evidence_reads_back_as_facts_and_no_other_text_does() -> None:
    found = evidence("2026a", newer({}), ("A/x", "B/y"))
    assert found == "tzdata 2026a -> 2099z (A/x, B/y)"
    assert told(found) == {"was": "2026a", "now": "2099z", "zones": "A/x, B/y"}
    many = evidence("2026a", newer({}), tuple("abcdefg"))
    assert many.endswith("(a, b, c, d, e, …)")
    assert told("failed_rate > 5%") is None


def test_our_zone_data_resolve_as_planning_does() -> None:
    assert OURS.resolve(WALL, MOROCCO) == at(MOROCCO)
    assert OURS.version == tzdata_version()
