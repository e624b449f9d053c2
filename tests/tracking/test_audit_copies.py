"""Copies of the audit trail: what a file has, and what shows when one is altered, missing or twice there."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.tracking.audit_copies import (
    MOST_LINES,
    CopiesHead,
    behind,
    forgotten,
    key_of,
    name_of,
    next_file,
    read,
    ready,
    verify,
)
from tests.contracts.values import AT, AUDIT_ENTRY

Files = list[tuple[str, bytes]]


def chain(*sizes: int) -> Files:
    """Return a file of each size, one behind the other, a second of entries to each."""
    head, files = CopiesHead(), []
    for n, size in enumerate(sizes):
        until = AT + (n + 1) * 1_000
        entries = [replace(AUDIT_ENTRY, at=until - k, id=f"{n}-{k}") for k in range(size)]
        body = next_file(head, entries, until)
        files.append((name_of(head.number + 1, body), body))
        head = behind(head, body)
    return files


def codes(files: Files) -> list[str]:
    return [fault.code for fault in verify(files).faults]


def test_a_whole_chain_has_no_fault_and_says_how_far_it_goes() -> None:
    files = chain(3, 1, 2)
    found = verify(files)
    assert (found.files, found.entries, found.late, found.first, found.last) == (3, 6, 0, 1, 3)
    assert (found.until, found.faults) == (AT + 3_000, ())
    assert found.sha256[:16] in files[-1][0]
    assert (verify([]).files, verify([]).faults) == (0, ())


def test_entries_stand_in_the_order_of_their_instants_with_all_they_tell() -> None:
    entries = [replace(AUDIT_ENTRY, at=AT + 1), AUDIT_ENTRY, replace(AUDIT_ENTRY, id="0")]
    copy = read(next_file(CopiesHead(), entries, AT + 9))
    assert copy.keys == tuple(key_of(entry) for entry in (entries[2], entries[1], entries[0]))
    assert (copy.number, copy.before, copy.until, copy.late) == (1, "", AT + 9, ())


def test_what_should_be_in_an_earlier_file_is_named_as_late_and_the_head_remembers_it() -> None:
    head = CopiesHead(number=1, sha256="ab", until=AT, late=("1|x",))
    late, right = AUDIT_ENTRY, replace(AUDIT_ENTRY, at=AT + 1)
    body = next_file(head, [right, late], AT + 5)
    assert body.count(b'"late":true') == 1
    later = behind(head, body)
    assert (later.number, later.until, later.late) == (2, AT + 5, ("1|x", key_of(late)))
    assert later.stretch == 2
    assert behind(later, next_file(later, [AUDIT_ENTRY], later.until)).stretch == 2
    assert forgotten(later, 1).late == (key_of(late),)
    assert forgotten(later, AT).late == ()
    assert verify([(name_of(2, body), body)]).late == 1


def test_the_first_file_has_nothing_late() -> None:
    assert read(next_file(CopiesHead(), [replace(AUDIT_ENTRY, at=-1)], AT)).late == ()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (chain(1, 1, 1)[1:], []),
        (chain(1, 1, 1)[:1] + chain(1, 1, 1)[2:], ["audit_file_missing"]),
        (chain(1, 1) + chain(2, 1)[1:], ["audit_file_twice"]),
        (chain(1, 1)[:1] + chain(2, 1)[1:], ["audit_chain_broken"]),
        ([*chain(1), ("00000002-x.jsonl", b"{}\n")], ["audit_file_unreadable"]),
        ([*chain(1), ("notes.jsonl", b"hello")], ["audit_file_unreadable"]),
        ([("00000001-0123456789abcdef.jsonl", chain(1)[0][1])], ["audit_file_altered"]),
        ([("1.jsonl", chain(1)[0][1])], ["audit_file_altered"]),
        ([(chain(1)[0][0], b"")], ["audit_file_unreadable"]),
        ([(chain(2)[0][0], chain(2)[0][1][:-1])], ["audit_file_unreadable"]),
    ],
)
def test_what_is_wrong_with_files_is_said(files: Files, expected: list[str]) -> None:
    assert codes(files) == expected


@given(st.integers(0, 2), st.data())
def test_whichever_byte_is_altered_shows(which: int, data: st.DataObject) -> None:
    files = chain(2, 3, 1)
    name, body = files[which]
    place = data.draw(st.integers(0, len(body) - 1))
    altered = body[:place] + bytes([body[place] ^ data.draw(st.integers(1, 255))]) + body[place + 1 :]
    files[which] = (name, altered)
    assert verify(files).faults


@pytest.mark.parametrize("which", [0, 1])
def test_a_file_that_was_altered_and_renamed_shows_in_the_next(which: int) -> None:
    files = chain(1, 1, 1)
    body = files[which][1].replace(b"done", b"fine")
    assert body != files[which][1]
    files[which] = (name_of(which + 1, body), body)
    assert codes(files) == ["audit_chain_broken"]


def test_a_line_that_was_taken_out_shows_whatever_the_file_is_called() -> None:
    body = b"".join(chain(3)[0][1].splitlines(keepends=True)[:-1])
    assert codes([(name_of(1, body), body)]) == ["audit_file_unreadable"]


def test_a_file_is_full_only_where_an_instant_ends() -> None:
    def seen(*sizes: int) -> list[int]:
        entries = [replace(AUDIT_ENTRY, at=AT + n) for n, size in enumerate(sizes) for _ in range(size)]
        found = ready(entries, entries[-1].at, AT - 1)
        return [] if found is None else [len(found), len({entry.at for entry in found})]

    assert seen(MOST_LINES - 1, 5) == []
    assert seen(MOST_LINES, 5) == [MOST_LINES, 1]
    assert seen(MOST_LINES + 50) == []
    assert seen(1, MOST_LINES, 1) == [MOST_LINES + 1, 2]


def test_names_sort_as_the_files_were_made() -> None:
    names = [name for name, _ in chain(*[1] * 12)]
    assert all(one < two for one, two in pairwise(names))
