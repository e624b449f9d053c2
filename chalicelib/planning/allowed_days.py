"""Allowed days: on which local dates a campaign may go out to a person, and why not on others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from chalicelib.authoring.definition import DAY_WORDS, Holidays, OnHoliday
from chalicelib.authoring.holiday_calendar import holiday_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why a date is not allowed; `skips` when it costs the message instead of moving it."""

    saw: str
    skips: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedDays:
    """The days of the week, Monday 0, less the holidays of `calendar` (None: no holidays are heeded)."""

    days: Collection[int]
    calendar: str | None = None
    on_holiday: OnHoliday = OnHoliday.NEXT_ALLOWED_DAY

    @property
    def never_objects(self) -> bool:
        """Whether every day is allowed."""
        return self.calendar is None and len(self.days) == len(DAY_WORDS)

    def objection_to(self, day: date) -> Objection | None:
        """Return why nothing goes out on `day`, None when it may.

        A day of the week that is not allowed moves the date, holiday or not.
        """
        if day.weekday() not in self.days:
            return Objection(saw=f"{day.isoformat()} is a {DAY_WORDS[day.weekday()]}, which is not allowed")
        if self.calendar is None:
            return None
        feast = holiday_on(self.calendar, day)
        if feast is None:
            return None
        seen = f"{day.isoformat()} is a holiday in {self.calendar}: {feast}"
        return Objection(saw=seen, skips=self.on_holiday is OnHoliday.SKIP)


def allowed_days(days: Collection[int], holidays: Holidays | None, country: str | None) -> AllowedDays:
    """Return the allowed days of a person of `country`, whose own holidays may be meant."""
    if holidays is None:
        return AllowedDays(days=days)
    return AllowedDays(days=days, calendar=holidays.calendar or country, on_holiday=holidays.on_holiday)
