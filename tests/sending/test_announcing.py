"""What a change of a broadcast makes us tell, and what is never told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.audience.consent import WHATSAPP, ConsentChange, ConsentEvent
from chalicelib.audience.instant import to_iso
from chalicelib.sending.announcement import About
from chalicelib.sending.announcing import announced, detail_of, opt_out
from chalicelib.sending.broadcast import Broadcast, BroadcastState
from tests.contracts import values
from tests.contracts.values import AT

S = BroadcastState
BEFORE = replace(
    values.BROADCAST,
    recipient="",
    untold=(),
    dispatched=frozenset(),
    held_from=None,
    paused_because="",
    ended_at=None,
    state=S.RUNNING,
)
NUMBERS = {"audience": 3, "excluded": 1, "accepted": 2, "failed": 0, "uncertain": 0}


def told(before: Broadcast, **changes: object) -> list[About]:
    after = replace(before, **changes)  # type: ignore[arg-type]
    return [one.about for one in announced(before, after, AT, NUMBERS).untold]


@pytest.mark.parametrize(
    ("before", "after", "abouts"),
    [
        (S.LAUNCHING, S.RUNNING, [About.STARTED]),
        (S.LAUNCHING, S.PAUSED, [About.STARTED, About.PAUSED]),
        (S.RUNNING, S.PAUSED, [About.PAUSED]),
        (S.PAUSED, S.RUNNING, [About.RESUMED]),
        (S.RUNNING, S.COMPLETED, [About.COMPLETED]),
        (S.PAUSED, S.COMPLETED, [About.COMPLETED]),
        (S.COMPLETED, S.RUNNING, [About.REOPENED]),
        (S.RUNNING, S.CANCELLING, []),
        (S.PAUSED, S.CANCELLING, []),
        (S.CANCELLING, S.CANCELLED, [About.CANCELLED]),
        (S.RUNNING, S.RUNNING, []),
    ],
)
def test_a_change_of_state_is_told_by_its_name(before: S, after: S, abouts: list[About]) -> None:
    assert told(replace(BEFORE, state=before), state=after) == abouts


def test_a_wave_is_told_when_it_is_dispatched_and_never_again() -> None:
    first, second = sorted(BEFORE.waves)
    one = announced(BEFORE, replace(BEFORE, dispatched=frozenset({first})), AT)
    [wave] = one.untold
    assert wave.facts == {"wave": to_iso(first), "people": 1}
    assert announced(one, replace(one, idle_reason="quota"), AT).untold == (wave,)
    both = announced(one, replace(one, dispatched=frozenset({first, second})), AT)
    assert len({a.id for a in both.untold}) == 2


def test_what_is_untold_stays_in_order_before_what_is_new() -> None:
    paused = announced(BEFORE, replace(BEFORE, state=S.PAUSED), AT)
    resumed = announced(paused, replace(paused, state=S.RUNNING, version=paused.version + 1), AT)
    assert [a.about for a in resumed.untold] == [About.PAUSED, About.RESUMED]


def test_the_same_change_has_the_same_id_and_its_repetition_another() -> None:
    def pause(version: int, at: int = AT) -> str:
        before = replace(BEFORE, version=version)
        return announced(before, replace(before, state=S.PAUSED), at).untold[0].id

    assert pause(7) == pause(7)
    assert len({pause(7), pause(8), pause(7, AT + 1)}) == 3


def test_a_start_has_one_id_whoever_tells_it() -> None:
    def start(at: int, version: int) -> str:
        before = replace(BEFORE, state=S.LAUNCHING, version=version)
        return announced(before, replace(before, state=S.RUNNING), at).untold[0].id

    assert start(AT, 1) == start(AT + 5, 2)


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({}, {"by": "person", "because": ""}),
        ({"paused_because": "rate(failed, 10m) > 10%"}, {"by": "rule", "because": "rate(failed, 10m) > 10%"}),
        ({"held_from": AT, "paused_because": "x"}, {"by": "restored", "because": ""}),
    ],
)
def test_a_pause_says_who_paused_and_why(changes: dict[str, object], facts: dict[str, str]) -> None:
    after = replace(BEFORE, state=S.PAUSED, **changes)  # type: ignore[arg-type]
    assert announced(BEFORE, after, AT).untold[0].facts == facts


def test_an_end_says_how_many_people_had_each_outcome() -> None:
    [end] = announced(BEFORE, replace(BEFORE, state=S.COMPLETED), AT, NUMBERS).untold
    assert end.facts == NUMBERS


def test_single_sends_are_told_of_to_nobody() -> None:
    single = replace(BEFORE, recipient="p1", state=S.LAUNCHING)
    assert told(single, state=S.RUNNING, dispatched=frozenset(single.waves)) == []


def test_what_leaves_says_of_which_broadcast_and_when_in_utc() -> None:
    [paused] = announced(BEFORE, replace(BEFORE, state=S.PAUSED), AT + 1).untold
    assert detail_of(paused, BEFORE) == {
        "v": 1,
        "id": paused.id,
        "at": to_iso(AT + 1),
        "broadcast": "soldes.1",
        "campaign": "soldes",
        "run": 1,
        "sender": "boutique",
        "category": "marketing",
        "by": "person",
        "because": "",
    }


def test_an_opt_out_names_the_person_by_our_own_id_and_quotes_nothing() -> None:
    event = ConsentEvent(
        id="in-wamid.HBgLMjEyNjEyMDAwMDAw",
        person="c1",
        channel=WHATSAPP,
        topic="promotions",
        change=ConsentChange.OPT_OUT,
        at=AT,
        recorded_at=AT + 9,
        source="keyword",
        detail="STOP +212612000000",
    )
    found = opt_out(event)
    assert detail_of(found, None) == {
        "v": 1,
        "id": found.id,
        "at": to_iso(AT),
        "person": "c1",
        "channel": "whatsapp",
        "topic": "promotions",
        "source": "keyword",
    }
    assert found.id == opt_out(replace(event, recorded_at=AT + 99)).id != opt_out(replace(event, id="2")).id
