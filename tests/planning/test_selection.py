"""The audience: segment and include together; exclude wins; unknown names are reported, not created."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.contact import Contact
from chalicelib.audience.segment import parse
from chalicelib.authoring.definition import Audience
from chalicelib.planning.manifest import summary_from_json, summary_to_json, write_part
from chalicelib.planning.plan import ExcludedRow, PlanWarning, Tally
from chalicelib.planning.sealing import seal
from chalicelib.planning.selection import Selection
from tests.planning.building import (
    DEFINITION,
    EVALUATED_AT,
    PLANNING,
    SENDER,
    VERSIONS,
    eligibility,
    person,
)

SPAIN = parse('country = "ES"')
NOBODY = parse("false")
NAMED = (("id", "c-7"), ("list", "vip"), ("tag", "press"))


def contact(**fields: Any) -> Contact:
    return Contact(id="ana", **fields)


SELECTED: list[tuple[str, Audience, dict[str, Any], bool]] = [
    ("by the segment", Audience(segment=SPAIN, include=NAMED), {"country": "ES"}, True),
    ("by neither", Audience(segment=SPAIN, include=NAMED), {"country": "MA"}, False),
    ("unknown to the segment", Audience(segment=SPAIN, include=NAMED), {}, False),
    ("by list", Audience(segment=SPAIN, include=NAMED), {"lists": frozenset({"vip"})}, True),
    ("by tag", Audience(segment=SPAIN, include=NAMED), {"tags": frozenset({"press"})}, True),
    ("by external id", Audience(segment=SPAIN, include=NAMED), {"external_id": "c-7"}, True),
    (
        "a list of a tag's name",
        Audience(segment=SPAIN, include=NAMED),
        {"lists": frozenset({"press"})},
        False,
    ),
    ("our own id", Audience(segment=SPAIN, include=(("id", "ana"),)), {}, False),
    ("without a segment", Audience(segment=NOBODY, include=NAMED), {"lists": frozenset({"vip"})}, True),
    ("without a segment nor a name", Audience(segment=NOBODY, include=NAMED), {"country": "ES"}, False),
]


@pytest.mark.parametrize(
    ("audience", "fields", "answer"), [s[1:] for s in SELECTED], ids=[s[0] for s in SELECTED]
)
def test_segment_and_include_select_together(
    audience: Audience, fields: dict[str, Any], answer: bool
) -> None:
    assert Selection(audience, EVALUATED_AT).selects(contact(**fields)) is answer


EXCLUDED: list[tuple[dict[str, Any], str | None]] = [
    ({"lists": frozenset({"vip", "staff"})}, "list:vip"),
    ({"tags": frozenset({"press"})}, "tag:press"),
    ({"external_id": "c-7"}, "id:c-7"),
    ({"external_id": "c-8"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("fields", "saw"), EXCLUDED)
def test_exclude_wins_over_segment_and_include(fields: dict[str, Any], saw: str | None) -> None:
    audience = Audience(segment=parse("true"), include=NAMED, exclude=NAMED)
    row = eligibility(audience=audience).judge(person(**fields))
    assert row is not None
    assert (row.reason, row.saw) == ("exclude_list", saw) if isinstance(row, ExcludedRow) else saw is None


def test_included_people_pass_every_other_gate() -> None:
    audience = Audience(segment=NOBODY, include=(("id", "c-7"),))
    row = eligibility(audience=audience).judge(person(external_id="c-7", standing={"consents": {}}))
    assert isinstance(row, ExcludedRow)
    assert row.reason == "consent.missing"


def test_why_somebody_is_in_the_audience_can_be_asked() -> None:
    selection = Selection(Audience(segment=SPAIN, include=NAMED), EVALUATED_AT)
    assert selection.included_by(contact(lists=frozenset({"vip"}))) == "list:vip"
    assert selection.included_by(contact(country="ES")) is None


names = st.lists(st.tuples(st.sampled_from(["list", "tag", "id"]), st.sampled_from("abc")), max_size=4)
marks = st.frozensets(st.sampled_from("abc"))


@given(include=names, exclude=names, lists=marks, tags=marks, external_id=st.none() | st.sampled_from("abc"))
def test_a_person_has_a_row_when_named_and_is_planned_when_not_excluded(
    include: list[tuple[str, str]],
    exclude: list[tuple[str, str]],
    lists: frozenset[str],
    tags: frozenset[str],
    external_id: str | None,
) -> None:
    def means(named: list[tuple[str, str]]) -> bool:
        theirs = {("list", x) for x in lists} | {("tag", x) for x in tags} | {("id", external_id)}
        return not theirs.isdisjoint(named)

    audience = Audience(segment=NOBODY, include=tuple(include), exclude=tuple(exclude))
    row = eligibility(audience=audience).judge(person(lists=lists, tags=tags, external_id=external_id))
    assert (row is not None) == means(include)
    if row is not None:
        assert isinstance(row, ExcludedRow) == means(exclude)


def sealed(*met: tuple[str, ...]) -> tuple[PlanWarning, ...]:
    """Return the warnings of a plan whose parts met these of the included ids c-1 to c-3."""
    core = eligibility()
    row = core.judge(person())
    assert row is not None
    parts = [write_part(task, [row] if task == 0 else [], Tally(met=ids))[1] for task, ids in enumerate(met)]
    include = (("id", "c-1"), ("id", "c-2"), ("id", "c-3"), ("list", "vip"))
    return seal(
        PLANNING,
        definition=replace(DEFINITION, audience=replace(DEFINITION.audience, include=include)),
        summaries=[summary_from_json(summary_to_json(part)) for part in parts],
        versions=VERSIONS,
        sender=SENDER,
        lateness_ms=30,
        chunks_key="k",
        now=EVALUATED_AT,
    ).warnings


def test_included_people_whom_the_book_has_not_are_reported() -> None:
    assert sealed(("c-2",), ()) == (
        PlanWarning(code="include_unknown", params={"people": "2", "example": "c-1"}),
    )


def test_included_people_may_be_met_in_any_part() -> None:
    assert sealed(("c-2",), ("c-1", "c-3")) == ()


def test_the_core_remembers_which_included_people_it_met() -> None:
    audience = Audience(segment=SPAIN, include=(("id", "c-7"), ("id", "c-8"), ("list", "vip")))
    core = eligibility(audience=audience)
    for external_id in ("c-8", "c-9"):
        core.judge(person(external_id=external_id, country="ES"))
    assert core.tally().met == ("c-8",)
