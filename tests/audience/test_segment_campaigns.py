"""What a segment may ask of earlier campaigns."""

from __future__ import annotations

import pytest

from chalicelib.audience.contact import Contact
from chalicelib.audience.segment import SegmentError, campaigns_named, compiled, parse, trace

AMINA, OMAR = Contact(id="amina"), Contact(id="omar")
MEMORY = {
    ("summer", "accepted"): frozenset({"amina", "omar"}),
    ("summer", "read"): frozenset({"amina"}),
    ("summer", "opted_out"): frozenset({"omar"}),
    ("winter", "read"): frozenset({"omar"}),
}


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ('campaign("summer").accepted', {"amina", "omar"}),
        ('campaign("summer").read', {"amina"}),
        ('not campaign("summer").opted_out', {"amina"}),
        ('campaign("summer").replied_stop', {"omar"}),
        ('campaign("summer").replied', set()),
        ('campaign("winter").read or campaign("summer").read', {"amina", "omar"}),
        ('campaign("nothing").delivered', set()),
        ('not campaign("nothing").delivered', {"amina", "omar"}),
    ],
)
def test_people_are_selected_by_what_an_earlier_campaign_came_to(text: str, selected: set[str]) -> None:
    answer = compiled(parse(text), 0, MEMORY)
    assert {c.id for c in (AMINA, OMAR) if answer(c)} == selected


def test_the_campaigns_it_asks_for_are_known_beforehand() -> None:
    segment = parse('campaign("a").read and not (campaign("b").failed or tag("c"))')
    assert campaigns_named(segment) == {"a", "b"}


def test_the_trace_shows_all_that_is_known_of_the_campaign_asked_for() -> None:
    segment = parse('campaign("summer").read')
    assert trace(segment, OMAR, 0, MEMORY) == [('campaign("summer").read', False, "accepted, opted_out")]
    assert trace(segment, Contact(id="x"), 0, MEMORY) == [('campaign("summer").read', False, "nothing")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('campaign("summer")', "segment.ends_early"),
        ('campaign("summer").opened', "segment.unexpected"),
        ("campaign(summer).read", "segment.unexpected"),
        ('campaign("summer").read()', "segment.unexpected"),
        ("campaign.read", "segment.unknown_field_near"),
    ],
)
def test_a_faulty_question_is_refused(text: str, code: str) -> None:
    with pytest.raises(SegmentError) as refused:
        parse(text)
    assert refused.value.code == code
