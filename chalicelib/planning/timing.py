"""Timing: when it is a person's turn, decided once for everybody with the same clock and rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.audience.instant import DAY_MS, Instant
from chalicelib.authoring.definition import Definition, QuietInterval
from chalicelib.authoring.holiday_calendar import calendar_named
from chalicelib.planning.allowed_days import allowed_days
from chalicelib.planning.country_rules import CountryRules
from chalicelib.planning.local_time import zone_named
from chalicelib.planning.send_window import blocked_until, is_skipped
from chalicelib.planning.turn import AT_LAUNCH, Timing, Turn
from chalicelib.planning.zones import NumberRegions, Zone, ZoneSource, told_apart, zone_of, zones_of_country


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What decides a person's turn. `region` is the number's country, where the address gives no zone."""

    timezone: str | None
    country: str | None
    region: str | None
    countries: str

    @property
    def holiday_country(self) -> str | None:
        """Whose holidays are this person's: the address's country, else the number's."""
        return self.region or self.country


class Timings:
    """Timings by place: stored zone, country, region of the number, and countries whose rules bind."""

    def __init__(
        self,
        definition: Definition,
        quiet: Sequence[QuietInterval],
        launch: Instant,
        country_rules: CountryRules,
    ) -> None:
        self._definition = definition
        self._quiet = tuple(quiet)
        self._launch = launch
        self._country_rules = country_rules
        self._region_of = NumberRegions()
        self._known: dict[tuple[str | None, str | None, str | None, str], Timing] = {}
        self._sends_locally = definition.send_at is not None and definition.timezone is None

    def region_of(self, phone: str) -> str | None:
        """Return the country of a number."""
        return self._region_of(phone)

    def of(self, timezone: str | None, country: str | None, phone: str) -> Timing:
        """Return the timing of a person."""
        placed = country is not None and bool(zones_of_country(country))
        region = None if placed else self._region_of(phone)
        countries = self._country_rules.over(country, phone, self._region_of)
        key = (timezone, country, region, countries)
        known = self._known.get(key)
        if known is None:
            place = _Place(timezone=timezone, country=country, region=region, countries=countries)
            known = self._known[key] = replace(self._timed(place), countries=countries)
        return known

    def _timed(self, place: _Place) -> Timing:
        quiet = self._quiet + self._country_rules.quiet_hours_of(place.countries)
        needs_zone = self._sends_locally or bool(quiet)
        if needs_zone and place.timezone and zone_named(place.timezone) is None:
            return Timing(refusal=("timezone.invalid", place.timezone))
        zone = zone_of(place.timezone, place.country, place.region)
        unknown = zone is None and needs_zone and self._definition.timezone is None
        zone = zone or self._zone_by_rule()
        if zone is None and needs_zone:
            seen = f"no zone, country {place.country or 'missing'}, number of no single country"
            return Timing(refusal=("timezone.unknown", seen), no_country=unknown)
        timing = replace(self._turn(place, zone).timing(), no_country=unknown)
        if timing.refusal:
            return timing
        concerns = (*timing.concerns, *self._holidays_unknown(place))
        return self._seen_by_clocks(replace(timing, concerns=concerns), zone, quiet)

    def _zone_by_rule(self) -> Zone | None:
        """Return the zone of people about whom nothing is known."""
        if self._definition.timezone is not None:
            return Zone((self._definition.timezone,), ZoneSource.CAMPAIGN)
        if self._definition.unknown_timezone.use is not None:
            return Zone((self._definition.unknown_timezone.use,), ZoneSource.POLICY)
        return None

    def _turn(self, place: _Place, zone: Zone | None) -> Turn:
        """Return the turn on the clock that `send_at` is written for, and on the days it may fall on."""
        bound = self._country_rules.days_of(place.countries)
        days = [day for day in self._definition.days if day in bound]
        return Turn(
            definition=self._definition,
            clock=self._definition.timezone or (zone.candidates[0] if zone else "UTC"),
            days=allowed_days(days, self._definition.holidays, place.holiday_country),
            launch=self._launch,
        )

    def _holidays_unknown(self, place: _Place) -> Iterator[str]:
        """Yield the warning that nobody knows the holidays which this person's country should have."""
        holidays = self._definition.holidays
        if holidays is not None and holidays.calendar is None:
            country = place.holiday_country
            if country is None or calendar_named(country) is None:
                yield "holidays_unknown"

    def _seen_by_clocks(self, timing: Timing, zone: Zone | None, quiet: tuple[QuietInterval, ...]) -> Timing:
        """Return `timing` with its zones, as far as they differ, and what there is to warn of."""
        if zone is None:
            return timing
        instant = timing.instant or self._launch
        horizon = instant + self._definition.expires_ms + 2 * DAY_MS
        candidates = told_apart(zone.candidates, instant - DAY_MS, horizon)
        concerns = list(timing.concerns)
        if len(candidates) > 1:
            concerns.append("zone_by_default")
        if AT_LAUNCH < timing.instant < self._launch:
            concerns.append("late_but_open")
        until = blocked_until(instant, quiet, candidates)
        if until is not None:
            lost = is_skipped(instant, quiet, candidates) or until >= instant + self._definition.expires_ms
            concerns.append("quiet_hours_exclude" if lost else "quiet_hours_defer")
        return replace(
            timing, zone="|".join(candidates), zone_from=zone.source.value, concerns=tuple(concerns)
        )
