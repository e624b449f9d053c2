"""What the campaign files mean for people: the day and the hour each of them gets it, or why not."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from chalicelib.audience.consent import Consent
from chalicelib.audience.instant import DAY_MS, from_datetime, from_iso, to_iso
from chalicelib.authoring.reading import read
from chalicelib.planning.eligibility import Eligibility
from chalicelib.planning.plan import ExcludedRow, Planned
from chalicelib.planning.send_window import blocked_until, is_skipped
from chalicelib.rules import load_rules
from tests.planning.building import person

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
RULES = load_rules(CAMPAIGNS)
CONSENTS = {
    f"whatsapp/{topic}": Consent(granted_at=from_iso("2026-06-01T00:00:00Z"))
    for topic in ("promotions", "rendez-vous")
}


def judged(campaign: str, **contact: Any) -> str:
    """Return the instant, the reason, or "nobody" for somebody the campaign is not for."""
    definition = read((CAMPAIGNS / f"{campaign}.yaml").read_text("utf-8"))
    assert definition.send_at is not None
    core = Eligibility(
        definition=definition,
        sender=RULES.senders[definition.sender],
        policy=RULES.policy,
        templates=RULES.templates,
        evaluated_at=from_datetime(definition.send_at.replace(tzinfo=UTC)) - 5 * DAY_MS,
        salt_key=b"secret",
    )
    row = core.judge(person("ana", standing={"consents": CONSENTS}, **contact))
    if isinstance(row, Planned):
        return to_iso(row.instant)
    return row.reason if isinstance(row, ExcludedRow) else "nobody"


MA: dict[str, Any] = {"country": "MA", "language": "ar"}
FR: dict[str, Any] = {"phone": "+33612345678", "country": "FR"}
GB: dict[str, Any] = {"phone": "+447911123456", "country": "GB", "language": "en"}
CA: dict[str, Any] = {"phone": "+14165550123", "country": "CA", "language": "en"}
US: dict[str, Any] = {"phone": "+12125550123", "country": "US", "language": "en"}


def on(name: str) -> frozenset[str]:
    return frozenset({name})


MEANT = [
    ("aroud-ramadan-2027", "no Fridays", MA, "2027-02-13T21:30:00Z"),
    ("aroud-ramadan-2027", "a guest abroad", {**FR, "lists": on("vip-ramadan")}, "2027-02-13T20:30:00Z"),
    ("aroud-ramadan-2027", "staff, though a guest", {**MA, "lists": on("staff")}, "exclude_list"),
    ("rappel-vaccin-grippe", "at risk", {**MA, "tags": on("diabete")}, "2026-12-04T12:30:00Z"),
    ("rappel-vaccin-grippe", "a carer", {**MA, "lists": on("soignants")}, "2026-12-04T12:30:00Z"),
    ("rappel-vaccin-grippe", "neither", MA, "nobody"),
    (
        "rappel-vaccin-grippe",
        "vaccinated",
        {**MA, "tags": on("asthme"), "lists": on("vaccines-2026")},
        "exclude_list",
    ),
    ("nasaih-assiyam", "no Sundays", {**MA, "external_id": "dossier-20418"}, "2027-02-01T17:00:00Z"),
    ("nasaih-assiyam", "nobody else", MA, "nobody"),
    (
        "back-to-school-2027",
        "Monday, a holiday in England alone",
        {**GB, "timezone": "Europe/London"},
        "2027-08-30T09:00:00Z",
    ),
    ("back-to-school-2027", "Monday", CA, "2027-08-30T14:00:00Z"),
    ("back-to-school-2027", "an American number", US, "country_blocked"),
    ("back-to-school-2027", "named", {**GB, "external_id": "c-100200"}, "exclude_list"),
    ("vente-privee-lyon-2027", "Tuesday", {**FR, "lists": on("vip-lyon")}, "2027-03-30T07:30:00Z"),
]


@pytest.mark.parametrize(
    ("campaign", "contact", "expected"),
    [(m[0], m[2], m[3]) for m in MEANT],
    ids=[" ".join(m[:2]) for m in MEANT],
)
def test_a_person_gets_it_when_the_file_says(campaign: str, contact: dict[str, Any], expected: str) -> None:
    assert judged(campaign, **contact) == expected


QUIET = [
    ("before the fast is broken", "2027-02-13T17:00:00Z", None),
    ("at the meal", "2027-02-13T18:00:00Z", "2027-02-13T20:00:00Z"),
    ("in the night", "2027-02-13T23:30:00Z", "2027-02-14T11:00:00Z"),
    ("the prayer of Friday", "2027-02-19T12:30:00Z", "2027-02-19T14:30:00Z"),
    ("the night into the prayer", "2027-02-19T10:00:00Z", "2027-02-19T11:00:00Z"),
    ("the last night", "2027-03-10T10:00:00Z", "2027-03-10T11:00:00Z"),
    ("the evening after", "2027-03-10T18:00:00Z", None),
]


@pytest.mark.parametrize(("now", "until"), [q[1:] for q in QUIET], ids=[q[0] for q in QUIET])
def test_the_offers_of_ramadan_wait_for_the_meal_the_night_and_the_prayer(
    now: str, until: str | None
) -> None:
    definition = read((CAMPAIGNS / "aroud-ramadan-2027.yaml").read_text("utf-8"))
    quiet = RULES.policy.quiet_hours_for(definition)
    found = blocked_until(from_iso(now), quiet, ["Africa/Casablanca"])
    assert (None if found is None else to_iso(found)) == until
    assert not is_skipped(from_iso(now), quiet, ["Africa/Casablanca"])
