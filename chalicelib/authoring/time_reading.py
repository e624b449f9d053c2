"""Reading when a campaign goes out: whose clock, which days, until when."""

from __future__ import annotations

import re
from datetime import datetime

import pytz

from chalicelib.audience.instant import HOUR_MS, MINUTE_MS
from chalicelib.authoring.definition import (
    ALL_DAYS,
    Dst,
    Fold,
    Gap,
    Holidays,
    OnHoliday,
    UnknownTimezone,
)
from chalicelib.authoring.fields import Reader, closest
from chalicelib.authoring.holiday_calendar import calendar_named
from chalicelib.authoring.nodes import Fields
from chalicelib.authoring.quiet_reading import read_days

LEAST_WINDOW_MS = 15 * MINUTE_MS
LONGEST_MS = 400 * 24 * HOUR_MS
_FIXED_OFFSET = re.compile(r"[+-]\d{1,2}(:?\d{2})?|(Etc/)?(GMT|UTC)[+-]?\d+|Z|(GMT|UTC)[+-].*", re.IGNORECASE)
_ZONES = {name.lower(): name for name in pytz.all_timezones}


def read_timezone(root: Reader) -> str | None:
    """Return the clock of `send_at`, None for each recipient's own."""
    found = root.text("timezone", "recipient")
    if found in (None, "recipient"):
        return None
    return _zone(root, "timezone", str(found))


def _zone(root: Reader, key: str, name: str) -> str | None:
    """Return an IANA zone's proper name, or note why it is none."""
    if _FIXED_OFFSET.fullmatch(name):
        root.note("zone_is_offset", key, value=name)
        return None
    known = _ZONES.get(name.lower())
    if known is None:
        root.note("zone_unknown", key, value=name, guess=_ZONES.get(closest(name.lower(), _ZONES), ""))
    return known


def read_unknown_timezone(root: Reader) -> UnknownTimezone:
    """Return what becomes of people with no zone and no country."""
    found = root.node("unknown_timezone")
    if found is None:
        return UnknownTimezone()
    if isinstance(found, Fields):
        one = root.mapping("unknown_timezone")
        if one is None:
            return UnknownTimezone()
        name = one.text("use") if one.required("use") else None
        zone = _zone(one, "use", name) if name else None
        share = (one.text("max_share") or "5%").removesuffix("%")
        try:
            fraction = float(share) / 100
        except ValueError:
            fraction = -1.0
        if not 0 <= fraction <= 1:
            one.note("not_a_share", "max_share", value=share)
        one.finish()
        return UnknownTimezone(use=zone, max_share=fraction)
    word = root.text("unknown_timezone")
    if word not in ("skip", "fail_plan"):
        root.note(
            "not_a_choice",
            "unknown_timezone",
            value=str(word),
            choices="{use: ZONE}, skip, fail_plan",
            guess="",
        )
    return UnknownTimezone(skip=word == "skip")


def read_send_at(root: Reader) -> datetime | None:
    """Return the wall time, None for the launch instant."""
    found = root.text("send_at")
    if found is None or found == "now":
        return None
    if re.search(r"(Z|[+-]\d{2}:?\d{2})$", found) and re.match(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}.+", found):
        root.note("send_at_has_offset", "send_at", value=found)
        return None
    try:
        return datetime.strptime(found.replace("T", " "), "%Y-%m-%d %H:%M")  # noqa: DTZ007 - a wall time
    except ValueError:
        root.note("send_at_invalid", "send_at", value=found)
        return None


def read_window(root: Reader) -> int:
    """Return for how many milliseconds after its instant a send may start."""
    window = root.duration("window", 2 * HOUR_MS)
    if not LEAST_WINDOW_MS <= window <= LONGEST_MS:
        root.note("window_too_short" if window < LEAST_WINDOW_MS else "too_long", "window")
    return window


def read_dst(root: Reader) -> Dst:
    """Return what to do where the clocks skip or repeat the wall time."""
    one = root.mapping("dst")
    if one is None:
        return Dst()
    dst = Dst(
        gap=one.choice("gap", Gap, Gap.SHIFT_FORWARD),
        fold=one.choice("fold", Fold, Fold.FIRST),
    )
    one.finish()
    return dst


def read_holidays(root: Reader) -> Holidays | None:
    """Return whose public holidays count, None when the campaign heeds none."""
    one = root.mapping("holidays")
    if one is None:
        return None
    name = one.text("calendar") if one.required("calendar") else None
    on_holiday = one.choice("on_holiday", OnHoliday, OnHoliday.NEXT_ALLOWED_DAY)
    one.finish()
    if name is None or name == "recipient":
        return Holidays(calendar=None, on_holiday=on_holiday)
    calendar = calendar_named(name)
    if calendar is None:
        one.note("holiday_calendar_unknown", "calendar", value=name)
    return Holidays(calendar=calendar, on_holiday=on_holiday)


def read_allowed_days(root: Reader) -> tuple[tuple[int, ...], Holidays | None]:
    """Return the days of the week and the holidays that move the date of `send_at`."""
    days, holidays = read_days(root, "days"), read_holidays(root)
    if root.text("send_at") == "now":
        for key, says in (("days", days != ALL_DAYS), ("holidays", holidays is not None)):
            if says:
                root.note("days_without_date", key)
    return days, holidays
