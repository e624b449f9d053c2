"""The manifest: lines that read back, digests that cover them, chunks that are byte ranges."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.planning.manifest import (
    CHUNK_PEOPLE,
    decode_row,
    digest,
    encode_row,
    erased_line,
    is_erased,
    line_of,
    merkle_root,
    root_of,
    summary_from_json,
    summary_to_json,
    write_part,
)
from chalicelib.planning.plan import ExcludedRow, PartSummary, Planned, Row, Tally

texts = st.text(max_size=20)
names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
values = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
buttons = st.lists(st.tuples(texts, st.integers(0, 9), texts), max_size=2).map(tuple)
headers = st.just(()) | st.tuples(st.sampled_from(["text", "image"]), texts, texts)
planned_rows = st.builds(
    Planned,
    person=names,
    to=texts,
    instant=st.sampled_from([0, 1_800_000_000_000, 1_800_003_600_000]),
    language=st.sampled_from(["fr", "ar"]),
    parameters=values,
    buttons=buttons,
    zone=texts,
    zone_from=texts,
    consent_at=st.none() | st.integers(0, 2**52),
    salt=texts,
    countries=st.sampled_from(["", "MA|FR"]),
    header=headers,
    cards=st.lists(st.tuples(headers, values, buttons), max_size=2).map(tuple),
)
excluded_rows = st.builds(
    ExcludedRow, person=names, reason=st.sampled_from(["past", "suppressed"]), saw=texts, salt=texts
)
rows = st.lists(planned_rows | excluded_rows, max_size=30, unique_by=lambda row: row.person)


def planned(person: str, instant: int) -> Planned:
    return Planned(
        person=person,
        to="+212612345678",
        instant=instant,
        language="fr",
        parameters=(),
        buttons=(),
        zone="Africa/Casablanca",
        zone_from="phone",
        consent_at=None,
        salt="s",
    )


def of_chunks(body: bytes, summary: PartSummary) -> list[list[Row]]:
    return [[decode_row(line) for line in body[c.start : c.end].splitlines()] for c in summary.chunks]


@given(row=planned_rows | excluded_rows)
def test_a_row_reads_back_as_it_was_written(row: Row) -> None:
    line = encode_row(row)
    assert line.count(b"\n") == 1
    assert decode_row(line) == row


@pytest.mark.parametrize("line", [b"[]", b"{}", b'["q","ana"]', b"3"])
def test_what_is_no_row_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a row"):
        decode_row(line)


@given(rows=rows, random=st.randoms())
def test_a_part_is_the_same_whatever_the_order_people_came_in(rows: list[Row], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert write_part(3, shuffled, Tally()) == write_part(3, rows, Tally())


@given(rows=rows)
def test_chunks_hold_exactly_the_planned_people_each_of_one_wave(rows: list[Row]) -> None:
    body, summary = write_part(0, rows, Tally())
    chunks = of_chunks(body, summary)
    found = [row for chunk in chunks for row in chunk]
    wanted = [row for row in rows if isinstance(row, Planned)]
    assert found == sorted(wanted, key=lambda row: (row.instant, row.person))
    for place, chunk in zip(summary.chunks, chunks, strict=True):
        assert place.people == len(chunk)
        assert {row.instant for row in chunk if isinstance(row, Planned)} == {place.wave}
    assert Counter(summary.waves) == Counter(row.instant for row in wanted)
    assert sum(summary.excluded.values()) == summary.rows - summary.planned


def test_a_chunk_has_at_most_a_hundred_people_and_ends_with_its_wave() -> None:
    people = [planned(f"a{n:03d}", 10) for n in range(CHUNK_PEOPLE + 1)]
    people += [planned(f"b{n:03d}", 20) for n in range(CHUNK_PEOPLE)]
    _, summary = write_part(0, people, Tally())
    assert [(c.wave, c.people) for c in summary.chunks] == [(10, 100), (10, 1), (20, 100)]
    assert summary.chunks[0].start == 0
    assert summary.chunks[1].start == summary.chunks[0].end


def test_the_excluded_lie_behind_the_planned_by_person() -> None:
    gone = [ExcludedRow(person=name, reason="past", saw="", salt="") for name in ("zoe", "ana")]
    body, _ = write_part(0, [*gone, planned("mia", 10)], Tally())
    assert [decode_row(line).person for line in body.splitlines()] == ["mia", "ana", "zoe"]


def test_a_part_is_named_by_its_plan_its_task_and_its_content() -> None:
    body, summary = write_part(7, [planned("ana", 10)], Tally(), plan="p1")
    assert summary.key == f"plans/p1/parts/007-{hashlib.sha256(body).hexdigest()}.jsonl"


def test_a_part_of_nobody_is_a_part() -> None:
    body, summary = write_part(0, [], Tally())
    assert (body, summary.rows, summary.chunks) == (b"", 0, ())


@given(rows=rows)
def test_a_summary_survives_json(rows: list[Row]) -> None:
    tally = Tally(
        countries={"MA": 3}, no_country=1, past=2, problems=(("x", "de", 2, "ana"),), concerns={"w": 1}
    )
    _, summary = write_part(5, rows, tally)
    assert summary_from_json(orjson.loads(orjson.dumps(summary_to_json(summary)))) == summary


leaves = st.lists(st.binary(min_size=1, max_size=4).map(digest), min_size=1, max_size=20, unique=True)


@given(leaves=leaves, data=st.data())
def test_no_row_can_change_move_or_vanish_without_the_root_changing(
    leaves: list[bytes], data: st.DataObject
) -> None:
    root = merkle_root(leaves)
    place = data.draw(st.integers(0, len(leaves) - 1))
    assert merkle_root(leaves[:place] + leaves[place + 1 :]) != root
    assert merkle_root([*leaves[:place], digest(b"another"), *leaves[place + 1 :]]) != root
    assert merkle_root([*leaves, leaves[-1]]) != root
    if len(leaves) > 1:
        assert merkle_root(leaves[::-1]) != root


def test_an_inner_node_cannot_pass_for_a_row() -> None:
    one, two = digest(b"1"), digest(b"2")
    assert merkle_root([one, two]) != digest(one + two).hex()


def test_the_salt_is_part_of_the_digest() -> None:
    row = ExcludedRow(person="ana", reason="past", saw="", salt="a")
    salted_anew = ExcludedRow(person="ana", reason="past", saw="", salt="b")
    assert digest(encode_row(row)) != digest(encode_row(salted_anew))


real_phones = st.integers(10**6, 10**14).map(lambda n: f"+{n}")
salts = st.integers(0, 2**64 - 1).map(lambda n: f"{n:016x}")
real_planned = st.builds(
    planned, st.text(min_size=1, max_size=26), st.sampled_from([0, 1_800_000_000_000])
).flatmap(lambda row: st.builds(replace, st.just(row), to=real_phones, salt=salts, parameters=values))
real_excluded = st.builds(
    ExcludedRow,
    person=st.text(min_size=1),
    reason=st.sampled_from(["past", "frequency"]),
    saw=texts,
    salt=salts,
)
real_rows = st.lists(real_planned | real_excluded, min_size=1, max_size=8, unique_by=lambda row: row.person)


@given(real_rows, st.data())
def test_of_an_erased_row_nothing_is_left_but_who_and_when_and_every_range_and_the_root_hold(
    some: list[Row], data: st.DataObject
) -> None:
    body, summary = write_part(0, some, Tally())
    row = data.draw(st.sampled_from(some))
    place = line_of(body, row.person)
    assert place is not None
    start, line = place
    left = erased_line(line)
    after = body[:start] + left + body[start + len(line) :]
    assert root_of(body) == root_of(after) == summary.root
    assert is_erased(left)
    assert not is_erased(line)
    assert erased_line(left) == left
    found = decode_row(left)
    assert found.person == row.person
    if isinstance(row, Planned):
        assert len(left) == len(line)
        assert isinstance(found, Planned)
        blank = Planned(
            person=row.person,
            to="",
            instant=row.instant,
            language="",
            parameters=(),
            buttons=(),
            zone="",
            zone_from="",
            consent_at=None,
            salt="",
        )
        assert found == blank
        assert row.to.encode() not in left
    else:
        assert found == replace(row, saw="", salt="")
    others = [other for other in some if other is not row]
    assert all(decode_row(line_of(after, other.person)[1]) == other for other in others)  # type: ignore[index]


def test_a_line_is_found_by_its_person_and_not_by_who_is_named_in_it() -> None:
    rows: list[Row] = [
        ExcludedRow(person="a", reason="past", saw="b", salt="0" * 16),
        ExcludedRow(person="b", reason="past", saw="", salt="0" * 16),
    ]
    body, _ = write_part(0, rows, Tally())
    place = line_of(body, "b")
    assert place is not None
    assert decode_row(place[1]) == rows[1]
    assert line_of(body, "c") is None
    assert line_of(b"", "b") is None


def test_what_is_left_of_a_row_does_not_pass_for_another_row() -> None:
    whole = encode_row(planned("a", 1_800_000_000_000))
    other = encode_row(planned("b", 1_800_000_000_000))
    assert digest(erased_line(whole)) == digest(whole) != digest(erased_line(other))
