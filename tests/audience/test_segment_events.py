"""Events in segments: counted in a window that ends at the instant of evaluation."""

from __future__ import annotations

import pytest

from chalicelib.audience.contact import MOST_HAPPENINGS, Contact, Happening, happened
from chalicelib.audience.instant import DAY_MS, HOUR_MS
from chalicelib.audience.segment import SegmentError, compiled, parse, trace

NOW = 1_800_000_000_000


def person(*days_ago: float, event: str = "order_paid") -> Contact:
    """Return somebody to whom an event happened so many days ago."""
    happenings = tuple(Happening(at=NOW - int(d * DAY_MS), key=f"k{d}") for d in days_ago)
    return Contact(id="p", events={event: happenings})


@pytest.mark.parametrize(
    ("text", "days_ago", "selected"),
    [
        ('event("order_paid").count(365d) >= 2', (10, 300), True),
        ('event("order_paid").count(365d) >= 2', (10, 366), False),
        ('event("order_paid").count(365d) >= 2', (), False),
        ('event("order_paid").count() = 3', (1, 100, 1_000), True),
        ('event("order_paid").count(1w) != 0', (6.9,), True),
        ('event("order_paid").count(1w) < 1', (7,), True),
        ('event("order_paid").count(2h) <= 0', (0.05,), False),
        ('event("order_paid").last(30d)', (29.9,), True),
        ('event("order_paid").last(30d)', (30,), False),
        ('not event("order_paid").last(30d)', (), True),
        ('event("cart_abandoned").last(30d)', (1,), False),
        ('event("order_paid").last(1d) and true', (0,), True),
        ('event("order_paid").count() > 0', (-0.01,), False),
    ],
)
def test_events_are_counted_in_their_window(text: str, days_ago: tuple[float, ...], selected: bool) -> None:
    assert compiled(parse(text), NOW)(person(*days_ago)) is selected


def test_a_window_includes_now_and_not_its_start() -> None:
    counted = compiled(parse('event("order_paid").count(1h) = 1'), NOW)
    assert counted(Contact(id="p", events={"order_paid": (Happening(at=NOW, key="1"),)}))
    assert not counted(Contact(id="p", events={"order_paid": (Happening(at=NOW - HOUR_MS, key="1"),)}))


def test_a_trace_says_how_often_it_was() -> None:
    segment = parse('event("order_paid").count(365d) >= 2')
    assert trace(segment, person(1, 2, 400), NOW) == [('event("order_paid").count(365d) >= 2', True, "2")]


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ('event("x")', 10),
        ('event("x") > 2', 11),
        ('event("x").sum(3d) > 2', 11),
        ('event("x").count(3d)', 20),
        ('event("x").count(3d) in [2]', 21),
        ('event("x").count(3d) > "2"', 23),
        ('event("x").count(365) > 2', 17),
        ('event("x").count(3y) > 2', 17),
        ('event("x").last()', 16),
        ('event("x").last(3)', 16),
        ("event(x).last(3d)", 6),
    ],
)
def test_a_faulty_event_is_refused_at_its_place(text: str, offset: int) -> None:
    with pytest.raises(SegmentError) as refused:
        parse(text)
    assert refused.value.offset == offset


def test_an_event_is_kept_once_by_its_key_in_order_of_time() -> None:
    contact = person(1)
    later = happened(contact, "order_paid", Happening(at=NOW - 2 * DAY_MS, key="b"))
    assert later is not None
    assert [h.key for h in later.events["order_paid"]] == ["b", "k1"]
    assert happened(later, "order_paid", Happening(at=NOW, key="b")) is None


def test_of_many_events_the_newest_are_kept() -> None:
    contact = Contact(id="p")
    for n in range(MOST_HAPPENINGS + 5):
        contact = happened(contact, "seen", Happening(at=NOW + n, key=str(n))) or contact
    kept = contact.events["seen"]
    assert (len(kept), kept[0].key) == (MOST_HAPPENINGS, "5")
    assert happened(contact, "seen", Happening(at=NOW - 1, key="too old")) is None
