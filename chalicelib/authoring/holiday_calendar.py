"""Public holidays, from the `holidays` package: rules per country, pinned with its release.

The package takes a while to import, so only a campaign with `holidays` pays for
it. Feasts that depend on the moon are its estimates until they are announced.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from typing import Any


@lru_cache(maxsize=1)
def holidays_version() -> str:
    """Return the release of the holiday data: "0.108"."""
    return version("holidays")


@lru_cache(maxsize=1)
def parts_by_country() -> Mapping[str, tuple[str, ...]]:
    """Return the countries with a calendar, alpha-2, and the parts of each that have their own."""
    from holidays import list_supported_countries

    known = list_supported_countries(include_aliases=False)
    return {country: tuple(parts) for country, parts in known.items() if len(country) == 2}


@lru_cache(maxsize=512)
def calendar_named(name: str) -> str | None:
    """Return "CC" or "CC-PART" as it is spelled, whatever the case; None without such a calendar."""
    country, dash, part = name.partition("-")
    parts = parts_by_country().get(country.upper())
    if parts is None or not dash:
        return None if parts is None else country.upper()
    spelled = next((known for known in parts if known.upper() == part.upper()), None)
    return None if spelled is None else f"{country.upper()}-{spelled}"


@lru_cache(maxsize=512)
def _days_off(name: str, year: int) -> Mapping[date, str]:
    from holidays import country_holidays

    country, _, part = name.partition("-")
    found: Any = country_holidays(country, subdiv=part or None, years=year, expand=False)
    return dict(found)


def holiday_on(calendar: str, day: date) -> str | None:
    """Return what is celebrated on `day`, None on an ordinary day or without such a calendar."""
    return None if calendar_named(calendar) is None else _days_off(calendar, day.year).get(day)
