"""Reading quiet hours and days of the week, which definitions and the policy write alike."""

from __future__ import annotations

import re
from datetime import date

from chalicelib.authoring.definition import ALL_DAYS, DAY_WORDS, OnBlock, QuietInterval
from chalicelib.authoring.fields import Reader, clock_minutes, closest

DAY_MINUTES = 24 * 60
MOST_INTERVALS = 50


def read_quiet_hours(root: Reader, key: str) -> tuple[QuietInterval, ...]:
    """Return a list of quiet intervals, without those that have a fault."""
    found = [_interval(one) for one in root.readers(key, most=MOST_INTERVALS)]
    return tuple(interval for interval in found if interval is not None)


def read_days(one: Reader, key: str) -> tuple[int, ...]:
    """Return days of the week in their order, Monday 0; all of them when the key is absent."""
    if one.node(key) is None:
        return ALL_DAYS
    days = set()
    texts = one.texts(key)
    for text in texts:
        word = text.value.strip()
        if word in DAY_WORDS:
            days.add(DAY_WORDS.index(word))
        else:
            choices, guess = ", ".join(DAY_WORDS), closest(word.lower()[:3], DAY_WORDS)
            one.note("not_a_choice", key, text.place, value=word, choices=choices, guess=guess)
    if not texts:
        one.note("days_empty", key)
    return tuple(sorted(days)) or ALL_DAYS


def _interval(one: Reader) -> QuietInterval | None:
    opens, closes = (_clock(one, name) for name in ("from", "to"))
    on_block = one.choice("on_block", OnBlock, OnBlock.DEFER)
    days = read_days(one, "days")
    first_day, last_day = _dates(one)
    one.finish()
    if opens is None or closes is None:
        return None
    always = days == ALL_DAYS and first_day is None
    if opens == closes or (always and opens % DAY_MINUTES == closes % DAY_MINUTES):
        one.note("quiet_all_day", "to")
        return None
    return QuietInterval(
        opens=opens % DAY_MINUTES,
        closes=closes % DAY_MINUTES,
        on_block=on_block,
        days=days,
        first_day=first_day,
        last_day=last_day,
    )


def _clock(one: Reader, key: str) -> int | None:
    if not one.required(key):
        return None
    text = one.text(key) or ""
    minutes = clock_minutes(text)
    if minutes is None:
        one.note("not_a_clock_time", key, value=text)
    return minutes


def _dates(root: Reader) -> tuple[date | None, date | None]:
    """Return the first and the last local date on which an interval starts."""
    one = root.mapping("dates")
    if one is None:
        return None, None
    first, last = (_date(one, name) for name in ("from", "to"))
    one.finish()
    if first is not None and last is not None and last < first:
        one.note("dates_reversed", "to", first=first.isoformat(), last=last.isoformat())
    return first, last


def _date(one: Reader, key: str) -> date | None:
    if not one.required(key):
        return None
    text = one.text(key) or ""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    one.note("not_a_date", key, value=text)
    return None
