"""The demonstration's campaign: its hour is now for the largest group that is awake, later for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytz

from cli.sample_book import PANELS, Row

AWAKE_FROM, AWAKE_UNTIL = time(8, 10), time(20, 50)
DUE_PEOPLE = 1_750
"""Aimed at: some 23 seconds at 80 a second."""

CAMPAIGN = "soldes-partout"

_DEFINITION = """\
# Written by `carillon demo`. Its hour is now at UTC{offset}, and later for the rest of the world.
campaign: {campaign}
title: "Soldes partout"
owner: demo
category: marketing
sender: boutique
topic: promotions

consent: {{basis: explicit_optin, max_age: 24mo}}

audience:
  segment: |
    {segment}
  exclude: ["list:staff", "tag:staff"]
  limit: 30000

send_at: "{wall}"
timezone: recipient
unknown_timezone: {{use: Africa/Casablanca, max_share: 5%}}
window: 25m
past: next_day

template:
  name: soldes_hiver_2027
  language: {{from: contact.language, chain: {{"*": [en]}}}}
  parameters:
    prenom:
      value: "{{{{ contact.first_name | title }}}}"
      fallback: {{fr: "cher client", ar: "عميلنا العزيز", en: "there"}}
    remise: {{value: "{{{{ attr.discount or 20 }}}}", fallback: "20"}}
    fin: {{value: "{{{{ '{until}' | date('long') }}}}", fallback: "soon"}}
  buttons:
    - {{type: url, index: 0, value: "soldes"}}
    - {{type: quick_reply, index: 1, payload: STOP_PROMOS}}

delivery: {{expires: 24h}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Whom the demonstration writes to: a clock, how many share it, and which panels are asked."""

    offset: timedelta
    wall: datetime
    panels: int
    expected_due: int

    def definition(self) -> str:
        """Return the campaign file."""
        hours = self.offset // timedelta(hours=1)
        return _DEFINITION.format(
            offset=f"{hours:+d}",
            campaign=CAMPAIGN,
            segment=" or ".join(f'tag("panel-{n}")' for n in range(self.panels)),
            wall=f"{self.wall:%Y-%m-%d %H:%M}",
            until=f"{self.wall + timedelta(days=10):%Y-%m-%d}",
        )


def brief(rows: Iterable[Row], now: datetime) -> Brief:
    """Return the brief for an instant (aware, UTC); it is day in the group that it chooses.

    The window is 25 minutes, so of all clocks only those of this very offset are due.
    """
    people: Counter[timedelta] = Counter()
    for zone, n in Counter(row.country.zone for row in rows if row.promising).items():
        people[_offset(zone, now)] += n
    awake = {
        offset: n
        for offset, n in people.items()
        if not offset % timedelta(hours=1) and AWAKE_FROM <= (now + offset).time() <= AWAKE_UNTIL
    }
    offset, size = max(awake.items(), key=lambda item: item[1])
    panels = max(1, min(PANELS, round(DUE_PEOPLE * PANELS / size)))
    return Brief(
        offset=offset,
        wall=(now + offset).replace(second=0, microsecond=0, tzinfo=None),
        panels=panels,
        expected_due=size * panels // PANELS,
    )


def _offset(zone: str, now: datetime) -> timedelta:
    """Return what clocks in a zone are ahead of UTC at an instant."""
    return now.astimezone(pytz.timezone(zone)).utcoffset() or timedelta()
