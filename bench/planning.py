"""Planning through the pure core: `python -m bench planning`.

A synthetic book of many countries, languages and dirty fields, judged by one
definition with two terms, one quiet interval and three parameters.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from bench._figures import Figure
from chalicelib.audience.consent import Consent
from chalicelib.audience.contact import Contact
from chalicelib.audience.instant import DAY_MS, HOUR_MS, MINUTE_MS, from_iso
from chalicelib.audience.segment import parse
from chalicelib.audience.standing import Person, Standing
from chalicelib.authoring.definition import (
    Audience,
    Category,
    ConsentRule,
    Definition,
    Parameter,
    Past,
    TemplateUse,
    UnknownTimezone,
)
from chalicelib.authoring.policy import Policy
from chalicelib.authoring.senders import Sender
from chalicelib.authoring.template import Template
from chalicelib.planning.eligibility import Eligibility
from chalicelib.planning.manifest import write_part
from chalicelib.planning.plan import Row

EVALUATED_AT = from_iso("2027-01-10T12:00:00Z")
TARGET_PER_SECOND = 50_000

# country, calling code, digits after it
COUNTRIES = [
    ("MA", "212", "6########"),
    ("FR", "33", "6########"),
    ("ES", "34", "6########"),
    ("DE", "49", "151########"),
    ("BR", "55", "119########"),
    ("CA", "1", "416#######"),
    ("GB", "44", "74########"),
    ("SN", "221", "77#######"),
    ("AE", "971", "50#######"),
    ("IN", "91", "98########"),
]
FIRST_NAMES = [
    f"{first}{last}" for first in ("Ami", "Yous", "Lea", "نو", "Jo", "Ka") for last in ("na", "ra", "sef")
]
CITIES = ["Rabat", "Lyon", "Dakhla", "Madrid", "Köln", None]


def definition() -> Definition:
    """Return the campaign that is planned."""
    return Definition(
        campaign="bench",
        title="Bench",
        owner="",
        category=Category.MARKETING,
        sender="boutique",
        topic="promotions",
        consent=ConsentRule(max_age_months=24),
        audience=Audience(segment=parse('tag("loyal") and attr.city != "Dakhla"'), limit=10_000_000),
        send_at=datetime.fromisoformat("2027-01-14T09:00"),
        timezone=None,
        unknown_timezone=UnknownTimezone(),
        window_ms=2 * HOUR_MS,
        past=Past.FAIL_PLAN,
        quiet_hours=None,
        template=TemplateUse(
            name="soldes",
            parameters=(
                Parameter(name="name", value="{{ contact.first_name | title }}", fallback={"": "you"}),
                Parameter(name="city", value="{{ attr.city }}", fallback={"": "there"}),
                Parameter(name="discount", value="{{ attr.discount or 20 }}", fallback={"": "20"}),
            ),
        ),
        max_per_second=None,
        expires_ms=2 * HOUR_MS,
    )


def templates() -> dict[tuple[str, str], Template]:
    """Return the template in three languages."""
    slots = ("name", "city", "discount")
    return {
        ("soldes", language): Template(
            name="soldes",
            language=language,
            category="MARKETING",
            status="APPROVED",
            parameter_format="NAMED",
            header="",
            body=" ".join(f"{{{{{slot}}}}}" for slot in slots),
            footer="STOP",
            slots=slots,
            buttons=(),
        )
        for language in ("fr", "ar", "en")
    }


def eligibility() -> Eligibility:
    """Return the core, compiled as for one task."""
    sender = Sender(
        key="boutique", phone_number_id="1", waba_id="2", portfolio="p", languages=("fr", "ar", "en")
    )
    return Eligibility(
        definition=definition(),
        sender=sender,
        policy=Policy(),
        templates=templates(),
        evaluated_at=EVALUATED_AT,
        salt_key=b"bench" * 6,
    )


def people(count: int, seed: int = 1) -> Iterator[Person]:
    """Yield a book: nine in ten are loyal, nine in ten have consented, a third have no country."""
    chance = random.Random(seed)
    for number in range(count):
        country, code, digits = chance.choice(COUNTRIES)
        phone = f"+{code}" + "".join(chance.choice("0123456789") if d == "#" else d for d in digits)
        person = f"c{number:012d}"
        city = chance.choice(CITIES)
        granted_at = EVALUATED_AT - chance.randrange(900) * DAY_MS - chance.randrange(1440) * MINUTE_MS
        consents = {"whatsapp/promotions": Consent(granted_at=granted_at)} if chance.random() < 0.9 else {}
        yield Person(
            contact=Contact(
                id=person,
                phone=phone,
                first_name=chance.choice(FIRST_NAMES),
                language=chance.choice(["fr", "ar", "en", "es", None]),
                country=country if chance.random() < 0.67 else None,
                timezone=None,
                tags=frozenset({"loyal"}) if chance.random() < 0.9 else frozenset(),
                attributes={} if city is None else {"city": city, "discount": str(chance.randrange(5, 50))},
            ),
            standing=Standing(person=person, phone=phone, consents=consents),
        )


def measure(quick: bool) -> list[Figure]:
    """Return how many contacts a second the pure core judges: the best of three, in CPU time."""
    book = list(people(5_000 if quick else 200_000))
    tries = 1 if quick else 3
    best = min((judged(book) for _ in range(tries)), key=lambda one: one[0])
    cpu_seconds, wall_seconds, rows, core = best
    began = time.process_time()
    _, summary = write_part(0, rows, core.tally())
    written = time.process_time() - began
    assert summary.planned + sum(summary.excluded.values()) == len(rows) > 0
    return [
        Figure(
            row="planning",
            what="contacts through the pure core",
            value=len(book) / cpu_seconds,
            unit="/s per core",
            at_least=TARGET_PER_SECOND,
            how=f"wall {len(book) / wall_seconds:,.0f}/s; best of {tries}",
        ),
        Figure(
            row="planning", what="rows of the manifest written", value=len(rows) / written, unit="/s per core"
        ),
    ]


def judged(book: Sequence[Person]) -> tuple[float, float, list[Row], Eligibility]:
    """Judge a book; returns seconds of CPU and of the wall clock, the rows, and the core that made them."""
    core = eligibility()
    wall, cpu = time.perf_counter(), time.process_time()
    rows = [row for row in map(core.judge, book) if row is not None]
    return time.process_time() - cpu, time.perf_counter() - wall, rows, core
