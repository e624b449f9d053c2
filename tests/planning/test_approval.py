"""Who has agreed to a plan: what each word is worth, and how many are missing. Rules as tables."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from chalicelib.audience.instant import HOUR_MS
from chalicelib.authoring.definition import ApprovalRule
from chalicelib.planning.approval import Approval, Verdict, Worth, agreement

NOW = 1_800_000_000_000
ONE = ApprovalRule(approvers=1, not_author=True, expires_ms=72 * HOUR_MS)
TWO = replace(ONE, approvers=2)
ANYBODY = replace(ONE, not_author=False)
YES, NO = Verdict.APPROVED, Verdict.SENT_BACK


def word(who: str, verdict: Verdict = YES, *, hours_ago: float = 1) -> Approval:
    at = NOW - int(hours_ago * HOUR_MS)
    return Approval(plan="ab" * 32, who=who, at=at, verdict=verdict, comment="why")


CASES: list[tuple[str, ApprovalRule, list[Approval], list[str], int]] = [
    ("nobody has said anything", ONE, [], ["zoé"], 1),
    ("nobody has to", replace(ONE, approvers=0), [], ["zoé"], 0),
    ("somebody else agrees", ONE, [word("amina")], ["zoé"], 0),
    ("the author agrees", ONE, [word("zoé")], ["zoé"], 1),
    ("who planned it agrees", ONE, [word("badr")], ["zoé", "badr"], 1),
    ("the author in capitals", ONE, [word("ZOÉ ")], ["zoé"], 1),
    ("authors count too", ANYBODY, [word("zoé")], ["zoé"], 0),
    ("one of two", TWO, [word("amina")], ["zoé"], 1),
    ("one who says it twice", TWO, [word("amina"), word("Amina", hours_ago=2)], ["zoé"], 1),
    ("two of two", TWO, [word("amina"), word("badr")], ["zoé"], 0),
    ("two of one", ONE, [word("amina"), word("badr")], ["zoé"], 0),
    ("just before it expires", ONE, [word("amina", hours_ago=71.99)], ["zoé"], 0),
    ("when it expires", ONE, [word("amina", hours_ago=72)], ["zoé"], 1),
    ("nobody knows the author", ONE, [word("amina")], [""], 0),
    ("a name of nobody", ONE, [word("")], [""], 0),
    ("sent back", ONE, [word("amina", NO)], ["zoé"], 1),
    ("one agrees and one does not", ONE, [word("amina"), word("badr", NO)], ["zoé"], 0),
]


@pytest.mark.parametrize(
    ("rule", "words", "authors", "missing"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_is_missing(rule: ApprovalRule, words: list[Approval], authors: list[str], missing: int) -> None:
    for order in permutations(words):
        found = agreement(rule, order, authors, NOW)
        assert found.missing == missing
        assert found.given >= found.needed - missing


def test_the_last_word_of_each_counts_in_whatever_order_they_come() -> None:
    words = [word("amina", NO, hours_ago=3), word("amina", hours_ago=2), word("badr", hours_ago=3)]
    words.append(word("badr", NO, hours_ago=1))
    for order in permutations(words):
        found = agreement(TWO, order, ["zoé"], NOW)
        assert [(w.who, worth) for w, worth in found.words] == [
            ("amina", Worth.COUNTS),
            ("badr", Worth.SENT_BACK),
        ]
        assert [w.who for w in found.sent_back] == ["badr"]


def test_a_word_that_sends_back_holds_whoever_says_it_and_however_long_ago() -> None:
    for who in ("zoé", "amina"):
        found = agreement(ONE, [word(who, NO, hours_ago=1_000)], ["zoé"], NOW)
        assert [worth for _, worth in found.words] == [Worth.SENT_BACK]


@pytest.mark.parametrize(
    ("given", "worth"),
    [
        (word("amina"), Worth.COUNTS),
        (word("zoé"), Worth.AUTHOR),
        (word("zoé", hours_ago=100), Worth.AUTHOR),
        (word("amina", hours_ago=100), Worth.EXPIRED),
        (word("amina", NO), Worth.SENT_BACK),
    ],
)
def test_each_word_says_what_it_is_worth(given: Approval, worth: Worth) -> None:
    found = agreement(ONE, [given], ["zoé"], NOW)
    assert [w for _, w in found.words] == [worth]
    assert found.given == (worth is Worth.COUNTS)
