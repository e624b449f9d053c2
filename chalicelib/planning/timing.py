"""Timing: when it is a person's turn, decided once for everybody with the same clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.audience.instant import DAY_MS, Instant, to_iso
from chalicelib.authoring.definition import Definition, OnBlock, Past, QuietInterval
from chalicelib.planning.local_time import resolve, zone_named
from chalicelib.planning.send_window import blocked_until
from chalicelib.planning.zones import NumberRegions, Zone, ZoneSource, told_apart, zone_of, zones_of_country

MOST_DAYS_MOVED = 14
AT_LAUNCH: Instant = 0
"""Stands for the launch instant, which is not known yet and not in the plan's hash."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # counted by identity, millions of times
class Timing:
    """One clock's turn, or why it has none.

    `zone` joins the candidate zones with "|", the one that counts first.
    `refusal` is (reason, what was seen). `concerns` are the warning codes that
    people with this clock are counted under.
    """

    instant: Instant = AT_LAUNCH
    zone: str = ""
    zone_from: str = ""
    refusal: tuple[str, str] | None = None
    no_country: bool = False
    past: bool = False
    concerns: tuple[str, ...] = ()


class Timings:
    """Timings by what decides a person's clock: stored zone, country, region of the number."""

    def __init__(self, definition: Definition, quiet: Sequence[QuietInterval], launch: Instant) -> None:
        self._definition = definition
        self._quiet = tuple(quiet)
        self._launch = launch
        self._region_of = NumberRegions()
        self._known: dict[tuple[str | None, str | None, str | None], Timing] = {}
        local_send = definition.send_at is not None and definition.timezone is None
        self._needs_zone = local_send or bool(quiet)

    def region_of(self, phone: str) -> str | None:
        """Return the country of a number."""
        return self._region_of(phone)

    def of(self, timezone: str | None, country: str | None, phone: str) -> Timing:
        """Return the timing of a person."""
        placed = country is not None and bool(zones_of_country(country))
        region = None if placed else self._region_of(phone)
        key = (timezone, country, region)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._timed(timezone, country, region)
        return known

    def _timed(self, timezone: str | None, country: str | None, region: str | None) -> Timing:
        if self._needs_zone and timezone and zone_named(timezone) is None:
            return Timing(refusal=("timezone.invalid", timezone))
        zone = zone_of(timezone, country, region)
        unknown = zone is None and self._needs_zone and self._definition.timezone is None
        zone = zone or self._zone_by_rule()
        if zone is None and self._needs_zone:
            seen = f"no zone, country {country or 'missing'}, number of no single country"
            return Timing(refusal=("timezone.unknown", seen), no_country=unknown)
        timing = replace(self._placed(zone), no_country=unknown)
        return timing if timing.refusal else self._with_concerns(timing, zone)

    def _zone_by_rule(self) -> Zone | None:
        """Return the zone of people about whom nothing is known."""
        if self._definition.timezone is not None:
            return Zone((self._definition.timezone,), ZoneSource.CAMPAIGN)
        if self._definition.unknown_timezone.use is not None:
            return Zone((self._definition.unknown_timezone.use,), ZoneSource.POLICY)
        return None

    def _placed(self, zone: Zone | None) -> Timing:
        """Return the instant of the wall time, moved or refused when its window has closed."""
        wall = self._definition.send_at
        if wall is None:
            return Timing()
        clock = self._definition.timezone or (zone.candidates[0] if zone else "UTC")
        instant = resolve(wall, clock)
        if instant is None:
            return Timing(refusal=("dst_gap", f"{wall:%Y-%m-%d %H:%M} does not exist in {clock}"))
        if self._is_open(instant):
            return Timing(instant=instant)
        return self._past(wall, clock, instant)

    def _is_open(self, instant: Instant) -> bool:
        return instant + self._definition.window_ms > self._launch

    def _past(self, wall: datetime, clock: str, instant: Instant) -> Timing:
        seen = f"window closed {to_iso(instant + self._definition.window_ms)}"
        match self._definition.past:
            case Past.SKIP | Past.FAIL_PLAN:
                return Timing(refusal=("past", seen), past=True)
            case Past.SEND_NOW:
                return Timing(instant=AT_LAUNCH)
            case Past.NEXT_DAY:
                return self._next_day(wall, clock)

    def _next_day(self, wall: datetime, clock: str) -> Timing:
        """Move the date, then resolve anew: 24 hours later is another wall time after a change."""
        for days in range(1, MOST_DAYS_MOVED + 1):
            instant = resolve(wall + timedelta(days=days), clock)
            if instant is not None and self._is_open(instant):
                return Timing(instant=instant)
        return Timing(refusal=("no_day", f"still past {MOST_DAYS_MOVED} days later"))

    def _with_concerns(self, timing: Timing, zone: Zone | None) -> Timing:
        """Return `timing` with its zones, as far as they differ, and what there is to warn of."""
        if zone is None:
            return timing
        instant = timing.instant or self._launch
        horizon = instant + self._definition.expires_ms + 2 * DAY_MS
        candidates = told_apart(zone.candidates, instant - DAY_MS, horizon)
        concerns = []
        if len(candidates) > 1:
            concerns.append("zone_by_default")
        if AT_LAUNCH < timing.instant < self._launch:
            concerns.append("late_but_open")
        until = blocked_until(instant, self._quiet, candidates)
        if until is not None:
            skips = any(interval.on_block is OnBlock.SKIP for interval in self._quiet)
            lost = skips or until >= instant + self._definition.expires_ms
            concerns.append("quiet_hours_exclude" if lost else "quiet_hours_defer")
        return replace(
            timing, zone="|".join(candidates), zone_from=zone.source.value, concerns=tuple(concerns)
        )
