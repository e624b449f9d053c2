"""A million contacts planned on the embedded home: `python -m bench million`.

The book is written straight through the stores, which is not measured. Then
the command plans it, as anybody would; the operating system says what that took.
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import orjson

from bench._figures import ROOT, Figure, spent_by
from bench.planning import people

PEOPLE, FEW = 1_000_000, 4_000
MOST_SECONDS, MOST_GIB = 90.0, 1.0
BATCH = 2_000
RUNS = 1
"""A run is long, and a million judgements already."""

DEFINITION = """\
campaign: bench
title: "Bench"
owner: bench
category: marketing
sender: boutique
topic: promotions

consent: {{basis: explicit_optin, max_age: 36mo}}

audience:
  segment: tag("loyal") and attr.city != "Dakhla"
  limit: 10000000

send_at: "{at:%Y-%m-%d} 09:00"
timezone: recipient
unknown_timezone: {{use: Africa/Casablanca, max_share: 5%}}
window: 12h
quiet_hours: [{{from: "21:00", to: "08:00"}}]

template:
  name: soldes_hiver_2027
  language: {{from: contact.language, chain: {{"*": [en]}}}}
  parameters:
    prenom:
      value: "{{{{ contact.first_name | title }}}}"
      fallback: {{fr: "cher client", ar: "عميلنا العزيز", en: "there"}}
    remise: {{value: "{{{{ attr.discount or 20 }}}}", fallback: "20"}}
    fin: {{value: "{{{{ attr.city }}}}", fallback: "soon"}}
  buttons:
    - {{type: url, index: 0, value: "soldes"}}
    - {{type: quick_reply, index: 1, payload: STOP_PROMOS}}
"""


def measure(quick: bool) -> list[Figure]:
    """Return the time and the memory of planning."""
    count = FEW if quick else PEOPLE
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory) / "home"
        file = Path(directory) / "bench.yaml"
        file.write_text(DEFINITION.format(at=datetime.now(UTC) + timedelta(days=3)), "utf-8")
        spent_by([sys.executable, "-m", "bench.million", str(home), str(count)])
        environment = {**os.environ, "CARILLON_CAMPAIGNS": str(ROOT / "campaigns")}
        command = [sys.executable, "-m", "cli", "plan", str(file), "--home", str(home), "--json"]
        spent = spent_by(command, environment)
    planned = orjson.loads(spent.output)
    assert planned["audience"] == planned["planned"] + sum(planned["excluded"].values()) > count // 2
    how = (
        f"CPU {spent.cpu_seconds:.1f} s; {planned['planned']:,} planned, "
        f"{sum(planned['excluded'].values()):,} excluded, {len(planned['waves'])} waves"
    )
    gib = spent.most_bytes / 2**30
    what = f"{count:,} contacts on the embedded home"
    return [
        Figure(row="planning", what=what, value=spent.wall_seconds, unit="s", at_most=MOST_SECONDS, how=how),
        Figure(row="planning", what=f"{what}, memory", value=gib, unit="GiB", at_most=MOST_GIB),
    ]


def fill(home: Path, count: int) -> None:
    """Write a book into a fresh home."""
    from chalicelib.adapters.embedded.home import open_home
    from chalicelib.ports import Write

    opened = open_home(home)
    ports = opened.ports({})
    book = people(count)
    while batch := list(islice(book, BATCH)):
        ports.book.put_all([Write(person.contact, None) for person in batch])
        ports.standings.put_all([Write(person.standing, None) for person in batch])
    opened.close()


if __name__ == "__main__":
    fill(Path(sys.argv[1]), int(sys.argv[2]))
