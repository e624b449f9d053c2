"""Whose clock: the zone of a person, from what we know of them, and countries as dated data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

import orjson
import phonenumbers
import pytz

from chalicelib.audience.identity import region_of
from chalicelib.audience.instant import HOUR_MS, Instant
from chalicelib.authoring.holiday_calendar import holidays_version
from chalicelib.planning.local_time import offset_minutes, zone_named

_MOST_PREFIXES = 100_000


class ZoneSource(StrEnum):
    """Which rule gave the zone."""

    CONTACT = "contact"
    COUNTRY = "country"
    PHONE = "phone"
    POLICY = "policy"  # unknown_timezone.use
    CAMPAIGN = "campaign"  # the campaign's own clock, where the person's is unknown


@dataclass(frozen=True, slots=True)
class Zone:
    """A person's zone, as one or several candidates: the first is the one whose clock counts."""

    candidates: tuple[str, ...]
    source: ZoneSource


@lru_cache(maxsize=2)
def _data(name: str) -> tuple[bytes, Any]:
    raw = resources.files("chalicelib.planning").joinpath(f"data/{name}").read_bytes()
    return raw, orjson.loads(raw)


def country_table(name: str) -> Any:
    """Return a table of dated data about countries."""
    return _data(name)[1]


@lru_cache(maxsize=1)
def countries_version() -> str:
    """Return a hash of the country tables and their holidays, which a plan's own hash covers."""
    files = [_data("main_zones.json")[0], _data("country_rules.json")[0], holidays_version().encode()]
    return hashlib.sha256(b"\0".join(files)).hexdigest()


def calling_prefixes(regions: frozenset[str]) -> tuple[str, ...]:
    """Return how numbers of `regions` begin, and perhaps others: a first, cheap look."""
    return tuple(sorted({f"+{phonenumbers.country_code_for_region(region)}" for region in regions}))


@lru_cache(maxsize=512)
def zones_of_country(country: str) -> tuple[str, ...]:
    """Return the zones of an alpha-2 country, the main one first; () when it has none."""
    tables = country_table("main_zones.json")
    beyond = tables["zone_by_country_missing_in_tzdata"].get(country)
    zones = pytz.country_timezones.get(country) or ([beyond] if beyond else [])
    main = tables["main_zone_by_country"].get(country)
    return (main, *(z for z in zones if z != main)) if main else tuple(zones)


def zone_of(timezone: str | None, country: str | None, region: str | None) -> Zone | None:
    """Return the zone of a person by what is stored, else country, else region of the number.

    None when none of them gives one. A stored zone that does not exist gives
    none either: whoever calls tells it apart with `zone_named`.
    """
    if timezone:
        stored = zone_named(timezone)
        return Zone((stored,), ZoneSource.CONTACT) if stored else None
    for place, source in ((country, ZoneSource.COUNTRY), (region, ZoneSource.PHONE)):
        candidates = zones_of_country(place) if place else ()
        if candidates:
            return Zone(candidates, source)
    return None


def told_apart(zones: Sequence[str], first: Instant, last: Instant) -> tuple[str, ...]:
    """Return `zones` without those whose clocks agree with an earlier one all over [first, last].

    Several zones are no ambiguity where they give the same instants. Looked at
    hour by hour: clocks change on the hour or the half, and stay changed.
    """
    if len(zones) < 2:
        return tuple(zones)
    hours = range(first, last + HOUR_MS, HOUR_MS)
    kept: dict[tuple[float, ...], str] = {}
    for zone in zones:
        kept.setdefault(tuple(offset_minutes(hour, zone) for hour in hours), zone)
    return tuple(kept.values())


class NumberRegions:
    """Regions of E.164 numbers, remembered by the leading digits that decide them."""

    def __init__(self) -> None:
        self._region_by_prefix: dict[str, str | None] = {}

    def __call__(self, phone: str) -> str | None:
        """Return the alpha-2 country of `phone`, None when no single one has it."""
        known = self._region_by_prefix
        for end in (2, 3, 4):
            regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(_number(phone[1:end]))
            if regions is not None:
                break
        else:
            return None
        if len(regions) == 1:
            return None if regions[0] == "001" else str(regions[0])
        # In +1 the area code decides; elsewhere no range is finer than seven digits.
        prefix = phone[: end + (3 if end == 2 and phone[1] == "1" else 7)]
        if prefix not in known:
            if len(known) >= _MOST_PREFIXES:
                known.clear()
            known[prefix] = region_of(phone)
        return known[prefix]


def _number(digits: str) -> int:
    return int(digits) if digits.isdecimal() else -1
