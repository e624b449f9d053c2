"""Which rows of a file are one person's, and whose they are in the book."""

from __future__ import annotations

import pytest

from chalicelib.audience.duplicates import Namesakes, by_person, owned
from chalicelib.audience.identity import EXTERNAL_ID, PHONE, Identity
from chalicelib.audience.importing import ImportedRow


def rows(*named: str) -> list[ImportedRow]:
    """Return rows of "external_id phone", either "-" for none."""
    made = []
    for line, words in enumerate(named, 2):
        name, phone = (None if word == "-" else word for word in words.split())
        made.append(ImportedRow(line=line, external_id=name, phone=phone))
    return made


@pytest.mark.parametrize(
    ("named", "groups", "in_conflict"),
    [
        (["a 1", "b 2"], [[2], [3]], []),
        (["a 1", "a 2", "- 2"], [[2, 3, 4]], []),
        (["a -", "- 1", "a 1"], [[2, 3, 4]], []),
        (["a 1", "b 2", "a 2"], [[2], [3]], [4]),
        (["- 1", "a 1", "b 1"], [[2, 3, 4]], []),
    ],
)
def test_rows_that_share_a_name_are_one_persons(
    named: list[str], groups: list[list[int]], in_conflict: list[int]
) -> None:
    found, others = by_person(rows(*named))
    assert [[row.line for row in group.rows] for group in found] == groups
    assert [row.line for row in others] == in_conflict


A, B = Identity(EXTERNAL_ID, "a"), Identity(EXTERNAL_ID, "b")
ONE, TWO = Identity(PHONE, "1"), Identity(PHONE, "2")


@pytest.mark.parametrize(
    ("named", "owners", "people", "in_conflict"),
    [
        (["a 1", "- 1"], {}, [("", [2, 3])], []),
        (["a 1", "- 1"], {ONE: "p1"}, [("p1", [2, 3])], []),
        (["a 1"], {A: "p1", ONE: "p2"}, [("", [])], [2]),
        (["a -", "- 1", "a 1"], {A: "p1", ONE: "p2"}, [("p1", [2]), ("p2", [3])], [4]),
        (["a 1", "a 2"], {ONE: "p1", TWO: "p2"}, [("p1", [2])], [3]),
    ],
)
def test_rows_belong_to_whom_the_book_says(
    named: list[str], owners: dict[Identity, str], people: list[tuple[str, list[int]]], in_conflict: list[int]
) -> None:
    found, others = owned(Namesakes(rows(*named)), owners)
    assert [(one.person, [row.line for row in one.rows]) for one in found if one.rows] == [
        pair for pair in people if pair[1]
    ]
    assert [row.line for row in others] == in_conflict
