"""Broadcasts, chunks, the ledger and the pacer's items, on every home."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.ports import Ports, Write
from chalicelib.sending.broadcast import BroadcastState, Chunk, ChunkState
from chalicelib.sending.delivery import DeliveryKey
from tests.contracts import values
from tests.contracts.test_people import all_of
from tests.contracts.threads import side_by_side
from tests.contracts.values import AT

READY = replace(values.CHUNK, state=ChunkState.READY)
RUN = replace(values.BROADCAST, recipient="")
"""A run of the campaign; the example is a single send."""


def chunk(number: int, state: ChunkState, *, wave: int = AT, slot0_ms: float = 0.0) -> Chunk:
    """Return a chunk of the example broadcast."""
    return replace(values.CHUNK, id=f"000-{number:05d}", state=state, wave=wave, slot0_ms=slot0_ms)


def test_broadcasts_are_listed_newest_first_over_pages_whatever_their_state(ports: Ports) -> None:
    states = list(BroadcastState)
    for k in range(130):
        state = states[k % len(states)]
        broadcast = replace(RUN, id=f"b{k:03d}.1", launched_at=AT + k, state=state)
        ports.broadcasts.put(broadcast, expected_version=None)
    found = all_of(lambda after: ports.broadcasts.page(after=after))
    assert [b.id for b in found] == [f"b{k:03d}.1" for k in reversed(range(130))]


def test_single_sends_are_in_no_listing_whatever_their_state(ports: Ports) -> None:
    for number, state in enumerate(BroadcastState):
        single = replace(values.BROADCAST, id=f"one.k{number}", state=state)
        assert ports.broadcasts.put(single, expected_version=None)
        ended = replace(single, state=BroadcastState.COMPLETED)
        assert ports.broadcasts.put(ended, expected_version=1)
        assert ports.broadcasts.put(replace(single, id=f"two.k{number}"), expected_version=None)
    ports.broadcasts.put(RUN, expected_version=None)
    assert [b.id for b in ports.broadcasts.page().items] == [RUN.id]
    found = ports.broadcasts.get("one.k0")
    assert found is not None
    assert found.recipient == "p1"


def test_open_broadcasts_are_each_given_once_over_pages(ports: Ports) -> None:
    ids = {f"b{k:03d}.1" for k in range(105)}
    for number, broadcast in enumerate(sorted(ids)):
        recipient = "" if number % 2 else "p1"
        running = replace(RUN, id=broadcast, launched_at=AT + number, recipient=recipient)
        ports.broadcasts.put(running, expected_version=None)
    found = [b.id for b in all_of(lambda after: ports.broadcasts.open(after=after))]
    assert (len(found), set(found)) == (105, ids)


def test_a_page_resumes_behind_its_cursor_whatever_was_stored_before_it_meanwhile(ports: Ports) -> None:
    chunks = [chunk(k, ChunkState.READY) for k in range(1, 111)]
    for start in (0, 100):
        ports.chunks.add_all(chunks[start : start + 100])
    page = ports.chunks.page("soldes.1")
    ports.chunks.add_all([chunk(0, ChunkState.READY)])
    rest = ports.chunks.page("soldes.1", after=page.next)
    assert [c.id for c in rest.items] == [c.id for c in chunks[100:]]
    assert rest.next is None


@pytest.mark.parametrize("recipient", ["", "p1"])
@pytest.mark.parametrize("state", BroadcastState)
def test_a_broadcast_is_open_until_it_is_completed_or_cancelled(
    ports: Ports, state: BroadcastState, recipient: str
) -> None:
    running = replace(RUN, state=BroadcastState.RUNNING, recipient=recipient)
    ports.broadcasts.put(running, expected_version=None)
    ports.broadcasts.put(replace(running, state=state), expected_version=1)
    is_open = state not in (BroadcastState.COMPLETED, BroadcastState.CANCELLED)
    assert [b.state for b in ports.broadcasts.open().items] == ([state] if is_open else [])


def test_chunks_are_added_where_absent_and_paged_by_id(ports: Ports) -> None:
    chunks = [chunk(k, ChunkState.READY) for k in range(130)]
    assert list(ports.chunks.add_all(chunks[50:60])) == [True] * 10
    assert list(ports.chunks.add_all(chunks[:100])) == [True] * 50 + [False] * 10 + [True] * 40
    ports.chunks.add_all(chunks[100:])
    ports.chunks.add_all([replace(READY, broadcast="other.1")])
    found = all_of(lambda after: ports.chunks.page("soldes.1", after=after))
    assert [c.id for c in found] == [c.id for c in chunks]


def test_chunks_are_put_together_each_under_its_own_condition(ports: Ports) -> None:
    chunks = [chunk(k, ChunkState.READY) for k in range(100)]
    ports.chunks.add_all(chunks[:60])
    released = [replace(c, state=ChunkState.RELEASED) for c in chunks]
    answers = ports.chunks.put_all([Write(c, k % 2 + 1) for k, c in enumerate(released)])
    assert list(answers) == [k < 60 and k % 2 == 0 for k in range(100)]
    stored = ports.chunks.get("soldes.1", "000-00002")
    assert stored == replace(released[2], version=2)
    assert [c.id for c in ports.chunks.in_flight("soldes.1")] == [c.id for c in released[:60:2]]


def test_ready_chunks_are_those_of_one_wave_by_id_at_most_a_page(ports: Ports) -> None:
    ports.chunks.add_all([chunk(k, ChunkState.READY) for k in range(100)])
    ports.chunks.add_all([chunk(k, ChunkState.READY) for k in range(100, 120)])
    ports.chunks.add_all([chunk(k, ChunkState.READY, wave=AT + 1) for k in range(120, 123)])
    others = {123: ChunkState.RELEASED, 124: ChunkState.RUNNING, 125: ChunkState.DONE}
    ports.chunks.add_all([chunk(k, state, wave=AT + 1) for k, state in others.items()])
    assert [c.id for c in ports.chunks.ready("soldes.1", AT)] == [f"000-{k:05d}" for k in range(100)]
    assert [c.id for c in ports.chunks.ready("soldes.1", AT + 1)] == [f"000-{k:05d}" for k in (120, 121, 122)]
    assert ports.chunks.ready("other.1", AT) == []


def test_chunks_in_flight_are_those_released_or_running_oldest_slot_first(ports: Ports) -> None:
    ports.chunks.add_all(
        [
            chunk(1, ChunkState.RUNNING, slot0_ms=AT + 30.5),
            chunk(2, ChunkState.RELEASED, slot0_ms=AT + 10.0),
            chunk(3, ChunkState.READY),
            chunk(4, ChunkState.RUNNING, slot0_ms=AT + 20.0, wave=AT + 1),
            chunk(5, ChunkState.DONE, slot0_ms=AT + 5.0),
        ]
    )
    assert [c.id for c in ports.chunks.in_flight("soldes.1")] == ["000-00002", "000-00004", "000-00001"]


def test_of_chunks_in_flight_a_page_has_the_oldest(ports: Ports) -> None:
    flying = [chunk(k, ChunkState.RUNNING, slot0_ms=AT - 1_000.0 * k) for k in range(110)]
    for start in (0, 100):
        ports.chunks.add_all(flying[start : start + 100])
    assert [c.id for c in ports.chunks.in_flight("soldes.1")] == [c.id for c in reversed(flying[10:])]


def test_a_chunk_moves_between_the_indexes_with_its_state(ports: Ports) -> None:
    ports.chunks.add_all([READY])
    for version, state in enumerate([ChunkState.RELEASED, ChunkState.RUNNING, ChunkState.DONE], start=1):
        assert ports.chunks.put(replace(READY, state=state), expected_version=version)
        counts = {s: ports.chunks.count("soldes.1", AT, s) for s in ChunkState}
        assert counts == {s: int(s is state) for s in ChunkState}
    assert ports.chunks.in_flight("soldes.1") == []
    assert ports.chunks.put(replace(READY), expected_version=4)
    assert [c.version for c in ports.chunks.ready("soldes.1", AT)] == [5]


def test_a_refused_write_moves_no_chunk(ports: Ports) -> None:
    ports.chunks.add_all([READY])
    assert not ports.chunks.put(replace(READY, state=ChunkState.DONE), expected_version=9)
    assert len(ports.chunks.ready("soldes.1", AT)) == 1


@pytest.mark.parametrize("state", [ChunkState.READY, ChunkState.RUNNING])
def test_a_count_of_a_hundred_means_a_hundred_or_more(ports: Ports, state: ChunkState) -> None:
    ports.chunks.add_all([chunk(k, state) for k in range(99)])
    assert ports.chunks.count("soldes.1", AT, state) == 99
    ports.chunks.add_all([chunk(k, state) for k in range(99, 105)])
    assert ports.chunks.count("soldes.1", AT, state) == 100
    assert ports.chunks.count("soldes.1", AT + 1, state) == 0


def test_a_home_chunks_deliveries_are_read_together(ports: Ports) -> None:
    rows = [
        replace(values.DELIVERY, key=replace(values.DELIVERY.key, person=f"p{k:03d}"), wamid=f"wamid.{k}")
        for k in range(100)
    ]
    elsewhere = replace(values.DELIVERY, key=replace(values.DELIVERY.key, chunk="000-00002"), wamid="")
    ports.ledger.put_all([Write(row, None) for row in rows])
    ports.ledger.put_all([Write(elsewhere, None)])
    assert list(ports.ledger.of_chunk("soldes.1", "000-00001")) == [replace(r, version=1) for r in rows]
    assert ports.ledger.of_chunk("soldes.1", "000-00003") == []


def test_deliveries_are_found_by_key_and_absent_ones_left_out(ports: Ports) -> None:
    ports.ledger.put_all([Write(values.DELIVERY, None)])
    other = DeliveryKey(broadcast="soldes.1", chunk="000-00001", person="p2")
    assert set(ports.ledger.get_all([values.DELIVERY.key, other])) == {values.DELIVERY.key}


def test_deferrals_are_due_by_sender_oldest_first(ports: Ports) -> None:
    late, early, future = (replace(values.DEFERRAL, due_at=AT + k, person=f"p{k}") for k in (2, 1, 3))
    other = replace(values.DEFERRAL, sender="other", broadcast="other.1")
    ports.deferrals.add_all([late, early, future, other])
    assert list(ports.deferrals.due("boutique", AT + 2)) == [early, late]
    assert list(ports.deferrals.due("boutique", AT)) == []
    assert list(ports.deferrals.of_broadcast("other.1")) == [other]


def test_a_deferral_is_one_however_often_it_is_added_and_goes_when_removed(ports: Ports) -> None:
    ports.deferrals.add_all([values.DEFERRAL])
    ports.deferrals.add_all([values.DEFERRAL, replace(values.DEFERRAL, attempt=2)])
    assert len(ports.deferrals.due("boutique", AT)) == 2
    ports.deferrals.remove_all([values.DEFERRAL])
    ports.deferrals.remove_all([values.DEFERRAL])
    assert [d.attempt for d in ports.deferrals.of_broadcast("soldes.1")] == [2]


def test_a_deferral_added_under_the_same_key_takes_the_place_of_the_first(ports: Ports) -> None:
    changed = replace(values.DEFERRAL, chunk="000-00009", reason="other", deadline_at=AT + 9)
    ports.deferrals.add_all([values.DEFERRAL])
    ports.deferrals.add_all([changed])
    assert list(ports.deferrals.due("boutique", AT)) == [changed]
    assert list(ports.deferrals.of_broadcast("soldes.1")) == [changed]


def test_every_part_of_its_key_makes_another_deferral(ports: Ports) -> None:
    parts: list[dict[str, Any]] = [{"due_at": AT + 1}, {"broadcast": "b.1"}, {"person": "p2"}, {"attempt": 2}]
    others = [replace(values.DEFERRAL, **part) for part in parts]
    elsewhere = replace(values.DEFERRAL, sender="other")
    ports.deferrals.add_all([values.DEFERRAL, *others, elsewhere])
    ports.deferrals.remove_all([values.DEFERRAL])
    assert len(ports.deferrals.due("boutique", AT + 1)) == len(others)
    assert all(other in ports.deferrals.due("boutique", AT + 1) for other in others)
    assert list(ports.deferrals.due("other", AT)) == [elsewhere]


def test_a_page_of_due_deferrals_is_at_most_a_hundred(ports: Ports) -> None:
    for start in (0, 100):
        ports.deferrals.add_all([replace(values.DEFERRAL, person=f"p{start + k:03d}") for k in range(100)])
    assert len(ports.deferrals.due("boutique", AT)) == 100
    first = ports.deferrals.of_broadcast("soldes.1")
    second = ports.deferrals.of_broadcast("soldes.1", after=first[-1])
    assert [len(first), len(second)] == [100, 100]
    assert [d.person for d in [*first, *second]] == [f"p{k:03d}" for k in range(200)]
    assert list(ports.deferrals.of_broadcast("soldes.1", after=second[-1])) == []


def test_a_timeline_is_served_by_priority_then_wave_then_broadcast(ports: Ports) -> None:
    order = [(0, AT + 9, "z.1"), (1, AT, "b.1"), (1, AT + 1, "a.1"), (1, AT + 1, "b.1"), (10, AT, "a.1")]
    entries = [replace(values.ENTRY, priority=p, wave=w, broadcast=b) for p, w, b in order]
    for entry in reversed(entries):
        ports.timelines.add(entry)
    ports.timelines.add(entries[0])
    assert list(ports.timelines.page("boutique")) == entries
    ports.timelines.remove(entries[0])
    ports.timelines.remove(entries[0])
    assert list(ports.timelines.page("boutique")) == entries[1:]


def test_a_page_of_a_timeline_is_the_first_hundred_entries_of_its_sender(ports: Ports) -> None:
    entries = [replace(values.ENTRY, wave=AT + k) for k in range(103)]
    for entry in [*reversed(entries), replace(values.ENTRY, sender="other", wave=AT - 1)]:
        ports.timelines.add(entry)
    assert list(ports.timelines.page("boutique")) == entries[:100]
    assert list(ports.timelines.page("boutique", after=entries[99])) == entries[100:]
    assert list(ports.timelines.page("boutique", after=entries[102])) == []


def test_senders_with_an_entry_or_a_deferral_have_something_to_do(ports: Ports) -> None:
    assert list(ports.timelines.senders()) == []
    ports.timelines.add(values.ENTRY)
    ports.timelines.add(replace(values.ENTRY, broadcast="other.1"))
    ports.deferrals.add_all([replace(values.DEFERRAL, sender="other")])
    assert sorted(ports.timelines.senders()) == ["boutique", "other"]
    ports.deferrals.remove_all([replace(values.DEFERRAL, sender="other")])
    assert list(ports.timelines.senders()) == ["boutique"]
    ports.timelines.remove(values.ENTRY)
    assert list(ports.timelines.senders()) == ["boutique"]
    ports.timelines.remove(replace(values.ENTRY, broadcast="other.1"))
    assert list(ports.timelines.senders()) == []


def test_a_sender_and_a_portfolio_of_one_name_do_not_mix(ports: Ports) -> None:
    ports.senders.put(values.CONTROL, expected_version=None)
    assert ports.senders.quota("boutique") is None
    assert ports.senders.put_quota(replace(values.QUOTA, portfolio="boutique"), expected_version=None)
    assert ports.senders.get("boutique") == replace(values.CONTROL, version=1)


def test_counters_add_up_also_between_threads(ports: Ports) -> None:
    assert dict(ports.counters.get("soldes.1")) == {}
    side_by_side([lambda: ports.counters.add("soldes.1", {"accepted": 2, "read": -1})] * 10)
    ports.counters.add("other.1", {"accepted": 5})
    assert dict(ports.counters.get("soldes.1")) == {"accepted": 20, "read": -10}


def test_setting_counters_replaces_all_of_a_subjects(ports: Ports) -> None:
    ports.counters.add("soldes.1", {"accepted": 2, "read": 1})
    ports.counters.set("soldes.1", {"accepted": 7})
    assert dict(ports.counters.get("soldes.1")) == {"accepted": 7}
    ports.counters.add("soldes.1", {"accepted": 1})
    assert dict(ports.counters.get("soldes.1")) == {"accepted": 8}


def test_removed_rows_of_the_ledger_are_gone_and_no_others(ports: Ports) -> None:
    keys = [replace(values.DELIVERY.key, person=f"p{k}") for k in range(100)]
    known = values.DELIVERY.key
    elsewhere = [replace(known, chunk="000-00002"), replace(known, broadcast="b.1")]
    rows = [replace(values.DELIVERY, key=key) for key in [*keys, *elsewhere]]
    for start in (0, 100):
        ports.ledger.put_all([Write(row, None) for row in rows[start : start + 100]])
    for _ in range(2):
        ports.ledger.remove_all(keys)
    ports.ledger.remove_all([])
    assert list(ports.ledger.of_chunk("soldes.1", "000-00001")) == []
    assert set(ports.ledger.get_all([*keys[:98], *elsewhere])) == set(elsewhere)


def test_removed_chunks_are_gone_from_every_page_and_index_and_no_others(ports: Ports) -> None:
    ready = [replace(values.CHUNK, id=f"000-{k:05d}", state=ChunkState.READY) for k in range(100)]
    other = replace(values.CHUNK, broadcast="other.1", id="000-00000", state=ChunkState.READY)
    ports.chunks.add_all(ready)
    ports.chunks.add_all([other])
    for _ in range(2):
        ports.chunks.remove_all(ready[1:])
    ports.chunks.remove_all([])
    assert [chunk.id for chunk in ports.chunks.page("soldes.1").items] == ["000-00000"]
    assert [chunk.id for chunk in ports.chunks.ready("soldes.1", AT)] == ["000-00000"]
    assert ports.chunks.count("soldes.1", AT, ChunkState.READY) == 1
    assert [chunk.broadcast for chunk in ports.chunks.page("other.1").items] == ["other.1"]
