"""Every gate of the plan: what it refuses, in which order, and what it says it saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.audience.consent import Consent
from chalicelib.audience.instant import DAY_MS, from_iso, to_iso
from chalicelib.audience.segment import parse
from chalicelib.audience.standing import Person
from chalicelib.authoring.definition import (
    Audience,
    Button,
    Category,
    ConsentRule,
    Parameter,
    Past,
    UnknownTimezone,
)
from chalicelib.authoring.policy import Policy
from chalicelib.planning.plan import ExcludedRow, Planned
from tests.planning.building import DEFINITION, GRANTED_AT, consenting, eligibility, person, template

STAFF_EXCLUDED = replace(DEFINITION.audience, exclude=(("list", "staff"), ("tag", "vip")))
LATE = from_iso("2027-01-14T11:00:00Z")  # the window of a Moroccan has just closed


def planned(subject: Person, *languages: str, **changes: Any) -> Planned:
    row = eligibility(*languages, **changes).judge(subject)
    assert isinstance(row, Planned), row
    return row


def refused(subject: Person, **changes: Any) -> tuple[str, str]:
    row = eligibility(**changes).judge(subject)
    assert isinstance(row, ExcludedRow), row
    return row.reason, row.saw


def revoked(scope: str) -> dict[str, Consent]:
    return {**consenting(), f"whatsapp/{scope}": Consent(revoked_at=GRANTED_AT + DAY_MS)}


def test_a_consenting_person_is_planned_at_their_own_nine_o_clock() -> None:
    row = planned(person())
    assert to_iso(row.instant) == "2027-01-14T09:00:00Z"
    assert (row.zone, row.zone_from) == ("Africa/Casablanca", "phone")
    assert (row.to, row.language, row.consent_at) == ("+212612345678", "fr", GRANTED_AT)
    assert row.parameters == (("name", "Ana"),)


def test_somebody_the_segment_does_not_select_has_no_row() -> None:
    assert eligibility().judge(person(tags=frozenset({"staff"}))) is None


def test_somebody_the_segment_cannot_tell_about_has_no_row() -> None:
    audience = Audience(segment=parse('attr.city != "Dakhla"'))
    assert eligibility(audience=audience).judge(person()) is None


REFUSALS: list[tuple[str, Person, dict[str, Any], tuple[str, str]]] = [
    (
        "on an excluded list",
        person(lists=frozenset({"staff"})),
        {"audience": STAFF_EXCLUDED},
        ("exclude_list", "list:staff"),
    ),
    (
        "with an excluded tag",
        person(tags=frozenset({"vip"})),
        {"audience": STAFF_EXCLUDED},
        ("exclude_list", "tag:vip"),
    ),
    ("no number", person(phone=None), {}, ("invalid_address", "no number")),
    ("erased", person(standing={"erased": True}), {}, ("invalid_address", "erased")),
    ("suppressed", person(standing={"suppressed": {"blocked": 1}}), {}, ("suppressed", "blocked")),
    ("no consent", person(standing={"consents": {}}), {}, ("consent.missing", "no grant")),
    (
        "consent for another channel",
        person(standing={"consents": {"sms/promotions": Consent(granted_at=GRANTED_AT)}}),
        {},
        ("consent.wrong_channel", "no grant"),
    ),
    (
        "opted out of all",
        person(standing={"consents": revoked("*")}),
        {},
        ("consent.revoked", "granted 2026-06-01T00:00:00Z"),
    ),
    (
        "a number of the United States",
        person(phone="+12125550123"),
        {},
        ("country_blocked", "US"),
    ),
    ("a zone that does not exist", person(timezone="Mars/Base"), {}, ("timezone.invalid", "Mars/Base")),
    (
        "nothing tells the zone",
        person(phone="+88213300655"),
        {},
        ("timezone.unknown", "no zone, country missing, number of no single country"),
    ),
    (
        "the window is closed",
        person(),
        {"at": LATE, "past": Past.SKIP},
        ("past", "window closed 2027-01-14T11:00:00Z"),
    ),
    (
        "closed for a month",
        person(),
        {"at": LATE + 30 * DAY_MS, "past": Past.NEXT_DAY},
        ("no_day", "still past 14 days later"),
    ),
    (
        "no template in any of their languages",
        person(language="de"),
        {"templates": (template("ar"),)},
        ("language_missing", "de"),
    ),
    (
        "an empty slot without a fallback",
        person(first_name=None),
        {
            "template": replace(
                DEFINITION.template, parameters=(Parameter(name="name", value="{{ contact.first_name }}"),)
            )
        },
        ("parameter_missing", "name"),
    ),
    (
        "a line break in a slot",
        person(first_name="a\nb"),
        {},
        ("parameter_invalid", "name: a line break, a tab or more than four spaces in a row"),
    ),
]


@pytest.mark.parametrize(
    ("subject", "changes", "expected"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
def test_the_first_gate_that_says_no_gives_the_reason(
    subject: Person, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused(subject, **changes) == expected


def test_gates_are_asked_in_the_formats_order() -> None:
    hopeless: dict[str, Any] = {
        "lists": frozenset({"staff"}),
        "timezone": "Mars/Base",
        "first_name": "a\nb",
        "phone": "+12125550123",
    }
    suppressed = {"suppressed": {"manual": 1}, "consents": {}}
    steps = [
        (person(**hopeless, standing=suppressed), "exclude_list"),
        (person(**{**hopeless, "lists": frozenset()}, standing=suppressed), "suppressed"),
        (person(**{**hopeless, "lists": frozenset()}, standing={"consents": {}}), "consent.missing"),
        (person(**{**hopeless, "lists": frozenset()}), "country_blocked"),
        (person(timezone="Mars/Base", first_name="a\nb"), "timezone.invalid"),
        (person(first_name="a\nb"), "parameter_invalid"),
    ]
    for subject, reason in steps:
        assert refused(subject, audience=STAFF_EXCLUDED)[0] == reason


def test_canadian_numbers_are_not_blocked_with_their_neighbours() -> None:
    assert planned(person(phone="+14165550123")).zone.startswith("America/Toronto|")


def test_utility_reaches_american_numbers() -> None:
    assert planned(person(phone="+12125550123"), category=Category.UTILITY)


def test_utility_without_a_topic_needs_no_opt_in_but_heeds_stop() -> None:
    utility = {"category": Category.UTILITY, "topic": None}
    assert planned(person(standing={"consents": {}}), **utility)
    assert planned(person(standing={"consents": revoked("*marketing")}), **utility)
    assert refused(person(standing={"consents": revoked("*")}), **utility)[0] == "consent.revoked"


def test_consent_ages_until_the_send_not_until_the_plan() -> None:
    ends_between = from_iso("2025-01-12T00:00:00Z")  # two years later is after the plan, before the send
    aging = person(standing={"consents": consenting(ends_between)})
    assert refused(aging, consent=ConsentRule(max_age_months=24)) == (
        "consent.expired",
        "granted 2025-01-12T00:00:00Z",
    )
    assert planned(aging, consent=ConsentRule(max_age_months=25))


def test_whoever_is_late_may_be_planned_at_the_same_wall_time_of_the_next_day() -> None:
    row = planned(person(), at=LATE, past=Past.NEXT_DAY)
    assert to_iso(row.instant) == "2027-01-15T09:00:00Z"


def test_the_next_day_is_resolved_anew_across_a_change_of_the_clocks() -> None:
    row = planned(
        person(timezone="Europe/Paris"),
        send_at=datetime.fromisoformat("2027-03-27T09:00"),
        at=from_iso("2027-03-27T10:00:00Z"),
        past=Past.NEXT_DAY,
    )
    assert to_iso(row.instant) == "2027-03-28T07:00:00Z"


def test_whoever_is_late_may_be_planned_for_the_launch() -> None:
    assert planned(person(), at=LATE, past=Past.SEND_NOW).instant == 0


def test_the_window_is_half_open() -> None:
    assert planned(person(), at=LATE - 1)
    assert refused(person(), at=LATE)[0] == "past"


def test_late_but_open_people_keep_their_instant_and_are_counted() -> None:
    core = eligibility(at=LATE - 1)
    core.judge(person())
    assert core.tally().concerns == {"late_but_open": 1}


def test_send_at_now_is_kept_as_the_word() -> None:
    row = planned(person(), send_at=None)
    assert (row.instant, row.zone) == (0, "Africa/Casablanca")


def test_a_campaigns_own_zone_sets_the_instant_and_the_persons_the_quiet_hours() -> None:
    row = planned(person(), timezone="Europe/Paris")
    assert to_iso(row.instant) == "2027-01-14T08:00:00Z"
    assert row.zone == "Africa/Casablanca"


def test_a_campaigns_own_zone_serves_people_of_no_known_zone() -> None:
    core = eligibility(timezone="Europe/Paris")
    row = core.judge(person(phone="+88213300655"))
    assert isinstance(row, Planned)
    assert (row.zone, row.zone_from, core.tally().no_country) == ("Europe/Paris", "campaign", 0)


def test_an_invalid_zone_does_no_harm_where_no_clock_is_asked() -> None:
    row = planned(person(timezone="Mars/Base"), send_at=None, category=Category.UTILITY, topic=None)
    assert (row.zone, row.zone_from) == ("", "")


UNKNOWN_ZONE = [
    (UnknownTimezone(), "timezone.unknown", 1),
    (UnknownTimezone(skip=True), "timezone.unknown", 1),
    (UnknownTimezone(use="Africa/Tunis"), None, 1),
]


@pytest.mark.parametrize(("rule", "reason", "counted"), UNKNOWN_ZONE)
def test_people_without_zone_and_country_follow_the_rule_and_are_counted(
    rule: UnknownTimezone, reason: str | None, counted: int
) -> None:
    core = eligibility(unknown_timezone=rule)
    row = core.judge(person(phone="+88213300655"))
    if isinstance(row, Planned):
        assert (reason, row.zone, row.zone_from) == (None, "Africa/Tunis", "policy")
    else:
        assert row is not None
        assert row.reason == reason
    assert core.tally().no_country == counted


def test_a_country_of_several_clocks_uses_its_main_one_and_keeps_the_others_as_candidates() -> None:
    core = eligibility()
    row = core.judge(person(country="ES"))
    assert isinstance(row, Planned)
    assert (row.zone, row.zone_from) == ("Europe/Madrid|Atlantic/Canary", "country")
    assert to_iso(row.instant) == "2027-01-14T08:00:00Z"
    assert core.tally().concerns == {"zone_by_default": 1}


def test_several_zones_that_agree_are_one() -> None:
    assert planned(person(country="DE")).zone == "Europe/Berlin"


QUIET = [
    ("2027-01-14T09:00", 2, {}),
    ("2027-01-14T20:59", 2, {}),
    ("2027-01-14T07:00", 2, {"quiet_hours_defer": 1}),
    ("2027-01-14T21:00", 2, {"quiet_hours_exclude": 1}),
    ("2027-01-14T21:00", 12, {"quiet_hours_defer": 1}),
]


@pytest.mark.parametrize(("send_at", "expires_hours", "concerns"), QUIET)
def test_an_instant_in_quiet_hours_stays_in_the_plan_and_is_warned_of(
    send_at: str, expires_hours: int, concerns: dict[str, int]
) -> None:
    core = eligibility(send_at=datetime.fromisoformat(send_at), expires_ms=expires_hours * 3_600_000)
    row = core.judge(person(timezone="Etc/UTC"))
    assert isinstance(row, Planned)
    assert to_iso(row.instant) == f"{send_at}:00Z"
    assert core.tally().concerns == concerns


def test_without_quiet_hours_nothing_is_warned_of() -> None:
    core = eligibility(send_at=datetime.fromisoformat("2027-01-14T23:00"), policy=Policy(), quiet_hours=())
    core.judge(person())
    assert core.tally().concerns == {}


LANGUAGES = [
    ("fr", ("fr", "ar"), {}, "fr"),
    ("fr-ma", ("fr", "ar"), {}, "fr"),
    ("ary", ("fr", "ar"), {"ary": ("ar", "fr")}, "ar"),
    ("de", ("fr", "ar"), {"*": ("ar",)}, "ar"),
    ("de", ("fr", "ar"), {}, "fr"),
    (None, ("fr", "ar"), {}, "fr"),
    ("pt-br", ("pt_BR", "fr"), {}, "pt_BR"),
]


@pytest.mark.parametrize(("spoken", "available", "chain", "expected"), LANGUAGES)
def test_the_language_follows_person_chain_and_sender(
    spoken: str | None, available: tuple[str, ...], chain: dict[str, tuple[str, ...]], expected: str
) -> None:
    use = replace(DEFINITION.template, chain=chain)
    assert planned(person(language=spoken), *available, template=use).language == expected


@pytest.mark.parametrize(
    ("available", "fallback", "expected"),
    [
        ("fr", {"fr": "cher client", "": "you"}, "cher client"),
        ("ar", {"fr": "cher client", "": "you"}, "you"),
        ("pt_BR", {"pt": "cliente"}, "cliente"),
        ("pt_BR", {"pt-br": "freguês", "pt": "cliente"}, "freguês"),
    ],
)
def test_a_fallback_speaks_the_templates_language(
    available: str, fallback: dict[str, str], expected: str
) -> None:
    name = Parameter(name="name", value="{{ contact.first_name }}", fallback=fallback)
    use = replace(DEFINITION.template, parameters=(name,), language_from=available)
    row = planned(person(first_name="  "), available, template=use)
    assert row.parameters == (("name", expected),)


def test_parameters_come_in_the_order_of_the_template() -> None:
    use = replace(
        DEFINITION.template,
        parameters=(Parameter(name="name", value="Ana"), Parameter(name="city", value="Rabat")),
    )
    row = planned(person(), template=use, templates=(template("fr", ("city", "name")),))
    assert row.parameters == (("city", "Rabat"), ("name", "Ana"))


def test_numbered_slots_take_the_parameters_in_the_order_written() -> None:
    use = replace(
        DEFINITION.template,
        parameters=(Parameter(name="name", value="Ana"), Parameter(name="city", value="Rabat")),
    )
    numbered = template("fr", ("1", "2"), parameter_format="POSITIONAL")
    assert planned(person(), template=use, templates=(numbered,)).parameters == (("1", "Ana"), ("2", "Rabat"))


def test_buttons_are_filled_too() -> None:
    use = replace(
        DEFINITION.template,
        buttons=(
            Button(kind="url", index=0, value="{{ contact.external_id }}"),
            Button(kind="quick_reply", index=1, value="STOP_PROMOS"),
        ),
    )
    row = planned(person(external_id="x7"), template=use)
    assert row.buttons == (("url", 0, "x7"), ("quick_reply", 1, "STOP_PROMOS"))
    assert refused(person(), template=use) == ("parameter_missing", "button 0")


def test_a_missing_language_is_a_problem_with_its_people_and_an_example() -> None:
    core = eligibility("ar")
    for name in ("ana", "bea"):
        core.judge(person(name, language="de"))
    assert core.tally().problems == (("language_missing_people", "de", 2, "ana"),)


def test_unfit_values_only_warn() -> None:
    core = eligibility()
    core.judge(person(first_name="a\tb"))
    assert core.tally().concerns == {"parameter_invalid_people": 1}
    assert core.tally().examples["parameter_invalid_people"].startswith("ana: name: ")
    assert core.tally().problems == ()


def test_people_whose_window_is_closed_are_counted() -> None:
    core = eligibility(at=LATE)
    core.judge(person())
    assert core.tally().past == 1


def test_planned_people_are_counted_by_country_of_address_or_else_of_number() -> None:
    core = eligibility(unknown_timezone=UnknownTimezone(use="Africa/Tunis"))
    for subject in (person(), person(country="ES"), person(phone="+88213300655")):
        core.judge(subject)
    assert core.tally().countries == {"MA": 1, "ES": 1, "ZZ": 1}


def test_salts_differ_between_people_and_are_the_same_when_planned_again() -> None:
    assert planned(person("ana")).salt == planned(person("ana")).salt
    assert planned(person("ana")).salt != planned(person("bea")).salt
