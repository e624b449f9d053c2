"""The audit trail and the approvals of plans, on every home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chalicelib.planning.approval import Verdict
from chalicelib.ports import Ports
from chalicelib.tracking.audit import AuditEntry
from tests.contracts import values
from tests.contracts.test_people import all_of
from tests.contracts.threads import side_by_side
from tests.contracts.values import APPROVAL, AT, AUDIT_ENTRY


def test_an_entry_is_written_once_and_never_changed(ports: Ports) -> None:
    assert ports.audit.append(AUDIT_ENTRY)
    assert not ports.audit.append(replace(AUDIT_ENTRY, outcome="refused"))
    assert ports.audit.append(replace(AUDIT_ENTRY, id="ab13"))
    assert ports.audit.append(replace(AUDIT_ENTRY, at=AT + 1))
    found = ports.audit.page()
    assert [(e.at, e.id, e.outcome) for e in found.items] == [
        (AT + 1, "ab12", "done"),
        (AT, "ab13", "done"),
        (AT, "ab12", "done"),
    ]
    assert found.items[2] == AUDIT_ENTRY


def test_of_many_who_write_the_same_entry_at_once_one_succeeds(ports: Ports) -> None:
    answers: list[bool] = []
    side_by_side([lambda: answers.append(ports.audit.append(AUDIT_ENTRY))] * 8)
    assert sorted(answers) == [False] * 7 + [True]


def test_the_trail_is_read_newest_first_a_hundred_at_a_time(ports: Ports) -> None:
    assert (ports.audit.page().items, ports.audit.page().next) == ((), None)
    for k in range(130):
        ports.audit.append(replace(AUDIT_ENTRY, at=AT + k // 3, id=f"{k:04d}"))
    assert len(ports.audit.page().items) == 100
    found = all_of(lambda after: ports.audit.page(after=after))
    assert [(e.at, e.id) for e in found] == [(AT + k // 3, f"{k:04d}") for k in reversed(range(130))]


def test_entries_until_an_instant_come_oldest_first_and_can_be_removed(ports: Ports) -> None:
    entries = [replace(AUDIT_ENTRY, at=AT + k, id=f"{k:04d}") for k in range(105)]
    for entry in reversed(entries):
        ports.audit.append(entry)
    assert list(ports.audit.until(AT + 2)) == entries[:3]
    assert list(ports.audit.until(AT - 1)) == []
    assert list(ports.audit.until(AT + 500)) == entries[:100]
    ports.audit.remove_all(entries[:100])
    ports.audit.remove_all(entries[:1])
    assert list(ports.audit.until(AT + 500)) == entries[100:]


def test_a_stretch_of_the_trail_is_read_oldest_first_over_pages_with_both_its_ends(ports: Ports) -> None:
    entries = [replace(AUDIT_ENTRY, at=AT + k // 3, id=f"{k:04d}") for k in range(330)]
    for entry in reversed(entries):
        ports.audit.append(entry)

    def stretch(start: int, end: int) -> list[AuditEntry]:
        return list(all_of(lambda after: ports.audit.between(AT + start, AT + end, after=after)))

    assert stretch(0, 1_000) == entries
    assert stretch(-5, -1) == []
    assert stretch(110, 200) == []
    assert stretch(1, 1) == entries[3:6]
    assert stretch(2, 106) == entries[6:321]
    first = ports.audit.between(AT, AT + 33)
    assert list(first.items) == entries[:100]
    rest = [] if first.next is None else list(ports.audit.between(AT, AT + 33, after=first.next).items)
    assert rest == entries[100:102]


def test_what_is_in_the_archive_is_never_replaced(ports: Ports) -> None:
    assert ports.archive.add("audit/1.jsonl", b"one")
    assert not ports.archive.add("audit/1.jsonl", b"two")
    assert ports.archive.add("audit/2.jsonl", b"two")
    assert ports.objects.get("audit/1.jsonl") is None


def test_of_each_person_the_last_word_on_a_plan_stands(ports: Ports) -> None:
    assert ports.approvals.page(APPROVAL.plan).items == ()
    ports.approvals.put(APPROVAL)
    other = replace(APPROVAL, who="amina", verdict=Verdict.APPROVED, comment="")
    ports.approvals.put(other)
    ports.approvals.put(replace(APPROVAL, plan="ab" * 32))
    assert list(ports.approvals.page(APPROVAL.plan).items) == [other, APPROVAL]
    changed = replace(APPROVAL, who="ZOÉ", at=AT + 5, verdict=Verdict.APPROVED, comment="oui")
    ports.approvals.put(changed)
    assert list(ports.approvals.page(APPROVAL.plan).items) == [other, changed]


def test_words_of_people_who_speak_at_once_are_all_kept(ports: Ports) -> None:
    def says(name: str) -> Callable[[], None]:
        return lambda: ports.approvals.put(replace(APPROVAL, who=name))

    names = [f"person-{k}" for k in range(8)]
    side_by_side([says(name) for name in names])
    assert [a.who for a in ports.approvals.page(APPROVAL.plan).items] == names


def test_the_words_on_a_plan_come_over_pages(ports: Ports) -> None:
    names = [f"person-{k:03d}" for k in range(120)]
    for name in names:
        ports.approvals.put(replace(values.APPROVAL, who=name))
    found = all_of(lambda after: ports.approvals.page(APPROVAL.plan, after=after))
    assert [a.who for a in found] == names
