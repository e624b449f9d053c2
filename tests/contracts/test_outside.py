"""Queues, schedules and objects, and calls for nothing, on every home."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.errors import NotFound
from chalicelib.ports import Ports, Told
from chalicelib.tracking.retention import Kind
from tests.contracts import values
from tests.contracts.homes import HomeUnderTest
from tests.contracts.threads import side_by_side
from tests.contracts.values import AT


def test_a_queue_gives_every_body_as_it_was_sent(home: HomeUnderTest) -> None:
    bodies = [f'{{"n":{k},"text":"été ✓"}}' for k in range(100)]
    home.ports.queues.send("send", bodies)
    home.ports.queues.send("plan", ["other"])
    assert sorted(home.queued("send")) == sorted(bodies)


def test_sending_nothing_is_no_error(home: HomeUnderTest) -> None:
    home.ports.queues.send("send", [])
    assert home.queued("send") == []


def test_a_message_that_fails_too_often_is_a_dead_letter_and_can_be_replayed(home: HomeUnderTest) -> None:
    queues = home.ports.queues
    queues.send("send", ['{"n":1}', '{"n":2}'])
    assert queues.dead_letters("send") == []
    home.bury("send")
    letters = queues.dead_letters("send")
    assert sorted(letter.body for letter in letters) == ['{"n":1}', '{"n":2}']
    assert {letter.queue for letter in letters} == {"send"}
    assert home.queued("send") == []
    for letter in letters:
        queues.replay(letter)
    assert sorted(home.queued("send")) == ['{"n":1}', '{"n":2}']
    assert queues.dead_letters("send") == []


def test_a_queues_depth_tells_what_waits_what_is_delayed_and_what_is_dead(home: HomeUnderTest) -> None:
    queues = home.ports.queues
    assert queues.depth("send").waiting == 0
    queues.send("send", ["1", "2", "3"])
    queues.send("send", ["later"], delay_seconds=900)
    found = queues.depth("send")
    assert (found.waiting, found.in_hand, found.delayed) == (3, 0, 1)
    assert queues.depth("receipts").waiting == 0
    home.bury("send")
    assert queues.depth("send", dead=True).waiting == 3
    assert queues.depth("send").waiting == 0


def test_a_body_sent_with_a_delay_is_not_there_before(home: HomeUnderTest) -> None:
    home.ports.queues.send("send", ["later"], delay_seconds=900)
    home.ports.queues.send("send", ["now"], delay_seconds=0)
    assert home.queued("send") == ["now"]


def test_whoever_listens_is_told_with_what_it_is_about_and_all_of_its_detail(home: HomeUnderTest) -> None:
    heard = home.listen()
    details = [{"v": 1, "id": str(k), "people": k, "because": "été ✓"} for k in range(10)]
    home.ports.bus.put([Told(id=str(k), about="Wave Started", at=AT, detail=details[k]) for k in range(10)])
    home.ports.bus.put([])
    assert sorted(heard(), key=lambda one: one[1]["people"]) == [
        ("Wave Started", detail) for detail in details
    ]


def test_a_schedule_of_one_name_is_created_once(home: HomeUnderTest) -> None:
    home.ports.schedules.create("wave-1", AT, '{"wave":1}')
    home.ports.schedules.create("wave-1", AT + 60_000, '{"wave":2}')
    home.ports.schedules.create("wave-2", AT, "{}")
    assert home.scheduled() == {"wave-1": (AT, '{"wave":1}'), "wave-2": (AT, "{}")}


def test_a_schedule_wakes_less_than_a_second_before_its_instant_and_never_after(home: HomeUnderTest) -> None:
    home.ports.schedules.create("wave-1", AT + 999, "{}")
    assert 0 <= AT + 999 - home.scheduled()["wave-1"][0] < 1_000


def test_a_schedules_name_may_have_sixty_four_characters(home: HomeUnderTest) -> None:
    names = {"n" * 63 + end for end in "ab"}
    for name in names:
        home.ports.schedules.create(name, AT, "{}")
    assert set(home.scheduled()) == names


def test_a_cancelled_schedule_can_be_created_anew(home: HomeUnderTest) -> None:
    home.ports.schedules.create("wave-1", AT, "{}")
    home.ports.schedules.cancel("wave-1")
    home.ports.schedules.create("wave-1", AT + 60_000, '{"wave":2}')
    assert home.scheduled() == {"wave-1": (AT + 60_000, '{"wave":2}')}


def test_a_cancelled_schedule_wakes_nobody(home: HomeUnderTest) -> None:
    home.ports.schedules.create("wave-1", AT, "{}")
    home.ports.schedules.cancel("wave-1")
    home.ports.schedules.cancel("unknown")
    assert home.scheduled() == {}


def test_an_object_comes_back_whole_and_in_part(ports: Ports) -> None:
    body = bytes(range(256)) * 10
    ports.objects.put("plans/parts/a.jsonl", body)
    ports.objects.put("plans/parts/a.jsonl", body)
    assert ports.objects.get("plans/parts/a.jsonl") == body
    assert ports.objects.get_range("plans/parts/a.jsonl", 250, 260) == body[250:260]


def test_a_part_is_what_the_object_has_from_its_start_to_before_its_end(ports: Ports) -> None:
    ports.objects.put("part", b"0123")
    parts = {(0, 4): b"0123", (1, 3): b"12", (3, 3): b"", (2, 9): b"23", (4, 9): b""}
    assert {ends: ports.objects.get_range("part", *ends) for ends in parts} == parts


def test_an_object_put_again_is_what_was_put_last(ports: Ports) -> None:
    ports.objects.put("purpose", b"first")
    ports.objects.put("purpose", b"last")
    assert ports.objects.get("purpose") == b"last"


def test_an_object_is_added_once_and_the_first_stays(ports: Ports) -> None:
    assert ports.objects.add("keys/salt", b"first")
    assert not ports.objects.add("keys/salt", b"second")
    assert not ports.objects.add("keys/salt", b"first")
    assert ports.objects.get("keys/salt") == b"first"


def test_of_many_who_add_an_object_at_once_one_succeeds(ports: Ports) -> None:
    added: list[bytes] = []

    def add(body: bytes) -> None:
        if ports.objects.add("keys/salt", body):
            added.append(body)

    side_by_side([lambda k=k: add(b"%d" % k) for k in range(16)])  # type: ignore[misc]
    assert [ports.objects.get("keys/salt")] == added


def test_an_absent_object_is_none_and_a_part_of_it_is_not_found(ports: Ports) -> None:
    assert ports.objects.get("plans/parts/none") is None
    with pytest.raises(NotFound):
        ports.objects.get_range("plans/parts/none", 0, 1)


def test_an_empty_object_is_an_object(ports: Ports) -> None:
    ports.objects.put("empty", b"")
    assert ports.objects.get("empty") == b""
    assert ports.objects.get_range("empty", 0, 1) == b""
    assert not ports.objects.add("empty", b"1")


def test_a_directory_is_no_object(ports: Ports) -> None:
    ports.objects.put("plans/parts/a", b"1")
    assert ports.objects.get("plans/parts") is None
    assert ports.objects.get("plans/parts/a/b") is None


def test_a_secret_that_was_never_set_is_none(ports: Ports) -> None:
    assert ports.secrets.get("NO_SUCH_SECRET") is None


def test_a_counter_may_be_zero_or_named_with_a_dot_and_setting_none_forgets_all(ports: Ports) -> None:
    ports.counters.add("soldes.1", {"failed.131049": 3, "read": 0})
    ports.counters.add("soldes.1", {})
    assert dict(ports.counters.get("soldes.1")) == {"failed.131049": 3, "read": 0}
    ports.counters.set("soldes.1", {})
    assert dict(ports.counters.get("soldes.1")) == {}


def test_a_call_for_nothing_finds_nothing_and_is_no_error(ports: Ports) -> None:
    assert dict(ports.book.get_all([])) == {}
    assert dict(ports.standings.get_all([])) == {}
    assert dict(ports.ledger.get_all([])) == {}
    assert dict(ports.book.owners([])) == {}
    assert dict(ports.book.claim_identities({})) == {}
    answers = [ports.book.put_all([]), ports.standings.put_all([]), ports.ledger.put_all([])]
    answers += [ports.consents.append([]), ports.chunks.add_all([])]
    assert [list(some) for some in answers] == [[]] * 5
    ports.deferrals.add_all([])
    ports.deferrals.remove_all([])
    assert list(ports.timelines.senders()) == []


def test_a_name_longer_than_any_home_takes_is_refused_in_every_home(ports: Ports) -> None:
    with pytest.raises(ValueError, match="at most 64"):
        ports.schedules.create("n" * 65, AT, "{}")


@pytest.mark.parametrize(("start", "end"), [(0, 0), (5, 2)])
def test_an_empty_range_of_an_absent_object_is_not_found_either(ports: Ports, start: int, end: int) -> None:
    with pytest.raises(NotFound):
        ports.objects.get_range("plans/parts/none", start, end)
    ports.objects.put("plans/parts/some", b"0123456789")
    assert ports.objects.get_range("plans/parts/some", start, end) == b""


def test_the_keys_of_objects_are_listed_by_what_they_begin_with(ports: Ports) -> None:
    keys = ["plans/a/parts/1", "plans/a/parts/2", "plans/a/summaries/1", "plans/ab/parts/1", "plans/a.jsonl"]
    for key in reversed(keys):
        ports.objects.put(key, b"1")
    assert list(ports.objects.keys("plans/a/")) == keys[:3]
    assert list(ports.objects.keys("plans/a/parts/")) == keys[:2]
    assert list(ports.objects.keys("plans/a.")) == keys[4:]
    assert list(ports.objects.keys("plans/b/")) == []


def test_a_page_of_keys_is_the_first_hundred(ports: Ports) -> None:
    keys = [f"parts/{k:03d}" for k in range(103)]
    for key in keys:
        ports.objects.put(key, b"1")
    assert list(ports.objects.keys("parts/")) == keys[:100]


def test_removed_objects_are_gone_and_no_others_and_may_be_put_again(ports: Ports) -> None:
    for key in ("plans/a/parts/1", "plans/a/parts/2", "plans/b/parts/1"):
        ports.objects.put(key, b"1")
    for _ in range(2):
        ports.objects.remove_all(["plans/a/parts/1", "plans/a/parts/2", "plans/c"])
    ports.objects.remove_all([])
    assert [ports.objects.get(f"plans/{name}/parts/1") for name in "ab"] == [None, b"1"]
    assert list(ports.objects.keys("plans/")) == ["plans/b/parts/1"]
    assert ports.objects.add("plans/a/parts/1", b"2")
    assert ports.objects.get("plans/a/parts/1") == b"2"


def test_keepings_are_due_by_their_next_look_oldest_first(ports: Ports) -> None:
    late, early, future = (replace(values.KEEPING, look_at=AT + k) for k in (2, 1, 3))
    for keeping in (late, early, future):
        ports.keepings.add(keeping)
    assert list(ports.keepings.due(AT + 2)) == [early, late]
    assert list(ports.keepings.due(AT)) == []


def test_a_keeping_is_one_by_look_kind_and_id_and_goes_when_removed(ports: Ports) -> None:
    further = replace(values.KEEPING, done="cd" * 32)
    others = [replace(values.KEEPING, kind=Kind.PLAN), replace(values.KEEPING, id="other")]
    for keeping in (values.KEEPING, further, *others):
        ports.keepings.add(keeping)
    assert sorted(ports.keepings.due(AT + 1), key=repr) == sorted([further, *others], key=repr)
    for _ in range(2):
        ports.keepings.remove(values.KEEPING)
    assert sorted(ports.keepings.due(AT + 1), key=repr) == sorted(others, key=repr)


def test_a_page_of_keepings_is_a_hundred_behind_one_of_them_or_the_first(ports: Ports) -> None:
    for k in reversed(range(103)):
        ports.keepings.add(replace(values.KEEPING, look_at=AT + k))
    first = ports.keepings.due(AT + 200)
    assert [k.look_at for k in first] == [AT + k for k in range(100)]
    assert [k.look_at for k in ports.keepings.due(AT + 101, after=first[-1])] == [AT + 100, AT + 101]
    assert list(ports.keepings.due(AT + 98, after=first[-1])) == []


def test_an_id_of_a_keeping_may_be_as_long_as_an_objects_key(ports: Ports) -> None:
    long = [replace(values.KEEPING, id="incoming/" + "é" * 500 + end) for end in "ab"]
    for keeping in long:
        ports.keepings.add(keeping)
    assert sorted(ports.keepings.due(AT + 1), key=repr) == long
