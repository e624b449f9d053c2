"""A turn: the instant of a wall time on one clock, on the first day that allows it.

The date moves day by day; the wall time is put on each anew and resolved anew,
because 24 hours later is another wall time where the clocks change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.audience.instant import Instant, to_iso
from chalicelib.authoring.definition import Definition, Past
from chalicelib.planning.allowed_days import AllowedDays
from chalicelib.planning.local_time import local_parts, resolve

MOST_DAYS_MOVED = 14
AT_LAUNCH: Instant = 0
"""Stands for the launch instant, which is not known yet and not in the plan's hash."""
DAY_MOVED = "day_moved"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # counted by identity, millions of times
class Timing:
    """One clock's turn, or why it has none.

    `zone` joins the candidate zones with "|", the one that counts first.
    `refusal` is (reason, what was seen). `concerns` are the warning codes that
    people with this clock are counted under. `countries` are those whose rules
    bind them, joined with "|".
    """

    instant: Instant = AT_LAUNCH
    zone: str = ""
    zone_from: str = ""
    refusal: tuple[str, str] | None = None
    no_country: bool = False
    past: bool = False
    concerns: tuple[str, ...] = ()
    countries: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What decides a turn: the definition, the clock that shows its wall time, the allowed days there."""

    definition: Definition
    clock: str
    days: AllowedDays
    launch: Instant

    def timing(self) -> Timing:
        """Return the instant on the first allowed day whose window is open, or why there is none."""
        wall = self.definition.send_at
        if wall is None:
            return Timing()
        saw = ""
        for moved in range(MOST_DAYS_MOVED + 1):
            instant, day = self._on(wall + timedelta(days=moved))
            objection = self.days.objection_to(day)
            if objection is None:
                return self._landed(wall, moved, instant)
            if objection.skips:
                return Timing(refusal=("no_day", objection.saw))
            saw = objection.saw
        return Timing(refusal=("no_day", f"{saw}; nor is any of the {MOST_DAYS_MOVED} days before"))

    def _on(self, wall: datetime) -> tuple[Instant | None, date]:
        """Return the instant of a wall time and its local date, which a skipped hour may change."""
        dst = self.definition.dst
        instant = resolve(wall, self.clock, gap=dst.gap, fold=dst.fold)
        return instant, wall.date() if instant is None else local_parts(instant, self.clock)[0]

    def _landed(self, wall: datetime, moved: int, instant: Instant | None) -> Timing:
        """Return the turn on the first allowed day, `moved` days after the date written."""
        if instant is None:
            seen = f"{wall + timedelta(days=moved):%Y-%m-%d %H:%M} does not exist in {self.clock}"
            return Timing(refusal=("dst_gap", seen))
        if self._is_open(instant):
            return Timing(instant=instant, concerns=(DAY_MOVED,) if moved else ())
        match self.definition.past:
            case Past.SKIP | Past.FAIL_PLAN:
                seen = f"window closed {to_iso(instant + self.definition.window_ms)}"
                return Timing(refusal=("past", seen), past=True)
            case Past.SEND_NOW if self.days.objection_to(local_parts(self.launch, self.clock)[0]) is None:
                return Timing(instant=AT_LAUNCH)
            case Past.SEND_NOW | Past.NEXT_DAY:
                return self._next_day(wall, moved)

    def _is_open(self, instant: Instant) -> bool:
        return instant + self.definition.window_ms > self.launch

    def _next_day(self, wall: datetime, moved: int) -> Timing:
        """Return the turn on the first allowed day after the one that is past."""
        for days in range(moved + 1, MOST_DAYS_MOVED + 1):
            instant, day = self._on(wall + timedelta(days=days))
            if instant is None or not self._is_open(instant):
                continue
            objection = self.days.objection_to(day)
            if objection is None:
                return Timing(instant=instant)
            if objection.skips:
                return Timing(refusal=("no_day", objection.saw))
        seen = "still past" if self.days.never_objects else "still past or not allowed"
        return Timing(refusal=("no_day", f"{seen} {MOST_DAYS_MOVED} days later"))
