"""Seal: what a plan says, what its hash covers, and every reason why there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.audience.instant import HOUR_MS, from_iso, to_iso
from chalicelib.audience.standing import Person
from chalicelib.authoring.definition import Audience, Definition, Experiment, Past, UnknownTimezone
from chalicelib.authoring.senders import Sender
from chalicelib.planning.manifest import write_part
from chalicelib.planning.plan import PartSummary, Plan, Planning, Versions
from chalicelib.planning.sealing import problems_of, seal
from tests.planning.building import DEFINITION, PLANNING, SENDER, VERSIONS, eligibility, person

NOW = PLANNING.evaluated_at + 1_000
NOWHERE = "+88213300655"


def parts(people: list[Person], **changes: Any) -> list[PartSummary]:
    """Return the summaries of a plan in two tasks."""
    summaries = []
    for task in (0, 1):
        core = eligibility(**changes)
        rows = [row for row in map(core.judge, people[task::2]) if row is not None]
        summaries.append(write_part(task, rows, core.tally())[1])
    return summaries


def plan(
    people: list[Person],
    *,
    planning: Planning = PLANNING,
    versions: Versions = VERSIONS,
    sender: Sender = SENDER,
    now: int = NOW,
    **changes: Any,
) -> Plan:
    definition, summaries = definition_with(**changes), parts(people, **changes)
    assert problems_of(planning, definition, summaries) == ()
    return seal(
        planning,
        definition=definition,
        summaries=summaries,
        versions=versions,
        sender=sender,
        lateness_ms=30,
        chunks_key="plans/chunks/x",
        now=now,
    )


def definition_with(**changes: Any) -> Definition:
    return replace(DEFINITION, **{k: v for k, v in changes.items() if k not in ("at", "templates")})


def problems(people: list[Person], **changes: Any) -> dict[str, dict[str, str]]:
    found = problems_of(PLANNING, definition_with(**changes), parts(people, **changes))
    assert found
    return {code: dict(params) for code, params in found}


def warnings(people: list[Person], **changes: Any) -> dict[str, dict[str, str]]:
    return {w.code: dict(w.params) for w in plan(people, **changes).warnings}


MIXED = [
    person("ana"),
    person("bea", country="ES"),
    person("cleo", standing={"consents": {}}),
    person("dora", standing={"suppressed": {"manual": 1}}),
    person("eve", tags=frozenset({"staff"})),
]


def test_the_totals_are_those_of_all_parts() -> None:
    found = plan(MIXED)
    assert (found.audience, found.planned) == (4, 2)
    assert found.excluded == {"consent.missing": 1, "suppressed": 1}
    assert {to_iso(at): n for at, n in found.waves.items()} == {
        "2027-01-14T08:00:00Z": 1,
        "2027-01-14T09:00:00Z": 1,
    }
    assert found.countries == {"MA": 1, "ES": 1}
    assert found.languages == {"fr": 2}
    assert found.audience == found.planned + sum(found.excluded.values())


def test_the_plan_says_when_the_first_and_last_leave_and_until_when_to_launch() -> None:
    found = plan(MIXED)
    assert found.first_send == from_iso("2027-01-14T08:00:00Z")
    assert found.last_send == from_iso("2027-01-14T09:00:00Z")
    assert found.last_safe_launch == from_iso("2027-01-14T10:00:00Z")


def test_the_same_plan_made_later_by_another_has_the_same_hash() -> None:
    other = replace(PLANNING, id="p2", evaluated_at=PLANNING.evaluated_at + HOUR_MS)
    assert plan(MIXED, planning=other, now=NOW + HOUR_MS).hash == plan(MIXED).hash


@pytest.mark.parametrize(
    "change",
    [
        {"versions": replace(VERSIONS, definition="e")},
        {"versions": replace(VERSIONS, tzdata="2027a")},
        {"planning": replace(PLANNING, run=2)},
        {"window_ms": HOUR_MS, "send_at": None},
    ],
)
def test_another_meaning_is_another_hash(change: dict[str, Any]) -> None:
    assert plan(MIXED, **change).hash != plan(MIXED).hash


def test_other_words_for_one_person_are_another_hash() -> None:
    assert plan([person(first_name="ana")]).hash != plan([person(first_name="anna")]).hash


FAILURES: list[tuple[str, list[Person], dict[str, Any], dict[str, dict[str, str]]]] = [
    (
        "more people than the limit",
        [person("ana"), person("bea")],
        {"audience": Audience(segment=DEFINITION.audience.segment, limit=1)},
        {"limit_exceeded": {"planned": "2", "limit": "1"}},
    ),
    (
        "somebody whose window has closed",
        [person("ana"), person("bea", timezone="Pacific/Honolulu")],
        {"at": from_iso("2027-01-14T12:00:00Z"), "past": Past.FAIL_PLAN},
        {"past_people": {"people": "1", "at": "2027-01-10T12:00:00Z"}},
    ),
    (
        "too many of no country",
        [person("ana"), person("bea", phone=NOWHERE)],
        {},
        {"no_country_share": {"people": "1", "share": "50.0", "max_share": "5"}},
    ),
    (
        "too many of no country, though a zone is given",
        [person("ana"), person("bea", phone=NOWHERE)],
        {"unknown_timezone": UnknownTimezone(use="Africa/Tunis", max_share=0.2)},
        {"no_country_share": {"people": "1", "share": "50.0", "max_share": "20"}},
    ),
    (
        "nobody left",
        [person("ana", phone=None)],
        {},
        {"nobody_planned": {"audience": "1"}},
    ),
]


@pytest.mark.parametrize(
    ("people", "changes", "expected"), [case[1:] for case in FAILURES], ids=[c[0] for c in FAILURES]
)
def test_a_plan_that_may_not_be_is_not_sealed(
    people: list[Person], changes: dict[str, Any], expected: dict[str, dict[str, str]]
) -> None:
    assert problems(people, **changes) == expected


def test_missing_languages_fail_the_plan_with_the_number_of_people_in_all_parts() -> None:
    summaries = [
        replace(summary, problems=(("language_missing_people", "de", 2, example),))
        for summary, example in zip(parts(MIXED), ("ana", "bea"), strict=True)
    ]
    assert problems_of(PLANNING, DEFINITION, summaries) == (
        ("language_missing_people", {"people": "4", "language": "de", "example": "ana"}),
    )


def test_all_reasons_are_given_at_once() -> None:
    both = problems(
        [person("ana", phone=NOWHERE), person("bea", phone=None)],
        unknown_timezone=UnknownTimezone(max_share=0.1),
    )
    assert set(both) == {"no_country_share", "nobody_planned"}


def test_skipping_people_of_no_country_never_fails_the_plan() -> None:
    people = [person("ana"), person("bea", phone=NOWHERE)]
    assert plan(people, unknown_timezone=UnknownTimezone(skip=True)).excluded == {"timezone.unknown": 1}


def test_people_left_out_for_consent_are_warned_of() -> None:
    assert warnings(MIXED)["some_excluded_consent"] == {"people": "1"}


def test_defaulted_zones_are_warned_of() -> None:
    assert warnings(MIXED)["zone_by_default"] == {"people": "1"}


def test_a_tier_smaller_than_the_day_is_warned_of() -> None:
    small = replace(SENDER, tier=1)
    assert warnings(MIXED, sender=small)["tier_too_small"] == {"people": "2", "tier": "1"}
    assert "tier_too_small" not in warnings(MIXED, sender=replace(SENDER, tier=2))


def test_a_rate_too_slow_for_the_window_is_warned_of() -> None:
    crowd = [person(f"p{n}") for n in range(10)]
    slow = warnings(crowd, max_per_second=0.001)
    assert slow["last_send_after_window"] == {"people": "3", "last_send": "2027-01-14T10:40:00Z"}


def test_a_plan_without_concerns_has_no_warning() -> None:
    assert warnings([person("ana")]) == {}


def test_too_few_held_out_to_prove_anything_are_warned_of() -> None:
    crowd = [person(f"p{n}") for n in range(20)]
    few = warnings(crowd, experiment=Experiment(salt="s", holdout=0.5))["holdout_too_small"]
    assert few["least"] == "200"
    assert 0 < int(few["people"]) < 20
    assert "holdout_too_small" not in warnings(crowd, experiment=Experiment(salt="s"))


def test_what_the_author_took_on_is_said_in_the_plan() -> None:
    assert warnings([person("ana")], resend_after_ms=48 * HOUR_MS)["resend_may_double"] == {"hours": "48"}
    assert warnings(MIXED, re_permission=True)["re_permission_people"] == {"people": "1"}
    assert "re_permission_people" not in warnings([person("ana")], re_permission=True)
